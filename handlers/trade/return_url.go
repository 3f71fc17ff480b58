package trade

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"campusgate/dispatch"
)

// checkReturnURL refuses a place to return to that is not https (http on the loopback), or
// on a host that neither is among those allowed nor is the request's own. An empty one is
// none. Hosts are compared without their ports, in lower case; *.host is any sub-domain.
func checkReturnURL(text, ownHost string, allowed []string) error {
	if text == "" || mayReturn(text, ownHost, allowed) {
		return nil
	}
	return dispatch.Fail(dispatch.ValueError,
		"return_url: must be https (http on the loopback), on a host of payments.return_hosts or your own, without blanks, control characters and a user name")
}

func mayReturn(text, ownHost string, allowed []string) bool {
	if strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\\' || r == unicode.ReplacementChar
	}) {
		return false // a backslash is a slash to browsers
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Hostname() == "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || !dispatch.IsLoopbackHost(host)) {
		return false
	}
	return host == hostName(ownHost) || slices.ContainsFunc(allowed, func(pattern string) bool {
		parent, below := strings.CutPrefix(pattern, "*")
		return pattern == host || below && strings.HasSuffix(host, parent) && host != parent[1:]
	})
}

// hostName is a host without its port, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}
