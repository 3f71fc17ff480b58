package server

import (
	"net/netip"
	"strings"
	"testing"
)

func parsePrefixes(list string) (parsed prefixes) {
	for text := range strings.FieldsSeq(list) {
		parsed = append(parsed, netip.MustParsePrefix(text))
	}
	return parsed
}

// TestClientAddress: the peer's, unless that is a trusted proxy: then X-Real-IP,
// or else the right-most entry of X-Forwarded-For that is no trusted proxy.
func TestClientAddress(t *testing.T) {
	proxies := parsePrefixes("127.0.0.1/32 ::1/128 10.0.0.0/8 2001:db8:aa::/48")
	tests := []struct {
		name, peer, realIP string
		forwarded          []string
		want               string
	}{
		{"no header", "127.0.0.1", "", nil, "127.0.0.1"},
		{"real address", "127.0.0.1", "198.51.100.7", nil, "198.51.100.7"},
		{"real address, blanks", "127.0.0.1", " 198.51.100.7 ", nil, "198.51.100.7"},
		{"real address before forwarded", "127.0.0.1", "198.51.100.7", []string{"198.51.100.8"}, "198.51.100.7"},
		{"real address of a proxy", "127.0.0.1", "10.0.0.1", []string{"198.51.100.8"}, "10.0.0.1"},
		{"IPv6", "::1", "2001:db8::7", nil, "2001:db8::7"},
		{"IPv6 proxy", "2001:db8:aa::1", "", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv4 in IPv6", "127.0.0.1", "::ffff:198.51.100.7", nil, "::ffff:198.51.100.7"},

		{"untrusted peer", "198.51.100.9", "127.0.0.1", []string{"127.0.0.1"}, "198.51.100.9"},
		{"untrusted IPv6 peer", "2001:db8::9", "::1", []string{"::1"}, "2001:db8::9"},

		{"forwarded", "127.0.0.1", "", []string{"198.51.100.7"}, "198.51.100.7"},
		{"forged entries", "127.0.0.1", "", []string{"127.0.0.1, 192.0.2.1, 198.51.100.7"}, "198.51.100.7"},
		{"through two proxies", "127.0.0.1", "", []string{"192.0.2.1, 198.51.100.7,10.0.0.1"}, "198.51.100.7"},
		{"two headers", "127.0.0.1", "", []string{"192.0.2.1", "198.51.100.7, 10.0.0.1"}, "198.51.100.7"},
		{"an IPv4-mapped proxy", "127.0.0.1", "", []string{"198.51.100.7, ::ffff:10.0.0.1"}, "198.51.100.7"},
		{"nothing but proxies", "127.0.0.1", "", []string{"10.0.0.2, 10.0.0.1"}, "10.0.0.2"},

		{"garbage", "127.0.0.1", "unknown", nil, "127.0.0.1"},
		{"garbage, then forwarded", "127.0.0.1", "unknown", []string{"198.51.100.7"}, "198.51.100.7"},
		{"with a port", "127.0.0.1", "198.51.100.7:80", nil, "127.0.0.1"},
		{"garbage on the right", "127.0.0.1", "", []string{"198.51.100.7, _hidden"}, "127.0.0.1"},
		{"garbage behind a proxy", "127.0.0.1", "", []string{"198.51.100.7, unknown, 10.0.0.1"}, "10.0.0.1"},
		{"garbage on the left", "127.0.0.1", "", []string{"<script>, 198.51.100.7"}, "198.51.100.7"},
		{"empty entry", "127.0.0.1", "", []string{"198.51.100.7,"}, "127.0.0.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := clientAddress(netip.MustParseAddr(test.peer), test.realIP, test.forwarded, proxies)
			if got != netip.MustParseAddr(test.want) {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestPrefixes(t *testing.T) {
	trusted := parsePrefixes("192.0.2.0/24 2001:db8::/32")
	for address, want := range map[string]bool{
		"192.0.2.255": true, "::ffff:192.0.2.1": true, "2001:db8:ffff::1": true,
		"192.0.3.0": false, "2001:db9::1": false, "::192.0.2.1": false,
	} {
		if got := trusted.contain(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
	if trusted.contain(netip.Addr{}) || prefixes(nil).contain(netip.MustParseAddr("192.0.2.1")) {
		t.Error("nobody is trusted")
	}
}

// FuzzClientAddress: nothing that a client writes makes it another one. A proxy
// appends the address that it sees; what stood there before does not count.
func FuzzClientAddress(f *testing.F) {
	for _, seed := range []string{"", "127.0.0.1", "10.0.0.1, 192.0.2.1", "a,,b", "::1", "192.0.2.1:80", "\x00", " , ", "fe80::1%eth0"} {
		f.Add(seed, seed)
	}
	proxies := parsePrefixes("127.0.0.1/32 ::1/128 10.0.0.0/8")
	proxy, client := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("198.51.100.7")
	f.Fuzz(func(t *testing.T, realIP, forwarded string) {
		for _, c := range []struct {
			way       string
			peer      netip.Addr
			realIP    string
			forwarded []string
		}{
			{"straight", client, realIP, []string{forwarded}},
			{"by a proxy that overwrites X-Real-IP", proxy, client.String(), []string{forwarded}},
			{"by a proxy that appends to a header", proxy, "", []string{forwarded + ", " + client.String()}},
			{"by a proxy that adds a header", proxy, "", []string{forwarded, client.String()}},
			{"by two proxies that append", proxy, "", []string{forwarded + "," + client.String() + ",10.0.0.1"}},
		} {
			if got := clientAddress(c.peer, c.realIP, c.forwarded, proxies); got != client {
				t.Errorf("%s, X-Real-IP %q, X-Forwarded-For %q: %s", c.way, c.realIP, c.forwarded, got)
			}
		}
	})
}
