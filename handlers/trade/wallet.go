package trade

import (
	"context"
	"errors"
	"fmt"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// walletCalls are those of what a user has: money, beli, credit.
type walletCalls struct{ Deps }

// walletEndpoints are the calls of wallets.
func walletEndpoints(d Deps) []dispatch.Endpoint {
	wallet, path := walletCalls{d}, dispatch.Path{Pattern: "/wallet"}
	return []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.WithToken, "wallet", "info", "Show what you have", wallet.info),
		dispatch.Handle(path, dispatch.WithToken, "wallet", "list", "List what came and went", wallet.list),
		dispatch.Handle(path, giving, "wallet", "grant", "Give a user money or beli, or take some", wallet.grant),
	}
}

// The needs of an admin's call that moves money, and of one that looks.
var (
	giving  = dispatch.Need{Token: dispatch.TokenNeeded, Role: storage.RoleAdmin, Active: true, Once: week}
	looking = dispatch.Need{Token: dispatch.TokenNeeded, Role: storage.RoleAdmin, Active: true}
)

var walletUserNotExist = dispatch.Status{Number: 100, Text: "User not exist"}

// whose is the user whose wallet is asked for.
type whose struct {
	UserID string `json:"user_id" rule:"max=64 number=whole" doc:"for admins: another's, each look at which is a row of the audit; your own if absent, and for who is no admin"`
}

// user is whose the wallet is: the caller's own, or another's, of which an admin's look is
// written into the audit.
func (w walletCalls) user(ctx context.Context, call string, of whose) (string, error) {
	caller := dispatch.CallerFrom(ctx)
	switch {
	case of.UserID == "" || of.UserID == caller.User || caller.Role != storage.RoleAdmin:
		return caller.User, nil
	case caller.Frozen:
		return "", dispatch.Fail(dispatch.AccountFrozen, "")
	}
	_, err := w.DB.User(ctx, of.UserID)
	if errors.Is(err, storage.ErrNotFound) {
		return "", dispatch.Fail(walletUserNotExist, "user_id: no such account")
	}
	if err == nil {
		err = w.DB.InTx(ctx, func(tx *storage.Tx) error {
			return tx.AddAudit(ctx, storage.Audit{Time: w.Clock.Unix(), UserID: caller.User, Call: call, Target: "user " + of.UserID})
		})
	}
	return of.UserID, wire.KnownOrDatabase(err)
}

// ofAnother are the statuses of an admin who asks for another's wallet.
var ofAnother = []dispatch.Status{dispatch.AccountFrozen, walletUserNotExist}

type walletInfo struct{ whose }

type walletState struct {
	Balance       dispatch.Fen `json:"balance" doc:"yuan"`
	Beli          int64        `json:"beli" doc:"free ones, 10 to the yuan"`
	CreditAmount  dispatch.Fen `json:"credit_amount" doc:"what an admin has given"`
	CreditRemain  dispatch.Fen `json:"credit_remain" doc:"what of it is free"`
	IncomeWaiting dispatch.Fen `json:"income_waiting" doc:"what your sales hold that are not settled, before the market's fee"`
}

func (walletInfo) Reference() dispatch.Reference {
	return dispatch.Reference{Example: `{}`, Statuses: ofAnother}
}

func (w walletCalls) info(ctx context.Context, in walletInfo) (walletState, error) {
	id, err := w.user(ctx, "wallet/info", in.whose)
	if err != nil {
		return walletState{}, err
	}
	user, err := w.DB.User(ctx, id)
	if err != nil {
		return walletState{}, wire.DatabaseFailure(err)
	}
	profile, err := w.DB.Profile(ctx, id)
	if err != nil {
		return walletState{}, wire.DatabaseFailure(err)
	}
	waiting, err := w.DB.IncomeWaiting(ctx, id)
	if err != nil {
		return walletState{}, wire.DatabaseFailure(err)
	}
	return walletState{
		Balance: dispatch.Fen(user.Wealth), Beli: profile.Beli,
		CreditAmount: dispatch.Fen(profile.CreditAmount), CreditRemain: dispatch.Fen(profile.CreditRemain()),
		IncomeWaiting: dispatch.Fen(waiting),
	}, nil
}

