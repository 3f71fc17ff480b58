package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"campusgate/storage/engine"
)

// A LedgerReport is what [DB.CheckLedger] has found.
type LedgerReport struct {
	Checks []LedgerCheck
	// External is by how much wallets differ from their rows, in fen: an account service
	// may change users.wealth. It is told and never repaired.
	External int64
}

// Off are the lines that say what is wrong, none where all is well.
func (r LedgerReport) Off() (lines []string) {
	for _, check := range r.Checks {
		for _, line := range check.Off {
			lines = append(lines, check.Name+": "+line)
		}
	}
	return lines
}

// A LedgerCheck is one thing that was looked at.
type LedgerCheck struct {
	Name    string
	Figures string // what was compared
	Off     []string
}

func (c *LedgerCheck) off(format string, args ...any) {
	c.Off = append(c.Off, fmt.Sprintf(format, args...))
}

// CheckLedger proves that the balances are what the ledger says, as all of it was at one
// moment, whatever others write meanwhile. It reads every row, and keeps in memory what
// the accounts have that are not empty, and the open orders.
func (db *DB) CheckLedger(ctx context.Context) (report LedgerReport, err error) {
	err = db.sql.InSnapshot(ctx, func(inside engine.Queries) error {
		q := db.Queries
		q.sql = inside
		report, err = q.checkLedger(ctx)
		return err
	})
	return report, err
}

func (q *Queries) checkLedger(ctx context.Context) (report LedgerReport, err error) {
	rows, checked, err := q.checkRows(ctx)
	if err != nil {
		return report, err
	}
	wallets, external, err := q.checkWallets(ctx, rows.sums)
	if err != nil {
		return report, err
	}
	orders, err := q.checkOrders(ctx, rows)
	if err != nil {
		return report, err
	}
	beli, credits, err := q.checkProfiles(ctx, rows, orders.users)
	if err != nil {
		return report, err
	}
	records, err := q.checkRecords(ctx, orders)
	if err != nil {
		return report, err
	}
	stock, err := q.checkStock(ctx)
	if err != nil {
		return report, err
	}
	days, err := q.checkDays(ctx, rows.days)
	return LedgerReport{
		[]LedgerCheck{checked, wallets, beli, credits, orders.orders, orders.clocks, records, stock, checkUnclaimed(rows.sums), days}, external,
	}, err
}

// ledgerRows is what the rows of the ledger add up to.
type ledgerRows struct {
	sums     ledgerSums
	refunded map[string]int64 // what orders gave back of what their buyers gave
	days     dayFigures
}

// ledgerSums are the sums of accounts by their rows, but for those that are 0, as of every
// order that is closed; those that were looked at are taken out.
type ledgerSums map[currencyAccount]int64

func (s ledgerSums) set(key currencyAccount, sum int64) {
	if sum == 0 {
		delete(s, key)
		return
	}
	s[key] = sum
}

// take takes an account out, and returns its sum.
func (s ledgerSums) take(currency string, account Account) int64 {
	key := currencyAccount{currency, account.name}
	sum := s[key]
	delete(s, key)
	return sum
}

// begin are the accounts of a currency that begin so, sorted.
func (s ledgerSums) begin(currency, prefix string) (accounts []string) {
	for key := range s {
		if key.currency == currency && strings.HasPrefix(key.account, prefix) {
			accounts = append(accounts, key.account)
		}
	}
	slices.Sort(accounts)
	return accounts
}

// checkRows sums the rows, and holds each balance of a row against those before it.
func (q *Queries) checkRows(ctx context.Context) (all ledgerRows, check LedgerCheck, err error) {
	all, check = ledgerRows{ledgerSums{}, map[string]int64{}, dayFigures{}}, LedgerCheck{Name: "rows"}
	balances := ledgerSums{} // as the last row of each account says
	rows, moved := 0, map[string]int64{}
	post := func(row LedgerRow, account string, change int64, balance *int64) {
		key := currencyAccount{row.Currency, account}
		all.sums.set(key, all.sums[key]+change)
		if stored := (Account{name: account}).stored(); stored != (balance != nil) {
			check.off("row %d has a balance of %s: %t", row.LedgerID, account, balance != nil)
		}
		if balance == nil {
			return
		}
		before := balances[key]
		wallet := row.Currency == CNY && strings.HasPrefix(account, userPrefix) // which others change too
		if !wallet && *balance != before+change {
			check.off("row %d leaves %s %d, but it had %d, and %+d came", row.LedgerID, account, *balance, before, change)
		}
		if change < 0 && *balance < 0 && row.Kind != LedgerOpening {
			check.off("row %d leaves %s %d", row.LedgerID, account, *balance)
		}
		balances.set(key, *balance)
	}
	var row LedgerRow
	err = q.sql.Each(ctx, "check rows of the ledger", engine.SQL("SELECT ledger_id, "+writtenColumns+" FROM ledger ORDER BY ledger_id").Once(),
		row.fields(), func() {
			rows++
			moved[row.Currency] += row.Amount
			if row.Amount <= 0 || row.From == row.To || row.Currency != CNY && row.Currency != Beli {
				check.off("row %d moves %d %s from %s to %s", row.LedgerID, row.Amount, row.Currency, row.From, row.To)
			}
			if order, ok := userOf(row.From, escrowPrefix); ok && row.Kind == LedgerRefund && row.To != PromotionAccount.name {
				all.refunded[order] += row.Amount
				all.days.at(row.CreatTime).Refunded += row.Amount
			}
			if _, ok := userOf(row.To, escrowPrefix); ok && row.Kind == LedgerPay {
				all.days.at(row.CreatTime).PayPrice += row.Amount
			}
			post(row, row.From, -row.Amount, row.FromBalance)
			post(row, row.To, row.Amount, row.ToBalance)
		})
	check.Figures = fmt.Sprintf("%d, which moved %s yuan and %d beli", rows, yuan(moved[CNY]), moved[Beli])
	return all, check, err
}

