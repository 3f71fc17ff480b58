package server

import (
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// origins are the sites whose pages may read answers in a browser (CORS). Nobody's
// cookies are asked for: tokens are none.
type origins struct {
	whole    map[string]bool
	below    [][2]string // what an origin begins with, and what it ends in
	loopback bool
}

// newOrigins reads origins as browsers send them, with *. for every sub-domain. It is
// nil where there are none: then answers are as to anybody.
func newOrigins(list []string, loopback bool) *origins {
	if len(list) == 0 && !loopback {
		return nil
	}
	o := &origins{whole: map[string]bool{}, loopback: loopback}
	for _, origin := range list {
		if scheme, domain, wild := strings.Cut(origin, "*"); wild {
			o.below = append(o.below, [2]string{scheme, domain})
		} else {
			o.whole[origin] = true
		}
	}
	return o
}

func (o *origins) contain(origin string) bool {
	if o.whole[origin] {
		return true
	}
	for _, around := range o.below {
		host, begins := strings.CutPrefix(origin, around[0])
		if name, ends := strings.CutSuffix(host, around[1]); begins && ends && name != "" && !strings.ContainsAny(name, ":/@") {
			return true
		}
	}
	_, host, _ := strings.Cut(origin, "://")
	return o.loopback && dispatch.IsLoopbackHost(host)
}

// Headers of CORS, as the HTTP library keeps them.
var (
	varyHeader, varyOrigin       = []byte("Vary"), []byte("Origin")
	allowHeader                  = []byte("Access-Control-Allow-Origin")
	exposeHeader, exposedHeaders = []byte("Access-Control-Expose-Headers"), []byte("X-Request-ID, Retry-After")
)

// admit tells the browser that the page of a request may read the answer, where that
// is so, and caches that this depends on the page.
func (o *origins) admit(request *fasthttp.RequestCtx) {
	if o == nil {
		return
	}
	header := &request.Response.Header
	header.SetCanonical(varyHeader, varyOrigin)
	if origin := request.Request.Header.Peek("Origin"); len(origin) > 0 && o.contain(string(origin)) {
		header.SetCanonical(allowHeader, origin)
		header.SetCanonical(exposeHeader, exposedHeaders)
	}
}

// preflight answers a browser that asks what the page of an admitted origin may send,
// and reports whether this was one.
func preflight(request *fasthttp.RequestCtx, out *dispatch.Outcome) bool {
	header := &request.Response.Header
	if !request.IsOptions() || len(header.PeekBytes(allowHeader)) == 0 ||
		len(request.Request.Header.Peek("Access-Control-Request-Method")) == 0 {
		return false
	}
	header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	header.Set("Access-Control-Max-Age", "7200")
	*out = dispatch.Outcome{Plain: true, HTTPStatus: http.StatusNoContent}
	request.SetStatusCode(out.HTTPStatus)
	return true
}
