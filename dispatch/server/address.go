package server

import (
	"net/netip"
	"slices"
	"strings"
)

// prefixes is a list of networks.
type prefixes []netip.Prefix

func (p prefixes) contain(address netip.Addr) bool {
	address = address.Unmap()
	for _, prefix := range p {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// clientAddress is the peer's, unless the peer is a trusted proxy: then what
// X-Real-IP says, or else the right-most entry of X-Forwarded-For that is not a
// trusted proxy itself. What cannot be read is not believed.
func clientAddress(peer netip.Addr, realIP string, forwarded []string, proxies prefixes) netip.Addr {
	if !proxies.contain(peer) || realIP == "" && len(forwarded) == 0 {
		return peer
	}
	if address, err := netip.ParseAddr(strings.TrimSpace(realIP)); err == nil {
		return address
	}
	entries := strings.Split(strings.Join(forwarded, ","), ",")
	for _, entry := range slices.Backward(entries) {
		address, err := netip.ParseAddr(strings.TrimSpace(entry))
		if err != nil {
			break
		}
		if peer = address; !proxies.contain(address) {
			break
		}
	}
	return peer
}
