package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

// A progress shows how far a command has come: as a bar that moves on a terminal, and
// elsewhere as a line every ten seconds.
type progress struct {
	out      io.Writer
	terminal bool
	now      func() time.Time
	what     string
	began    time.Time // with what
	next     time.Time // when to show it again
	ended    bool      // all was shown as done
}

func newProgress(out io.Writer, now func() time.Time) *progress {
	file, isFile := out.(*os.File)
	return &progress{out: out, terminal: isFile && isatty.IsTerminal(file.Fd()), now: now}
}

// unknown is the total of what ends without being foreseen, with stop.
const unknown = -1

// show is told how many of total are done; the last time all of them.
func (p *progress) show(what string, done, total int) {
	now := p.now()
	if what != p.what {
		p.what, p.began, p.next, p.ended = what, now, now.Add(p.pause()), false
	}
	ended := total != unknown && done >= total
	if p.ended || !ended && now.Before(p.next) {
		return
	}
	p.next, p.ended = now.Add(p.pause()), ended
	switch {
	case total == unknown && p.terminal:
		fmt.Fprintf(p.out, "\r\x1b[K%s: %d", what, done)
		return
	case total == unknown:
		fmt.Fprintf(p.out, "%s: %d, %s\n", what, done, now.Sub(p.began).Round(time.Second))
		return
	case !p.terminal:
		fmt.Fprintf(p.out, "%s: %d of %d, %s\n", what, done, total, now.Sub(p.began).Round(time.Second))
		return
	}
	const width = 30
	filled := width
	if total > 0 {
		filled = min(width, width*done/total)
	}
	fmt.Fprintf(p.out, "\r\x1b[K%-14s [%s%s] %d of %d%s", what, strings.Repeat("=", filled), strings.Repeat(" ", width-filled),
		done, total, p.left(now, done, total))
	if p.ended {
		fmt.Fprintln(p.out)
	}
}

// stop ends the line of a bar that was broken off.
func (p *progress) stop() {
	if p.terminal && p.what != "" && !p.ended {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) pause() time.Duration {
	if p.terminal {
		return 100 * time.Millisecond
	}
	return 10 * time.Second
}

// left is the time that the rest will take at the pace until now.
func (p *progress) left(now time.Time, done, total int) string {
	passed := now.Sub(p.began)
	if done == 0 || done >= total || passed < time.Second {
		return ""
	}
	return fmt.Sprintf(", %s left", (passed * time.Duration(total-done) / time.Duration(done)).Round(time.Second))
}
