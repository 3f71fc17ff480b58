// Package server serves a [dispatch.Registry] over HTTP. It is the only code that
// knows the HTTP library: nothing of a fasthttp.RequestCtx leaves it.
//
// It decides what needs no call: what cannot be read as a request (HTTP 400, 408, 413
// and 431, in server.go), who the client is (address.go), how many requests an address
// may send (limit.go), and whether the server lives and is ready (probe.go).
package server
