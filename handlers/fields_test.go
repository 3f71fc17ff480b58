package handlers_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
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

// fields are the keys of a request's data with their values as JSON.
type fields map[string]string

// with is a copy with one key changed, or taken out by the value "".
func (f fields) with(key, value string) fields {
	changed := maps.Clone(f)
	if value == "" {
		delete(changed, key)
	} else {
		changed[key] = value
	}
	return changed
}

func (f fields) String() string {
	var members []string
	for _, key := range slices.Sorted(maps.Keys(f)) {
		members = append(members, quoted(key)+":"+f[key])
	}
	return "{" + strings.Join(members, ",") + "}"
}

// quoted is a JSON text.
func quoted(text string) string { return `"` + text + `"` }

// kind is a data type (数据类型) of the field tables.
type kind int

const (
	aText     kind = iota // string
	digitText             // string, also taken from a whole number: *_phone, *_qq, user ids
	integer               // int
	id                    // bigint: one that does not exist is no wrong value
	price                 // float
	dateTime              // datetime-string
)

// fieldRow is a row of a field table: may the key be absent (可否缺省), may it be
// empty (可否为空), its type and its greatest length in characters.
type fieldRow struct {
	key string
	// absent and empty are the statuses of a key that is not there or empty; 0
	// where it may be so.
	absent, empty int
	kind          kind
	limit         int // 0 is none
	// good and bad are further JSON values that are taken, or are -204.
	good, bad []string
}

// fieldCase is one value of one key, and the status that it gets.
type fieldCase struct {
	name, value string
	status      int
}

// cases are all that a row of a field table says.
func (f fieldRow) cases() []fieldCase {
	cases := []fieldCase{
		{"absent", "", f.absent},
		{"null", "null", f.absent},
		{"empty", `""`, f.empty},
		{"boolean", "true", -203},
		{"list", `["1"]`, -203},
		{"object", `{"a":1}`, -203},
	}
	add := func(name string, status int, values ...string) {
		for _, value := range values {
			cases = append(cases, fieldCase{name + " " + value, value, status})
		}
	}
	switch f.kind {
	case aText:
		add("number", -203, "5", "5.5")
	case digitText:
		add("whole number", 0, "893721708", "0")
		add("number", -203, "1.5", "1e3", "1.0")
	case integer, id:
		add("no integer", -203, `"abc"`, `" 1"`, `"1 "`, `"+1"`, `"1.0"`, `"1e3"`, "1.0", "1e3", "1.5", `"0x1"`, `"１"`)
	case price:
		add("no float", -203, `"abc"`, `" 1"`, `"+1"`, `"1."`, `".5"`, `"1e2"`, `"1,5"`, `"NaN"`, `"Infinity"`, `"0x10"`, `"１"`)
		add("too big", -204, "1e400", "99999999999999999999", `"99999999999999999999"`)
	case dateTime:
		add("no time", -204, `"2019-04-22"`, `"2019-04-22T16:17:42"`, `"2019-4-22 16:17:42"`, `"2019-02-30 16:17:42"`,
			`"2019-04-22 24:00:00"`, `"2019-04-22 16:17:42.5"`, `" 2019-04-22 16:17:42"`, `"yesterday"`)
		add("time", 0, `"2019-04-22 16:17:42"`, `"2020-02-29 00:00:00"`)
		add("number", -203, "20190422161742")
	}
	if f.kind == integer {
		add("too big", -204, "9223372036854775808", `"-9223372036854775809"`)
	}
	if f.kind == aText || f.kind == digitText {
		// Blanks are a value and nothing is trimmed; text is valid UTF-8 without NUL.
		add("blank", 0, `" "`)
		add("bad text", -204, `"a\u0000b"`, `"\ud800"`, "\"\xff\xfe\"")
	}
	if f.limit > 0 {
		for _, letter := range []string{"x", "字", "😀"} {
			cases = append(cases,
				fieldCase{"at the limit " + letter, quoted(strings.Repeat(letter, f.limit)), 0},
				fieldCase{"over the limit " + letter, quoted(strings.Repeat(letter, f.limit+1)), -204})
		}
	}
	add("good", 0, f.good...)
	add("bad", -204, f.bad...)
	return cases
}

// fieldTable sends data with each case of each row in turn: first those that are
// refused, while there is little stored to compare.
func (g *gateway) fieldTable(call, token string, data fields, rows []fieldRow) {
	g.t.Helper()
	g.eachCase(rows, func(g *gateway, row fieldRow, c fieldCase) {
		if c.status != 0 {
			g.refusesValue(call, token, data.with(row.key, c.value), row.key, c.status)
		}
	})
	g.eachCase(rows, func(g *gateway, row fieldRow, c fieldCase) {
		if c.status == 0 {
			g.ok(call, token, data.with(row.key, c.value).String())
		}
	})
}

