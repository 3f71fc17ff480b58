package dispatch_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

const noToken = "none"

func given(token string) dispatch.Token {
	if token == noToken {
		return dispatch.Token{}
	}
	return dispatch.Token{Given: true, Text: token}
}

// encoded is an answer as JSON.
func encoded(t *testing.T, response dispatch.Response) string {
	t.Helper()
	text, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDispatch(t *testing.T) {
	const saying = `"subtype":"say","data":{"text":"hi"}}`
	tests := []struct {
		name, path, token, body, want string
	}{
		{
			"a call", "/open", noToken, `{"id":7,"type":"echo",` + saying,
			`{"id":7,"status":0,"message":"successful","data":{"text":"hi"}}`,
		},
		{
			"a bad value", "/open", noToken, `{"id":7,"type":"echo","subtype":"say","data":{"text":""}}`,
			`{"id":7,"status":-201,"message":"Necessary key-value can't be empty","data":{},"detail":"text: must not be empty"}`,
		},
		{
			"a missing key", "/open", noToken, `{"id":7,"type":"echo","subtype":"say","data":{}}`,
			`{"id":7,"status":-3,"message":"Error data key","data":{},"detail":"text: missing"}`,
		},
		{
			"a missing key where the path has its own status", "/closed", "good", `{"id":7,"type":"own","subtype":"say","data":{}}`,
			`{"id":7,"status":-202,"message":"Missing necessary data key-value","data":{},"detail":"text: missing"}`,
		},
		{
			"a token's user", "/closed", "good", `{"id":7,"type":"own","subtype":"who","data":{"user_id":"2"}}`,
			`{"id":7,"status":0,"message":"successful","data":{"user":"1190000001","address":"invalid IP","trusted":0}}`,
		},
		{
			"an alias", "/closed", "good", `{"id":7,"type":"own","subtype":"whoever","data":{}}`,
			`{"id":7,"status":0,"message":"successful","data":{"user":"1190000001","address":"invalid IP","trusted":0}}`,
		},
		{
			"a token that nobody wants", "/open", "bad", `{"id":7,"type":"echo","subtype":"who","data":{}}`,
			`{"id":7,"status":0,"message":"successful","data":{"user":"","address":"invalid IP","trusted":0}}`,
		},
		{
			"an optional token, absent", "/optional", noToken, `{"id":7,"type":"maybe","subtype":"who","data":{}}`,
			`{"id":7,"status":0,"message":"successful","data":{"user":"","address":"invalid IP","trusted":0}}`,
		},
		{
			"an optional token, bad", "/optional", "bad", `{"id":7,"type":"maybe","subtype":"who","data":{}}`,
			`{"id":7,"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`,
		},

		// A path that wants a token looks at it first, and still echoes the id.
		{
			"no token", "/closed", noToken, `{"id":7,"type":"nobody","subtype":5}`,
			`{"id":7,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`,
		},
		{
			"unknown token", "/closed", "null", `{"id":"7","data":[]}`,
			`{"id":7,"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`,
		},
		{
			"empty token", "/closed", "", `{"id":7}`,
			`{"id":7,"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`,
		},
		{
			"token without user", "/closed", "orphan", `{"id":7}`,
			`{"id":7,"status":-102,"message":"Get userid failed for the token","data":{},"detail":"token: its user does not exist"}`,
		},
		{
			"no database", "/closed", "down", `{"id":7}`,
			`{"id":7,"status":-200,"message":"Failure to operate database","data":{}}`,
		},
		{
			"no token and no JSON", "/closed", noToken, `hello`,
			`{"id":-1,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`,
		},
		{
			"a token and no envelope", "/closed", "good", `{"id":7,"type":"own"}`,
			`{"id":7,"status":-1,"message":"Error JSON key","data":{},"detail":"subtype: missing"}`,
		},

		{
			"unknown type", "/open", noToken, `{"id":7,"type":"nobody",` + saying,
			`{"id":7,"status":-2,"message":"Error JSON value","data":{},"detail":"type, subtype: no such call on this path"}`,
		},
		{
			"wrong case", "/open", noToken, `{"id":7,"type":"Echo",` + saying,
			`{"id":7,"status":-2,"message":"Error JSON value","data":{},"detail":"type, subtype: no such call on this path"}`,
		},
		{
			"another path's type", "/open", noToken, `{"id":7,"type":"own",` + saying,
			`{"id":7,"status":-2,"message":"Error JSON value","data":{},"detail":"type, subtype: no such call on this path"}`,
		},
		{
			"a query's type", "", "good", `{"id":7,"type":"list","subtype":"all","data":{}}`,
			`{"id":7,"status":-2,"message":"Error JSON value","data":{},"detail":"type, subtype: no such call on this path"}`,
		},
		{
			"an unknown path", "/nowhere", noToken, `{"id":7,"type":"echo",` + saying,
			`{"id":-1,"status":-2,"message":"Error JSON value","data":{},"detail":"no such path"}`,
		},

		// The base path takes any envelope, and there type/subtype come before the token.
		{
			"base path", "", noToken, `{"id":7,"type":"echo",` + saying,
			`{"id":7,"status":0,"message":"successful","data":{"text":"hi"}}`,
		},
		{
			"base path, its user", "", "good", `{"id":7,"type":"own",` + saying,
			`{"id":7,"status":0,"message":"successful","data":{"text":"hi"}}`,
		},
		{
			"base path, no token", "", noToken, `{"id":7,"type":"own",` + saying,
			`{"id":7,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`,
		},
		{
			"base path, no token and no envelope", "", noToken, `{"id":7}`,
			`{"id":7,"status":-1,"message":"Error JSON key","data":{},"detail":"type: missing"}`,
		},
		{
			"base path, bad token and no type", "", "bad", `{"id":7,"type":"nobody",` + saying,
			`{"id":7,"status":-2,"message":"Error JSON value","data":{},"detail":"type, subtype: no such call on this path"}`,
		},
		{
			"base path, bad token and bad data", "", "bad", `{"id":7,"type":"own","subtype":"say","data":{}}`,
			`{"id":7,"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`,
		},
		{
			"base path, another missing key", "", "good", `{"id":7,"type":"own","subtype":"say","data":{}}`,
			`{"id":7,"status":-202,"message":"Missing necessary data key-value","data":{},"detail":"text: missing"}`,
		},
	}
	logged := &dispatchtest.Logs{}
	registry := dispatchtest.NewRegistry(t, logged, dispatchtest.Endpoints(nil)...)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := registry.Dispatch(t.Context(), dispatch.Inbound{Path: test.path, Token: given(test.token), Body: []byte(test.body)})
			if got := encoded(t, response); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
	if text := logged.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "dial db.internal: refused") {
		t.Errorf("logged %q, want what the database said and nothing else", text)
	}
}

