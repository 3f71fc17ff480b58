package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// The states of an identity, as of [Profile].VerifyState.
const (
	IdentityWaiting = 1 + iota // for an admin's decision
	IdentityPassed
	IdentityRefused // may be replaced
)

// The sides of an identity card.
const (
	SideUp = iota
	SideDown
)

// An Identity is who a user says to be.
type Identity struct {
	UserID      string
	State       int64  // [IdentityWaiting], [IdentityPassed] or [IdentityRefused]
	Sealed      Sealed // name and code, for IdentityPlace; empty once erased
	IDHash      []byte // the code's keyed hash, at most 32 bytes
	Note        string // the admin's
	CreatTime   int64
	DecidedTime int64 // 0 while it waits
}

// The columns of what identifies a user.
var (
	identityColumn = sealedColumn{
		name:    "identities.sealed",
		keys:    `SELECT DISTINCT key_id FROM identities WHERE key_id <> 0`,
		ofKey:   `SELECT user_id, sealed FROM identities WHERE key_id = ? ORDER BY user_id LIMIT ?`,
		replace: `UPDATE identities SET sealed = ?, key_id = ? WHERE user_id = ?`,
	}
	pictureUpColumn = sealedColumn{
		name:    "identity_pictures.sealed, up",
		keys:    `SELECT DISTINCT key_id FROM identity_pictures WHERE side = 0`,
		ofKey:   `SELECT user_id, sealed FROM identity_pictures WHERE side = 0 AND key_id = ? ORDER BY user_id LIMIT ?`,
		replace: `UPDATE identity_pictures SET sealed = ?, key_id = ? WHERE side = 0 AND user_id = ?`,
	}
	pictureDownColumn = sealedColumn{
		name:    "identity_pictures.sealed, down",
		keys:    `SELECT DISTINCT key_id FROM identity_pictures WHERE side = 1`,
		ofKey:   `SELECT user_id, sealed FROM identity_pictures WHERE side = 1 AND key_id = ? ORDER BY user_id LIMIT ?`,
		replace: `UPDATE identity_pictures SET sealed = ?, key_id = ? WHERE side = 1 AND user_id = ?`,
	}
)

// IdentityPlace is where the sealed identity of a user belongs.
func IdentityPlace(userID string) SealedPlace { return identityColumn.place(userID) }

// IdentityPicturePlace is where a sealed picture of a user's card belongs.
func IdentityPicturePlace(userID string, side int) SealedPlace {
	if side == SideUp {
		return pictureUpColumn.place(userID)
	}
	return pictureDownColumn.place(userID)
}

// SaveIdentity stores an identity that waits for a decision, with the pictures of its
// card, up and down; one that was refused is replaced. [ErrConflict]: the user has one
// that waits or has passed.
func (q *Queries) SaveIdentity(ctx context.Context, i Identity, pictures [2]Sealed) error {
	const operation = "save identity"
	return q.inTx(ctx, func(tx *Tx) error {
		err := tx.sql.Change(ctx, operation, engine.SQL(`
			UPDATE identities SET state = ?, sealed = ?, key_id = ?, id_hash = ?, note = '', creat_time = ?, decided_time = 0
			WHERE user_id = ? AND state = ?`,
			IdentityWaiting, []byte(i.Sealed), i.Sealed.KeyID(), i.IDHash, i.CreatTime, i.UserID, IdentityRefused))
		if errors.Is(err, ErrNotFound) {
			err = tx.sql.Exec(ctx, operation, engine.SQL(`
				INSERT INTO identities (user_id, state, sealed, key_id, id_hash, note, creat_time, decided_time)
				VALUES (?, ?, ?, ?, ?, '', ?, 0)`,
				i.UserID, IdentityWaiting, []byte(i.Sealed), i.Sealed.KeyID(), i.IDHash, i.CreatTime))
		}
		if err != nil {
			return err
		}
		for side, picture := range pictures {
			err := tx.sql.Exec(ctx, operation, engine.SQL(
				`REPLACE INTO identity_pictures (user_id, side, key_id, sealed) VALUES (?, ?, ?, ?)`,
				i.UserID, side, picture.KeyID(), []byte(picture)))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Identity returns a user's identity. [ErrNotFound]: there is none.
func (q *Queries) Identity(ctx context.Context, userID string) (i Identity, err error) {
	err = q.sql.Get(ctx, "identity", engine.SQL(`
		SELECT user_id, state, sealed, id_hash, note, creat_time, decided_time FROM identities WHERE user_id = ?`, userID),
		&i.UserID, &i.State, (*[]byte)(&i.Sealed), &i.IDHash, &i.Note, &i.CreatTime, &i.DecidedTime)
	return i, err
}

// IdentityPicture returns the sealed picture of a side of a user's card. [ErrNotFound]:
// there is none, or none any more.
func (q *Queries) IdentityPicture(ctx context.Context, userID string, side int) (picture Sealed, err error) {
	err = q.sql.Get(ctx, "identity picture", engine.SQL(
		`SELECT sealed FROM identity_pictures WHERE user_id = ? AND side = ?`, userID, side), (*[]byte)(&picture))
	return picture, err
}

// DecideIdentity ends the wait of a user's identity with [IdentityPassed] or
// [IdentityRefused]. [ErrNotFound]: none of the user's waits.
func (q *Queries) DecideIdentity(ctx context.Context, userID string, state int64, note string, now int64) error {
	return q.sql.Change(ctx, "decide identity", engine.SQL(
		`UPDATE identities SET state = ?, note = ?, decided_time = ? WHERE user_id = ? AND state = ?`,
		state, note, now, userID, IdentityWaiting))
}

// PassedElsewhere reports whether the identity of a hash has passed for another user than
// this, one that is deleted as well. The identities of the hash stay as they are until the
// transaction's end: of two that are decided together, one sees the other.
func (tx *Tx) PassedElsewhere(ctx context.Context, idHash []byte, userID string) (passed bool, err error) {
	var other string
	var state int64
	err = tx.sql.Each(ctx, "passed elsewhere", engine.SQL(
		`SELECT user_id, state FROM identities WHERE id_hash = ? ORDER BY user_id`+tx.sql.ForUpdate(), idHash),
		[]any{&other, &state}, func() { passed = passed || other != userID && state == IdentityPassed })
	return passed, err
}

// DeleteIdentityPictures deletes the pictures of a user's card, if there are any.
func (q *Queries) DeleteIdentityPictures(ctx context.Context, userID string) error {
	return q.sql.Exec(ctx, "delete identity pictures", engine.SQL(`DELETE FROM identity_pictures WHERE user_id = ?`, userID))
}

// EraseIdentity deletes of a user's identity, if there is one, all but its state and its
// hash: by these one that has passed is still known.
func (q *Queries) EraseIdentity(ctx context.Context, userID string) error {
	return q.inTx(ctx, func(tx *Tx) error {
		err := tx.sql.Exec(ctx, "erase identity", engine.SQL(
			`UPDATE identities SET sealed = ?, key_id = 0, note = '' WHERE user_id = ?`, []byte{}, userID))
		if err != nil {
			return err
		}
		return tx.DeleteIdentityPictures(ctx, userID)
	})
}
