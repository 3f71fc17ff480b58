package storage

import (
	"context"

	"campusgate/storage/engine"
)

// InsertWelcome notes that an account with a phone, given as its keyed hash, gets the
// market's welcome. [ErrConflict]: one has got it before, which may be deleted by now.
func (tx *Tx) InsertWelcome(ctx context.Context, phoneHash []byte) error {
	return tx.sql.Exec(ctx, "insert welcome", engine.SQL(`INSERT INTO welcomes (phone_hash) VALUES (?)`, phoneHash))
}