// TestHandlerFailure: only an *Error is told to a client, and what it was caused
// by only to the log.
func TestHandlerFailure(t *testing.T) {
	tests := []struct{ how, want, logged string }{
		{"known", `{"id":7,"status":100,"message":"The shop name was used","data":{},"detail":"shop_name: already taken"}`, ""},
		{"wrapped", `{"id":7,"status":-200,"message":"Failure to operate database","data":{}}`, "hunter2"},
		{"unknown", `{"id":7,"status":-404,"message":"Unknown Error","data":{}}`, "hunter2"},
		{"panic", `{"id":7,"status":-404,"message":"Unknown Error","data":{}}`, "hunter2"},
	}
	for _, test := range tests {
		t.Run(test.how, func(t *testing.T) {
			logged := &dispatchtest.Logs{}
			registry := dispatchtest.NewRegistry(t, logged, dispatchtest.Endpoints(nil)...)
			body := `{"id":7,"type":"fail","subtype":"now","data":{"text":"` + test.how + `"}}`
			got := encoded(t, registry.Dispatch(t.Context(), dispatch.Inbound{Path: "/open", Body: []byte(body)}))
			if got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
			if text := logged.String(); !strings.Contains(text, test.logged) || (test.logged == "") != (text == "") {
				t.Errorf("logged %q, want %q", text, test.logged)
			}
			if test.how == "panic" && !strings.Contains(logged.String(), "dispatchtest.go") {
				t.Error("the panic is logged without its stack")
			}
		})
	}
}

