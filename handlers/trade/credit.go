package trade

import (
	"cmp"
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// creditCalls are those of the credits that admins give (额度卡).
type creditCalls struct{ Deps }

// creditEndpoints are the calls of credits.
func creditEndpoints(d Deps) []dispatch.Endpoint {
	credit, path := creditCalls{d}, dispatch.Path{Pattern: "/credit"}
	return []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.WithToken, "credit", "info", "Show your credit", credit.info),
		dispatch.Handle(path, dispatch.WithToken, "credit", "list", "List your debts", credit.list),
		dispatch.Handle(path, giving, "credit", "set", "Raise or lower a user's credit", credit.set),
		dispatch.Handle(path, looking, "credit", "cards", "List the users' credits", credit.cards),
		dispatch.Handle(path, looking, "credit", "card", "Show a user's credit and its changes", credit.card),
	}
}

// The statuses that only these calls have.
var (
	creditAmountError  = dispatch.Status{Number: 104, Text: "Amount error"}
	creditUserNotExist = dispatch.Status{Number: 106, Text: "User not exist"}
)

type creditInfo struct{}

type creditState struct {
	CreditAmount dispatch.Fen `json:"credit_amount" doc:"what an admin has given"`
	CreditRemain dispatch.Fen `json:"credit_remain" doc:"what of it is free"`
	Debt         dispatch.Fen `json:"debt" doc:"all that is owed"`
	Overdue      dispatch.Fen `json:"overdue" doc:"what of it was due before now"`
	NextDue      string       `json:"next_due" doc:"when the first debt is or was due; empty without one"`
}

func (creditInfo) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "What orders that are not paid yet hold is neither free nor owed.", Example: `{}`}
}

func (c creditCalls) info(ctx context.Context, _ creditInfo) (creditState, error) {
	profile, err := c.DB.Profile(ctx, dispatch.CallerFrom(ctx).User)
	if err != nil {
		return creditState{}, wire.DatabaseFailure(err)
	}
	return c.state(ctx, &c.DB.Queries, profile)
}

func (c creditCalls) state(ctx context.Context, queries *storage.Queries, p storage.Profile) (creditState, error) {
	overdue, due, err := queries.OwedOf(ctx, p.UserID, c.Clock.Unix())
	if err != nil {
		return creditState{}, wire.DatabaseFailure(err)
	}
	state := creditState{
		CreditAmount: dispatch.Fen(p.CreditAmount), CreditRemain: dispatch.Fen(p.CreditRemain()),
		Debt: dispatch.Fen(p.CreditDebt), Overdue: dispatch.Fen(overdue),
	}
	if due != 0 {
		state.NextDue = c.Clock.Text(due)
	}
	return state, nil
}

type listDebts struct {
	Type string `json:"type" rule:"oneof=all|need_pay|over_time|has_pay" doc:"all if absent"`
	wire.ListPage
}

func (listDebts) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "What orders have taken from the credit, the latest due first. A refund takes off what is owed first. " +
			"The user is reminded by a notice, and by an SMS where the server sends such ones, three days before the day, on it, and every seven days from then on.",
		Example: `{"type": "need_pay"}`,
	}
}

type debtRow struct {
	OrderID string       `json:"order_id"`
	Debt    dispatch.Fen `json:"debt" doc:"what is owed now"`
	Paid    dispatch.Fen `json:"paid" doc:"what was paid back, or taken off by refunds"`
	DueTime string       `json:"due_time" doc:"the last second in which it is not overdue"`
	State   string       `json:"state" doc:"need_pay, over_time or has_pay"`
}

func (c creditCalls) list(ctx context.Context, in listDebts) (list wire.List[debtRow], err error) {
	page, err := in.Rows()
	if err != nil {
		return list, err
	}
	now := c.Clock.Unix()
	debts, total, err := c.DB.Debts(ctx, dispatch.CallerFrom(ctx).User, cmp.Or(in.Type, storage.DebtsAll), now, page)
	if err != nil {
		return list, wire.DatabaseFailure(err)
	}
	return wire.ListOf(debts, total, func(d storage.Debt) debtRow {
		row := debtRow{
			OrderID: d.OrderID, Debt: dispatch.Fen(d.Owed), Paid: dispatch.Fen(d.Price - d.Owed),
			DueTime: c.Clock.Text(d.DueTime), State: storage.DebtsOwed,
		}
		switch {
		case d.Owed == 0:
			row.State = storage.DebtsPaid
		case d.DueTime < now:
			row.State = storage.DebtsOverdue
		}
		return row
	}), nil
}

type setCredit struct {
	UserID    string       `json:"user_id" rule:"required max=64 number=whole"`
	IncAmount dispatch.Fen `json:"inc_amount" rule:"required range=-999999.99..999999.99" doc:"yuan; negative: the credit is lowered; not 0"`
	Note      string       `json:"note" rule:"max=200" doc:"why; the user reads it"`
}

func (setCredit) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "104 where less would be left than is owed and held by orders. An admin's own credit is -103.",
		Example:  `{"user_id": "1180310087", "inc_amount": 500, "note": "新生额度"}`,
		Statuses: []dispatch.Status{creditAmountError, creditUserNotExist, dispatch.ContentRefused},
	}
}

