package storage

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"campusgate/storage/engine"
)

// A Bearer is whom a token stands for.
type Bearer struct {
	UserID string
	Role   string // [RoleAdmin] or ""
	Frozen bool
}

// A Session is a token of an account of our own.
type Session struct {
	TokenHash []byte // SHA-256 of the token
	UserID    string
	CreatTime int64 // Unix seconds, as UsedTime
	UsedTime  int64
}

// SessionRules say when sessions end.
type SessionRules struct {
	Idle time.Duration // without use
	Life time.Duration // in any case
}

// over reports whether a session has ended at now, in Unix seconds.
func (r SessionRules) over(s Session, now int64) bool {
	return now-s.UsedTime >= int64(r.Idle/time.Second) || now-s.CreatTime >= int64(r.Life/time.Second)
}

// grain is how exactly the last use is kept: to write at each use would turn every read
// into a write.
func (r SessionRules) grain() int64 {
	return int64(min(10*time.Minute, r.Idle/100) / time.Second)
}

// SessionUser returns whom a token stands for, given as its SHA-256, and notes the use.
// [ErrNotFound]: there is no such session, or it has ended.
func (q *Queries) SessionUser(ctx context.Context, tokenHash []byte, rules SessionRules, now int64) (Bearer, error) {
	const operation = "user of session"
	var bearer Bearer
	var session Session
	var state int64
	err := q.sql.Get(ctx, operation, engine.SQL(`
		SELECT s.user_id, s.creat_time, s.used_time, p.role, p.state
		FROM sessions s JOIN profiles p ON p.user_id = s.user_id WHERE s.token_hash = ?`, tokenHash),
		&bearer.UserID, &session.CreatTime, &session.UsedTime, &bearer.Role, &state)
	switch {
	case err != nil:
		return Bearer{}, err
	case rules.over(session, now) || state >= ProfileDeleted:
		return Bearer{}, fmt.Errorf("%s: it has ended: %w", operation, ErrNotFound)
	}
	bearer.Frozen = state == ProfileFrozen
	if now-session.UsedTime > rules.grain() {
		err = q.sql.Exec(ctx, "note a session's use", engine.SQL(
			`UPDATE sessions SET used_time = ? WHERE token_hash = ? AND used_time < ?`, now, tokenHash, now))
	}
	return bearer, err
}

// LivingSessions are those of some sessions that have not ended, given as the SHA-256 of
// their tokens. It notes no use.
func (q *Queries) LivingSessions(ctx context.Context, tokenHashes [][]byte, rules SessionRules, now int64) (living map[string]bool, err error) {
	living = map[string]bool{}
	if len(tokenHashes) == 0 {
		return living, nil
	}
	var session Session
	var state int64
	asked, args := engine.Among("s.token_hash", tokenHashes)
	err = q.sql.Each(ctx, "living sessions", engine.SQL(
		"SELECT s.token_hash, s.creat_time, s.used_time, p.state FROM sessions s JOIN profiles p ON p.user_id = s.user_id WHERE "+asked, args...).Once(),
		[]any{&session.TokenHash, &session.CreatTime, &session.UsedTime, &state}, func() {
			living[string(session.TokenHash)] = !rules.over(session, now) && state < ProfileDeleted
		})
	return living, err
}

// InsertSession begins a session, and ends the oldest of the user's others so that at most
// limit are left. The user's profile is locked before.
func (tx *Tx) InsertSession(ctx context.Context, s Session, limit int) error {
	err := tx.sql.Exec(ctx, "insert session", engine.SQL(
		`INSERT INTO sessions (token_hash, user_id, creat_time, used_time) VALUES (?, ?, ?, ?)`,
		s.TokenHash, s.UserID, s.CreatTime, s.UsedTime))
	if err != nil {
		return err
	}
	sessions, err := tx.Sessions(ctx, s.UserID)
	if err != nil {
		return err
	}
	if len(sessions) > limit {
		tx.Push(s.UserID, nil)
	}
	others := slices.DeleteFunc(sessions, func(other Session) bool { return bytes.Equal(other.TokenHash, s.TokenHash) })
	for _, ended := range others[min(limit-1, len(others)):] {
		if err := tx.DeleteSession(ctx, ended.TokenHash); err != nil {
			return err
		}
	}
	return nil
}

// AddSessions adds sessions of users who have none, all or none. [ErrConflict]: a token is
// taken.
func (tx *Tx) AddSessions(ctx context.Context, sessions []Session) error {
	return engine.InsertRows(ctx, tx.sql, "add sessions", "sessions (token_hash, user_id, creat_time, used_time)", sessions,
		func(s *Session) []any { return []any{&s.TokenHash, &s.UserID, &s.CreatTime, &s.UsedTime} })
}

// Sessions are a user's, the newest first.
func (q *Queries) Sessions(ctx context.Context, userID string) ([]Session, error) {
	return engine.Collect(ctx, q.sql, "sessions", engine.SQL(`
		SELECT token_hash, user_id, creat_time, used_time FROM sessions
		WHERE user_id = ? ORDER BY creat_time DESC, used_time DESC, token_hash`, userID).Indexed(),
		func(s *Session) []any { return []any{&s.TokenHash, &s.UserID, &s.CreatTime, &s.UsedTime} })
}

// DeleteSession ends a session. [ErrNotFound]: there is none.
func (q *Queries) DeleteSession(ctx context.Context, tokenHash []byte) error {
	return q.sql.Change(ctx, "delete session", engine.SQL(`DELETE FROM sessions WHERE token_hash = ?`, tokenHash))
}

// DeleteSessions ends all sessions of a user but that of a token, given as its SHA-256;
// nil spares none.
func (tx *Tx) DeleteSessions(ctx context.Context, userID string, spared []byte) error {
	if spared == nil {
		spared = []byte{} // nothing is unequal to NULL
	}
	tx.Push(userID, nil)
	return tx.sql.Exec(ctx, "delete sessions", engine.SQL(
		`DELETE FROM sessions WHERE user_id = ? AND token_hash <> ?`, userID, spared))
}

// DeleteEndedSessions removes sessions that nobody has used for as long as the rules let
// them live. One that has ended by its age is used no more, and so becomes one of these.
func (q *Queries) DeleteEndedSessions(ctx context.Context, rules SessionRules, now int64) error {
	return q.sql.Exec(ctx, "delete ended sessions", engine.SQL(
		`DELETE FROM sessions WHERE used_time <= ?`, now-int64(rules.Idle/time.Second)))
}
