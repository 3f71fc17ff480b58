package handlers_test

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"campusgate/dispatch"
)

// FuzzCalls sends any data to every call of a whole gateway: it is answered with a
// status that the reference has for the call, and nothing fails inside.
func FuzzCalls(f *testing.F) {
	calls := slices.Sorted(maps.Keys(paths))
	statuses := referenceStatuses(f)
	for i, call := range calls {
		for _, example := range referenceExamples(f, call) {
			f.Add(i, example)
		}
	}
	for _, data := range []string{
		`{}`, `[]`, `null`, `"a"`, `{`, `{"a":1}}`, `{"hash":null}`, `{"shop_id":"811729970"}`, `{"shop_id":1e3}`, `{"page":0}`,
		`{"product_id":9223372036854775808}`, `{"purchase_id":1}`, `{"shop_name":"\ud83d\ude00"}`, `{"order":"shop_id;--"}`,
	} {
		for i := range calls {
			f.Add(i, data)
		}
	}
	g := start(f)
	g.document()
	f.Fuzz(func(t *testing.T, index int, data string) {
		call := calls[max(0, index)%len(calls)]
		answer := g.in(t).post(paths[call], aliceToken, envelope(call, data)).asDescribed(t, call)
		if !statuses[call][answer.Status] {
			t.Errorf("%s %s: %s: the reference has no such status", call, data, answer.Raw)
		}
		if log := g.log.take(); strings.Contains(log, "level=ERROR") {
			t.Errorf("%s %s: %s", call, data, log)
		}
	})
}

// referenceStatuses are the numbers that the reference has for each call.
func referenceStatuses(t testing.TB) map[string]map[int]bool {
	t.Helper()
	row := regexp.MustCompile(`(?m)^\| (-?\d+) \| `)
	statuses := map[string]map[int]bool{}
	var common map[int]bool
	for section := range reference(t) {
		title, body, _ := strings.Cut(section, "\n")
		numbers := maps.Clone(common)
		if common == nil {
			numbers = map[int]bool{}
		}
		for _, match := range row.FindAllStringSubmatch(body, -1) {
			number, err := strconv.Atoi(match[1])
			must(t, err)
			numbers[number] = true
		}
		if title == "Statuses of every call" {
			common = numbers
			delete(common, dispatch.UnknownError.Number) // no data makes the gateway fail
		}
		statuses[title] = numbers
	}
	return statuses
}

// referenceExamples are the data of a call's examples.
func referenceExamples(t testing.TB, call string) (examples []string) {
	t.Helper()
	example := regexp.MustCompile("(?s)```json\n.*?\"data\": (.*?)}\n```")
	for section := range reference(t) {
		if title, body, _ := strings.Cut(section, "\n"); title == call {
			for _, match := range example.FindAllStringSubmatch(body, -1) {
				examples = append(examples, match[1])
			}
		}
	}
	if len(examples) == 0 {
		t.Fatalf("the reference has no example of %s", call)
	}
	return examples
}

// reference goes through the sections of the reference, which begin with a title.
func reference(t testing.TB) func(yield func(string) bool) {
	t.Helper()
	text, err := os.ReadFile("API.md")
	must(t, err)
	sections := bytes.Split(text, []byte("\n## "))[1:]
	return func(yield func(string) bool) {
		for _, section := range sections {
			if !yield(string(section)) {
				return
			}
		}
	}
}
