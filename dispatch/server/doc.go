// Package server serves a [dispatch.Registry] over HTTP. It is the only code that
// knows the HTTP library: nothing of a fasthttp.RequestCtx leaves it.
package server
