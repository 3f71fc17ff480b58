package dispatch

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// testClasses name the classes of failures.
var testClasses = failureStatuses{
	Missing: Status{1, "missing"}, Empty: Status{2, "empty"}, Type: Status{3, "type"},
	Value: Status{4, "value"}, Time: Status{5, "time"},
}

// decodeInto says what becomes of data in a request of type t: the value of its
// first field, or the class of the failure.
func decodeInto(t reflect.Type, data string) string {
	target := reflect.New(t).Elem()
	if err := compileSchema(t).decode([]byte(data), target, &testClasses); err != nil {
		return err.Status.Text
	}
	return show(target.Field(0))
}

func show(v reflect.Value) string {
	switch {
	case v.Kind() != reflect.Pointer:
		return fmt.Sprintf("%v", v)
	case v.IsNil():
		return "nil"
	default:
		return "&" + show(v.Elem())
	}
}

// oneField is a request with the one field v, of the sample's type.
func oneField(sample any, rule string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{
		Name: "V", Type: reflect.TypeOf(sample), Tag: reflect.StructTag(fmt.Sprintf(`json:"v" rule:%q`, rule)),
	}})
}

// TestNeed is how a key has to be there. null is absence.
func TestNeed(t *testing.T) {
	var (
		anyText, anyInteger, anyBool, anyMoney, anyBytes     = "", int64(0), false, Fen(0), []byte(nil)
		maybeText, maybeInteger, maybeBool, maybeMoney       = new(string), new(int64), new(bool), new(Fen)
		missing, empty, wrongType, unset, zero, nothing, nul = "missing", "empty", "type", "", "0", "[]", "nil"
	)
	tests := []struct {
		rule                string
		sample              any
		absent, emptyText   string
		whitespace, zeroRaw string // 0 and blanks are values
	}{
		{"", anyText, unset, unset, "  ", wrongType},
		{"", anyInteger, zero, zero, wrongType, zero},
		{"", anyBool, "false", wrongType, wrongType, wrongType},
		{"", anyMoney, zero, zero, wrongType, zero},
		{"", anyBytes, nothing, nothing, nothing, wrongType},
		{"", maybeText, nul, "&", "&  ", wrongType},
		{"", maybeInteger, nul, nul, wrongType, "&0"},
		{"", maybeBool, nul, wrongType, wrongType, wrongType},
		{"", maybeMoney, nul, nul, wrongType, "&0"},

		{"required", anyText, missing, empty, "  ", wrongType},
		{"required", anyInteger, missing, empty, wrongType, zero},
		{"required", anyBool, missing, wrongType, wrongType, wrongType},
		{"required", anyMoney, missing, empty, wrongType, zero},
		{"required", anyBytes, missing, empty, nothing, wrongType},
		{"required", maybeText, missing, empty, "&  ", wrongType},

		{"present", anyText, missing, unset, "  ", wrongType},
		{"present", anyInteger, missing, zero, wrongType, zero},
		{"present", anyMoney, missing, zero, wrongType, zero},
		{"present", anyBytes, missing, nothing, nothing, wrongType},
		{"present", maybeText, missing, "&", "&  ", wrongType},
		{"present", maybeInteger, missing, nul, wrongType, "&0"},

		{"filled", anyText, unset, empty, "  ", wrongType},
		{"filled", anyInteger, zero, empty, wrongType, zero},
		{"filled", maybeText, nul, empty, "&  ", wrongType},
		{"filled", maybeInteger, nul, empty, wrongType, "&0"},
		{"filled", maybeMoney, nul, empty, wrongType, "&0"},

		{"clearable", maybeText, nul, "&", "&  ", wrongType},
		{"clearable", maybeInteger, nul, "&0", wrongType, "&0"},
		{"clearable=-1", maybeInteger, nul, "&-1", wrongType, "&0"},
		{"clearable", maybeMoney, nul, "&0", wrongType, "&0"},

		// "" is no value, so no rule about values holds for it.
		{"present datetime", anyText, missing, unset, "time", wrongType},
		{"oneof=1|2", anyInteger, zero, zero, wrongType, "value"},
		{"range=1..3", anyInteger, zero, zero, wrongType, "value"},
		{"clearable range=0.01..1", maybeMoney, nul, "&0", wrongType, "value"},
	}
	for _, test := range tests {
		request := oneField(test.sample, test.rule)
		for data, want := range map[string]string{
			`{}`: test.absent, `{"v":null}`: test.absent, `{"V":1}`: test.absent, `{"v":1,"v":null}`: test.absent,
			`{"v":""}`: test.emptyText, `{"v":"  "}`: test.whitespace, `{"v":0}`: test.zeroRaw,
		} {
			if got := decodeInto(request, data); got != want {
				t.Errorf("%T %q: %s is %q, want %q", test.sample, test.rule, data, got, want)
			}
		}
	}
}

