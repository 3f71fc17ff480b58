package dispatch

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// Account is whom a token stands for.
type Account struct {
	// User is the id of the token's user, "" where no token was needed or given.
	User string
	// Role is the one role that the user has beside being a user, "" for none.
	Role string
	// Frozen accounts are refused by calls that need an active one.
	Frozen bool
}

// Caller is who sent a request.
type Caller struct {
	Account
	// Token is the one that the account was found by, "" without an account.
	Token string
	// Peer is the other end of the connection: a proxy, or the client itself.
	Peer netip.Addr
	// Address is the client's, as far as trusted proxies report it: the zero address
	// where one reports what is none.
	Address netip.Addr
	// Trusted callers ask for many users and have no limits per address.
	Trusted bool
}

// Local reports whether the caller is on this machine and has named it so, by the
// request's host: no proxy passed the request on, and no other site's name was made to
// lead here.
func (c Caller) Local(host string) bool {
	return c.Peer.IsLoopback() && c.Address.IsLoopback() && IsLoopbackHost(host)
}

// IsLoopbackHost reports whether a host, with a port or without, names this machine by
// itself.
func IsLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	named, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && named.IsLoopback()
}

type callerKey struct{}

// WithCaller puts the caller into the context of a handler. A request's own
// context has a place for it.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	if own, ok := ctx.(*Context); ok {
		own.caller = caller
		return own
	}
	kept := caller // the address of the parameter would put it on the heap in every request
	return context.WithValue(ctx, callerKey{}, &kept)
}

// CallerFrom returns who calls a handler.
func CallerFrom(ctx context.Context) Caller {
	if caller, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *caller
	}
	return Caller{}
}