func (g *gateway) eachCase(rows []fieldRow, test func(g *gateway, row fieldRow, c fieldCase)) {
	tables, _ := g.t.(*testing.T) // a fuzz test has none
	for _, row := range rows {
		for _, c := range row.cases() {
			tables.Run(row.key+" "+shortened(c.name), func(t *testing.T) { test(g.in(t), row, c) })
		}
	}
}

func shortened(name string) string {
	if letters := []rune(name); len(letters) > 40 {
		return string(letters[:40]) + "…"
	}
	return name
}

// refusesValue sends data whose key is the first that the call must refuse. The
// detail names the key and never repeats its value.
func (g *gateway) refusesValue(call, token string, data fields, key string, status int) {
	g.t.Helper()
	a := g.refuses(call, token, data.String(), status, globalTexts[status])
	head := fmt.Sprintf(`{"id":1,"status":%d,"message":"%s","data":{},"detail":"%s: `, status, globalTexts[status], key)
	if !strings.HasPrefix(a.Raw, head) {
		g.t.Errorf("got %s, want %s…", a.Raw, head)
	}
	_, said, _ := strings.Cut(a.Detail, ":")
	if value := strings.Trim(data[key], `"`); len(value) > 6 && strings.Contains(said, value) {
		g.t.Errorf("the detail repeats the value: %s", a.Raw)
	}
}

// refuses is a call that fails with data {} and changes nothing.
func (g *gateway) refuses(call, token, data string, status int, text string) answer {
	g.t.Helper()
	before := g.stored()
	a := g.call(call, token, data).want(g.t, status, text)
	if string(a.Data) != "{}" {
		g.t.Errorf("data is not {}: %s", a.Raw)
	}
	if changed := cmp.Diff(before, g.stored()); changed != "" {
		g.t.Errorf("%s %s changed what is stored:\n%s", call, data, changed)
	}
	return a
}

// stored is everything that the calls of these tests may change.
func (g *gateway) stored() string {
	g.t.Helper()
	ctx, all := g.t.Context(), storage.Page{}
	var everything []any
	keep := func(rows any, err error) {
		must(g.t, err)
		everything = append(everything, rows)
	}
	keep(g.db.Properties(ctx, storage.PropertyFilter{Type: 1}, all))
	keep(g.db.Properties(ctx, storage.PropertyFilter{Type: 2}, all))
	keep(g.db.Shops(ctx, storage.ShopFilter{}, nil, all))
	keep(g.db.Products(ctx, storage.ProductFilter{}, nil, all))
	for _, user := range []string{alice, bob} {
		orders, _, err := g.db.Purchases(ctx, user, all)
		keep(orders, err)
		keep(g.db.User(ctx, user))
	}
	text, err := json.MarshalIndent(everything, "", " ")
	must(g.t, err)
	return string(text)
}

// in is the gateway within a subtest.
func (g *gateway) in(t *testing.T) *gateway {
	within := *g
	within.t = t
	return &within
}

// wantRaw compares a whole answer.
func (a answer) wantRaw(t testing.TB, want string) {
	t.Helper()
	if a.Raw != want {
		t.Errorf("got  %s\nwant %s", a.Raw, want)
	}
}

// wantData compares the whole data of a success.
func (a answer) wantData(t *testing.T, want string) {
	t.Helper()
	if a.Status != 0 || string(a.Data) != want {
		t.Errorf("got  %s\nwant data %s", a.Raw, want)
	}
}

// rows are one field of each row of the answer's data, or of its list.
func (a answer) rows(t *testing.T, field string) string {
	t.Helper()
	list := a.Data
	var page struct{ List json.RawMessage }
	if json.Unmarshal(a.Data, &page) == nil {
		list = page.List
	}
	var rows []map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(list)))
	decoder.UseNumber()
	if err := decoder.Decode(&rows); err != nil {
		t.Fatalf("no rows: %s", a.Raw)
	}
	var values []string
	for _, row := range rows {
		values = append(values, fmt.Sprint(row[field]))
	}
	return strings.Join(values, " ")
}

// together runs a call n times at once.
func together(n int, call func(i int) answer) []answer {
	answers := make([]answer, n)
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			answers[i] = call(i)
		})
	}
	close(start)
	group.Wait()
	return answers
}

// count is how many answers have each status and text.
func count(answers []answer) map[string]int {
	counts := map[string]int{}
	for _, a := range answers {
		counts[fmt.Sprint(a.Status, " ", a.Message)]++
	}
	return counts
}

// sql changes the database as only the account service or an accident does.
func (g *gateway) sql(statement string) {
	g.t.Helper()
	if onMariaDB() {
		g.t.Skip("what only the database's file allows: on SQLite")
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(g.picturesDir)), "*", "campusgate.db"))
	must(g.t, err)
	if len(files) != 1 {
		g.t.Fatalf("the database file: %q", files)
	}
	db, err := sql.Open("sqlite", files[0]+"?_pragma=busy_timeout(5000)")
	must(g.t, err)
	defer db.Close()
	_, err = db.ExecContext(g.t.Context(), statement)
	must(g.t, err)
}
