package dispatch

import (
	"context"
	"errors"
	"time"
)

// TokenUse is what a call wants of a token.
type TokenUse int

// A call looks at no token, wants one, or takes one where it is given.
const (
	NoToken TokenUse = iota
	TokenNeeded
	TokenOptional
)

func (t TokenUse) String() string {
	return [...]string{NoToken: "no", TokenNeeded: "yes", TokenOptional: "optional"}[t]
}

// Need is what a call needs of its caller. The zero Need is anybody's.
type Need struct {
	Token TokenUse
	// Role is the one that the caller must have, else [NoPermission]; "" is any.
	Role string
	// Active refuses the callers whose account is frozen, with [AccountFrozen].
	Active bool
	// Once is how long the answer to a request_key is kept: of calls with the same key and
	// data one has an effect (wire.Once). 0 is a call without the key. Only a posted call
	// can have it.
	Once time.Duration
	// Upload bounds how many such calls of one address run at once: they decode
	// pictures. Only a posted call can have it.
	Upload bool
}

// WithToken is the need of a call that any user may make.
var WithToken = Need{Token: TokenNeeded}

// check returns an error where no caller could meet the need, or nobody looks at it.
func (n Need) check(kind EndpointKind) error {
	switch {
	case n.Token != TokenNeeded && (n.Role != "" || n.Active || n.Once > 0):
		return errors.New("a role, an active account or a request_key needs a token")
	case n.Once > 0 && kind != EnvelopeEndpoint:
		return errors.New("only a posted call has a request_key")
	case n.Upload && kind != EnvelopeEndpoint:
		return errors.New("only a posted call uploads")
	}
	return nil
}

// refuse returns the failure of a caller that does not meet the need, or nil. It
// comes after the values are checked, permission before state, as in the protocol.
func (n Need) refuse(ctx context.Context) *Error {
	if n.Role == "" && !n.Active {
		return nil
	}
	switch caller := CallerFrom(ctx); {
	case n.Role != "" && caller.Role != n.Role:
		return Fail(NoPermission, "token: its user lacks the role "+n.Role)
	case n.Active && caller.Frozen:
		return Fail(AccountFrozen, "")
	}
	return nil
}

// statuses are those that the need adds to a call's.
func (n Need) statuses() (added []Status) {
	if n.Role != "" {
		added = append(added, NoPermission)
	}
	if n.Active {
		added = append(added, AccountFrozen)
	}
	if n.Once > 0 {
		added = append(added, RepeatedRequest, StateChanged)
	}
	return added
}