func TestWhen(t *testing.T) {
	type pictures struct {
		URL1  string `json:"u1"`
		Count int64  `json:"n" rule:"range=0..3"`
		URL2  string `json:"u2" rule:"when=n>=2 max=5"`
	}
	request := reflect.TypeFor[pictures]()
	tests := []struct{ data, want string }{
		{`{}`, ""},
		{`{"n":1}`, ""},
		{`{"n":1,"u2":""}`, ""},
		{`{"n":2,"u2":"x"}`, ""},
		{`{"n":"2","u2":"x"}`, ""},
		{`{"u2":"x","n":2}`, ""},
		{`{"n":2}`, "missing"},
		{`{"n":"3"}`, "missing"},
		{`{"n":2,"u2":null}`, "missing"},
		{`{"n":2,"u2":""}`, "empty"},
		{`{"n":1,"u2":"too long"}`, "value"},
		{`{"n":4}`, "value"}, // a bad number asks for nothing
		{`{"n":true}`, "type"},
	}
	for _, test := range tests {
		if got := decodeInto(request, test.data); got != test.want {
			t.Errorf("%s: %q, want %q", test.data, got, test.want)
		}
	}
}

// TestOrder is which of several failures is answered: absence, emptiness, type,
// value, and of one class the first field's, whatever their order in data.
func TestOrder(t *testing.T) {
	type fields struct {
		Text  string `json:"text" rule:"required max=2"`
		Time  string `json:"time" rule:"required datetime"`
		Count int64  `json:"count" rule:"required range=1..3"`
	}
	const midnight = `"2019-05-01 00:00:00"`
	tests := []struct {
		text, time, count string // "" is absent
		want              string
	}{
		{`"ab"`, midnight, `1`, ""},
		{`"abc"`, `""`, ``, "missing count"},
		{`5`, ``, ``, "missing time"},
		{``, ``, ``, "missing text"},
		{`"abc"`, `5`, `""`, "empty count"},
		{`""`, `""`, `""`, "empty text"},
		{`"abc"`, `"x"`, `1.0`, "type count"},
		{`"abc"`, `5`, `1.0`, "type time"},
		{`"ab"`, `"x"`, `9`, "time time"},
		{`"abc"`, `"x"`, `9`, "value text"},
		{`"\ud800"`, `"x"`, `9`, "value text"},
		{`"ab"`, midnight, `9`, "value count"},
	}
	for _, test := range tests {
		var members []string
		for name, raw := range map[string]string{"text": test.text, "time": test.time, "count": test.count} {
			if raw != "" {
				members = append(members, fmt.Sprintf("%q:%s", name, raw))
			}
		}
		data, got := "{"+strings.Join(members, ",")+"}", ""
		var request fields
		schema := compileSchema(reflect.TypeFor[fields]())
		if err := schema.decode([]byte(data), reflect.ValueOf(&request).Elem(), &testClasses); err != nil {
			name, _, _ := strings.Cut(err.Detail, ":")
			got = err.Status.Text + " " + name
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", data, got, test.want)
		}
	}
}