// checkWallets finds by how much wallets differ from their rows.
func (q *Queries) checkWallets(ctx context.Context, sums ledgerSums) (check LedgerCheck, external int64, err error) {
	check = LedgerCheck{Name: "wallets"}
	wallets, differ, total := 0, 0, int64(0)
	var id string
	var fen wealth
	err = q.sql.Each(ctx, "check wallets", engine.SQL("SELECT id, wealth FROM users").Once(), []any{&id, &fen}, func() {
		sum := sums.take(CNY, UserAccount(id))
		wallets, total = wallets+1, total+int64(fen)
		if int64(fen) != sum {
			differ, external = differ+1, external+int64(fen)-sum
		}
	})
	for _, account := range sums.begin(CNY, userPrefix) { // an account service has removed the user
		differ, external = differ+1, external-sums[currencyAccount{CNY, account}]
	}
	check.Figures = fmt.Sprintf("%d with %s yuan; external: %s yuan in %d of them", wallets, yuan(total), yuan(external), differ)
	return check, external, err
}

// checkProfiles holds beli and credits against their rows, and against what orders hold.
func (q *Queries) checkProfiles(ctx context.Context, rows ledgerRows, orders map[string]userHolds) (beli, credits LedgerCheck, err error) {
	beli, credits = LedgerCheck{Name: "beli"}, LedgerCheck{Name: "credits"}
	sums := rows.sums
	var p, total Profile
	users, cards := 0, 0
	err = q.sql.Each(ctx, "check profiles", engine.SQL(
		"SELECT user_id, beli, beli_held, credit_amount, credit_held, credit_debt, creat_time FROM profiles").Once(),
		[]any{&p.UserID, &p.Beli, &p.BeliHeld, &p.CreditAmount, &p.CreditHeld, &p.CreditDebt, &p.CreatTime}, func() {
			rows.days.at(p.CreatTime).Users++
			if has, sum := p.Beli+p.BeliHeld, sums.take(Beli, UserAccount(p.UserID)); has != sum {
				beli.off("user %s has %d, but the ledger says %d", p.UserID, has, sum)
			}
			if p.Beli < 0 || p.BeliHeld < 0 {
				beli.off("user %s has %d free and %d held", p.UserID, p.Beli, p.BeliHeld)
			}
			if has, sum := p.CreditAmount-p.CreditDebt, sums.take(CNY, CreditAccount(p.UserID)); has != sum {
				credits.off("user %s has %s yuan less debts, but the ledger says %s", p.UserID, yuan(has), yuan(sum))
			}
			if min(p.CreditHeld, p.CreditDebt, p.CreditRemain()) < 0 {
				credits.off("user %s has %s yuan, of which %s held and %s owed", p.UserID, yuan(p.CreditAmount), yuan(p.CreditHeld), yuan(p.CreditDebt))
			}
			hold := orders[p.UserID]
			if p.BeliHeld != hold.beli {
				beli.off("user %s has %d held, but the orders hold %d", p.UserID, p.BeliHeld, hold.beli)
			}
			if p.CreditHeld != hold.credit || p.CreditDebt != hold.debt {
				credits.off("user %s has %s yuan held and owes %s, but the orders hold %s and owe %s",
					p.UserID, yuan(p.CreditHeld), yuan(p.CreditDebt), yuan(hold.credit), yuan(hold.debt))
			}
			users++
			if p.CreditAmount != 0 {
				cards++
			}
			total.Beli, total.BeliHeld = total.Beli+p.Beli, total.BeliHeld+p.BeliHeld
			total.CreditAmount, total.CreditHeld, total.CreditDebt = total.CreditAmount+p.CreditAmount, total.CreditHeld+p.CreditHeld, total.CreditDebt+p.CreditDebt
		})
	for _, account := range sums.begin(Beli, userPrefix) {
		beli.off("%s has no profile", account)
	}
	for _, account := range sums.begin(CNY, creditPrefix) {
		credits.off("%s has no profile", account)
	}
	beli.Figures = fmt.Sprintf("%d free and %d held of %d users", total.Beli, total.BeliHeld, users)
	credits.Figures = fmt.Sprintf("%d of %s yuan, of which %s held and %s owed", cards, yuan(total.CreditAmount), yuan(total.CreditHeld), yuan(total.CreditDebt))
	return beli, credits, err
}

// checkUnclaimed looks at money that came too late: no more goes back than came.
func checkUnclaimed(sums ledgerSums) LedgerCheck {
	check := LedgerCheck{Name: "unclaimed"}
	open, total := 0, int64(0)
	for _, account := range sums.begin(CNY, unclaimedPrefix) {
		sum := sums[currencyAccount{CNY, account}]
		if sum < 0 {
			check.off("%s has %s yuan", account, yuan(sum))
			continue
		}
		open, total = open+1, total+sum
	}
	check.Figures = fmt.Sprintf("%s yuan of %d attempts", yuan(total), open)
	return check
}
