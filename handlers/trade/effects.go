package trade

import (
	"cmp"
	"context"
	"slices"
	"time"

	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// An effect is what a step does beside the order itself.
type effect uint8

const (
	nothing   effect = iota
	holds            // commit
	givesBack        // what commit has held
	charges          // pay
	opens            // what is paid, at once
	paysOut          // settle
	refunds          // a part or the whole
)

// effects are what each does, in words for the documentation: the code is below.
var effects = []struct {
	effect                              effect
	name                                string
	stock, records, beli, credit, money string
}{
	{holds, "holds", "held", "held", "held", "held", "–"},
	{givesBack, "gives back", "back", "back", "back", "back", "–"},
	{
		charges, "charges", "sold", "used", "spent", "debt, due credit_within later, at the end of that day",
		"payer → escrow; promotion → escrow what the market's coupons and beli pay; credit → escrow the debt",
	},
	{opens, "opens", "–", "–", "–", "–", "– (the buyer gets the days of the courses)"},
	{paysOut, "pays out", "–", "–", "–", "–", "escrow → market the fee; escrow → seller the rest (an admin's course: market)"},
	{
		refunds, "refunds", "back of the whole, unless it was shipped or finished and not returned", "back once all their orders are",
		"back in proportion", "the debt first", "escrow → where it was paid from, the latest first; escrow → promotion in proportion",
	},
}

// affectUsers changes what users have: money, beli and credit, and with them the escrow of
// the orders in memory.
func (d Deps) affectUsers(ctx context.Context, tx *storage.Tx, row *step, t taking, now int64) error {
	first := t.orders[0]
	var beli, debt int64
	for _, o := range t.orders {
		beli, debt = beli+o.BeliUsed, debt+o.CreditPrice
	}
	switch row.does {
	case holds:
		if err := tx.HoldBeli(ctx, first.UserID, beli); err != nil {
			return err
		}
		return tx.HoldCredit(ctx, first.UserID, debt)
	case givesBack:
		if err := tx.FreeBeli(ctx, first.UserID, beli); err != nil {
			return err
		}
		return tx.FreeCredit(ctx, first.UserID, debt)
	case charges:
		moves := t.moves
		for _, o := range t.orders {
			d.charge(o, t.method, now)
			moves = append(moves, chargeMoves(o, t.payer, now)...)
		}
		return tx.Move(ctx, moves...)
	case paysOut:
		moves := t.moves
		for _, o := range t.orders {
			moves = append(moves, d.payOutMoves(o, now)...)
		}
		return tx.Move(ctx, moves...)
	case nothing, opens, refunds:
	}
	return tx.Move(ctx, t.moves...)
}

// charge notes in an order that it is paid.
func (d Deps) charge(o *storage.Order, method string, now int64) {
	o.PayMethod, o.PayTime = method, now
	o.Promotion, o.Beli, o.Debt = o.PromotionPrice, o.BeliUsed, o.CreditPrice
	if o.Debt > 0 {
		o.DueTime = d.endOfDay(now + seconds(d.Settings.Periods.CreditWithin))
	}
}

// endOfDay is the last second of a time's day in the server's time zone.
func (d Deps) endOfDay(unix int64) int64 {
	year, month, day := time.Unix(unix, 0).In(d.Clock.Location).Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, d.Clock.Location).Unix() - 1
}

// orderMove is a move of an order's money or beli.
func orderMove(o *storage.Order, kind, currency string, from, to storage.Account, amount int64, now int64) storage.Move {
	return storage.Move{
		Kind: kind, Currency: currency, From: from, To: to, Amount: amount, OrderID: o.OrderID, PayID: o.PayID, Time: now,
	}
}

// escrowOf is the account of what an order holds.
func escrowOf(o *storage.Order) storage.Account { return storage.EscrowAccount(o.OrderID, &o.Escrow) }

