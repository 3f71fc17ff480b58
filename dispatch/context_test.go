package dispatch

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestContext is what any context does.
func TestContext(t *testing.T) {
	ctx := NewContext(time.Now(), time.Minute, "", Caller{})
	if ctx.Err() != nil || CallerFrom(ctx) != (Caller{}) {
		t.Errorf("a new one: %v, %v", ctx.Err(), CallerFrom(ctx))
	}
	child, cancelChild := context.WithTimeout(WithCaller(ctx, Caller{Account: Account{User: "1"}}), time.Hour)
	defer cancelChild()
	select {
	case <-ctx.Done():
		t.Error("it ends at once")
	default:
	}
	if until, limited := child.Deadline(); !limited || time.Until(until) > time.Minute {
		t.Errorf("a child ends at %s", until)
	}
	if ctx.Err() != nil || child.Err() != nil || CallerFrom(child).User != "1" {
		t.Error(ctx.Err(), child.Err(), CallerFrom(child))
	}
	ctx.Cancel()
	<-child.Done()
	if !errors.Is(ctx.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
		t.Error(ctx.Err(), child.Err())
	}

	for _, early := range []bool{true, false} { // waited for before its end, or only after
		cancelled, passed := NewContext(time.Now(), time.Minute, "", Caller{}), NewContext(time.Now(), time.Nanosecond, "", Caller{})
		defer passed.Cancel()
		if early {
			cancelled.Done()
			passed.Done()
		}
		cancelled.Cancel()
		<-cancelled.Done()
		<-passed.Done()
		if !errors.Is(cancelled.Err(), context.Canceled) || !errors.Is(passed.Err(), context.DeadlineExceeded) {
			t.Errorf("waited for early %t: %v, %v", early, cancelled.Err(), passed.Err())
		}
	}

	endless := NewContext(time.Now(), 0, "", Caller{})
	if _, limited := endless.Deadline(); limited || endless.Err() != nil {
		t.Errorf("one without an end: limited %t, %v", limited, endless.Err())
	}
	waiting := endless.Done()
	select {
	case <-waiting:
		t.Error("one without an end ends")
	default:
	}
	endless.Cancel()
	<-waiting

	cancelled, passed := NewContext(time.Now(), time.Minute, "", Caller{}), NewContext(time.Now(), -time.Second, "", Caller{})
	cancelled.Cancel()
	defer passed.Cancel()
	if !errors.Is(cancelled.Err(), context.Canceled) || !errors.Is(passed.Err(), context.DeadlineExceeded) {
		t.Errorf("never waited for: %v, %v", cancelled.Err(), passed.Err())
	}
}
