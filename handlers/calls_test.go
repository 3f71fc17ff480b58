package handlers_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/dispatch"
	"campusgate/handlers/handlerstest"
)

// testdata/calls.txt is all calls of all domains on one page. A call that appears,
// goes away, moves or needs something else changes it, and so is seen in a review.
func TestCalls(t *testing.T) {
	t.Parallel()
	const file = "testdata/calls.txt"
	var calls []string
	for _, e := range handlerstest.Calls() {
		calls = append(calls, callLine(e)+"\n")
	}
	want, err := os.ReadFile(file)
	handlerstest.Must(t, err)
	if diff := cmp.Diff(strings.SplitAfter(string(want), "\n"), append(calls, "")); diff != "" {
		t.Errorf("(-%s +registry)\n%s", file, diff)
	}
}

// callLine is type/subtype, path and need.
func callLine(e dispatch.Endpoint) string {
	needs := []string{map[dispatch.TokenUse]string{
		dispatch.NoToken: "nothing", dispatch.TokenNeeded: "token", dispatch.TokenOptional: "optional token",
	}[e.Need.Token]}
	if e.Need.Role != "" {
		needs = append(needs, "role "+e.Need.Role)
	}
	if e.Need.Active {
		needs = append(needs, "active account")
	}
	if e.Need.Once > 0 {
		needs = append(needs, "once")
	}
	if e.Need.Upload {
		needs = append(needs, "upload")
	}
	return e.Type + "/" + e.Subtype + " " + e.Path.Pattern + " " + strings.Join(needs, ", ")
}
