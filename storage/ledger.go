package storage

import (
	"context"
	"slices"
	"strings"

	"campusgate/storage/engine"
)

// The currencies of the ledger.
const (
	CNY  = "cny"  // amounts are fen
	Beli = "beli" // amounts are whole
)

// What a row of the ledger is: its kind.
const (
	LedgerOpening   = "opening"   // what was there when an account's rows began
	LedgerWelcome   = "welcome"   // beli of a new account
	LedgerGrant     = "grant"     // an admin's, to or from a wallet
	LedgerCredit    = "credit"    // an admin has changed a credit
	LedgerForfeit   = "forfeit"   // what a deleted account gave up
	LedgerPurchase  = "purchase"  // purchase/pay
	LedgerRecharge  = "recharge"  // a payment into a wallet
	LedgerPay       = "pay"       // a payment of an order
	LedgerBeli      = "beli"      // beli that an order has spent
	LedgerPromotion = "promotion" // what the market pays of an order, for coupons and beli
	LedgerDebt      = "debt"      // what an order takes from a credit
	LedgerRepay     = "repay"     // a payment of such a debt
	LedgerRefund    = "refund"    // back out of an order
	LedgerFee       = "fee"       // the market's part of an order
	LedgerSettle    = "settle"    // the seller's part of an order
	LedgerLate      = "late"      // money that came too late, and goes back
)

// An Account is where money is. Its escrow is the stored balance of an order's escrow.
type Account struct {
	name   string
	escrow *int64
}

// The accounts without a stored balance: theirs is the sum of their rows, so that no row
// is everybody's.
var (
	MarketAccount    = Account{name: "market"}    // the platform's own
	PromotionAccount = Account{name: "promotion"} // pays the market's coupons and beli
	OutsideAccount   = Account{name: "outside"}   // all that is not in the market
)

const (
	userPrefix      = "user:"
	creditPrefix    = "credit:"
	escrowPrefix    = "escrow:"
	channelPrefix   = "channel:"
	unclaimedPrefix = "unclaimed:"
)

// UserAccount is a user's: users.wealth in CNY, and in Beli the free and the held ones.
func UserAccount(userID string) Account { return Account{name: userPrefix + userID} }

// CreditAccount is a user's credit, in CNY: what an admin has given less what is owed.
func CreditAccount(userID string) Account { return Account{name: creditPrefix + userID} }

// EscrowAccount is what an order holds, in CNY. balance is that of the order, whose row
// the caller has locked and writes in the same transaction: [Tx.Move] changes it in
// memory alone.
func EscrowAccount(orderID string, balance *int64) Account {
	return Account{escrowPrefix + orderID, balance}
}

// ChannelAccount is a pay channel's, in CNY: what came by it is negative.
func ChannelAccount(channel string) Account { return Account{name: channelPrefix + channel} }

// UnclaimedAccount is what an attempt to pay has brought too late, in CNY.
func UnclaimedAccount(attemptID string) Account { return Account{name: unclaimedPrefix + attemptID} }

// String is the account as in the ledger.
func (a Account) String() string { return a.name }

// A LedgerRow is one movement of the ledger. It is never changed and never deleted.
type LedgerRow struct {
	LedgerID    int64
	Kind        string
	Currency    string // [CNY] or [Beli]
	From, To    string // accounts
	Amount      int64  // > 0
	OrderID     string // "" is none
	PayID       string // "" is none
	Note        string
	FromBalance *int64 // behind the row; nil where the account has none stored
	ToBalance   *int64
	CreatTime   int64
}

// writtenColumns are those of a row but for its id.
const writtenColumns = "kind, currency, account_from, account_to, amount, order_id, pay_id, note, from_balance, to_balance, creat_time"

// written are writtenColumns.
func (r *LedgerRow) written() []any {
	return []any{
		&r.Kind, &r.Currency, &r.From, &r.To, &r.Amount, &r.OrderID, &r.PayID, &r.Note, &r.FromBalance, &r.ToBalance, &r.CreatTime,
	}
}

// fields are ledger_id and writtenColumns.
func (r *LedgerRow) fields() []any { return append([]any{&r.LedgerID}, r.written()...) }

