package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A LiveTicket opens one WebSocket.
type LiveTicket struct {
	Hash       []byte // SHA-256 of the ticket
	UserID     string
	Token      string // by which it is known whether the token has ended
	ExpireTime int64  // Unix seconds
}

// InsertLiveTicket adds a ticket, and removes those that have expired at now.
func (q *Queries) InsertLiveTicket(ctx context.Context, t LiveTicket, now int64) error {
	return q.inTx(ctx, func(tx *Tx) error {
		err := tx.sql.Exec(ctx, "delete expired tickets", engine.SQL(`DELETE FROM live_tickets WHERE expire_time <= ?`, now))
		if err != nil {
			return err
		}
		return tx.sql.Exec(ctx, "insert ticket", engine.SQL(
			`INSERT INTO live_tickets (ticket_hash, user_id, token, expire_time) VALUES (?, ?, ?, ?)`, t.Hash, t.UserID, t.Token, t.ExpireTime))
	})
}

// TakeLiveTicket uses a ticket up: of several who try, one succeeds. [ErrNotFound]: there is
// none, or it has expired at now.
func (q *Queries) TakeLiveTicket(ctx context.Context, hash []byte, now int64) (t LiveTicket, err error) {
	err = q.inTx(ctx, func(tx *Tx) error {
		const operation = "take ticket"
		t = LiveTicket{Hash: hash}
		err := tx.sql.Get(ctx, operation, engine.SQL(
			`SELECT user_id, token, expire_time FROM live_tickets WHERE ticket_hash = ? AND expire_time > ?`, hash, now),
			&t.UserID, &t.Token, &t.ExpireTime)
		if err != nil {
			return err
		}
		return tx.sql.Change(ctx, operation, engine.SQL(`DELETE FROM live_tickets WHERE ticket_hash = ?`, hash))
	})
	return t, err
}
