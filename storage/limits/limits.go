// Package limits counts events of a key against sliding windows: SMS to a phone, wrong
// guesses from an address.
//
// [Memory] counts for one process, [Redis] for all replicas. Every limiter passes the
// suite in limitstest.
package limits

import "time"

// Window is a limit: at most Count events within any span of Within, which does
// not include its end. A Count below 1 allows none.
type Window struct {
	Count  int
	Within time.Duration
}

// room is how long until the window has room after these events; 0 or less: it
// has.
func (w Window) room(events []time.Duration, now time.Duration) time.Duration {
	switch {
	case w.Count < 1:
		return w.Within
	case len(events) < w.Count:
		return 0
	default: // it is full while the event that is Count back is in it
		return events[len(events)-w.Count] + w.Within - now
	}
}

// firstFull is the index of the first window without room, or -1, and how long
// until all have room.
func firstFull(windows []Window, events []time.Duration, now time.Duration) (index int, wait time.Duration) {
	index = -1
	for i, window := range windows {
		until := window.room(events, now)
		if until > 0 && index < 0 {
			index = i
		}
		wait = max(wait, until)
	}
	return index, wait
}