func TestQuery(t *testing.T) {
	const (
		success = `{"id":-1,"status":0,"message":"successful","data":[{"text":"`
		missing = `{"id":-1,"status":-104,"message":"Missing necessary args","data":{},"detail":"`
		unknown = `{"id":-1,"status":-100,"message":"Args Error","data":{},"detail":"`
		typ     = `{"id":-1,"status":-101,"message":"Args Type Error","data":{},"detail":"`
		clash   = `{"id":-1,"status":-103,"message":"Args conflict","data":{},"detail":"key: cannot be combined with other fields"}`
		value   = `{"id":-1,"status":-106,"message":"Args Error","data":{},"detail":"`
	)
	tests := []struct{ token, query, want string }{
		{"good", "type=1", success + `1"}]}`},
		{"good", "type=2&title=a&since=2019-05-01+00:00:00&count=20", success + `2  a 2019-05-01 00:00:00 20"}]}`},
		{"good", "type=1&key=&count=5", success + `1    5"}]}`},
		{"good", "token=x&type=1&key=a", success + `1 a"}]}`},
		{"good", `type=1&title=\u41`, success + `1  \\u41"}]}`}, // a backslash is one
		{"good", "type=1&title=&_=1556100002123&_=", success + `1"}]}`},
		{"good", "type=1&key=&_=1556100002123", success + `1"}]}`},
		{"good", "type=1&type=x&title=a&title=toolong", success + `1  a"}]}`},

		// The order of checks: token, type, unknown names, conflicts, types, values.
		{noToken, "status=1&key=a&title=b", missing + `token: missing"}`},
		{"bad", "status=1", `{"id":-1,"status":-105,"message":"Error token","data":{},"detail":"token: unknown"}`},
		{"orphan", "status=1", `{"id":-1,"status":-102,"message":"Get userid failed for the token","data":{},"detail":"token: its user does not exist"}`},
		{"down", "status=1", `{"id":-1,"status":-200,"message":"Failure to operate database","data":{}}`},
		{"good", "status=1&key=a&title=b", missing + `type: missing"}`},
		{"good", "Type=1", missing + `type: missing"}`},
		{"good", "type=&status=1", typ + `type: must not be empty"}`},
		{"good", "type=one&status=1", typ + `type: must be an integer"}`},
		{"good", "type=1.0&status=1", typ + `type: must be an integer"}`},
		{"good", "type=3&status=1", value + `type: must be one of 1, 2"}`},
		{"good", "type=1&status=1&key=a&title=toolong", unknown + `status: unknown parameter"}`},
		{"good", "type=1&zz=&lost_time=", unknown + `lost_time: unknown parameter"}`},
		{"good", "type=1&Title=a", unknown + `Title: unknown parameter"}`},
		{"good", "type=1&%ff" + strings.Repeat("x", 50) + "=a", unknown + "�" + strings.Repeat("x", 39) + `…: unknown parameter"}`},
		{"good", "type=1&key=a&title=toolong", clash},
		{"good", "type=1&key=&title=", clash},
		{"good", "type=1&key=a&since=x", clash},
		{"good", "type=1&count=", typ + `count: must not be empty"}`},
		{"good", "type=1&title=toolong&since=", typ + `since: must not be empty"}`},
		{"good", "type=1&__=1", unknown + `__: unknown parameter"}`},
		{"good", "type=1&title=toolong&count=x", typ + `count: must be an integer"}`},
		{"good", "type=1&title=toolong&since=2019-02-30+00:00:00", typ + `since: must be YYYY-MM-DD HH:MM:SS"}`},
		{"good", "type=1&since=x&count=x", typ + `since: must be YYYY-MM-DD HH:MM:SS"}`},
		{"good", "type=1&title=toolong&count=501", value + `title: must be at most 5 characters"}`},
		{"good", "type=1&count=0", value + `count: must be 1 to 500"}`},
		{"good", "type=1&title=%ff", value + `title: must be valid UTF-8 without NUL"}`},
		{"good", "type=1&title=%00", value + `title: must be valid UTF-8 without NUL"}`},
	}
	registry := dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatchtest.Endpoints(nil)...)
	at, _ := registry.Route(dispatchtest.ListPath.Pattern)
	for _, test := range tests {
		query, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		in := dispatch.Inbound{Path: dispatchtest.ListPath.Pattern, Query: query, Token: given(test.token)}
		if got := encoded(t, registry.Get(t.Context(), in, at).Response); got != test.want {
			t.Errorf("token %q, %s\n got %s\nwant %s", test.token, test.query, got, test.want)
		}
	}
}

