package storage

import (
	"context"

	"campusgate/storage/engine"
)

// opening is the row of what is in a wallet that is not empty.
func (u User) opening() LedgerRow {
	row := LedgerRow{
		Kind: LedgerOpening, Currency: CNY, From: OutsideAccount.name, To: UserAccount(u.ID).name,
		Amount: u.Wealth, ToBalance: &u.Wealth, CreatTime: u.OpenTime,
	}
	if u.Wealth < 0 { // as an account service may have left it
		row.From, row.To, row.Amount = row.To, row.From, -u.Wealth
		row.FromBalance, row.ToBalance = row.ToBalance, nil
	}
	return row
}

// openings are the rows of wallets that are not empty.
func openings(users []User) (rows []LedgerRow) {
	for _, u := range users {
		if u.Wealth != 0 {
			rows = append(rows, u.opening())
		}
	}
	return rows
}

// openLedger writes the opening rows of the wallets and beli that are older than the
// ledger, all or none, so that of several processes one does. Wallets that an account
// service makes or changes afterwards have a difference, which [DB.CheckLedger] tells.
func (db *DB) openLedger(ctx context.Context) error {
	return db.InTx(ctx, func(tx *Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		opened, err := tx.openedAccounts(ctx)
		if err != nil {
			return err
		}
		users, err := engine.Collect(ctx, tx.sql, "users to open", engine.SQL(`SELECT id, wealth FROM users`).Once(),
			func(u *User) []any { return []any{&u.ID, (*wealth)(&u.Wealth)} })
		if err != nil {
			return err
		}
		profiles, err := engine.Collect(ctx, tx.sql, "profiles to open", engine.SQL(`SELECT user_id, beli FROM profiles WHERE beli > 0`).Once(),
			func(p *Profile) []any { return []any{&p.UserID, &p.Beli} })
		if err != nil {
			return err
		}
		var rows []LedgerRow
		for _, u := range users {
			u.OpenTime = now
			if u.Wealth != 0 && !opened[currencyAccount{CNY, UserAccount(u.ID).name}] {
				rows = append(rows, u.opening())
			}
		}
		for _, p := range profiles {
			if account := UserAccount(p.UserID).name; !opened[currencyAccount{Beli, account}] {
				rows = append(rows, LedgerRow{
					Kind: LedgerOpening, Currency: Beli, From: PromotionAccount.name, To: account,
					Amount: p.Beli, ToBalance: &p.Beli, CreatTime: now,
				})
			}
		}
		return tx.insertLedger(ctx, rows)
	})
}

// A currencyAccount is an account in one currency.
type currencyAccount struct{ currency, account string }

// openedAccounts are those that have rows already: this ran before, and the process died
// before that was noted.
func (tx *Tx) openedAccounts(ctx context.Context) (map[currencyAccount]bool, error) {
	opened := map[currencyAccount]bool{}
	var currency, from, to string
	err := tx.sql.Each(ctx, "opened accounts", engine.SQL(`SELECT DISTINCT currency, account_from, account_to FROM ledger`).Once(),
		[]any{&currency, &from, &to}, func() {
			opened[currencyAccount{currency, from}], opened[currencyAccount{currency, to}] = true, true
		})
	return opened, err
}
