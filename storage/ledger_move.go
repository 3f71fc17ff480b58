package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrBalance says that an account has less than what is to be taken from it.
var ErrBalance = errors.New("the balance is not enough")

// A Move moves an amount from one account to another.
type Move struct {
	Kind     string // [LedgerPay] or another of these
	Currency string // [CNY] or [Beli]
	From, To Account
	Amount   int64 // fen or whole beli; 0 moves nothing
	// Held says that From has held it before: [Tx.HoldBeli], [Tx.HoldCredit].
	Held           bool
	OrderID, PayID string
	Note           string
	Time           int64
}

// Move is the one way in which money moves: it changes the balances of accounts and adds
// the rows of the ledger, all or, with the transaction, nothing. Moves are made in their
// order. It locks profiles by the ids of their users, and then wallets. [ErrBalance]: an
// account has too little. [ErrNotFound]: a user does not exist.
//
// Between [OutsideAccount] and a credit moves what an admin gives or takes; whatever else
// leaves a credit is a debt, and what comes to it pays one back.
func (tx *Tx) Move(ctx context.Context, moves ...Move) error {
	moves = slices.DeleteFunc(slices.Clone(moves), func(m Move) bool { return m.Amount == 0 })
	if len(moves) == 0 {
		return nil
	}
	b, err := tx.lockBalances(ctx, moves)
	if err != nil {
		return err
	}
	rows := make([]LedgerRow, len(moves))
	for i, m := range moves {
		if rows[i], err = b.move(m); err != nil {
			return fmt.Errorf("move %s from %s to %s: %w", m.Kind, m.From, m.To, err)
		}
	}
	for _, p := range b.profiles {
		if err := tx.setProfileMoney(ctx, p); err != nil {
			return err
		}
	}
	for _, w := range b.wallets {
		if err := tx.SetWealth(ctx, w.userID, w.fen); err != nil {
			return err
		}
	}
	return tx.insertLedger(ctx, rows)
}

// balances are the stored ones of some accounts, locked. Each is by user, ascending.
type balances struct {
	profiles []Profile
	wallets  []walletBalance
}

type walletBalance struct {
	userID string
	fen    int64
}

// lockBalances locks what the moves change.
func (tx *Tx) lockBalances(ctx context.Context, moves []Move) (b balances, err error) {
	var ofProfiles, ofWallets []string
	for _, m := range moves {
		for _, account := range []Account{m.From, m.To} {
			if user, ok := userOf(account.name, creditPrefix); ok {
				ofProfiles = append(ofProfiles, user)
			}
			if user, ok := userOf(account.name, userPrefix); ok && m.Currency == Beli {
				ofProfiles = append(ofProfiles, user)
			} else if ok {
				ofWallets = append(ofWallets, user)
			}
		}
	}
	for _, user := range distinct(ofProfiles) {
		profile, err := tx.LockProfile(ctx, user, moves[0].Time)
		if err != nil {
			return balances{}, err
		}
		b.profiles = append(b.profiles, profile)
	}
	for _, user := range distinct(ofWallets) {
		fen, err := tx.LockWealth(ctx, user)
		if err != nil {
			return balances{}, err
		}
		b.wallets = append(b.wallets, walletBalance{user, fen})
	}
	return b, nil
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// move makes a move, and returns its row.
func (b balances) move(m Move) (LedgerRow, error) {
	if m.Amount < 0 || m.From.name == m.To.name {
		return LedgerRow{}, fmt.Errorf("an amount of %d, or an account to itself", m.Amount)
	}
	row := LedgerRow{
		Kind: m.Kind, Currency: m.Currency, From: m.From.name, To: m.To.name, Amount: m.Amount,
		OrderID: m.OrderID, PayID: m.PayID, Note: cut(m.Note, 1020), CreatTime: m.Time,
	}
	var err error
	if row.FromBalance, err = b.post(m, m.From, -m.Amount, m.To); err != nil {
		return LedgerRow{}, err
	}
	row.ToBalance, err = b.post(m, m.To, m.Amount, m.From)
	return row, err
}

// post adds a change to an account, and returns its balance then; nil where none is stored.
func (b balances) post(m Move, account Account, change int64, other Account) (*int64, error) {
	if account.escrow != nil && m.Currency == CNY {
		*account.escrow += change
		return enough(*account.escrow, *account.escrow)
	}
	if user, ok := userOf(account.name, userPrefix); ok && m.Currency == CNY {
		return b.wallet(user).post(change)
	} else if ok && m.Currency == Beli {
		return b.profile(user).postBeli(change, m.Held)
	}
	if user, ok := userOf(account.name, creditPrefix); ok && m.Currency == CNY {
		return b.profile(user).postCredit(change, m.Held, other == OutsideAccount)
	}
	if account.stored() || m.Currency != CNY && (m.Currency != Beli || account != PromotionAccount) {
		return nil, fmt.Errorf("%s has no %s", account, m.Currency)
	}
	return nil, nil
}

// stored reports whether the account has a stored balance.
func (a Account) stored() bool {
	for _, prefix := range []string{userPrefix, creditPrefix, escrowPrefix} {
		if _, ok := userOf(a.name, prefix); ok {
			return true
		}
	}
	return false
}

func (b balances) wallet(user string) *walletBalance {
	i, _ := slices.BinarySearchFunc(b.wallets, user, func(w walletBalance, user string) int { return cmp.Compare(w.userID, user) })
	return &b.wallets[i]
}

func (b balances) profile(user string) *Profile {
	i, _ := slices.BinarySearchFunc(b.profiles, user, func(p Profile, user string) int { return cmp.Compare(p.UserID, user) })
	return &b.profiles[i]
}

// post changes a wallet. What comes in is taken whatever there is: an account service may
// have left it below 0.
func (w *walletBalance) post(change int64) (*int64, error) {
	w.fen += change
	return enough(w.fen, max(w.fen, change))
}

func (p *Profile) postBeli(change int64, held bool) (*int64, error) {
	from := &p.Beli
	if held && change < 0 {
		from = &p.BeliHeld
	}
	*from += change
	return enough(p.Beli+p.BeliHeld, *from)
}

func (p *Profile) postCredit(change int64, held, given bool) (*int64, error) {
	if given {
		p.CreditAmount += change
	} else {
		p.CreditDebt -= change
	}
	if held && change < 0 {
		p.CreditHeld += change
	}
	return enough(p.CreditAmount-p.CreditDebt, min(p.CreditRemain(), p.CreditDebt, p.CreditHeld))
}

// enough is a new balance, and [ErrBalance] where what decides is below 0.
func enough(balance, decides int64) (*int64, error) {
	if decides < 0 {
		return nil, ErrBalance
	}
	return &balance, nil
}
