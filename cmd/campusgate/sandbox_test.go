package main

import (
	"net/http"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// That nobody pays in the sandbox is said at the start of each server that has it; one that
// has not says nothing, and has neither its page nor its callback.
func TestSandboxIsWarnedOf(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{true, false} {
		variable := map[bool]string{true: "CAMPUSGATE_PAYMENTS_SANDBOX=true", false: "CAMPUSGATE_PAYMENTS_SANDBOX=false"}[on]
		g := serve(t, campusgatetest.Embedded(t.TempDir(), variable))
		g.Stderr.Await(t, "msg=listening")
		if warned := strings.Contains(g.Stderr.String(), "level=WARN msg=\"payments.sandbox is on"); warned != on {
			t.Errorf("%s: %s", variable, g.Stderr.String())
		}
		want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusNotFound}[on]
		if got := campusgatetest.Request(t, http.MethodPost, g.URL("/callback/sandbox"), "{}").Code; got != want {
			t.Errorf("%s: the callback answers %d, want %d", variable, got, want)
		}
	}
}
