package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// OwnsPicture reports whether a named picture is a user's.
func (q *Queries) OwnsPicture(ctx context.Context, userID string, picture PictureName) (owns bool, err error) {
	err = q.sql.Get(ctx, "owns picture", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM pictures WHERE source = ? AND name = ? AND user_id = ?)`, picture.Source, picture.Name, userID), &owns)
	return owns, err
}

// LockPicture returns the owner of a named picture, which stays so until the transaction's
// end. [ErrNotFound]: it is nobody's.
func (tx *Tx) LockPicture(ctx context.Context, picture PictureName) (userID string, err error) {
	err = tx.sql.Get(ctx, "lock picture", engine.SQL(
		`SELECT user_id FROM pictures WHERE source = ? AND name = ?`+tx.sql.ForUpdate(), picture.Source, picture.Name), &userID)
	return userID, err
}

// A PictureName is a picture's key as the tables have it.
type PictureName struct{ Source, Name string }

// PortraitJob is the kind of the jobs that remove a user's portrait; the key is the user.
const PortraitJob = "portrait"

// PicturesAfter are a user's next named pictures behind one, by source and name, and the
// last of them; none are all of them.
func (q *Queries) PicturesAfter(ctx context.Context, userID string, after PictureName) ([]PictureName, PictureName, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "pictures after", engine.SQL(`
		SELECT source, name FROM pictures WHERE user_id = ? AND source >= ? AND (source > ? OR name > ?)
		ORDER BY source, name LIMIT ?`, userID, after.Source, after.Source, after.Name, batchRows),
		func(p *PictureName) []any { return []any{&p.Source, &p.Name} })
	if len(list) > 0 {
		last = list[len(list)-1]
	}
	return list, last, err
}

// removalsKept is how long a removal is told to replicas. One that cannot reach the
// database for as long has no calls to answer either.
const removalsKept = time.Hour

// RemovePicture takes a picture from its owner, if it has one, whose bytes are gone
// already, and tells the replicas; owned says that it had one.
func (q *Queries) RemovePicture(ctx context.Context, picture PictureName, now time.Time) (owned bool, err error) {
	const operation = "remove picture"
	err = q.inTx(ctx, func(tx *Tx) error {
		err := tx.sql.Change(ctx, operation, engine.SQL(
			`DELETE FROM pictures WHERE source = ? AND name = ?`, picture.Source, picture.Name))
		if owned = err == nil; err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		err = tx.sql.Exec(ctx, operation, engine.SQL(
			`DELETE FROM picture_removals WHERE removed_at < ?`, now.Add(-removalsKept).Unix()))
		if err != nil {
			return err
		}
		return tx.sql.Exec(ctx, operation, engine.SQL(
			`REPLACE INTO picture_removals (removed_at, source, name) VALUES (?, ?, ?)`, now.Unix(), picture.Source, picture.Name))
	})
	return owned, err
}

// RemovedPictures are those that were removed in the last hour.
func (q *Queries) RemovedPictures(ctx context.Context, now time.Time) (removed []PictureName, err error) {
	var picture PictureName
	err = q.sql.Each(ctx, "removed pictures", engine.SQL(
		`SELECT source, name FROM picture_removals WHERE removed_at >= ?`, now.Add(-removalsKept).Unix()),
		[]any{&picture.Source, &picture.Name}, func() { removed = append(removed, picture) })
	return removed, err
}
