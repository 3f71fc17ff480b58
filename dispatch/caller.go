package dispatch

import (
	"context"
	"net/netip"
)

// Caller is who sent a request.
type Caller struct {
	// User is the token's user, "" where no token was needed or given.
	User string
	// Address is the client's, as far as trusted proxies tell it.
	Address netip.Addr
	// Trusted callers ask for many users and have no limits per address.
	Trusted bool
}

type callerKey struct{}

// WithCaller puts the caller into the context of a handler. A request's own
// context has a place for it.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	if own, ok := ctx.(*deadline); ok {
		own.caller = caller
		return own
	}
	return context.WithValue(ctx, callerKey{}, &caller)
}

// CallerFrom tells a handler who calls it.
func CallerFrom(ctx context.Context) Caller {
	if caller, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *caller
	}
	return Caller{}
}
