package server

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// Headers of every request or answer, as the HTTP library keeps them.
var (
	// requestHeader is where a request's id comes from a proxy and goes to the client.
	requestHeader = []byte("X-Request-Id")
	// sniffHeader keeps browsers from guessing what an answer is.
	sniffHeader, noSniff = []byte("X-Content-Type-Options"), []byte("nosniff")
	// cacheHeader keeps everybody from keeping an envelope.
	cacheHeader, noStore = []byte("Cache-Control"), []byte("no-store")
)

// requestID is the id that a trusted proxy gave a request, or else a new one.
func requestID(request *fasthttp.RequestCtx, proxied bool) string {
	if proxied {
		if given := request.Request.Header.PeekBytes(requestHeader); isRequestID(given) {
			return string(given)
		}
	}
	var random [8]byte
	binary.NativeEndian.PutUint64(random[:], rand.Uint64())
	var text [2 * len(random)]byte
	hex.Encode(text[:], random[:])
	return string(text[:])
}

// isRequestID reports whether a given id is one that logs and headers take: 1 to 64
// letters, digits, dots, hyphens and underscores.
func isRequestID(given []byte) bool {
	for _, c := range given {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return 1 <= len(given) && len(given) <= 64
}

func peer(request *fasthttp.RequestCtx) netip.Addr {
	address, _ := netip.AddrFromSlice(request.RemoteIP())
	return address.Unmap()
}

// caller is who sends a request: its peer, or whom a trusted proxy's header names.
func (s *Server) caller(request *fasthttp.RequestCtx, peer netip.Addr) dispatch.Caller {
	address := clientAddress(peer, &request.Request.Header, s.options.TrustedProxies)
	return dispatch.Caller{Peer: peer, Address: address, Trusted: prefixes(s.options.TrustedCallers).contain(address)}
}

// rawPath is the path as it was sent, not decoded and not cleaned: what comes
// cleaned has lost the difference between a %2f and a separator.
func rawPath(request *fasthttp.RequestCtx) string {
	return string(request.URI().PathOriginal())
}

// withoutDots removes the dot segments of a path (RFC 3986, section 5.2.4): clients put
// together a host, a slash and ./api/…, and not all of them clean what comes out.
// Nothing is decoded, so a %2e is part of a name.
func withoutDots(path string) string {
	if !strings.HasPrefix(path, "/") || !strings.Contains(path, "/.") {
		return path
	}
	kept := []string{""}
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		switch {
		case segment != "." && segment != "..":
			kept = append(kept, segment)
			continue
		case segment == ".." && len(kept) > 1:
			kept = kept[:len(kept)-1]
		}
		if i == len(segments)-1 {
			kept = append(kept, "") // it was a folder
		}
	}
	return strings.Join(kept, "/")
}

// tokenOf reads the query's token, or else a Bearer header; another scheme counts
// as absent.
func tokenOf(request *fasthttp.RequestCtx) dispatch.Token {
	if query := request.QueryArgs(); query.Has("token") {
		return dispatch.Token{Given: true, Text: string(query.Peek("token"))}
	}
	scheme, text, _ := strings.Cut(string(request.Request.Header.Peek("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return dispatch.Token{}
	}
	return dispatch.Token{Given: true, Text: strings.TrimSpace(text)}
}

// queryOf copies the query parameters: nothing of a RequestCtx may outlive it.
func queryOf(request *fasthttp.RequestCtx) url.Values {
	query := url.Values{}
	for key, text := range request.QueryArgs().All() {
		query.Add(string(key), string(text))
	}
	return query
}
