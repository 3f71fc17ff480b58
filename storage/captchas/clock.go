package captchas

import "time"

// clock counts from when it was made: 8 bytes without a pointer, where a
// [time.Time] has 24, and steady when the machine's clock is set.
type clock struct {
	now   func() time.Time
	start time.Time
}

// newClock reads [time.Now] where now is nil.
func newClock(now func() time.Time) clock {
	if now == nil {
		now = time.Now
	}
	return clock{now: now, start: now()}
}

func (c clock) read() time.Duration { return c.now().Sub(c.start) }
