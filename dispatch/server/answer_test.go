package server

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// encoded is an answer as it goes over the wire.
func encoded(t *testing.T, response dispatch.Response) string {
	t.Helper()
	var body fasthttp.Response
	if err := encode(&response, &body); err != nil {
		t.Fatal(err)
	}
	return string(body.Body())
}

func success(id int64, data any) dispatch.Response {
	return dispatch.Response{ID: id, Message: "successful", Data: data}
}

func failure(id int64, status dispatch.Status, detail string, data any) dispatch.Response {
	return dispatch.Response{ID: id, Status: status.Number, Message: status.Text, Data: data, Detail: detail}
}

func TestResponseEncoding(t *testing.T) {
	type row struct {
		B string        `json:"b"`
		A dispatch.Fen  `json:"a"`
		N *dispatch.Fen `json:"n"`
	}
	tests := []struct {
		name     string
		response dispatch.Response
		want     string
	}{
		{"success without data", success(1, struct{}{}), `{"id":1,"status":0,"message":"successful","data":{}}`},
		{
			"success with data", success(-9223372036854775808, row{"x", 1050, nil}),
			`{"id":-9223372036854775808,"status":0,"message":"successful","data":{"b":"x","a":10.5,"n":null}}`,
		},
		{"empty list", success(1, []row{}), `{"id":1,"status":0,"message":"successful","data":[]}`},
		{"failure", failure(-1, dispatch.ErrorJSONKey, "", dispatch.NoData), `{"id":-1,"status":-1,"message":"Error JSON key","data":{}}`},
		{
			"failure with detail", failure(2, dispatch.EmptyValue, "title: must not be empty", dispatch.NoData),
			`{"id":2,"status":-201,"message":"Necessary key-value can't be empty","data":{},"detail":"title: must not be empty"}`,
		},
		{
			"failure with data", failure(2, dispatchtest.LocalStatus, "", []row{}),
			`{"id":2,"status":100,"message":"The shop name was used","data":[]}`,
		},
		{
			"markup", success(1, "<b>&</b>\u2028\u2029\"\\/\n\x00失𠮷"),
			`{"id":1,"status":0,"message":"successful","data":"\u003cb\u003e\u0026\u003c/b\u003e\u2028\u2029\"\\/\n\u0000失𠮷"}`,
		},
		{"markup in keys", success(1, map[string]int{"<": 1}), `{"id":1,"status":0,"message":"successful","data":{"\u003c":1}}`},
		{"invalid UTF-8", success(1, "a\xffb"), `{"id":1,"status":0,"message":"successful","data":"a\ufffdb"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := encoded(t, test.response); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// FuzzEncode: an answer is what the JSON library would write of it as a whole.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{
		"", "successful", "验证码hash值不匹配", "Necessary key-value can't be empty", "<b>&</b>", "\"\\/", "\x00\x1f\x7f",
		"a\xffb", "\u2028\u2029‐", "\xe2\x80", "𠮷", "\ufffd",
	} {
		f.Add(int64(-1), -201, text, text, text)
	}
	f.Fuzz(func(t *testing.T, id int64, status int, message, data, detail string) {
		for _, given := range []any{data, dispatch.NoData, map[string]string{data: data}, nil} {
			response := dispatch.Response{ID: id, Status: status, Message: message, Data: given, Detail: detail}
			want, err := json.Marshal(&response)
			if err != nil {
				t.Fatal(err)
			}
			if got := encoded(t, response); got != string(want) {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		}
	})
}

// TestIdleConnectionsKeepNoBody: who has sent the largest body and waits costs no
// more than who has sent a small one.
func TestIdleConnectionsKeepNoBody(t *testing.T) {
	const connections, each = 32, 1 << 20
	server := start(t, nil)
	body := sayHi + strings.Repeat(" ", each-len(sayHi))
	request := postHeader + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", each, body)
	live := func() uint64 {
		var memory runtime.MemStats
		for range 2 { // what a pool holds lives for two collections
			runtime.GC()
		}
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	before := live()
	for range connections {
		connection := server.dial(t)
		if _, err := io.WriteString(connection, request); err != nil {
			t.Fatal(err)
		}
		if got := nextReply(t, bufio.NewReader(connection)); got.body != saidHi {
			t.Fatalf("answered %s", got.body)
		}
	}
	if after := live(); after > before+connections*each/2 {
		t.Errorf("%d connections keep %d KiB", connections, (after-before)>>10)
	}
}
