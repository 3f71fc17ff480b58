package dispatch

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// walkAll is the members of text where it is one JSON object and nothing else; of
// a key that comes twice the last value counts.
func walkAll(text []byte) (map[string]string, bool) {
	walk, ok := openObject(text, false)
	if !ok {
		return nil, false
	}
	found := map[string]string{}
	for {
		key, value, err := walk.next()
		if err != nil {
			return nil, false
		}
		if value == nil {
			return found, skipSpace(text, walk.position) == len(text)
		}
		found[string(key)] = string(value)
	}
}

func TestWalk(t *testing.T) {
	tests := []struct {
		text string
		want map[string]string
	}{
		{`{}`, map[string]string{}},
		{" \t\r\n{ \"a\" : 1 , \"b\" : [ ] } \n", map[string]string{"a": "1", "b": "[ ]"}},
		{`{"a":{"b":[1,{"c":"}"}]},"d":"\"]"}`, map[string]string{"a": `{"b":[1,{"c":"}"}]}`, "d": `"\"]"`}},
		{`{"a":1,"a":2}`, map[string]string{"a": "2"}},
		{`{"\u0061":1,"A":2}`, map[string]string{"a": "1", "A": "2"}},
		{`{"":0}`, map[string]string{"": "0"}},
		{`{"a":-0.5e+7,"b":0,"c":-0,"d":1E2}`, map[string]string{"a": "-0.5e+7", "b": "0", "c": "-0", "d": "1E2"}},
		{`{"a":true,"b":false,"c":null}`, map[string]string{"a": "true", "b": "false", "c": "null"}},
		{"{\"a\":\"\x7f\xff\"}", map[string]string{"a": "\"\x7f\xff\""}},
	}
	for _, test := range tests {
		got, ok := walkAll([]byte(test.text))
		if !ok || !cmp.Equal(got, test.want) {
			t.Errorf("%q: one JSON object: %t; %s", test.text, ok, cmp.Diff(test.want, got))
		}
	}
	for _, text := range []string{
		``, ` `, `[]`, `null`, `"{}"`, `{`, `}`,
		`{}{}`, `{},`, "{}\x00", "\ufeff{}",
		`{,}`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a" 1}`, `{"a":}`, `{"a"}`,
		`{a:1}`, `{'a':1}`, `{1:1}`, `{"a":1]`,
		`{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`, `{"a":1e}`, `{"a":-}`,
		`{"a":NaN}`, `{"a":0x1}`, `{"a":True}`, `{"a":nul}`, `{"a":nulll}`,
		`{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1 2]}`, `{"a":[1}}`, `{"a":{"b"}}`, `{"a":{"b":1,}}`,
		`{"a":"`, `{"a":"\"}`, `{"a":"\x"}`, `{"a":"\u12g4"}`, `{"a":"\u+123"}`, `{"a":"\u12`,
		"{\"a\":\"\n\"}", "{\"a\":\"" + strings.Repeat("x", 40) + "\x1f" + strings.Repeat("x", 40) + "\"}",
		"{\"\t\":1}", `{"a":1} // comment`, `/**/{}`,
	} {
		if _, ok := walkAll([]byte(text)); ok {
			t.Errorf("%q is taken for one JSON object", text)
		}
	}
}

func TestWalkDepth(t *testing.T) {
	for depth, want := range map[int]bool{maxDepth: true, maxDepth + 1: false, 100_000: false} {
		inner := depth - 1 // the object itself is the first level
		for _, text := range []string{
			`{"a":` + strings.Repeat("[", inner) + strings.Repeat("]", inner) + `}`,
			strings.Repeat(`{"a":`, depth) + `1` + strings.Repeat("}", depth),
		} {
			if _, ok := walkAll([]byte(text)); ok != want {
				t.Errorf("%d levels of %.8s: %t", depth, text, ok)
			}
		}
	}
}