// The currencies of wallet/list and wallet/grant; that of credits is yuan, of another account.
const creditCurrency = "credit"

type listWallet struct {
	Currency string `json:"currency" rule:"required oneof=cny|beli|credit" doc:"the wallet's money, beli, or the credit"`
	whose
	wire.ListPage
}

func (listWallet) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "What came and went, the newest first. What orders hold of beli and credit is no row yet. What an account service has changed in a wallet has none, so that balances may differ by it.",
		Example:  `{"currency": "cny"}`,
		Statuses: ofAnother,
	}
}

type walletRow struct {
	LedgerID  int64        `json:"ledger_id"`
	Kind      string       `json:"kind" doc:"opening, welcome, grant, credit, recharge, pay, beli, debt, repay, refund, settle, late, purchase or forfeit"`
	Amount    dispatch.Fen `json:"amount" doc:"yuan, or whole beli; negative: it went"`
	Balance   dispatch.Fen `json:"balance" doc:"behind the row; of beli with those that orders hold, of credit less what is owed"`
	OrderID   string       `json:"order_id" doc:"empty where it is about no order; a purchase_id in rows of the kind purchase"`
	PayID     string       `json:"pay_id" doc:"empty where it is about no payment"`
	Note      string       `json:"note"`
	CreatTime string       `json:"creat_time"`
}

func (w walletCalls) list(ctx context.Context, in listWallet) (list wire.List[walletRow], err error) {
	page, err := in.Rows()
	if err != nil {
		return list, err
	}
	user, err := w.user(ctx, "wallet/list", in.whose)
	if err != nil {
		return list, err
	}
	account, currency := storage.UserAccount(user), in.Currency
	if currency == creditCurrency {
		account, currency = storage.CreditAccount(user), storage.CNY
	}
	rows, total, err := w.DB.AccountLedger(ctx, account, currency, "", page)
	if err != nil {
		return list, wire.DatabaseFailure(err)
	}
	return wire.ListOf(rows, total, func(row storage.LedgerRow) walletRow { return w.row(row, account) }), nil
}

// row is a row of the ledger as one of its accounts sees it, which has a stored balance.
func (w walletCalls) row(row storage.LedgerRow, account storage.Account) walletRow {
	amount, balance := row.Seen(account)
	return walletRow{
		LedgerID: row.LedgerID, Kind: row.Kind, Amount: shown(amount, row.Currency), Balance: shown(*balance, row.Currency),
		OrderID: row.OrderID, PayID: row.PayID, Note: row.Note, CreatTime: w.Clock.Text(row.CreatTime),
	}
}

// shown is an amount of a currency as a number on the wire: whole beli have no decimals.
func shown(amount int64, currency string) dispatch.Fen {
	if currency == storage.Beli {
		amount *= 100
	}
	return dispatch.Fen(amount)
}

type grantWallet struct {
	UserID   string       `json:"user_id" rule:"required max=64 number=whole"`
	Currency string       `json:"currency" rule:"required oneof=cny|beli"`
	Amount   dispatch.Fen `json:"amount" rule:"required range=-999999.99..999999.99" doc:"yuan, or whole beli; negative: it is taken; not 0"`
	Note     string       `json:"note" rule:"max=200" doc:"why; the user reads it"`
}

func (grantWallet) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Money comes from outside, as when somebody pays at a counter, and goes there; beli come from the market's promotion. An admin's own wallet is -103.",
		Example:  `{"user_id": "1180310087", "currency": "beli", "amount": 50, "note": "活动奖励"}`,
		Statuses: []dispatch.Status{walletUserNotExist, balanceNotEnough, dispatch.ContentRefused},
	}
}

