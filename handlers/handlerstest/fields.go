package handlerstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// globalTexts is the document's global table (全局Status表), as far as the data of
// a call decides.
var globalTexts = map[int]string{
	0:    "successful",
	-3:   "Error data key",
	-200: "Failure to operate database",
	-201: "Necessary key-value can't be empty",
	-202: "Missing necessary data key-value",
	-203: "Arg's value type error",
	-204: "Arg's value error",
}

// Fields are the keys of a request's data with their values as JSON.
type Fields map[string]string

// With is a copy with one key changed, or taken out by the value "".
func (f Fields) With(key, value string) Fields {
	changed := maps.Clone(f)
	if value == "" {
		delete(changed, key)
	} else {
		changed[key] = value
	}
	return changed
}

// String is the JSON of the data, its keys in the order of the alphabet.
func (f Fields) String() string {
	var members []string
	for _, key := range slices.Sorted(maps.Keys(f)) {
		members = append(members, Quoted(key)+":"+f[key])
	}
	return "{" + strings.Join(members, ",") + "}"
}

// Kind is a data type (数据类型) of the field tables.
type Kind int

// The data types.
const (
	Text      Kind = iota // string
	DigitText             // string, also taken from a whole number: *_phone, *_qq, user ids
	Integer               // int
	ID                    // bigint: one that does not exist is no wrong value
	Price                 // float
	DateTime              // datetime-string
)

// FieldRow is a row of a field table: whether the key may be absent (可否缺省) or
// empty (可否为空), its type and its greatest length in characters.
type FieldRow struct {
	Key string
	// Absent and Empty are the statuses of a key that is not there or empty; 0
	// where it may be so.
	Absent, Empty int
	Kind          Kind
	Limit         int // 0 is none
	// Good and Bad are further JSON values that are taken, or are -204.
	Good, Bad []string
}

// FieldCase is one value of one key, and the status that it gets.
type FieldCase struct {
	Name, Value string
	Status      int
}

// Cases are all that a row of a field table says.
func (f FieldRow) Cases() []FieldCase {
	cases := []FieldCase{
		{"absent", "", f.Absent},
		{"null", "null", f.Absent},
		{"empty", `""`, f.Empty},
		{"boolean", "true", -203},
		{"list", `["1"]`, -203},
		{"object", `{"a":1}`, -203},
	}
	add := func(name string, status int, values ...string) {
		for _, value := range values {
			cases = append(cases, FieldCase{name + " " + value, value, status})
		}
	}
	switch f.Kind {
	case Text:
		add("number", -203, "5", "5.5")
	case DigitText:
		add("whole number", 0, "893721708", "0")
		add("number", -203, "1.5", "1e3", "1.0")
	case Integer, ID:
		add("no integer", -203, `"abc"`, `" 1"`, `"1 "`, `"+1"`, `"1.0"`, `"1e3"`, "1.0", "1e3", "1.5", `"0x1"`, `"１"`)
	case Price:
		add("no float", -203, `"abc"`, `" 1"`, `"+1"`, `"1."`, `".5"`, `"1e2"`, `"1,5"`, `"NaN"`, `"Infinity"`, `"0x10"`, `"１"`)
		add("too big", -204, "1e400", "99999999999999999999", `"99999999999999999999"`)
	case DateTime:
		add("no time", -204, `"2019-04-22"`, `"2019-04-22T16:17:42"`, `"2019-4-22 16:17:42"`, `"2019-02-30 16:17:42"`,
			`"2019-04-22 24:00:00"`, `"2019-04-22 16:17:42.5"`, `" 2019-04-22 16:17:42"`, `"yesterday"`)
		add("time", 0, `"2019-04-22 16:17:42"`, `"2020-02-29 00:00:00"`)
		add("number", -203, "20190422161742")
	}
	if f.Kind == Integer {
		add("too big", -204, "9223372036854775808", `"-9223372036854775809"`)
	}
	if f.Kind == Text || f.Kind == DigitText {
		// Blanks are a value and nothing is trimmed; text is valid UTF-8 without NUL.
		add("blank", 0, `" "`)
		add("bad text", -204, `"a\u0000b"`, `"\ud800"`, "\"\xff\xfe\"")
	}
	if f.Limit > 0 {
		for _, letter := range []string{"x", "字", "😀"} {
			cases = append(cases,
				FieldCase{"at the limit " + letter, Quoted(strings.Repeat(letter, f.Limit)), 0},
				FieldCase{"over the limit " + letter, Quoted(strings.Repeat(letter, f.Limit+1)), -204})
		}
	}
	add("good", 0, f.Good...)
	add("bad", -204, f.Bad...)
	return cases
}

// FieldTable sends data with each case of each row in turn: first those that are
// refused, while there is little stored to compare.
func (g *Gateway) FieldTable(call, token string, data Fields, rows []FieldRow) {
	g.T.Helper()
	g.EachCase(rows, func(g *Gateway, row FieldRow, c FieldCase) {
		if c.Status != 0 {
			g.RefusesValue(call, token, data.With(row.Key, c.Value), row.Key, c.Status)
		}
	})
	g.EachCase(rows, func(g *Gateway, row FieldRow, c FieldCase) {
		if c.Status == 0 {
			g.OK(call, token, data.With(row.Key, c.Value).String())
		}
	})
}

// EachCase runs test as a subtest for each case of each row in turn.
func (g *Gateway) EachCase(rows []FieldRow, test func(g *Gateway, row FieldRow, c FieldCase)) {
	tables, _ := g.T.(*testing.T) // a fuzz test has none
	for _, row := range rows {
		for _, c := range row.Cases() {
			tables.Run(row.Key+" "+Shortened(c.Name), func(t *testing.T) { test(g.In(t), row, c) })
		}
	}
}

// RefusesValue sends data whose key is the first that the call must refuse. The
// detail names the key and never repeats its value.
func (g *Gateway) RefusesValue(call, token string, data Fields, key string, status int) {
	g.T.Helper()
	a := g.Refuses(call, token, data.String(), status, globalTexts[status])
	beginning := fmt.Sprintf(`{"id":1,"status":%d,"message":"%s","data":{},"detail":"%s: `, status, globalTexts[status], key)
	if !strings.HasPrefix(a.Raw, beginning) {
		g.T.Errorf("got %s, want %s…", a.Raw, beginning)
	}
	_, said, _ := strings.Cut(a.Detail, ":")
	if value := strings.Trim(data[key], `"`); len(value) > 6 && strings.Contains(said, value) {
		g.T.Errorf("the detail repeats the value: %s", a.Raw)
	}
}

// Refuses is a call that fails with data {} and changes nothing.
func (g *Gateway) Refuses(call, token, data string, status int, text string) Answer {
	g.T.Helper()
	before := g.Stored()
	a := g.Call(call, token, data).Want(g.T, status, text)
	if string(a.Data) != "{}" {
		g.T.Errorf("data is not {}: %s", a.Raw)
	}
	if changed := cmp.Diff(before, g.Stored()); changed != "" {
		g.T.Errorf("%s %s changed what is stored:\n%s", call, data, changed)
	}
	return a
}