func (c creditCalls) set(ctx context.Context, in setCredit) (wire.None, error) {
	if err := c.wantGrant(ctx, in.UserID, "inc_amount", in.IncAmount, in.Note); err != nil {
		return wire.None{}, err
	}
	return wire.Once(ctx, c.DB, c.Clock.Now(), func(tx *storage.Tx) (wire.None, error) {
		now := c.Clock.Unix()
		if err := lockGranted(ctx, tx, in.UserID, now, creditUserNotExist); err != nil {
			return wire.None{}, err
		}
		err := tx.Move(ctx, signed(storage.Move{
			Kind: storage.LedgerCredit, Currency: storage.CNY, From: storage.OutsideAccount, To: storage.CreditAccount(in.UserID),
			Amount: int64(in.IncAmount), Note: in.Note, Time: now,
		}))
		if errors.Is(err, storage.ErrBalance) {
			err = dispatch.Fail(creditAmountError, "inc_amount: less would be left than is owed and held")
		}
		if err == nil {
			err = tx.SetCreditTime(ctx, in.UserID, now)
		}
		if err != nil {
			return wire.None{}, err
		}
		return wire.None{}, c.tellGrant(ctx, tx, grant{
			call: "credit/set", user: in.UserID, change: in.IncAmount.String(), note: in.Note,
			title: "额度变动", content: "管理员调整了您的额度：" + plus(in.IncAmount) + " 元。",
		})
	})
}

type listCards struct {
	UserName  string `json:"user_name" rule:"max=64" doc:"part of a name"`
	Phone     string `json:"phone" rule:"max=32" doc:"part of a phone"`
	TimeBegin string `json:"time_begin" rule:"datetime" doc:"of the last change"`
	TimeEnd   string `json:"time_end" rule:"datetime" doc:"the first second after it"`
	wire.ListPage
}

func (listCards) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "The credits that an admin has ever changed, the last change first. Every list is a row of the audit.",
		Example: `{"time_begin": "2019-11-01 00:00:00"}`,
	}
}

type creditCard struct {
	UserID       int64        `json:"user_id"`
	UserName     string       `json:"user_name"`
	Phone        string       `json:"phone" doc:"whole"`
	CreditAmount dispatch.Fen `json:"credit_amount"`
	CreditRemain dispatch.Fen `json:"credit_remain" doc:"less what orders hold and what is owed"`
	Debt         dispatch.Fen `json:"debt"`
	ChangeTime   string       `json:"change_time" doc:"of the amount"`
}

func (c creditCalls) cards(ctx context.Context, in listCards) (list wire.List[creditCard], err error) {
	page, err := in.Rows()
	if err != nil {
		return list, err
	}
	filter := storage.CreditFilter{Name: in.UserName, Phone: in.Phone}
	if filter.Begin, err = c.Clock.Parse("time_begin", in.TimeBegin, 0); err != nil {
		return list, err
	}
	if filter.End, err = c.Clock.Parse("time_end", in.TimeEnd, 0); err != nil {
		return list, err
	}
	err = c.DB.InTx(ctx, func(tx *storage.Tx) error {
		profiles, total, err := tx.Credits(ctx, filter, page)
		if err != nil {
			return err
		}
		list = wire.ListOf(profiles, total, c.row)
		return tx.AddAudit(ctx, storage.Audit{
			Time: c.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: "credit/cards", Target: wire.MaskedDigits("user_name " + in.UserName + ", phone " + in.Phone),
		})
	})
	return list, wire.KnownOrDatabase(err)
}

func (c creditCalls) row(p storage.Profile) creditCard {
	return creditCard{
		UserID: wire.UserNumber(p.UserID), UserName: p.Name, Phone: p.Phone, CreditAmount: dispatch.Fen(p.CreditAmount),
		CreditRemain: dispatch.Fen(p.CreditRemain()), Debt: dispatch.Fen(p.CreditDebt), ChangeTime: c.Clock.Text(p.CreditTime),
	}
}

type showCard struct {
	UserID string `json:"user_id" rule:"required max=64 number=whole"`
	wire.ListPage
}

func (showCard) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "`list` has every change that an admin has made, the newest first; who made it is in the audit.",
		Example:  `{"user_id": "1180310087"}`,
		Statuses: []dispatch.Status{creditUserNotExist},
	}
}

type shownCard struct {
	UserID   int64  `json:"user_id"`
	UserName string `json:"user_name"`
	creditState
	wire.List[creditChange]
}

type creditChange struct {
	LedgerID  int64        `json:"ledger_id"`
	IncAmount dispatch.Fen `json:"inc_amount"`
	Balance   dispatch.Fen `json:"balance" doc:"the amount behind the change, less what was owed"`
	Note      string       `json:"note"`
	CreatTime string       `json:"creat_time"`
}

func (c creditCalls) card(ctx context.Context, in showCard) (shownCard, error) {
	page, err := in.Rows()
	if err != nil {
		return shownCard{}, err
	}
	user, err := c.DB.User(ctx, in.UserID)
	var profile storage.Profile
	if err == nil {
		profile, err = c.DB.Profile(ctx, in.UserID)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && profile.Deleted():
		return shownCard{}, dispatch.Fail(creditUserNotExist, "user_id: no such account")
	case err != nil:
		return shownCard{}, wire.DatabaseFailure(err)
	}
	state, err := c.state(ctx, &c.DB.Queries, profile)
	if err != nil {
		return shownCard{}, err
	}
	account := storage.CreditAccount(in.UserID)
	rows, total, err := c.DB.AccountLedger(ctx, account, storage.CNY, storage.LedgerCredit, page)
	if err != nil {
		return shownCard{}, wire.DatabaseFailure(err)
	}
	return shownCard{wire.UserNumber(user.ID), user.Name, state, wire.ListOf(rows, total, func(row storage.LedgerRow) creditChange {
		amount, balance := row.Seen(account)
		return creditChange{row.LedgerID, dispatch.Fen(amount), dispatch.Fen(*balance), row.Note, c.Clock.Text(row.CreatTime)}
	})}, nil
}
