package account

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type logoutUser struct {
	All bool `json:"all" doc:"true: every token of the account ends"`
}

func (logoutUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "Only where `accounts.own` is true. Ends this token.",
		Example: `{}`,
	}
}

func (u userCalls) logout(ctx context.Context, in logoutUser) (wire.None, error) {
	caller := dispatch.CallerFrom(ctx)
	err := u.DB.InTx(ctx, func(tx *storage.Tx) error {
		if in.All {
			return endSessions(ctx, tx, caller.User, "")
		}
		tx.Push(caller.User, nil)
		return endSession(ctx, tx, caller.Token)
	})
	u.Forget()
	if errors.Is(err, storage.ErrNotFound) { // it has ended meanwhile
		err = nil
	}
	return wire.None{}, wire.KnownOrDatabase(err)
}

// endSession ends one token.
func endSession(ctx context.Context, tx *storage.Tx, token string) error {
	if !isSessionToken(token) {
		return tx.DeleteToken(ctx, token)
	}
	hash := tokenHash(token)
	return tx.DeleteSession(ctx, hash[:])
}