// chargeMoves fill the escrow of an order: by the payer, by the market for its coupons and
// for beli, and from the buyer's credit.
func chargeMoves(o *storage.Order, payer storage.Account, now int64) []storage.Move {
	buyer, credit := storage.UserAccount(o.UserID), storage.CreditAccount(o.UserID)
	spent := orderMove(o, storage.LedgerBeli, storage.Beli, buyer, storage.PromotionAccount, o.BeliUsed, now)
	spent.Held = true
	debt := orderMove(o, storage.LedgerDebt, storage.CNY, credit, escrowOf(o), o.CreditPrice, now)
	debt.Held = true
	return []storage.Move{
		orderMove(o, storage.LedgerPay, storage.CNY, payer, escrowOf(o), o.PayPrice, now),
		spent,
		orderMove(o, storage.LedgerPromotion, storage.CNY, storage.PromotionAccount, escrowOf(o), o.PromotionPrice+o.BeliUsed*price.FenPerBeli, now),
		debt,
	}
}

// payOutMoves empty the escrow of an order: the fee, rounded down, goes to the market, and
// with a course of an admin all of it.
func (d Deps) payOutMoves(o *storage.Order, now int64) []storage.Move {
	fee := o.Escrow * d.Settings.FeePercent / 100
	to := storage.UserAccount(o.SellerID)
	if o.Course && o.ShopID == 0 {
		to = storage.MarketAccount
	}
	return []storage.Move{
		orderMove(o, storage.LedgerFee, storage.CNY, escrowOf(o), storage.MarketAccount, fee, now),
		orderMove(o, storage.LedgerSettle, storage.CNY, escrowOf(o), to, o.Escrow-fee, now),
	}
}

// affectRecords changes the records of coupons, which the orders of a payment share.
func (d Deps) affectRecords(ctx context.Context, tx *storage.Tx, row *step, t taking, now int64) error {
	var ids []int64
	for _, o := range t.orders {
		ids = append(ids, o.Records...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	first := t.orders[0]
	switch row.does {
	case holds:
		return tx.HoldRecords(ctx, first.UserID, ids, first.PayID, now)
	case givesBack:
		return tx.FreeRecords(ctx, ids, first.PayID)
	case charges:
		return tx.UseRecords(ctx, ids, first.PayID)
	case refunds:
		return freeRefunded(ctx, tx, first, now)
	case nothing, opens, paysOut:
	}
	return nil
}

// affectStock takes the pieces of new orders out of the stock, or puts back what a step
// gives back, and counts the orders of each product that are open.
func affectStock(ctx context.Context, tx *storage.Tx, row *step, t taking, was []storage.OrderState) error {
	if row.does == holds {
		for _, line := range byProduct(t.lines) {
			if err := tx.TakeStock(ctx, line.ProductID, line.Pieces, line.Price, line.StockHeld); err != nil {
				return err
			}
		}
		return nil
	}
	closed := map[string]bool{}
	var ids []string
	for i, o := range t.orders {
		closed[o.OrderID] = stateOf(o.State).closed && !stateOf(was[i]).closed
		if closed[o.OrderID] || t.back != nil {
			ids = append(ids, o.OrderID)
		}
	}
	lines, err := tx.OrderLines(ctx, ids...)
	if err != nil {
		return err
	}
	for _, line := range byProduct(lines) {
		var pieces, closes int64
		switch {
		case !line.StockHeld:
		case row.does == givesBack:
			pieces = line.Pieces
		case t.back != nil:
			pieces = t.back(line)
		}
		if closed[line.OrderID] {
			closes = 1
		}
		if pieces == 0 && closes == 0 {
			continue
		}
		if err := tx.GiveStock(ctx, line.ProductID, pieces, closes); err != nil {
			return err
		}
	}
	return nil
}

// byProduct are lines in the order in which products are locked.
func byProduct(lines []storage.OrderLine) []storage.OrderLine {
	return slices.SortedStableFunc(slices.Values(lines), func(a, b storage.OrderLine) int { return cmp.Compare(a.ProductID, b.ProductID) })
}
