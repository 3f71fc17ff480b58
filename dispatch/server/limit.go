package server

import (
	"net/netip"
	"sync"
	"time"

	"campusgate/dispatch"
)

// rate counts requests of one address in the minute that begins with its first.
// Two generations of addresses are kept, so memory is bounded by the addresses
// of two minutes and nothing is scanned.
type rate struct {
	max               int // a minute; 0 is no limit
	now               func() time.Time
	mutex             sync.Mutex
	turned            time.Time
	current, previous map[netip.Addr]*minute
}

type minute struct {
	begin time.Time
	count int
}

func newRate(limit int, now func() time.Time) *rate {
	return &rate{max: limit, now: now, current: map[netip.Addr]*minute{}}
}

// take counts a request and reports whether it is within the limit, and if not, how
// long until the next one will be.
func (r *rate) take(address netip.Addr) (ok bool, retryAfter time.Duration) {
	if r.max == 0 {
		return true, 0
	}
	now, key := r.now(), dispatch.LimitKey(address)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if now.Sub(r.turned) >= time.Minute {
		r.previous, r.current, r.turned = r.current, map[netip.Addr]*minute{}, now
	}
	counted := r.current[key]
	if counted == nil {
		counted = r.previous[key]
	}
	if counted == nil || now.Sub(counted.begin) >= time.Minute {
		counted = &minute{begin: now}
		r.current[key] = counted
	}
	if counted.count >= r.max {
		return false, time.Minute - now.Sub(counted.begin)
	}
	counted.count++
	return true, 0
}
