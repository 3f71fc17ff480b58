package config

import (
	"net"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"
)

// isHostPort reports whether address can be listened on: a host or none, and a port number, which may be 0.
func isHostPort(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil && (host == "" || isHost(host))
}

// isRemoteHostPort reports whether address can be connected to: unlike one to listen on, it says where and on what port.
func isRemoteHostPort(address string) bool {
	host, port, err := net.SplitHostPort(address)
	return err == nil && host != "" && strings.Trim(port, "0") != "" && isHostPort(address)
}

// isLoopback reports whether only this machine reaches a listener on address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && isLoopbackHost(host)
}

// isLoopbackHost reports whether a host, without a port, is this machine.
func isLoopbackHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// isOfOneOwner reports whether one owner can have a network. The largest of them are
// 10.0.0.0/8 and fc00::/7; halves of the Internet are refused as the whole is.
func isOfOneOwner(network netip.Prefix) bool {
	if network.Addr().Is4() {
		return network.Bits() >= 8
	}
	return network.Bits() >= 7
}

// isHost reports whether host is an IP address, or a name of letters, digits, hyphens and underscores between dots.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	for name := range strings.SplitSeq(host, ".") {
		if name == "" || strings.ContainsFunc(name, isNoNameRune) {
			return false
		}
	}
	return true
}

func isNoNameRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		return false
	default:
		return true
	}
}

// isRefererHost reports whether host may stand in pictures.allow_referers.
func isRefererHost(host string) bool { return isHost(strings.TrimPrefix(host, "*.")) }

// isOrigin reports whether text is an origin as browsers send it, in lower case, or one with *. before its host. Browsers
// leave out the scheme's own port.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || text != u.Scheme+"://"+u.Host || strings.HasSuffix(u.Host, ":") {
		return false
	}
	own := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	return own != "" && u.Port() != own && isRefererHost(u.Hostname())
}

// isHTTPURL reports whether text is a URL that a client can send requests to. One with a password is refused, because
// only a [Secret] is kept out of logs.
func isHTTPURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// isBasePath reports whether text can stand before the API's paths: those come decoded and cleaned, so that one with an
// escape, a double slash or a dot segment would match nothing.
func isBasePath(text string) bool {
	if text == "" {
		return true
	}
	escaped := (&url.URL{Path: text}).EscapedPath()
	return text != "/" && strings.HasPrefix(text, "/") && path.Clean(text) == text && escaped == text
}

// isPlain reports whether text can be pasted into JSON or an HTML attribute as it is.
func isPlain(text string) bool {
	return !strings.ContainsAny(text, "\"'`") && !strings.ContainsFunc(text, unicode.IsControl)
}
