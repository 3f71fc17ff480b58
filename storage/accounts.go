package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"campusgate/storage/engine"
)

// A User is what this server knows of an account.
type User struct {
	ID     string // as the users table shows it
	Name   string // "" when NULL
	Wealth int64  // fen; 0 when NULL
	// OpenTime is that of the wallet's first row in the ledger, when the account is made here.
	OpenTime int64
}

// LivingTokens are those of some tokens of the account service that have not ended.
func (q *Queries) LivingTokens(ctx context.Context, tokens []string) (living map[string]bool, err error) {
	living = map[string]bool{}
	if len(tokens) == 0 {
		return living, nil
	}
	cast := "TEXT"
	if !q.sql.Embedded() {
		cast = "BINARY"
	}
	var token string
	var state int64
	asked, args := engine.Among("t.token", tokens)
	err = q.sql.Each(ctx, "living tokens", engine.SQL("SELECT t.token, COALESCE(p.state, 0) AS state FROM tokens t LEFT JOIN profiles p ON p.user_id = CAST(t.user_id AS "+
		cast+") WHERE "+asked, args...).Once(), []any{&token, &state}, func() { living[token] = state < ProfileDeleted })
	return living, err
}

// TokenUser returns whom a token of the account service stands for. [ErrNotFound]: there
// is no such token, byte for byte, or its account was deleted; "" is none, whatever the
// table holds. [ErrNoUser]: the
// token's user_id is NULL, empty or not in users.
func (q *Queries) TokenUser(ctx context.Context, token string) (Bearer, error) {
	const operation = "user of token"
	if token == "" {
		return Bearer{}, fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	var row struct { // one allocation
		token             string
		owner, user, role sql.NullString
		state             sql.NullInt64
	}
	// All tables at once, at half the cost. CAST takes the column's type away, and + that
	// of CAST: the id is compared as one that is bound as text.
	text := `
		SELECT t.token, t.user_id, p.role, p.state, u.id
		FROM tokens t LEFT JOIN profiles p ON p.user_id = CAST(t.user_id AS TEXT)
			LEFT JOIN users u ON u.id = +CAST(t.user_id AS TEXT)
		WHERE t.token = ?`
	dest := []any{&row.token, &row.owner, &row.role, &row.state, &row.user}
	if !q.sql.Embedded() {
		text, dest = `
			SELECT t.token, t.user_id, p.role, p.state
			FROM tokens t LEFT JOIN profiles p ON p.user_id = CAST(t.user_id AS BINARY)
			WHERE t.token = ?`, dest[:4]
	}
	var found Bearer
	known, exists := false, false
	err := q.sql.Each(ctx, operation, engine.SQL(text, token), dest, func() {
		if row.token == token { // what is equal only in a column's collation is not the same
			exists = row.user == row.owner || exists && found.UserID == row.owner.String
			known = row.state.Int64 < ProfileDeleted
			found = Bearer{row.owner.String, row.role.String, row.state.Int64 == ProfileFrozen}
		}
	})
	if err == nil && found.UserID != "" && !q.sql.Embedded() {
		exists, err = q.userExists(ctx, operation, found.UserID)
	}
	switch {
	case err != nil:
		return Bearer{}, err
	case !known:
		return Bearer{}, fmt.Errorf("%s: %w", operation, ErrNotFound)
	case found.UserID == "" || !exists:
		return Bearer{}, fmt.Errorf("%s: %w", operation, ErrNoUser)
	}
	return found, nil
}

// userExists reports whether an id in users is exactly id.
func (q *Queries) userExists(ctx context.Context, operation, id string) (exists bool, err error) {
	var stored string
	err = q.sql.Each(ctx, operation, engine.SQL(`SELECT id FROM users WHERE id = ?`, id),
		[]any{&stored}, func() { exists = exists || stored == id })
	return exists, err
}

// User returns an account, [ErrNotFound] if there is none.
func (q *Queries) User(ctx context.Context, id string) (User, error) {
	return q.user(ctx, "user", id, "")
}

// InsertUser adds an account row, for the embedded database and for tests:
// otherwise accounts are the account service's. What is in its wallet is an opening row of
// the ledger. [ErrConflict]: the id is taken.
// An id that the column's type would change, such as "012", is an error.
func (q *Queries) InsertUser(ctx context.Context, u User) error {
	const operation = "insert user"
	return q.inTx(ctx, func(tx *Tx) error {
		err := tx.sql.Exec(ctx, operation, engine.SQL(
			`INSERT INTO users (id, name, wealth) VALUES (?, ?, ?)`, u.ID, u.Name, wealth(u.Wealth)))
		if err != nil {
			return err
		}
		_, err = tx.user(ctx, operation, u.ID, "")
		if errors.Is(err, ErrNotFound) {
			err = fmt.Errorf("%s: the table cannot hold the id %q as it is", operation, u.ID)
		}
		if err != nil || u.Wealth == 0 {
			return err
		}
		return tx.insertLedger(ctx, []LedgerRow{u.opening()})
	})
}

// InsertToken lets token stand for the user. [ErrConflict]: it is in use.
func (q *Queries) InsertToken(ctx context.Context, token, userID string) error {
	return q.sql.Exec(ctx, "insert token", engine.SQL(`INSERT INTO tokens (token, user_id) VALUES (?, ?)`, token, userID))
}

// A Token lets its bearer be a user.
type Token struct{ Token, UserID string }

// AddUsers adds account rows, all or none, with the opening rows of their wallets.
// [ErrConflict]: an id is taken. The ids are numbers, as a column of any type holds them.
func (q *Queries) AddUsers(ctx context.Context, users []User) error {
	return q.inTx(ctx, func(tx *Tx) error {
		err := engine.InsertRows(ctx, tx.sql, "add users", "users (id, name, wealth)", users,
			func(u *User) []any { return []any{&u.ID, &u.Name, wealth(u.Wealth)} })
		if err != nil {
			return err
		}
		return tx.insertLedger(ctx, openings(users))
	})
}

// AddTokens adds tokens, all or none. [ErrConflict]: one is in use.
func (q *Queries) AddTokens(ctx context.Context, tokens []Token) error {
	return q.inTx(ctx, func(tx *Tx) error {
		return engine.InsertRows(ctx, tx.sql, "add tokens", "tokens (token, user_id)", tokens,
			func(t *Token) []any { return []any{&t.Token, &t.UserID} })
	})
}

// UserOrigins returns the origins of all accounts by their ids.
func (q *Queries) UserOrigins(ctx context.Context) (map[string]Origin, error) {
	return q.origins(ctx, "origins of users", "SELECT id, '' AS owner, 0 AS added, '' AS name FROM users")
}

// TokenOrigins returns the origins of all tokens.
func (q *Queries) TokenOrigins(ctx context.Context) (map[string]Origin, error) {
	return q.origins(ctx, "origins of tokens", "SELECT token, COALESCE(user_id, '') AS owner, 0 AS added, '' AS name FROM tokens")
}

// Tokens returns all tokens of a user whose id is exactly userID, sorted.
func (q *Queries) Tokens(ctx context.Context, userID string) ([]string, error) {
	var token, owner string
	tokens := []string{}
	err := q.sql.Each(ctx, "tokens", engine.SQL(`SELECT token, user_id FROM tokens WHERE user_id = ? ORDER BY token`, userID),
		[]any{&token, &owner}, func() {
			if owner == userID { // as in user
				tokens = append(tokens, token)
			}
		})
	return tokens, err
}

// DeleteToken lets a token stand for nobody. [ErrNotFound]: there is no such token,
// byte for byte.
func (q *Queries) DeleteToken(ctx context.Context, token string) error {
	return q.sql.Change(ctx, "delete token", engine.SQL(
		`DELETE FROM tokens WHERE token = ? AND HEX(token) = ?`, token, fmt.Sprintf("%X", token)))
}

// DeleteTokens lets all tokens of a user whose id is exactly userID, but the one spared,
// stand for nobody; "" spares none.
func (tx *Tx) DeleteTokens(ctx context.Context, userID, spared string) error {
	tokens, err := tx.Tokens(ctx, userID)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		if token == spared {
			continue
		}
		if err := tx.DeleteToken(ctx, token); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// RenameUser changes an account's name. [ErrNotFound]: there is no such account.
func (tx *Tx) RenameUser(ctx context.Context, userID, name string) error {
	return tx.sql.Change(ctx, "rename user", engine.SQL(
		`UPDATE users SET name = ? WHERE id = ? AND CAST(id AS CHAR) = ?`, name, userID, userID))
}

// EraseUser puts a name in place of a user's, and takes out of users what leads to its
// owner, as far as the table has such columns: our own migration makes some, which an
// account service may have filled.
func (tx *Tx) EraseUser(ctx context.Context, userID, name string) error {
	columns, err := tx.sql.Columns(ctx, "users")
	if err != nil {
		return err
	}
	erase := engine.SQL("UPDATE users SET name = ?", name)
	for _, column := range []string{"phone", "nickname", "email"} {
		switch nullable, there := columns[column]; {
		case nullable:
			erase = erase.Then(", " + column + " = NULL")
		case there:
			erase = erase.Then(", " + column + " = ''")
		}
	}
	return tx.sql.Change(ctx, "erase user", erase.Then(" WHERE id = ? AND CAST(id AS CHAR) = ?", userID, userID).Once())
}

// Empty reports whether the database holds nothing yet: no account, token, notice
// or shop.
func (q *Queries) Empty(ctx context.Context) (bool, error) {
	var empty bool
	err := q.sql.Get(ctx, "empty", engine.SQL(`
		SELECT NOT EXISTS (SELECT 1 FROM users) AND NOT EXISTS (SELECT 1 FROM tokens)
			AND NOT EXISTS (SELECT 1 FROM properties) AND NOT EXISTS (SELECT 1 FROM shops)`), &empty)
	return empty, err
}

// LockUser keeps other transactions that lock the user out until this one
// ends, so that what it counts of the user's is still so when it inserts.
// [ErrNotFound]: no such user.
func (tx *Tx) LockUser(ctx context.Context, userID string) error {
	_, err := tx.user(ctx, "lock user", userID, tx.sql.ForUpdate())
	return err
}

// LockWealth returns the user's money in fen, which stays so until SetWealth or
// the transaction's end. [ErrNotFound]: no such user.
func (tx *Tx) LockWealth(ctx context.Context, userID string) (fen int64, err error) {
	u, err := tx.user(ctx, "lock wealth", userID, tx.sql.ForUpdate())
	return u.Wealth, err
}

// SetWealth sets the user's money, which LockWealth has returned in the same
// transaction. [ErrNotFound]: no such user.
func (tx *Tx) SetWealth(ctx context.Context, userID string, fen int64) error {
	return tx.sql.Change(ctx, "set wealth", engine.SQL(
		`UPDATE users SET wealth = ? WHERE id = ? AND CAST(id AS CHAR) = ?`, wealth(fen), userID, userID))
}

// user returns the user whose id is exactly id, ErrNotFound if there is none; ""
// is nobody's.
func (q *Queries) user(ctx context.Context, operation, id, lock string) (User, error) {
	var row, found User
	err := q.sql.Each(ctx, operation, engine.SQL(`SELECT id, COALESCE(name, '') AS name, wealth FROM users WHERE id = ?`+lock, id),
		[]any{&row.ID, &row.Name, (*wealth)(&row.Wealth)}, func() {
			if row.ID == id { // a number column takes "012" for 12, a collation "A1" for "a1"
				found = row
			}
		})
	if err == nil && found.ID == "" {
		err = fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	return found, err
}

// CheckUserIDs fails where users cannot hold the ids of accounts of our own, which are
// longer than an INT: an account service may have made the table.
func (q *Queries) CheckUserIDs(ctx context.Context) error {
	if q.sql.Embedded() {
		return nil
	}
	var kind string
	err := q.sql.Get(ctx, "type of users.id", engine.SQL(`
		SELECT LOWER(data_type) FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = 'users' AND column_name = 'id'`).Once(), &kind)
	if err == nil && strings.HasSuffix(kind, "int") && kind != "bigint" {
		err = fmt.Errorf("users.id is of the type %s, which cannot hold ids of 12 digits: it must be bigint or text", kind)
	}
	return err
}

// shopOwner returns the condition that joins users u to shops s. It is asked once,
// when the database is opened.
//
// It joins by users.id's own type and collation, else its index would be of no use, and
// then compares bytes: a number is equal to "012", and a collation takes "A1" for "a1".
func shopOwner(ctx context.Context, q engine.Queries) (condition string, err error) {
	if q.Embedded() {
		return "u.id = s.user_id", nil
	}
	var kind, charset, collation string
	err = q.Get(ctx, "type of users.id", engine.SQL(`
		SELECT data_type, COALESCE(character_set_name, ''), COALESCE(collation_name, '')
		FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = 'users' AND column_name = 'id'`).Once(),
		&kind, &charset, &collation)
	if errors.Is(err, ErrNotFound) {
		kind, err = "bigint", nil // as our migration will make it
	}
	exactly := "CAST(CAST(u.id AS CHAR) AS BINARY) = s.user_id"
	switch {
	case err != nil:
		return "", err
	case strings.HasSuffix(strings.ToLower(kind), "int"):
		return "u.id = CAST(s.user_id AS SIGNED) AND " + exactly, nil
	case collation != "":
		return fmt.Sprintf("u.id = CONVERT(s.user_id USING %s) COLLATE %s AND %s", charset, collation, exactly), nil
	case strings.HasSuffix(strings.ToLower(kind), "binary"):
		return "u.id = s.user_id", nil
	default:
		return exactly, nil
	}
}
