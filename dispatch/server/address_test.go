package server

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

func parsePrefixes(list string) (parsed prefixes) {
	for text := range strings.FieldsSeq(list) {
		parsed = append(parsed, netip.MustParsePrefix(text))
	}
	return parsed
}

// TestClientAddress: the peer's, unless that is a trusted proxy: then X-Real-IP,
// or else the right-most entry of X-Forwarded-For that is no trusted proxy. A client
// that a proxy names in no way that can be read is nobody, and not the proxy.
func TestClientAddress(t *testing.T) {
	proxies := parsePrefixes("127.0.0.1/32 ::1/128 10.0.0.0/8 2001:db8:aa::/48")
	const nobody = ""
	tests := []struct {
		name, peer        string
		realIP, forwarded []string
		want              string
	}{
		{"no header", "127.0.0.1", nil, nil, "127.0.0.1"},
		{"real address", "127.0.0.1", []string{"198.51.100.7"}, nil, "198.51.100.7"},
		{"real address before forwarded", "127.0.0.1", []string{"198.51.100.7"}, []string{"198.51.100.8"}, "198.51.100.7"},
		{"real address of a proxy", "127.0.0.1", []string{"10.0.0.1"}, []string{"198.51.100.8"}, "10.0.0.1"},
		{"two real addresses", "127.0.0.1", []string{"127.0.0.1", "198.51.100.7"}, nil, "198.51.100.7"},
		{"a list as the real address", "127.0.0.1", []string{"127.0.0.1, 198.51.100.7"}, nil, "198.51.100.7"},
		{"IPv6", "::1", []string{"2001:db8::7"}, nil, "2001:db8::7"},
		{"IPv6 proxy", "2001:db8:aa::1", nil, []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv4 in IPv6", "127.0.0.1", []string{"::ffff:198.51.100.7"}, nil, "198.51.100.7"},

		{"untrusted peer", "198.51.100.9", []string{"127.0.0.1"}, []string{"127.0.0.1"}, "198.51.100.9"},
		{"untrusted IPv6 peer", "2001:db8::9", []string{"::1"}, []string{"::1"}, "2001:db8::9"},
		{"untrusted peer, garbage", "198.51.100.9", []string{"unknown"}, nil, "198.51.100.9"},

		{"forwarded", "127.0.0.1", nil, []string{"198.51.100.7"}, "198.51.100.7"},
		{"forged entries", "127.0.0.1", nil, []string{"127.0.0.1, 192.0.2.1, 198.51.100.7"}, "198.51.100.7"},
		{"through two proxies", "127.0.0.1", nil, []string{"192.0.2.1, 198.51.100.7,10.0.0.1"}, "198.51.100.7"},
		{"through two proxies, ports", "127.0.0.1", nil, []string{"192.0.2.1:1, 198.51.100.7:51008, 10.0.0.1:443"}, "198.51.100.7"},
		{"two headers", "127.0.0.1", nil, []string{"192.0.2.1", "198.51.100.7, 10.0.0.1"}, "198.51.100.7"},
		{"an IPv4-mapped proxy", "127.0.0.1", nil, []string{"198.51.100.7, ::ffff:10.0.0.1"}, "198.51.100.7"},
		{"nothing but proxies", "127.0.0.1", nil, []string{"10.0.0.2, 10.0.0.1"}, "10.0.0.2"},
		{"blanks in a list", "127.0.0.1", nil, []string{" 192.0.2.1 ,\t198.51.100.7 , 10.0.0.1 "}, "198.51.100.7"},
		{"empty entries", "127.0.0.1", nil, []string{"192.0.2.1,, 198.51.100.7, ,"}, "198.51.100.7"},

		{"garbage", "127.0.0.1", []string{"unknown"}, nil, nobody},
		{"garbage, then forwarded", "127.0.0.1", []string{"unknown"}, []string{"198.51.100.7"}, "198.51.100.7"},
		{"nothing, then forwarded", "127.0.0.1", []string{""}, []string{"198.51.100.7"}, "198.51.100.7"},
		{"nothing", "127.0.0.1", []string{""}, nil, nobody},
		{"nothing forwarded", "127.0.0.1", nil, []string{" , "}, nobody},
		{"garbage on the right", "127.0.0.1", nil, []string{"198.51.100.7, _hidden"}, nobody},
		{"garbage behind a proxy", "127.0.0.1", nil, []string{"198.51.100.7, unknown, 10.0.0.1"}, nobody},
		{"garbage on the left", "127.0.0.1", nil, []string{"<script>, 198.51.100.7"}, "198.51.100.7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := clientAddress(netip.MustParseAddr(test.peer), headerOf(test.realIP, test.forwarded), proxies)
			want, _ := netip.ParseAddr(test.want)
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// TestParseAddress: as proxies write addresses, in either header.
func TestParseAddress(t *testing.T) {
	for want, forms := range map[string][]string{
		"203.0.113.11": {"203.0.113.11", "203.0.113.11:51008", `"203.0.113.11"`, `"203.0.113.11:51008"`, "::ffff:203.0.113.11", "[::ffff:203.0.113.11]:80"},
		"2001:db8::1":  {"2001:db8::1", "2001:DB8:0::1", "[2001:db8::1]", "[2001:db8::1]:443", `"[2001:db8::1]"`, `"[2001:db8::1]:443"`},
		"fe80::1":      {"fe80::1", "fe80::1%eth0", "[fe80::1%eth0]:80"},
		"": {
			"", "unknown", "_hidden", "unknown:80", "203.0.113", "203.0.113.256", "203.0.113.11:", "203.0.113.11:x", "203.0.113.11:65536",
			"[203.0.113.11", "[]", "]", `"`, `""`, "[v6]", "2001:db8::1]", "[2001:db8::1", "localhost", "for=203.0.113.11", "203.0.113.11 10.0.0.1", "0x7f.1", "2130706433",
		},
	} {
		for _, form := range forms {
			if got := parseAddress(form); got.IsValid() != (want != "") || got.IsValid() && got.String() != want {
				t.Errorf("%q: %s, want %q", form, got, want)
			}
		}
	}
}

// headerOf has an X-Real-IP and an X-Forwarded-For header for each of the given.
func headerOf(realIP, forwarded []string) *fasthttp.RequestHeader {
	header := &fasthttp.RequestHeader{}
	for _, text := range realIP {
		header.Add("X-Real-IP", text)
	}
	for _, text := range forwarded {
		header.Add("X-Forwarded-For", text)
	}
	return header
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
			way               string
			peer              netip.Addr
			realIP, forwarded []string
		}{
			{"straight", client, []string{realIP}, []string{forwarded}},
			{"by a proxy that overwrites X-Real-IP", proxy, []string{client.String()}, []string{forwarded}},
			{"by a proxy that appends to a header", proxy, nil, []string{forwarded + ", " + client.String()}},
			{"by a proxy that adds a header", proxy, nil, []string{forwarded, client.String()}},
			{"by two proxies that append", proxy, nil, []string{forwarded + "," + client.String() + ",10.0.0.1"}},
		} {
			if got := clientAddress(c.peer, headerOf(c.realIP, c.forwarded), proxies); got != client {
				t.Errorf("%s, X-Real-IP %q, X-Forwarded-For %q: %s", c.way, c.realIP, c.forwarded, got)
			}
		}
		// Whatever stands there, the client is not the peer, unless it is named so.
		got := clientAddress(proxy, headerOf([]string{realIP}, []string{forwarded}), proxies)
		if got == proxy && !strings.Contains(realIP+forwarded, "127.0.0.1") && !strings.Contains(realIP+forwarded, ":") {
			t.Errorf("X-Real-IP %q, X-Forwarded-For %q: the proxy", realIP, forwarded)
		}
	})
}
