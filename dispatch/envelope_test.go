package dispatch

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestID(t *testing.T) {
	tests := []struct {
		raw  string
		want int64
	}{
		{`1`, 1},
		{`0`, 0},
		{`-5`, -5},
		{`9007199254740993`, 9007199254740993}, // a float64 would lose the 3
		{`9223372036854775807`, 9223372036854775807},
		{`-9223372036854775808`, -9223372036854775808},
		{`"123456"`, 123456},
		{`"007"`, 7},
		{`"-5"`, -5},
		{`"9223372036854775807"`, 9223372036854775807},
		{`"\u0031\u0032"`, 12}, // 12 in another spelling

		{`9223372036854775808`, -1},
		{`-9223372036854775809`, -1},
		{`"99999999999999999999"`, -1},
		{`1.0`, -1},
		{`1e3`, -1},
		{`"1.0"`, -1},
		{`"+1"`, -1},
		{`" 1"`, -1},
		{`"١"`, -1},
		{`"abc"`, -1},
		{`""`, -1},
		{`"-"`, -1},
		{`"\ud800"`, -1},
		{`true`, -1},
		{`null`, -1},
		{`[1]`, -1},
		{`{"id":1}`, -1},
	}
	for _, test := range tests {
		body := `{"id":` + test.raw + `,"type":"t","subtype":"s","data":{}}`
		request, err := parseRequest([]byte(body))
		if err != nil || request.ID != test.want {
			t.Errorf("id %s: %d, %v; want %d", test.raw, request.ID, err, test.want)
		}
	}
}

func TestParseRequest(t *testing.T) {
	const (
		keyError   = "Error JSON key"
		valueError = "Error JSON value"
	)
	tests := []struct {
		name, body string
		id         int64
		want       string // the status of the failure, or type/subtype data
	}{
		{"complete", `{"id":7,"status":0,"type":"img","subtype":"validate","data":{"hash":"x"}}`, 7, `img/validate {"hash":"x"}`},
		{"without id and status", `{"type":"img","subtype":"generate","data":{}}`, -1, `img/generate {}`},
		{"null as id and status", `{"id":null,"status":null,"type":"a","subtype":"b","data":{}}`, -1, `a/b {}`},
		{"any status", `{"id":1,"status":[{}],"type":"a","subtype":"b","data":{}}`, 1, `a/b {}`},
		{"id last", `{"data":{},"subtype":"b","type":"a","id":"8"}`, 8, `a/b {}`},
		{"white space", " \r\n\t{ \"id\" : 1 , \"type\" : \"a\" , \"subtype\" : \"b\" , \"data\" : { } } \n", 1, `a/b { }`},
		{"unknown keys", `{"id":1,"x":{"type":1},"type":"a","subtype":"b","data":{}}`, 1, `a/b {}`},
		{"escapes", `{"id":1,"\u0074ype":"\u0061","subtype":"\u5931","data":{}}`, 1, `a/失 {}`},
		{"the last of two", `{"id":1,"id":2,"type":1,"type":"a","subtype":"b","data":[],"data":{"c":1}}`, 2, `a/b {"c":1}`},
		{"empty type", `{"id":1,"type":"","subtype":"","data":{}}`, 1, `/ {}`},

		{"no body", ``, -1, keyError},
		{"text", `hello`, -1, keyError},
		{"form", `id=1&type=img`, -1, keyError},
		{"array", `[{"id":1}]`, -1, keyError},
		{"null", `null`, -1, keyError},
		{"cut", `{"id":1,"type":"a","subtype":"b","data":{}`, -1, keyError},
		{"bad JSON inside data", `{"id":1,"type":"a","subtype":"b","data":{"x":01}}`, -1, keyError},
		{"garbage behind", `{"id":1,"type":"a","subtype":"b","data":{}}x`, -1, keyError},
		{"two objects", `{"id":1,"type":"a","subtype":"b","data":{}}{}`, -1, keyError},
		{"too deep", `{"id":1,"type":"a","subtype":"b","data":` + strings.Repeat(`{"x":`, maxDepth) + `1` + strings.Repeat(`}`, maxDepth+1), -1, keyError},

		{"no type", `{"id":3,"subtype":"b","data":{}}`, 3, keyError},
		{"no subtype", `{"id":3,"type":"a","data":{}}`, 3, keyError},
		{"no data", `{"id":3,"type":"a","subtype":"b"}`, 3, keyError},
		{"nothing", `{}`, -1, keyError},
		{"null type", `{"id":3,"type":null,"subtype":"b","data":{}}`, 3, keyError},
		{"null subtype", `{"id":3,"type":"a","subtype":null,"data":{}}`, 3, keyError},
		{"null data", `{"id":3,"type":"a","subtype":"b","data":null}`, 3, keyError},
		{"null after a value", `{"id":3,"type":"a","subtype":"b","data":{},"data":null}`, 3, keyError},
		{"wrong case", `{"id":3,"Type":"a","subtype":"b","data":{}}`, 3, keyError},
		{"wrong case of id", `{"ID":3,"type":"a","subtype":"b","data":{}}`, -1, `a/b {}`},
		{"absence before type", `{"id":3,"type":5,"data":[]}`, 3, keyError},

		{"number as type", `{"id":3,"type":5,"subtype":"b","data":{}}`, 3, valueError},
		{"list as subtype", `{"id":3,"type":"a","subtype":["b"],"data":{}}`, 3, valueError},
		{"boolean as type", `{"id":3,"type":true,"subtype":"b","data":{}}`, 3, valueError},
		{"list as data", `{"id":3,"type":"a","subtype":"b","data":[]}`, 3, valueError},
		{"text as data", `{"id":3,"type":"a","subtype":"b","data":"{}"}`, 3, valueError},
		{"number as data", `{"id":3,"type":"a","subtype":"b","data":0}`, 3, valueError},
		{"NUL in type", `{"id":3,"type":"a\u0000","subtype":"b","data":{}}`, 3, valueError},
		{"lone surrogate in subtype", `{"id":3,"type":"a","subtype":"\ud800","data":{}}`, 3, valueError},
		{"invalid UTF-8 in type", "{\"id\":3,\"type\":\"\xff\",\"subtype\":\"b\",\"data\":{}}", 3, valueError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, err := parseRequest([]byte(test.body))
			got := fmt.Sprintf("%s/%s %s", request.Type, request.Subtype, request.Data)
			if err != nil {
				got = err.Status.Text
			}
			if got != test.want || request.ID != test.id {
				t.Errorf("%s, id %d; want %s, id %d", got, request.ID, test.want, test.id)
			}
		})
	}
}

