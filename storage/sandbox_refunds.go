package storage

import (
	"context"

	"campusgate/storage/engine"
)

// AddSandboxRefund gives money back in the sandbox. [ErrConflict]: the number is done.
func (tx *Tx) AddSandboxRefund(ctx context.Context, refundNo, attemptID string, amount int64) error {
	return tx.sql.Exec(ctx, "add sandbox refund", engine.SQL(
		`INSERT INTO sandbox_refunds (refund_no, attempt_id, amount) VALUES (?, ?, ?)`, refundNo, attemptID, amount))
}

// SandboxRefund is the amount of a refund. [ErrNotFound]: there is none.
func (q *Queries) SandboxRefund(ctx context.Context, refundNo string) (amount int64, err error) {
	err = q.sql.Get(ctx, "sandbox refund", engine.SQL(`SELECT amount FROM sandbox_refunds WHERE refund_no = ?`, refundNo), &amount)
	return amount, err
}

// SandboxRefunded is what was given back of an attempt.
func (q *Queries) SandboxRefunded(ctx context.Context, attemptID string) (amount int64, err error) {
	err = q.sql.Get(ctx, "sandbox refunded", engine.SQL(
		`SELECT COALESCE(SUM(amount), 0) FROM sandbox_refunds WHERE attempt_id = ?`, attemptID), &amount)
	return amount, err
}
