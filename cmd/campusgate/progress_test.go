package main

import (
	"strings"
	"testing"
	"time"
)

// steps tells a progress of two tables, a second for each step.
func steps(terminal bool) string {
	var out strings.Builder
	now := time.Unix(0, 0)
	p := newProgress(&out, func() time.Time { return now })
	p.terminal = terminal
	for _, table := range []string{"shop", "product"} {
		for done := range 26 {
			p.show(table, 4*done, 100)
			now = now.Add(time.Second)
		}
		p.show(table, 100, 100) // once more
	}
	p.show("empty", 0, 0)
	p.show("broken off", 1, 3)
	p.stop()
	for files := range 21 {
		p.show("archived", files, unknown)
		now = now.Add(time.Second)
	}
	p.stop()
	return out.String()
}

func TestProgressElsewhereIsALineEachTenSeconds(t *testing.T) {
	t.Parallel()
	const want = "shop: 40 of 100, 10s\nshop: 80 of 100, 20s\nshop: 100 of 100, 25s\n" +
		"product: 40 of 100, 10s\nproduct: 80 of 100, 20s\nproduct: 100 of 100, 25s\nempty: 0 of 0, 0s\n" +
		"archived: 10, 10s\narchived: 20, 20s\n"
	if got := steps(false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestProgressOnATerminalIsABar(t *testing.T) {
	t.Parallel()
	got := steps(true)
	for _, part := range []string{
		"\r\x1b[Kshop           [============                  ] 40 of 100, 15s left",
		"\r\x1b[Kshop           [==============================] 100 of 100\n\r",
		"\r\x1b[Kempty          [==============================] 0 of 0\n",
		"\r\x1b[Karchived: 20\n",
	} {
		if strings.Count(got, part) != 1 {
			t.Errorf("%q is not there once in %q", part, got)
		}
	}
	if lines := strings.Count(got, "\n"); lines != 5 {
		t.Errorf("%d lines, want one for each table, also for that which was broken off", lines)
	}
}
