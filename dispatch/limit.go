package dispatch

import (
	"net/netip"
	"sync"
	"time"
)

// LimitKey is what one client counts as: an IPv4 address, or the /64 that an
// IPv6 client can pick addresses from.
func LimitKey(address netip.Addr) netip.Addr {
	address = address.Unmap()
	if !address.Is6() {
		return address
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.Addr()
}

// gate lets a number of calls of one address run at once.
type gate struct {
	most    int // 0 is no limit
	mutex   sync.Mutex
	running map[netip.Addr]int
}

func newGate(most int) *gate { return &gate{most: most, running: map[netip.Addr]int{}} }

// enter tells whether one more may run; then leave must follow.
func (g *gate) enter(address netip.Addr) bool {
	if g.most == 0 {
		return true
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	key := LimitKey(address)
	if g.running[key] >= g.most {
		return false
	}
	g.running[key]++
	return true
}

func (g *gate) leave(address netip.Addr) {
	if g.most == 0 {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	key := LimitKey(address)
	if g.running[key]--; g.running[key] <= 0 {
		delete(g.running, key)
	}
}

// rate counts requests of one address in the minute that begins with its first.
// Two generations of addresses are kept, so memory is bounded by the addresses
// of two minutes and nothing is scanned.
type rate struct {
	most              int // a minute; 0 is no limit
	now               func() time.Time
	mutex             sync.Mutex
	turned            time.Time
	current, previous map[netip.Addr]*minute
}

type minute struct {
	begin time.Time
	count int
}

func newRate(most int, now func() time.Time) *rate {
	return &rate{most: most, now: now, current: map[netip.Addr]*minute{}}
}

// take counts a request and tells whether it is within the limit, and if not,
// when the next one will be.
func (r *rate) take(address netip.Addr) (ok bool, retryAfter time.Duration) {
	if r.most == 0 {
		return true, 0
	}
	now, key := r.now(), LimitKey(address)
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
	if counted.count >= r.most {
		return false, time.Minute - now.Sub(counted.begin)
	}
	counted.count++
	return true, 0
}