// answerEmpty is a handler that does nothing.
func answerEmpty[Req any](context.Context, Req) (struct{}, error) { return struct{}{}, nil }

// TestClasses is which status each class has: the paths differ in the first.
func TestClasses(t *testing.T) {
	type request struct {
		Title string `json:"title" rule:"required max=2"`
		Time  string `json:"time" rule:"datetime"`
	}
	for _, path := range []struct {
		missing Status // of the path
		want    Status
	}{{Status{}, ErrorDataKey}, {MissingDataKey, MissingDataKey}} {
		e := Handle(Path{Pattern: "/p", MissingKey: path.missing}, Need{}, "t", "s", "", answerEmpty[request])
		for data, want := range map[string]Status{
			`{}`:              path.want,
			`{"title":""}`:    EmptyValue,
			`{"title":1}`:     ValueTypeError,
			`{"title":"abc"}`: ValueError,
			`{"title":"ab","time":"2019-02-30 00:00:00"}`: ValueError,
		} {
			_, err := e.call(t.Context(), []byte(data))
			if known, ok := err.(*Error); !ok || known.Status != want { //nolint:errorlint // it is not wrapped
				t.Errorf("%s: %v, want %v", data, err, want)
			}
		}
	}
}

// TestDetail is what a developer reads: the key, the rule, and nothing that was
// sent.
func TestDetail(t *testing.T) {
	const secret = "13800138000"
	tests := []struct {
		sample     any
		rule, sent string
		want       string
	}{
		{"", "required", ``, "v: missing"},
		{"", "required", `""`, "v: must not be empty"},
		{"", "", secret, "v: must be text"},
		{"", "number=whole", `true`, "v: must be text or integer"},
		{"", "number=any", `[` + secret + `]`, "v: must be text or number"},
		{"", "max=5", `"` + secret + `"`, "v: must be at most 5 characters"},
		{"", "max=5 oneof=a|b", `"` + secret + `"`, "v: must be at most 5 characters; one of a, b"},
		{"", "datetime", `"` + secret + `"`, "v: must be YYYY-MM-DD HH:MM:SS"},
		{"", "", `"` + secret + `\u0000"`, "v: must be valid UTF-8 without NUL"},
		{int64(0), "", `"x` + secret + `"`, "v: must be an integer"},
		{int64(0), "range=1..3", secret, "v: must be 1 to 3"},
		{int64(0), "range=1..3", secret + secret, "v: must be within the range of a 64-bit number"},
		{int64(0), "oneof=1|2", secret, "v: must be one of 1, 2"},
		{false, "", `"` + secret + `"`, "v: must be a boolean"},
		{Fen(0), "", `"x` + secret + `"`, "v: must be a number"},
		{Fen(0), "", secret + `.001`, "v: must be limited to two decimals"},
		{Fen(0), "", secret + `e999`, "v: must be within the range of a 64-bit number"},
		{Fen(0), "range=0.01..5.5", secret, "v: must be 0.01 to 5.5 with at most two decimals"},
		{[]byte(nil), "", secret, "v: must be base64 text"},
		{[]byte(nil), "", `"` + secret + `-"`, "v: must be standard base64"},
	}
	for _, test := range tests {
		request, data := oneField(test.sample, test.rule), `{}`
		if test.sent != "" {
			data = `{"v":` + test.sent + `}`
		}
		err := compileSchema(request).decode([]byte(data), reflect.New(request).Elem(), &testClasses)
		switch {
		case err == nil:
			t.Errorf("%T %q: %s is taken", test.sample, test.rule, data)
		case err.Detail != test.want:
			t.Errorf("%T %q: %s: %q, want %q", test.sample, test.rule, data, err.Detail, test.want)
		case strings.Contains(err.Error(), secret):
			t.Errorf("%T %q: %s: the value is repeated: %v", test.sample, test.rule, data, err)
		}
	}
}
