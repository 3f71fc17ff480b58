package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A User is what this server knows of an account.
type User struct {
	ID     string // as the users table shows it
	Name   string // "" when NULL
	Wealth int64  // fen; 0 when NULL
}

// TokenUser returns the id of the token's user. [ErrNotFound]: there is no such
// token, byte for byte; "" is none, whatever the table holds. [ErrNoUser]: the
// token's user_id is NULL, empty or not in users.
func (q *Queries) TokenUser(ctx context.Context, token string) (userID string, err error) {
	const operation = "user of token"
	if token == "" {
		return "", q.wrap(operation, sql.ErrNoRows)
	}
	var stored string
	var owner, user sql.NullString
	text, dest := `SELECT token, user_id FROM tokens WHERE token = ?`, []any{&stored, &owner}
	if q.dialect.embedded {
		// Both tables at once, at half the cost. CAST takes the column's type away, and
		// + that of CAST: the id is compared as one that is bound as text.
		text = `SELECT t.token, t.user_id, u.id FROM tokens t LEFT JOIN users u ON u.id = +CAST(t.user_id AS TEXT) WHERE t.token = ?`
		dest = append(dest, &user)
	}
	known, exists := false, false
	err = q.each(ctx, operation, text, []any{token}, dest, func() {
		if stored == token { // what is equal only in a column's collation is not the same
			exists = user == owner || exists && userID == owner.String
			known, userID = true, owner.String
		}
	})
	if err == nil && userID != "" && !q.dialect.embedded {
		exists, err = q.userExists(ctx, operation, userID)
	}
	switch {
	case err != nil:
		return "", err
	case !known:
		return "", q.wrap(operation, sql.ErrNoRows)
	case userID == "" || !exists:
		return "", fmt.Errorf("%s: %w", operation, ErrNoUser)
	}
	return userID, nil
}

// userExists tells whether an id in users is exactly id.
func (q *Queries) userExists(ctx context.Context, operation, id string) (exists bool, err error) {
	var stored string
	err = q.each(ctx, operation, `SELECT id FROM users WHERE id = ?`,
		[]any{id}, []any{&stored}, func() { exists = exists || stored == id })
	return exists, err
}

// User returns an account, [ErrNotFound] if there is none.
func (q *Queries) User(ctx context.Context, id string) (User, error) {
	return q.user(ctx, "user", id, "")
}

// InsertUser adds an account row, for the embedded database and for tests:
// otherwise accounts are the account service's. [ErrConflict]: the id is taken.
// An id that the column's type would change, such as "012", is an error.
func (q *Queries) InsertUser(ctx context.Context, u User) error {
	const operation = "insert user"
	return q.inTx(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, operation,
			`INSERT INTO users (id, name, wealth) VALUES (?, ?, ?)`, u.ID, u.Name, wealth(u.Wealth))
		if err != nil {
			return err
		}
		_, err = tx.user(ctx, operation, u.ID, "")
		if errors.Is(err, ErrNotFound) {
			err = fmt.Errorf("%s: the table cannot hold the id %q as it is", operation, u.ID)
		}
		return err
	})
}

// InsertToken lets token stand for the user. [ErrConflict]: it is in use.
func (q *Queries) InsertToken(ctx context.Context, token, userID string) error {
	_, err := q.exec(ctx, "insert token", `INSERT INTO tokens (token, user_id) VALUES (?, ?)`, token, userID)
	return err
}

// Tokens returns all tokens of a user, sorted.
func (q *Queries) Tokens(ctx context.Context, userID string) ([]string, error) {
	var token string
	tokens := []string{}
	asked := query{text: `SELECT token FROM tokens WHERE user_id = ? ORDER BY token`}
	err := q.scan(ctx, "tokens", asked, []any{userID}, []any{&token}, func() { tokens = append(tokens, token) })
	return tokens, err
}

// Empty tells whether the database holds nothing yet: no account, token, notice
// or shop.
func (q *Queries) Empty(ctx context.Context) (bool, error) {
	var empty bool
	err := q.get(ctx, "empty", &empty, `
		SELECT NOT EXISTS (SELECT 1 FROM users) AND NOT EXISTS (SELECT 1 FROM tokens)
			AND NOT EXISTS (SELECT 1 FROM properties) AND NOT EXISTS (SELECT 1 FROM shops)`)
	return empty, err
}

// LockUser keeps other transactions that lock the user out until this one
// ends, so that what it counts of the user's is still so when it inserts.
// [ErrNotFound]: no such user.
func (tx *Tx) LockUser(ctx context.Context, userID string) error {
	_, err := tx.user(ctx, "lock user", userID, tx.dialect.forUpdate)
	return err
}

// LockWealth returns the user's money in fen, which stays so until SetWealth or
// the transaction's end. [ErrNotFound]: no such user.
func (tx *Tx) LockWealth(ctx context.Context, userID string) (fen int64, err error) {
	u, err := tx.user(ctx, "lock wealth", userID, tx.dialect.forUpdate)
	return u.Wealth, err
}

// SetWealth sets the user's money, which LockWealth has returned in the same
// transaction. [ErrNotFound]: no such user.
func (tx *Tx) SetWealth(ctx context.Context, userID string, fen int64) error {
	return tx.change(ctx, "set wealth",
		`UPDATE users SET wealth = ? WHERE id = ? AND CAST(id AS CHAR) = ?`, wealth(fen), userID, userID)
}

// user returns the user whose id is exactly id, ErrNotFound if there is none; ""
// is nobody's.
func (q *Queries) user(ctx context.Context, operation, id, lock string) (User, error) {
	var row, found User
	err := q.each(ctx, operation, `SELECT id, COALESCE(name, '') AS name, wealth FROM users WHERE id = ?`+lock,
		[]any{id}, []any{&row.ID, &row.Name, (*wealth)(&row.Wealth)}, func() {
			if row.ID == id { // a number column takes "012" for 12, a collation "A1" for "a1"
				found = row
			}
		})
	if err == nil && found.ID == "" {
		err = q.wrap(operation, sql.ErrNoRows)
	}
	return found, err
}
