package main

import (
	"runtime"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "version").Want(t, exitOK)
	if want := "campusgate development, commit unknown, " + runtime.Version() + "\n"; got.Stdout != want {
		t.Errorf("got %q, want %q", got.Stdout, want)
	}
}
