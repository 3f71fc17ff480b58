package main

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	linesWait  = 10 * time.Millisecond // how long lines of requests wait for others
	linesBytes = 64 << 10              // so many bytes of them do not wait
	linesKept  = 1 << 20               // bytes that are kept while nobody reads
)

// logLines writes lines from a goroutine of its own, so that nobody waits for the
// reader of the log: while it stands still lines are kept, up to a bound, and then
// lost. Lost lines are counted, and told when lines flow again.
type logLines struct {
	out  io.Writer
	told *slog.Logger // writes to out
	lost atomic.Int64

	mutex   sync.Mutex
	waiting []byte
	late    *time.Timer // flushes; set while lines wait

	wake        chan struct{} // holds one
	stop, ended chan struct{}
}

// newLogLines starts the goroutine. told writes to out as well.
func newLogLines(out io.Writer, told *slog.Logger) *logLines {
	l := &logLines{
		out: out, told: told,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go l.run()
	return l
}

// Write takes one line, or loses it. It never waits and never fails.
func (l *logLines) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.waiting)+len(line) > linesKept {
		l.lost.Add(1)
		return len(line), nil
	}
	l.waiting = append(l.waiting, line...)
	switch {
	case len(l.waiting) >= linesBytes:
		l.flush()
	case l.late == nil:
		l.late = time.AfterFunc(linesWait, l.flush)
	}
	return len(line), nil
}

// flush lets no line wait any longer.
func (l *logLines) flush() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// close writes what waits, for as long as it may take.
func (l *logLines) close(wait time.Duration) {
	close(l.stop)
	select {
	case <-l.ended:
	case <-time.After(wait):
	}
}

func (l *logLines) run() {
	defer close(l.ended)
	var batch []byte
	var told int64
	for running := true; running; {
		select {
		case <-l.wake:
		case <-l.stop:
			running = false
		}
		flows := false
		for batch = l.take(batch); len(batch) > 0; batch = l.take(batch) {
			written, err := l.out.Write(batch)
			if flows = err == nil; !flows {
				l.lost.Add(int64(bytes.Count(batch[written:], []byte("\n"))))
			}
		}
		if lost := l.lost.Load(); lost > told && flows {
			l.told.Warn("log lines were lost: nobody read them", "count", lost-told)
			told = lost
		}
	}
}

// take takes what waits, and leaves the room of the last batch.
func (l *logLines) take(last []byte) []byte {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.late != nil {
		l.late.Stop()
		l.late = nil
	}
	taken := l.waiting
	l.waiting = last[:0]
	return taken
}
