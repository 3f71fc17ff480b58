package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A RequestKey is what a client has named a call by, so that it may send it again.
type RequestKey struct {
	UserID, Call, Key string
}

// A KeptAnswer is that of a call with a [RequestKey].
type KeptAnswer struct {
	DataHash   []byte // SHA-256 of the request
	Answer     []byte // JSON
	ExpireTime int64
}

// TakeRequestKey takes a key for the transaction's effect. Another transaction that has
// taken it and is not over is waited for. [ErrConflict]: it is taken.
func (tx *Tx) TakeRequestKey(ctx context.Context, k RequestKey, dataHash []byte, expireTime int64) error {
	return tx.sql.Exec(ctx, "take request key", engine.SQL(`
		INSERT INTO request_keys (user_id, call_name, request_key, data_hash, answer, expire_time) VALUES (?, ?, ?, ?, ?, ?)`,
		k.UserID, k.Call, k.Key, dataHash, []byte{}, expireTime))
}

// KeepAnswer stores the answer under a key that the transaction has taken.
func (tx *Tx) KeepAnswer(ctx context.Context, k RequestKey, answer []byte) error {
	return tx.sql.Change(ctx, "keep answer", engine.SQL(
		`UPDATE request_keys SET answer = ? WHERE user_id = ? AND call_name = ? AND request_key = ?`,
		answer, k.UserID, k.Call, k.Key))
}

// KeptAnswer returns what is stored under a key. [ErrNotFound]: nothing is.
func (q *Queries) KeptAnswer(ctx context.Context, k RequestKey) (KeptAnswer, error) {
	var kept KeptAnswer
	err := q.sql.Get(ctx, "kept answer", engine.SQL(`
		SELECT data_hash, answer, expire_time FROM request_keys WHERE user_id = ? AND call_name = ? AND request_key = ?`,
		k.UserID, k.Call, k.Key), &kept.DataHash, &kept.Answer, &kept.ExpireTime)
	return kept, err
}

// FreeRequestKey frees a key that has expired at now; one that has not is left alone.
func (q *Queries) FreeRequestKey(ctx context.Context, k RequestKey, now int64) error {
	return q.sql.Exec(ctx, "free request key", engine.SQL(
		`DELETE FROM request_keys WHERE user_id = ? AND call_name = ? AND request_key = ? AND expire_time <= ?`,
		k.UserID, k.Call, k.Key, now))
}

// FreeRequestKeys frees all keys that have expired at now.
func (q *Queries) FreeRequestKeys(ctx context.Context, now int64) error {
	return q.sql.Exec(ctx, "free request keys", engine.SQL(`DELETE FROM request_keys WHERE expire_time <= ?`, now))
}
