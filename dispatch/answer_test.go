package dispatch

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-json"
)

// FuzzEncode: an answer is what the JSON library would write of it as a whole.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{
		"", "successful", "验证码hash值不匹配", "Necessary key-value can't be empty", "<b>&</b>", "\"\\/", "\x00\x1f\x7f",
		"a\xffb", "\u2028\u2029‐", "\xe2\x80", "𠮷", "\ufffd",
	} {
		f.Add(int64(-1), -201, text, text, text)
	}
	f.Fuzz(func(t *testing.T, id int64, status int, message, data, detail string) {
		for _, given := range []any{data, emptyObject{}, map[string]string{data: data}, nil} {
			response := Response{ID: id, Status: status, Message: message, Data: given, Detail: detail}
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
