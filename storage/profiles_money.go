package storage

import (
	"context"
	"errors"
	"fmt"

	"campusgate/storage/engine"
)

// CreditRemain is what is free of the credit, in fen.
func (p Profile) CreditRemain() int64 { return p.CreditAmount - p.CreditDebt - p.CreditHeld }

// setProfileMoney writes what Move has changed of a profile that is locked.
func (tx *Tx) setProfileMoney(ctx context.Context, p Profile) error {
	return tx.sql.Change(ctx, "set profile's money", engine.SQL(`
		UPDATE profiles SET beli = ?, beli_held = ?, credit_amount = ?, credit_held = ?, credit_debt = ? WHERE user_id = ?`,
		p.Beli, p.BeliHeld, p.CreditAmount, p.CreditHeld, p.CreditDebt, p.UserID))
}

// SetCreditTime notes when an admin has last changed an account's credit.
func (tx *Tx) SetCreditTime(ctx context.Context, userID string, now int64) error {
	return tx.sql.Change(ctx, "set credit time", engine.SQL(`UPDATE profiles SET credit_time = ? WHERE user_id = ?`, now, userID))
}

// HoldBeli keeps free beli of a user for an order. [ErrBalance]: there are too few.
func (tx *Tx) HoldBeli(ctx context.Context, userID string, beli int64) error {
	return tx.hold(ctx, "hold beli", beli, engine.SQL(`
		UPDATE profiles SET beli = beli - ?, beli_held = beli_held + ? WHERE user_id = ? AND beli >= ?`, beli, beli, userID, beli))
}

// FreeBeli is the opposite of HoldBeli. [ErrBalance]: so many are not held.
func (tx *Tx) FreeBeli(ctx context.Context, userID string, beli int64) error {
	return tx.hold(ctx, "free beli", beli, engine.SQL(`
		UPDATE profiles SET beli = beli + ?, beli_held = beli_held - ? WHERE user_id = ? AND beli_held >= ?`, beli, beli, userID, beli))
}

// HoldCredit keeps a part of a user's credit for an order. [ErrBalance]: less is free.
func (tx *Tx) HoldCredit(ctx context.Context, userID string, fen int64) error {
	return tx.hold(ctx, "hold credit", fen, engine.SQL(`
		UPDATE profiles SET credit_held = credit_held + ? WHERE user_id = ? AND credit_amount - credit_debt - credit_held >= ?`,
		fen, userID, fen))
}

// FreeCredit is the opposite of HoldCredit. [ErrBalance]: so much is not held.
func (tx *Tx) FreeCredit(ctx context.Context, userID string, fen int64) error {
	return tx.hold(ctx, "free credit", fen, engine.SQL(`
		UPDATE profiles SET credit_held = credit_held - ? WHERE user_id = ? AND credit_held >= ?`, fen, userID, fen))
}

// hold changes what is held by an amount, 0 being no change.
func (tx *Tx) hold(ctx context.Context, operation string, amount int64, s engine.Statement) error {
	if amount < 0 {
		return fmt.Errorf("%s: an amount of %d", operation, amount)
	}
	if amount == 0 {
		return nil
	}
	err := tx.sql.Change(ctx, operation, s)
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%s: %w", operation, ErrBalance)
	}
	return err
}