// insertLedger adds rows. One alone, as purchase/pay has it, is prepared.
func (tx *Tx) insertLedger(ctx context.Context, rows []LedgerRow) error {
	const operation, into = "insert ledger", "ledger (" + writtenColumns + ")"
	if len(rows) == 1 {
		return tx.sql.Exec(ctx, operation, engine.SQL(
			"INSERT INTO "+into+" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows[0].written()...))
	}
	return engine.InsertRows(ctx, tx.sql, operation, into, rows, (*LedgerRow).written)
}

// AddLedger adds rows with the balances that they have, of accounts that are made with what
// is behind their last rows: money that moves is [Tx.Move]'s.
func (tx *Tx) AddLedger(ctx context.Context, rows []LedgerRow) error {
	return tx.insertLedger(ctx, rows)
}

// LedgerAfter are the next rows of the ledger behind an id, by id.
func (q *Queries) LedgerAfter(ctx context.Context, after int64) ([]LedgerRow, error) {
	return engine.Collect(ctx, q.sql, "ledger after", engine.SQL(
		"SELECT ledger_id, "+writtenColumns+" FROM ledger WHERE ledger_id > ? ORDER BY ledger_id LIMIT ?", after, batchRows),
		(*LedgerRow).fields)
}

// What went from and came to an account, which is not [OutsideAccount]: SQLite's index leaves
// out what came to that.
const (
	fromAccount = "account_from = ?"
	toAccount   = "account_to = ? AND account_to <> 'outside'"
)

// accountRows are the rows of an account from and to it, of each at most a number of the
// newest: those of a page are among them.
func accountRows(condition string) (rows, count string) {
	const columns = "ledger_id, " + writtenColumns
	from, to := "ledger WHERE "+fromAccount+" AND currency = ?"+condition, "ledger WHERE "+toAccount+" AND currency = ?"+condition
	part := func(rows, name string) string {
		return "SELECT " + columns + " FROM (SELECT " + columns + " FROM " + rows + " ORDER BY ledger_id DESC LIMIT ?) " + name
	}
	return "SELECT " + columns + " FROM (" + part(from, "f") + " UNION ALL " + part(to, "t") + ") r ORDER BY ledger_id DESC",
		"SELECT (SELECT COUNT(*) FROM " + from + ") + (SELECT COUNT(*) FROM " + to + ")"
}

var (
	allOfAccount, countOfAccount = accountRows("")
	kindOfAccount, countOfKind   = accountRows(" AND kind = ?")
)

// AccountLedger lists the rows of an account in a currency, the newest first; total counts
// all of them, whatever the page, which has a limit. A kind other than "" lists those alone,
// of which there are few or most.
func (q *Queries) AccountLedger(ctx context.Context, account Account, currency, kind string, page Page) (rows []LedgerRow, total int64, err error) {
	const operation = "ledger of an account"
	list, count, args := allOfAccount, countOfAccount, []any{account.name, currency}
	if kind != "" {
		list, count, args = kindOfAccount, countOfKind, append(args, kind)
	}
	part := append(slices.Clone(args), page.Offset+page.Limit)
	rows, err = engine.Collect(ctx, q.sql, operation, engine.SQL(list, slices.Concat(part, part)...).Page(page), (*LedgerRow).fields)
	if err != nil {
		return nil, 0, err
	}
	err = q.sql.Get(ctx, operation, engine.SQL(count, slices.Concat(args, args)...), &total)
	return rows, total, err
}

// Seen is a row as an account sees it: what came, or, negative, what went, and the balance
// behind it.
func (r LedgerRow) Seen(account Account) (amount int64, balance *int64) {
	if r.From == account.name {
		return -r.Amount, r.FromBalance
	}
	return r.Amount, r.ToBalance
}

// A LedgerPlace is where a row stands among those of a user: in a part of them, by id.
type LedgerPlace struct {
	Part  int
	After int64
}

// A SeenRow is a row of the ledger as an account sees it: the user's wallet, or the credit.
type SeenRow struct {
	LedgerRow
	Account Account
	Credit  bool
}

// LedgerOf are a user's next rows behind a place, and that of the last: of the wallet, the
// beli and the credit, those that went and those that came, each by id. None are all.
func (q *Queries) LedgerOf(ctx context.Context, userID string, after LedgerPlace) ([]SeenRow, LedgerPlace, error) {
	wallet, credit := UserAccount(userID), CreditAccount(userID)
	parts := []struct {
		account         Account
		currency, where string
	}{
		{wallet, CNY, fromAccount},
		{wallet, CNY, toAccount},
		{wallet, Beli, fromAccount},
		{wallet, Beli, toAccount},
		{credit, CNY, fromAccount},
		{credit, CNY, toAccount},
	}
	for ; after.Part < len(parts); after = (LedgerPlace{Part: after.Part + 1}) {
		part := parts[after.Part]
		rows, err := engine.Collect(ctx, q.sql, "ledger of a user", engine.SQL("SELECT ledger_id, "+writtenColumns+" FROM ledger WHERE "+
			part.where+" AND currency = ? AND ledger_id > ? ORDER BY ledger_id LIMIT ?",
			part.account.name, part.currency, after.After, batchRows), (*LedgerRow).fields)
		if err != nil {
			return nil, after, err
		}
		if len(rows) > 0 {
			seen := make([]SeenRow, len(rows))
			for i, row := range rows {
				seen[i], after.After = SeenRow{row, part.account, part.account == credit}, row.LedgerID
			}
			return seen, after, nil
		}
	}
	return nil, after, nil
}

// userOf is the user of an account that begins so; false where it is another's.
func userOf(account, prefix string) (userID string, ok bool) {
	return strings.CutPrefix(account, prefix)
}