func TestResponseEncoding(t *testing.T) {
	type row struct {
		B string `json:"b"`
		A Fen    `json:"a"`
		N *Fen   `json:"n"`
	}
	tests := []struct {
		name     string
		response Response
		want     string
	}{
		{"success without data", success(1, struct{}{}), `{"id":1,"status":0,"message":"successful","data":{}}`},
		{
			"success with data", success(-9223372036854775808, row{"x", 1050, nil}),
			`{"id":-9223372036854775808,"status":0,"message":"successful","data":{"b":"x","a":10.5,"n":null}}`,
		},
		{"empty list", success(1, []row{}), `{"id":1,"status":0,"message":"successful","data":[]}`},
		{"failure", failure(-1, Fail(ErrorJSONKey, "")), `{"id":-1,"status":-1,"message":"Error JSON key","data":{}}`},
		{
			"failure with detail", failure(2, Fail(EmptyValue, "title: may not be empty")),
			`{"id":2,"status":-201,"message":"Necessary key-value can't be empty","data":{},"detail":"title: may not be empty"}`,
		},
		{
			"failure with data", failure(2, Fail(Status{1, "Empty records"}, "").With([]row{})),
			`{"id":2,"status":1,"message":"Empty records","data":[]}`,
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

func TestErrorText(t *testing.T) {
	cause := fmt.Errorf("select token: %w", ErrNoUser)
	err := Fail(DatabaseFailure, "user: gone").Because(cause)
	if got, want := err.Error(), "Failure to operate database (user: gone): select token: token without user"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(err, ErrNoUser) {
		t.Error("the cause is lost")
	}
}
