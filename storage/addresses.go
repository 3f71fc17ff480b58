package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// An Address is where a user has goods sent. Of a user's addresses, if there are any,
// exactly one is the default.
type Address struct {
	AddressID int64
	UserID    string
	Name      string
	Phone     string
	Address   string
	IsDefault bool
}

// An AddressChange says what UpdateAddress sets: nil fields stay as they are.
type AddressChange struct{ Name, Phone, Address *string }

const addressColumns = "address_id, user_id, name, phone, address, is_default"

// fields are addressColumns.
func (a *Address) fields() []any {
	return []any{&a.AddressID, &a.UserID, &a.Name, &a.Phone, &a.Address, &a.IsDefault}
}

// AddressCount counts a user's addresses. In a transaction after [Tx.LockUser] it holds
// until the transaction's end.
func (q *Queries) AddressCount(ctx context.Context, userID string) (int64, error) {
	var count int64
	err := q.sql.Get(ctx, "address count", engine.SQL(`SELECT COUNT(*) FROM addresses WHERE user_id = ?`, userID), &count)
	return count, err
}

var addressesOfUser = engine.NewPagedList(addressColumns, "addresses WHERE user_id = ?", "address_id DESC")

// Addresses lists a user's addresses, the newest first; total counts all of them,
// whatever the page.
func (q *Queries) Addresses(ctx context.Context, userID string, page Page) (list []Address, total int64, err error) {
	return engine.CollectPage(ctx, q.sql, "addresses", addressesOfUser, []any{userID}, page, (*Address).fields)
}

// Address returns an address of a user. [ErrNotFound]: no such address, or another user's.
func (q *Queries) Address(ctx context.Context, id int64, userID string) (Address, error) {
	var a Address
	err := q.sql.Get(ctx, "address", engine.SQL(
		"SELECT "+addressColumns+" FROM addresses WHERE address_id = ? AND user_id = ?", id, userID), a.fields()...)
	return a, err
}

// DefaultAddress returns a user's default address. [ErrNotFound]: the user has none.
func (q *Queries) DefaultAddress(ctx context.Context, userID string) (Address, error) {
	var a Address
	err := q.sql.Get(ctx, "default address", engine.SQL(
		"SELECT "+addressColumns+" FROM addresses WHERE user_id = ? AND is_default = 1", userID), a.fields()...)
	return a, err
}

// InsertAddress adds an address, which is not the default one, and returns its id.
func (tx *Tx) InsertAddress(ctx context.Context, a Address) (id int64, err error) {
	return tx.sql.Insert(ctx, "insert address", engine.SQL(`
		INSERT INTO addresses (user_id, name, phone, address, is_default) VALUES (?, ?, ?, ?, 0)`,
		a.UserID, a.Name, a.Phone, a.Address))
}

// AddAddresses adds addresses with the ids that they have, of users who have none yet, all or
// none: exactly one of each is the default. [ErrConflict]: an id is taken.
func (tx *Tx) AddAddresses(ctx context.Context, addresses []Address) error {
	return engine.InsertRows(ctx, tx.sql, "add addresses", "addresses ("+addressColumns+")", addresses, (*Address).fields)
}

// UpdateAddress changes an address of the user. [ErrNotFound]: no such address, or
// another user's.
func (q *Queries) UpdateAddress(ctx context.Context, id int64, userID string, c AddressChange) error {
	return q.sql.Change(ctx, "update address", engine.SQL(`
		UPDATE addresses SET name = COALESCE(?, name), phone = COALESCE(?, phone), address = COALESCE(?, address)
		WHERE address_id = ? AND user_id = ?`, c.Name, c.Phone, c.Address, id, userID))
}

// DeleteAddress removes an address of the user, after [Tx.LockUser]. Where it was the
// default, the newest that is left takes over. [ErrNotFound]: no such address, or another
// user's.
func (tx *Tx) DeleteAddress(ctx context.Context, id int64, userID string) error {
	const operation = "delete address"
	var wasDefault bool
	err := tx.sql.Get(ctx, operation, engine.SQL(
		`SELECT is_default FROM addresses WHERE address_id = ? AND user_id = ?`, id, userID), &wasDefault)
	if err != nil {
		return err
	}
	if err := tx.sql.Exec(ctx, operation, engine.SQL(`DELETE FROM addresses WHERE address_id = ?`, id)); err != nil || !wasDefault {
		return err
	}
	var newest int64
	err = tx.sql.Get(ctx, operation, engine.SQL(
		`SELECT address_id FROM addresses WHERE user_id = ? ORDER BY address_id DESC LIMIT 1`, userID), &newest)
	if errors.Is(err, ErrNotFound) {
		return nil // it was the last one
	}
	if err != nil {
		return err
	}
	return tx.SetDefaultAddress(ctx, newest, userID)
}

// DeleteAddresses removes all addresses of a user.
func (tx *Tx) DeleteAddresses(ctx context.Context, userID string) error {
	return tx.sql.Exec(ctx, "delete addresses", engine.SQL(`DELETE FROM addresses WHERE user_id = ?`, userID))
}

// SetDefaultAddress makes an address of the user the default one in place of another,
// after [Tx.LockUser]. [ErrNotFound]: no such address, or another user's.
func (tx *Tx) SetDefaultAddress(ctx context.Context, id int64, userID string) error {
	const operation = "set default address"
	err := tx.sql.Change(ctx, operation, engine.SQL(
		`UPDATE addresses SET is_default = 1 WHERE address_id = ? AND user_id = ?`, id, userID))
	if err != nil {
		return err
	}
	return tx.sql.Exec(ctx, operation, engine.SQL(
		`UPDATE addresses SET is_default = 0 WHERE user_id = ? AND address_id <> ? AND is_default = 1`, userID, id))
}
