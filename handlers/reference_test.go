package handlers_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

// referenceCall is a call as API.md lists it. A test holds that file to the
// registry, so whoever adds a call or a field has it attacked too.
type referenceCall struct {
	name     string // type/subtype, or GET property
	fields   []referenceField
	example  string   // the data of a request that works, "" for a query
	statuses []string // number and message
}

type referenceField struct{ key, kind, rule string }

// reference reads the calls of API.md; pictures have no fields and are left out.
func reference(t testing.TB) []referenceCall {
	t.Helper()
	content, err := os.ReadFile("API.md")
	handlerstest.Must(t, err)
	sections := strings.Split(string(content), "\n## ")
	everyCall := statusesOf(sections[1])
	var calls []referenceCall
	for _, section := range sections[2:] {
		call := readCall(section)
		if strings.HasPrefix(call.name, "GET /") {
			continue
		}
		if call.example != "" {
			call.statuses = slices.Concat(call.statuses, everyCall)
		} else {
			call.statuses = append(call.statuses, "0 successful")
		}
		calls = append(calls, call)
	}
	if len(calls) < 23 {
		t.Fatalf("API.md lists %d calls", len(calls))
	}
	return calls
}

func readCall(section string) referenceCall {
	name, rest, _ := strings.Cut(section, "\n")
	call := referenceCall{name: name, statuses: statusesOf(rest)}
	if _, table, found := strings.Cut(rest, "| key | type | required | rule | |\n|---|---|---|---|---|\n"); found {
		table, _, _ = strings.Cut(table, "\n\n")
		for row := range strings.Lines(table) {
			cells := strings.Split(row, "|")
			call.fields = append(call.fields, referenceField{
				key: strings.TrimSpace(cells[1]), kind: strings.TrimSpace(cells[2]), rule: strings.TrimSpace(cells[4]),
			})
		}
	}
	if _, example, found := strings.Cut(rest, `"data": `); found {
		example, _, _ = strings.Cut(example, "\n")
		call.example = strings.TrimSuffix(example, "}")
	}
	return call
}

func statusesOf(section string) (statuses []string) {
	_, table, _ := strings.Cut(section, "| status | message |")
	_, table, _ = strings.Cut(table, "---|\n") // some tables have a third column
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) < 4 {
			break
		}
		statuses = append(statuses, strings.TrimSpace(cells[1])+" "+strings.TrimSpace(cells[2]))
	}
	return statuses
}
