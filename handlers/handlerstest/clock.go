package handlerstest

import (
	"sync"
	"testing"
	"time"
)

// Clock stands still until a test moves it.
type Clock struct {
	mutex sync.Mutex
	now   time.Time
	step  time.Duration
}

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(c.step)
	return c.now
}

// Step has the clock go on by so much at each look at it, as it may between two of a call.
func (c *Clock) Step(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.step = d
}

// Advance moves the clock, back by a negative duration.
func (c *Clock) Advance(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}

// Shanghai is every gateway's time zone.
func Shanghai(t testing.TB) *time.Location {
	t.Helper()
	location, err := time.LoadLocation("Asia/Shanghai")
	Must(t, err)
	return location
}

// At is a time of the wire in unix seconds.
func At(t testing.TB, text string) int64 {
	t.Helper()
	parsed, err := time.ParseInLocation(time.DateTime, text, Shanghai(t))
	Must(t, err)
	return parsed.Unix()
}