func (w walletCalls) grant(ctx context.Context, in grantWallet) (wire.None, error) {
	if err := w.wantGrant(ctx, in.UserID, "amount", in.Amount, in.Note); err != nil {
		return wire.None{}, err
	}
	giver, amount := storage.OutsideAccount, int64(in.Amount)
	if in.Currency == storage.Beli {
		if amount%100 != 0 {
			return wire.None{}, dispatch.Fail(dispatch.ValueError, "amount: must be whole beli")
		}
		giver, amount = storage.PromotionAccount, amount/100
	}
	return wire.Once(ctx, w.DB, w.Clock.Now(), func(tx *storage.Tx) (wire.None, error) {
		if err := lockGranted(ctx, tx, in.UserID, w.Clock.Unix(), walletUserNotExist); err != nil {
			return wire.None{}, err
		}
		err := tx.Move(ctx, signed(storage.Move{
			Kind: storage.LedgerGrant, Currency: in.Currency, From: giver, To: storage.UserAccount(in.UserID), Amount: amount, Note: in.Note, Time: w.Clock.Unix(),
		}))
		if errors.Is(err, storage.ErrBalance) {
			err = dispatch.Fail(balanceNotEnough, "amount: more than the user has")
		}
		if err != nil {
			return wire.None{}, err
		}
		return wire.None{}, w.tellGrant(ctx, tx, grant{
			call: "wallet/grant", user: in.UserID, change: fmt.Sprintf("%s %s", in.Currency, in.Amount), note: in.Note, title: "钱包变动",
			content: "管理员调整了您的" + map[string]string{storage.CNY: "余额：" + plus(in.Amount) + " 元。", storage.Beli: "贝里：" + plus(in.Amount) + "。"}[in.Currency],
		})
	})
}

// signed is a move of what may be a negative amount, which moves the other way.
func signed(m storage.Move) storage.Move {
	if m.Amount < 0 {
		m.From, m.To, m.Amount = m.To, m.From, -m.Amount
	}
	return m
}

// plus is an amount with its sign.
func plus(amount dispatch.Fen) string {
	if amount > 0 {
		return "+" + amount.String()
	}
	return amount.String()
}

// wantGrant fails where an admin must not give or take an amount, of the field named so.
func (d Deps) wantGrant(ctx context.Context, user, field string, amount dispatch.Fen, note string) error {
	switch {
	case user == dispatch.CallerFrom(ctx).User:
		return dispatch.Fail(dispatch.NoPermission, "user_id: another admin has to do this")
	case amount == 0:
		return dispatch.Fail(dispatch.ValueError, field+": must not be 0")
	}
	return d.Words.Check(words.Text{Key: "note", Value: note})
}

// lockGranted locks the profile of an account that is there and not deleted, else it fails
// with absent.
func lockGranted(ctx context.Context, tx *storage.Tx, user string, now int64, absent dispatch.Status) error {
	_, err := tx.User(ctx, user)
	var profile storage.Profile
	if err == nil {
		profile, err = tx.LockProfile(ctx, user, now)
	}
	if errors.Is(err, storage.ErrNotFound) || err == nil && profile.Deleted() {
		return dispatch.Fail(absent, "user_id: no such account")
	}
	return err
}

// A grant is what an admin has given a user or taken.
type grant struct {
	call, user, change, note string
	title, content           string // for the user
}

// tellGrant writes a grant down, and tells the user.
func (d Deps) tellGrant(ctx context.Context, tx *storage.Tx, g grant) error {
	now := d.Clock.Now()
	err := tx.AddAudit(ctx, storage.Audit{
		Time: now.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: g.call, Target: "user " + g.user, After: g.change + " " + g.note,
	})
	if err != nil {
		return err
	}
	if g.note != "" {
		g.content += "说明：" + g.note
	}
	return tx.AddNotice(ctx, storage.Notice{
		UserID: g.user, Key: fmt.Sprintf("%s %s %d", g.call, g.change, now.UnixNano()), Kind: "wallet",
		Title: g.title, Content: g.content, CreatTime: now.Unix(),
	})
}
