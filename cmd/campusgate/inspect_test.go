package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVersion(t *testing.T) {
	got := runCommand(t, nil, "version").want(t, exitOK)
	if want := "campusgate development, commit unknown, " + runtime.Version() + "\n"; got.stdout != want {
		t.Errorf("got %q, want %q", got.stdout, want)
	}
}

// The reference that is checked in is what the program prints, so the API cannot
// change unseen.
func TestAPIReferenceIsCurrent(t *testing.T) {
	checkedIn, err := os.ReadFile("../../handlers/API.md")
	must(t, err)
	for _, call := range [][]string{{"docs"}, {"docs", "--format", "markdown"}} {
		got := runCommand(t, nil, call...).want(t, exitOK)
		if diff := cmp.Diff(string(checkedIn), got.stdout); diff != "" {
			t.Fatalf("handlers/API.md is not what campusgate docs prints: run make docs. (- API.md, + printed)\n%s", diff)
		}
	}
}

// What a running gateway says of itself is what the program prints.
func TestServedDocumentIsThePrintedOne(t *testing.T) {
	printed := runCommand(t, nil, "docs", "--format", "openapi").want(t, exitOK).stdout
	r := startHere(t, embedded(t.TempDir()))
	served := get(t, r.url("/openapi.json"))
	if diff := cmp.Diff(printed, served.raw); diff != "" {
		t.Errorf("- printed, + served\n%s", diff)
	}
	if !strings.Contains(printed, `"version": "`+version+`"`) {
		t.Error("the document does not tell the version")
	}
}

func TestCheckTriesEveryDependency(t *testing.T) {
	folder := t.TempDir()
	got := runCommand(t, embedded(folder), "check").want(t, exitOK)
	want := "database  sqlite: ok\n" +
		"captchas  memory: ok\n" +
		"pictures  disk " + filepath.Join(folder, "pictures") + ": ok\n" +
		"sms       log: ok\n"
	if got.stdout != want || got.stderr != "" {
		t.Errorf("got %+v, want on stdout\n%s", got, want)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "pictures", ".check-*")); err != nil || len(left) > 0 {
		t.Errorf("check left %q, %v", left, err)
	}
}

func TestCheckNamesWhatFails(t *testing.T) {
	noFolder := filepath.Join(writeFile(t, "file", "in the way"), "below")
	for _, c := range []struct{ variable, line, names string }{
		{"CAMPUSGATE_PICTURES_DIR", "pictures  disk " + noFolder + ": FAILED: ", "pictures.dir"},
		{"CAMPUSGATE_DATABASE_DSN", "database  sqlite: FAILED: ", "database.dsn"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			got := runCommand(t, embedded(t.TempDir(), c.variable+"="+noFolder), "check").want(t, exitFailed)
			lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
			failed := 0
			for _, line := range lines {
				if !strings.HasSuffix(line, ": ok") {
					failed++
					if !strings.HasPrefix(line, c.line+c.names+": ") {
						t.Errorf("line %q, want it to begin %q", line, c.line+c.names)
					}
				}
			}
			if len(lines) != 4 || failed != 1 {
				t.Errorf("%d of %d lines tell a failure, want 1 of 4:\n%s", failed, len(lines), got.stdout)
			}
			if got.stderr != "campusgate: check: a dependency failed\n" {
				t.Errorf("stderr %q", got.stderr)
			}
		})
	}
}
