package storage

import (
	"context"
	"errors"
	"fmt"

	"campusgate/storage/engine"
)

// ClaimPicture makes userID the owner of the picture name in source, such as
// "shop", if it has none; fresh says that it had none. [ErrConflict]: it is
// someone else's.
//
// byOwner says that the owner was known by a token. It is remembered for ever,
// and from then on a claim without it is ErrConflict: a portrait that an
// anonymous caller uploaded for a user can be replaced by that user, and not
// the other way round.
func (q *Queries) ClaimPicture(ctx context.Context, source, name, userID string, byOwner bool) (fresh bool, err error) {
	const operation = "claim picture"
	err = q.sql.Exec(ctx, operation, engine.SQL(`
		INSERT INTO pictures (source, name, user_id, by_owner, claims) VALUES (?, ?, ?, ?, 1)`,
		source, name, userID, byOwner))
	if !errors.Is(err, ErrConflict) {
		return err == nil, err
	}
	err = q.sql.Change(ctx, operation, engine.SQL(`
		UPDATE pictures SET by_owner = ?, claims = claims + 1
		WHERE source = ? AND name = ? AND user_id = ? AND by_owner <= ?`,
		byOwner, source, name, userID, byOwner))
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%s: %w", operation, ErrConflict)
	}
	return false, err
}

// ReleasePicture takes a fresh claim back when its upload has failed, unless
// the owner has claimed the picture again since.
func (q *Queries) ReleasePicture(ctx context.Context, source, name, userID string) error {
	return q.sql.Exec(ctx, "release picture", engine.SQL(`
		DELETE FROM pictures WHERE source = ? AND name = ? AND user_id = ? AND claims = 1`,
		source, name, userID))
}
