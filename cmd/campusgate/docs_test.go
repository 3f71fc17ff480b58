package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
)

// The reference that is checked in is what the program prints, so the API cannot
// change unseen.
func TestAPIReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	checkedIn, err := os.ReadFile("../../handlers/API.md")
	must(t, err)
	for _, call := range [][]string{{"docs"}, {"docs", "--format", "markdown"}} {
		got := runCommand(t, nil, call...).Want(t, exitOK)
		if diff := cmp.Diff(string(checkedIn), got.Stdout); diff != "" {
			t.Fatalf("handlers/API.md is not what campusgate docs prints: run make docs. (- API.md, + printed)\n%s", diff)
		}
	}
}

// What a running gateway says of itself is what the program prints.
func TestServedDocumentIsThePrintedOne(t *testing.T) {
	t.Parallel()
	printed := runCommand(t, nil, "docs", "--format", "openapi").Want(t, exitOK).Stdout
	r := serve(t, campusgatetest.Embedded(t.TempDir()))
	served := campusgatetest.Get(t, r.URL("/openapi.json"))
	if diff := cmp.Diff(printed, served.Raw); diff != "" {
		t.Errorf("- printed, + served\n%s", diff)
	}
	if !strings.Contains(printed, `"version": "`+version+`"`) {
		t.Error("the document does not tell the version")
	}
}
