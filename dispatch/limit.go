package dispatch

import (
	"net/netip"
	"sync"
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
	max     int // 0 is no limit
	mutex   sync.Mutex
	running map[netip.Addr]int
}

func newGate(limit int) *gate { return &gate{max: limit, running: map[netip.Addr]int{}} }

// enter reports whether one more may run; then leave must follow.
func (g *gate) enter(address netip.Addr) bool {
	if g.max == 0 {
		return true
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	key := LimitKey(address)
	if g.running[key] >= g.max {
		return false
	}
	g.running[key]++
	return true
}

func (g *gate) leave(address netip.Addr) {
	if g.max == 0 {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	key := LimitKey(address)
	if g.running[key]--; g.running[key] <= 0 {
		delete(g.running, key)
	}
}
