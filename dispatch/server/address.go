package server

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
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

// clientAddress is the peer's, unless the peer is a trusted proxy that names its
// client: then what X-Real-IP says, or else X-Forwarded-For. It is the zero address,
// which nobody trusts, where a proxy names a client that cannot be read.
func clientAddress(peer netip.Addr, header *fasthttp.RequestHeader, proxies prefixes) netip.Addr {
	if !proxies.contain(peer) {
		return peer
	}
	realIP := header.PeekAll("X-Real-IP")
	named := len(realIP) > 0
	if address := proxies.client(realIP); address.IsValid() {
		return address
	}
	forwarded := header.PeekAll("X-Forwarded-For")
	if !named && len(forwarded) == 0 {
		return peer
	}
	return proxies.client(forwarded)
}

// client is the right-most entry of a header's lists that is not one of the proxies,
// or the left-most where all of them are. What stands left of it may be the client's
// own words.
func (p prefixes) client(lists [][]byte) (address netip.Addr) {
	for _, list := range slices.Backward(lists) {
		for len(list) > 0 {
			comma := bytes.LastIndexByte(list, ',')
			entry := bytes.TrimSpace(list[comma+1:])
			list = list[:max(comma, 0)]
			if len(entry) == 0 {
				continue
			}
			if address = parseAddress(string(entry)); !address.IsValid() || !p.contain(address) {
				return address
			}
		}
	}
	return address
}

// parseAddress reads an address as proxies write it: also with a port, in brackets or
// in quotes. It is the zero address where it is none.
func parseAddress(text string) netip.Addr {
	text = strings.Trim(text, `"`)
	address, err := netip.ParseAddr(text)
	if err != nil && strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		address, err = netip.ParseAddr(text[1 : len(text)-1])
	}
	if err != nil {
		withPort, _ := netip.ParseAddrPort(text)
		address = withPort.Addr()
	}
	return address.Unmap().WithZone("")
}