func TestQueryPanic(t *testing.T) {
	panics := dispatch.Query(dispatchtest.OpenPath, dispatch.Need{}, "list", "all", "", func(context.Context, struct{}) ([]dispatchtest.SayResult, error) { panic("lost") })
	registry := dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, panics)
	at, _ := registry.Route(dispatchtest.OpenPath.Pattern)
	got := encoded(t, registry.Get(t.Context(), dispatch.Inbound{}, at).Response)
	if want := `{"id":-1,"status":-404,"message":"Unknown Error","data":{}}`; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestNewRegistry: what contradicts itself does not start.
func TestNewRegistry(t *testing.T) {
	call := func(path dispatch.Path, typ, subtype string, options ...dispatch.Option) dispatch.Endpoint {
		return dispatch.Handle(path, dispatch.Need{}, typ, subtype, "", dispatchtest.AnswerEmpty[struct{}], options...)
	}
	query := func(path dispatch.Path) dispatch.Endpoint {
		return dispatch.Query(path, dispatch.Need{}, "q", "q", "", dispatchtest.AnswerEmpty[struct{}])
	}
	picture := func(path dispatch.Path) dispatch.Endpoint {
		return dispatch.Plain(path, dispatch.Need{}, "p", "p", "", "", dispatch.PlainDescription{}, nil)
	}
	path, other := dispatch.Path{Pattern: "/a"}, dispatch.Path{Pattern: "/b"}
	tests := []struct {
		name      string
		endpoints []dispatch.Endpoint
		want      string // "" is no error
	}{
		{"two calls of one path", []dispatch.Endpoint{call(path, "t", "s"), call(path, "t", "u"), call(path, "u", "s")}, ""},
		{"one call twice", []dispatch.Endpoint{call(path, "t", "s"), call(path, "t", "s")}, "dispatch: t/s: declared twice"},
		{"one call on two paths", []dispatch.Endpoint{call(path, "t", "s"), call(other, "t", "s")}, "dispatch: t/s: declared twice"},
		{"an alias as another call", []dispatch.Endpoint{call(path, "t", "s"), call(other, "t", "u", dispatch.Alias("s"))}, "dispatch: t/s: declared twice"},
		{
			"two missing keys",
			[]dispatch.Endpoint{call(path, "t", "s"), call(dispatch.Path{Pattern: "/a", MissingKey: dispatch.MissingDataKey}, "t", "u")},
			"dispatch: path /a: declared in two ways",
		},
		{"two queries", []dispatch.Endpoint{query(path), query(path)}, "dispatch: path /a: declared twice"},
		{"a query beside a call", []dispatch.Endpoint{call(path, "t", "s"), query(path)}, "dispatch: path /a: declared twice"},
		{"a call beside a query", []dispatch.Endpoint{query(path), call(path, "t", "s")}, "dispatch: path /a: declared twice"},
		{"a call beside pictures", []dispatch.Endpoint{picture(path), call(path, "t", "s")}, "dispatch: path /a: declared twice"},
		{"two pictures", []dispatch.Endpoint{picture(path), picture(other), picture(path)}, "dispatch: path /a: declared twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := dispatch.NewRegistry(dispatch.RegistryOptions{}, test.endpoints...)
			if got := errorText(err); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
