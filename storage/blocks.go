package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// Block has a user hear no more from another, or again: who is blocked says the same twice.
func (tx *Tx) Block(ctx context.Context, userID, blockedID string, blocked bool, now int64) error {
	const operation = "block"
	if !blocked {
		return tx.sql.Exec(ctx, operation, engine.SQL(`DELETE FROM blocks WHERE user_id = ? AND blocked_id = ?`, userID, blockedID))
	}
	err := tx.sql.Exec(ctx, operation, engine.SQL(
		`INSERT INTO blocks (user_id, blocked_id, creat_time) VALUES (?, ?, ?)`, userID, blockedID, now))
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// Blocked reports whether one of two users has blocked the other.
func (q *Queries) Blocked(ctx context.Context, userID, peerID string) (blocked bool, err error) {
	err = q.sql.Get(ctx, "blocked", engine.SQL(`
		SELECT EXISTS (SELECT 1 FROM blocks WHERE user_id = ? AND blocked_id = ?)
			OR EXISTS (SELECT 1 FROM blocks WHERE user_id = ? AND blocked_id = ?)`, userID, peerID, peerID, userID), &blocked)
	return blocked, err
}

// BlocksAfter are the next users whom a user has blocked, behind one, by id, and the last;
// none are all of them.
func (q *Queries) BlocksAfter(ctx context.Context, userID, after string) (blocked []string, last string, err error) {
	var id string
	err = q.sql.Each(ctx, "blocks after", engine.SQL(
		`SELECT blocked_id FROM blocks WHERE user_id = ? AND blocked_id > ? ORDER BY blocked_id LIMIT ?`, userID, after, batchRows),
		[]any{&id}, func() { blocked, last = append(blocked, id), id })
	return blocked, last, err
}
