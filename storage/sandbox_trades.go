package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A SandboxTrade is an attempt as the sandbox knows it, which is a channel of ours.
type SandboxTrade struct {
	AttemptID  string
	Amount     int64 // fen
	Subject    string
	ReturnURL  string
	ExpireTime int64  // Unix seconds
	Result     string // what its user chose, "" before that
}

// AddSandboxTrade makes an attempt known to the sandbox. [ErrConflict]: it is.
func (q *Queries) AddSandboxTrade(ctx context.Context, t SandboxTrade) error {
	return q.sql.Exec(ctx, "add sandbox trade", engine.SQL(`
		INSERT INTO sandbox_trades (attempt_id, amount, subject, return_url, expire_time) VALUES (?, ?, ?, ?, ?)`,
		t.AttemptID, t.Amount, t.Subject, t.ReturnURL, t.ExpireTime))
}

// SandboxTrade returns what the sandbox knows of an attempt. [ErrNotFound]: nothing.
func (q *Queries) SandboxTrade(ctx context.Context, attemptID string) (SandboxTrade, error) {
	var t SandboxTrade
	err := q.sql.Get(ctx, "sandbox trade", engine.SQL(
		`SELECT attempt_id, amount, subject, return_url, expire_time, result FROM sandbox_trades WHERE attempt_id = ?`, attemptID),
		&t.AttemptID, &t.Amount, &t.Subject, &t.ReturnURL, &t.ExpireTime, &t.Result)
	return t, err
}

// EndSandboxTrade gives a trade its result. [ErrNotFound]: it has one.
func (q *Queries) EndSandboxTrade(ctx context.Context, attemptID, result string) error {
	return q.sql.Change(ctx, "end sandbox trade", engine.SQL(
		`UPDATE sandbox_trades SET result = ? WHERE attempt_id = ? AND result = ''`, result, attemptID))
}