func TestUnquote(t *testing.T) {
	for raw, want := range map[string]string{
		`""`:                 "",
		`"失物 𠮷"`:             "失物 𠮷",
		`"\"\\\/\b\f\n\r\t"`: "\"\\/\b\f\n\r\t",
		`"\u5931\u7269"`:     "失物",
		`"\ud842\uDFB7!"`:    "𠮷!",
		`"\\ud800"`:          `\ud800`,
		`"\ufffd\uffff"`:     "\ufffd\uffff",
		`"` + "\x7f" + `"`:   "\x7f",
	} {
		if got, err := unquote([]byte(raw)); err != nil || string(got) != want {
			t.Errorf("unquote(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{
		`"\u0000"`,                                                                                  // a NUL
		`"\ud842"`, `"\ud842x"`, `"\ud842\n"`, `"\udfb7"`, `"\ud842\ud842\udfb7"`, `"\udfb7\ud842"`, // lone surrogates
		"\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "\"\xe5\xa4\"", "\"\xe5\\n\xa4\xb1\"", // invalid UTF-8
	} {
		if got, err := unquote([]byte(raw)); err == nil {
			t.Errorf("unquote(%q) = %q, want a refusal", raw, got)
		}
	}
}

// FuzzWalk holds the walker against encoding/json: it takes the same objects,
// finds the same members in them and reads the same texts, but for nesting and
// for the texts that no database keeps as they are.
func FuzzWalk(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"id":1,"type":"img","subtype":"generate","data":{}}`, ` {"a" : [1, -0.5e-3, {"b":null}], "a":true} `,
		`{"data":{"base64":"data:image\/png;base64,iVBORw0KGgo="},"id":"007"}`, `{"a":1,}`, `{"a":01}`, `[1]`, `{"a":"\u00`,
		`{"\ud842\udfb7":"\ud842","\u0000":"\u0000\\"}`, "{\"\xff\":\"\xff\x7f\"}", "{\"a\":\"" + strings.Repeat("0123456789", 8) + "\x1f\"}",
		strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]json.RawMessage
		wantOK := json.Unmarshal(text, &want) == nil && want != nil // nil is a null
		got, ok := walkAll(text)
		if _, err := parseRequest(text); ok != (err == nil || !strings.Contains(err.Detail, "JSON object")) {
			t.Fatalf("%q: the envelope says %v, the walk %t", text, err, ok)
		}
		if ok != wantOK && (ok || levels(text) <= maxDepth) {
			t.Fatalf("%q: one JSON object: %t, want %t", text, ok, wantOK)
		}
		if !ok || !utf8.Valid(text) { // encoding/json repairs keys
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d members, want %d", text, len(got), len(want))
		}
		for key, value := range want {
			if got[key] != string(value) {
				t.Fatalf("%q: %q is %s, want %s", text, key, got[key], value)
			}
			if value[0] == '"' {
				compareText(t, value)
			}
		}
	})
}

// compareText holds unquote against encoding/json.
func compareText(t *testing.T, raw []byte) {
	t.Helper()
	var want string
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	refused := !utf8.Valid(raw) || hasLoneSurrogate(raw) || strings.ContainsRune(want, 0)
	got, err := unquote(raw)
	if (err != nil) != refused {
		t.Fatalf("unquote(%q): %v", raw, err)
	}
	if err == nil && string(got) != want {
		t.Fatalf("unquote(%q) = %q, want %q", raw, got, want)
	}
}

// escapes are read from the left: a pair, a surrogate alone, any other.
var escapes = regexp.MustCompile(`\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.`)

func hasLoneSurrogate(raw []byte) bool {
	for _, match := range escapes.FindAllSubmatch(raw, -1) {
		if match[1] != nil {
			return true
		}
	}
	return false
}

// levels is how deep text is nested; it must be JSON.
func levels(text []byte) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}', c == ']':
			depth--
		}
	}
	return deepest
}

// A body of nothing but escapes is walked in time proportional to its length: with
// its square, these would take an hour.
func TestEscapesOfALargeBody(t *testing.T) {
	for _, escape := range []string{`\n`, `\"`, `\u003c`, `a\\`} {
		text := strings.Repeat(escape, 8<<20/len(escape))
		request, err := parseRequest([]byte(`{"type":"a","subtype":"b","data":{"text":"` + text + `"}}`))
		if err != nil {
			t.Fatalf("%s: %v", escape, err)
		}
		if len(request.Data) != len(text)+len(`{"text":""}`) {
			t.Errorf("%s: data of %d bytes", escape, len(request.Data))
		}
	}
}
