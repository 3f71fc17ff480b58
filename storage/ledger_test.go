package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// openWallets makes users with 100 yuan, 50 beli and a credit of 30 yuan each.
func openWallets(t *testing.T, db *storage.DB, users ...string) {
	t.Helper()
	for _, user := range users {
		must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
			return errors.Join(
				tx.InsertUser(t.Context(), storage.User{ID: user, Wealth: 100_00, OpenTime: 1}),
				tx.InsertProfile(t.Context(), storage.Profile{UserID: user, Beli: 50, CreatTime: 1}),
				tx.Move(t.Context(), storage.Move{
					Kind: storage.LedgerCredit, Currency: storage.CNY, From: storage.OutsideAccount, To: storage.CreditAccount(user), Amount: 30_00, Time: 1,
				}))
		}))
	}
}

// has is what a user has: wallet, free and held beli, credit, held and owed of it.
func has(t *testing.T, db *storage.DB, user string) string {
	t.Helper()
	u, err := db.User(t.Context(), user)
	must(t, err)
	p, err := db.Profile(t.Context(), user)
	must(t, err)
	return fmt.Sprint(u.Wealth, p.Beli, p.BeliHeld, p.CreditAmount, p.CreditHeld, p.CreditDebt)
}

// ledger is the whole ledger, a line for each row.
func ledger(t *testing.T, db *storage.DB) (lines []string) {
	t.Helper()
	balance := func(fen *int64) string {
		if fen == nil {
			return "-"
		}
		return strconv.FormatInt(*fen, 10)
	}
	for after := int64(0); ; {
		rows, err := db.LedgerAfter(t.Context(), after)
		must(t, err)
		if len(rows) == 0 {
			return lines
		}
		for _, r := range rows {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %d %s %s %s %s %s %d",
				r.Kind, r.Currency, r.From, r.To, r.Amount, balance(r.FromBalance), balance(r.ToBalance), r.OrderID, r.PayID, r.Note, r.CreatTime))
			after = r.LedgerID
		}
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		openWallets(t, db, "12", "7")
		escrow := int64(0)
		order := storage.EscrowAccount("1900", &escrow)
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			return tx.InsertOrders(ctx, []storage.Order{{OrderID: "1900", ClosedTime: 6}})
		}))
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			if err := errors.Join(tx.HoldBeli(ctx, "12", 20), tx.HoldCredit(ctx, "12", 5_00)); err != nil {
				return err
			}
			return tx.Move(ctx,
				storage.Move{Kind: storage.LedgerPay, Currency: storage.CNY, From: storage.UserAccount("12"), To: order, Amount: 40_00, OrderID: "1900", PayID: "8", Time: 5},
				storage.Move{Kind: storage.LedgerBeli, Currency: storage.Beli, From: storage.UserAccount("12"), To: storage.PromotionAccount, Amount: 20, Held: true, OrderID: "1900", Time: 5},
				storage.Move{Kind: storage.LedgerPromotion, Currency: storage.CNY, From: storage.PromotionAccount, To: order, Amount: 2_00, OrderID: "1900", Time: 5},
				storage.Move{Kind: storage.LedgerDebt, Currency: storage.CNY, From: storage.CreditAccount("12"), To: order, Amount: 5_00, Held: true, OrderID: "1900", Time: 5},
				storage.Move{Kind: storage.LedgerFee, Currency: storage.CNY, From: order, To: storage.MarketAccount, Amount: 0, Time: 6},
				storage.Move{Kind: storage.LedgerSettle, Currency: storage.CNY, From: order, To: storage.UserAccount("7"), Amount: 47_00, Note: "all", Time: 6},
				storage.Move{Kind: storage.LedgerRepay, Currency: storage.CNY, From: storage.ChannelAccount("sandbox"), To: storage.CreditAccount("12"), Amount: 3_00, Time: 7},
				storage.Move{Kind: storage.LedgerRepay, Currency: storage.CNY, From: storage.UserAccount("12"), To: storage.CreditAccount("12"), Amount: 2_00, Time: 7},
			)
		}))
		for user, want := range map[string]string{"12": "5800 30 0 3000 0 0", "7": "14700 50 0 3000 0 0"} {
			if got := has(t, db, user); got != want {
				t.Errorf("user %s has %s, want %s", user, got, want)
			}
		}
		if diff := cmp.Diff([]string{
			"opening cny outside user:12 10000 - 10000    1",
			"welcome beli promotion user:12 50 - 50    1",
			"credit cny outside credit:12 3000 - 3000    1",
			"opening cny outside user:7 10000 - 10000    1",
			"welcome beli promotion user:7 50 - 50    1",
			"credit cny outside credit:7 3000 - 3000    1",
			"pay cny user:12 escrow:1900 4000 6000 4000 1900 8  5",
			"beli beli user:12 promotion 20 30 - 1900   5",
			"promotion cny promotion escrow:1900 200 - 4200 1900   5",
			"debt cny credit:12 escrow:1900 500 2500 4700 1900   5",
			"settle cny escrow:1900 user:7 4700 0 14700   all 6",
			"repay cny channel:sandbox credit:12 300 - 2800    7",
			"repay cny user:12 credit:12 200 5800 3000    7",
		}, ledger(t, db)); diff != "" {
			t.Errorf("the ledger (-want +got):\n%s", diff)
		}
		storagetest.Audit(t, db, 0)
	})
}

// What is not there cannot be moved, nor held; nothing changes then.
func TestMoveTooMuch(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx, escrow := t.Context(), int64(10)
		openWallets(t, db, "12", "7")
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			return errors.Join(tx.HoldBeli(ctx, "12", 20), tx.HoldCredit(ctx, "12", 5_00))
		}))
		before := ledger(t, db)
		user, credit, cny, beli := storage.UserAccount("12"), storage.CreditAccount("12"), storage.CNY, storage.Beli
		move := func(m storage.Move) func(*storage.Tx) error {
			return func(tx *storage.Tx) error {
				m.Time = 2
				good := storage.Move{Currency: cny, From: storage.OutsideAccount, To: storage.UserAccount("7"), Amount: 1, Time: 2}
				return tx.Move(ctx, good, m)
			}
		}
		for name, test := range map[string]struct {
			run  func(*storage.Tx) error
			want error // nil is any
		}{
			"wallet":           {move(storage.Move{Currency: cny, From: user, To: storage.MarketAccount, Amount: 100_01}), storage.ErrBalance},
			"free beli":        {move(storage.Move{Currency: beli, From: user, To: storage.PromotionAccount, Amount: 31}), storage.ErrBalance},
			"held beli":        {move(storage.Move{Currency: beli, From: user, To: storage.PromotionAccount, Amount: 21, Held: true}), storage.ErrBalance},
			"free credit":      {move(storage.Move{Currency: cny, From: credit, To: storage.EscrowAccount("1", &escrow), Amount: 25_01}), storage.ErrBalance},
			"held credit":      {move(storage.Move{Currency: cny, From: credit, To: storage.EscrowAccount("1", &escrow), Amount: 5_01, Held: true}), storage.ErrBalance},
			"credit in use":    {move(storage.Move{Currency: cny, From: credit, To: storage.OutsideAccount, Amount: 25_01}), storage.ErrBalance},
			"more than a debt": {move(storage.Move{Currency: cny, From: storage.ChannelAccount("sandbox"), To: credit, Amount: 1}), storage.ErrBalance},
			"escrow":           {move(storage.Move{Currency: cny, From: storage.EscrowAccount("2", new(int64)), To: user, Amount: 1}), storage.ErrBalance},
			"no such user":     {move(storage.Move{Currency: cny, From: storage.OutsideAccount, To: storage.UserAccount("8"), Amount: 1}), storage.ErrNotFound},
			"unknown escrow":   {move(storage.Move{Currency: cny, From: storage.OutsideAccount, To: storage.EscrowAccount("2", nil), Amount: 1}), nil},
			"beli in escrow":   {move(storage.Move{Currency: beli, From: user, To: storage.EscrowAccount("2", new(int64)), Amount: 1}), nil},
			"beli of outside":  {move(storage.Move{Currency: beli, From: storage.OutsideAccount, To: user, Amount: 1}), nil},
			"currency":         {move(storage.Move{Currency: "usd", From: user, To: storage.MarketAccount, Amount: 1}), nil},
			"negative":         {move(storage.Move{Currency: cny, From: user, To: storage.MarketAccount, Amount: -1}), nil},
			"to itself":        {move(storage.Move{Currency: cny, From: user, To: user, Amount: 1}), nil},
			"HoldBeli":         {func(tx *storage.Tx) error { return tx.HoldBeli(ctx, "12", 31) }, storage.ErrBalance},
			"FreeBeli":         {func(tx *storage.Tx) error { return tx.FreeBeli(ctx, "12", 21) }, storage.ErrBalance},
			"HoldCredit":       {func(tx *storage.Tx) error { return tx.HoldCredit(ctx, "12", 25_01) }, storage.ErrBalance},
			"FreeCredit":       {func(tx *storage.Tx) error { return tx.FreeCredit(ctx, "12", 5_01) }, storage.ErrBalance},
			"hold of nobody":   {func(tx *storage.Tx) error { return tx.HoldBeli(ctx, "8", 1) }, storage.ErrBalance},
			"negative hold":    {func(tx *storage.Tx) error { return tx.HoldBeli(ctx, "12", -1) }, nil},
		} {
			if err := db.InTx(ctx, test.run); err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
			if got, want := has(t, db, "12"), "10000 30 20 3000 500 0"; got != want {
				t.Fatalf("after %s: %s, want %s", name, got, want)
			}
		}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			return errors.Join(
				tx.Move(ctx, storage.Move{Currency: cny, From: user, To: storage.MarketAccount, Amount: 0}),
				tx.FreeBeli(ctx, "12", 20), tx.FreeCredit(ctx, "12", 5_00), tx.HoldBeli(ctx, "8", 0))
		}))
		if diff := cmp.Diff(before, ledger(t, db)); diff != "" {
			t.Errorf("the ledger (-before +after):\n%s", diff)
		}
		storagetest.Audit(t, db, 0)
	})
}

// Many move at once, to and fro between few users: nothing is lost, none waits for ever,
// and a check meanwhile sees one moment.
func TestMoveTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		users := []string{"1", "2", "3"}
		openWallets(t, db, users...)
		var running sync.WaitGroup
		for seed := range uint64(8) {
			running.Go(func() {
				random := rand.New(rand.NewPCG(seed, 1))
				for range 12 {
					if err := moveAtRandom(t.Context(), db, random, users); err != nil && !errors.Is(err, storage.ErrBalance) {
						t.Error(err)
					}
				}
			})
		}
		moved := make(chan struct{})
		go func() { running.Wait(); close(moved) }()
		for done := false; !done; {
			select {
			case <-moved:
				done = true
			default:
			}
			storagetest.Audit(t, db, 0)
		}
	})
}

func moveAtRandom(ctx context.Context, db *storage.DB, random *rand.Rand, users []string) error {
	return db.InTx(ctx, func(tx *storage.Tx) error {
		from, to := users[random.IntN(len(users))], users[random.IntN(len(users))]
		n := random.Int64N(20)
		moves := []storage.Move{
			{Currency: storage.CNY, From: storage.UserAccount(from), To: storage.MarketAccount, Amount: n * 100},
			{Currency: storage.CNY, From: storage.MarketAccount, To: storage.UserAccount(to), Amount: n * 90},
			{Currency: storage.CNY, From: storage.CreditAccount(to), To: storage.OutsideAccount, Amount: n},
			{Currency: storage.CNY, From: storage.OutsideAccount, To: storage.CreditAccount(from), Amount: n},
			{Currency: storage.Beli, From: storage.UserAccount(to), To: storage.PromotionAccount, Amount: n},
			{Currency: storage.Beli, From: storage.PromotionAccount, To: storage.UserAccount(from), Amount: n},
		}
		return tx.Move(ctx, moves[random.IntN(3):]...)
	})
}

// The check finds each thing that an accident may leave.
func TestCheckLedger(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		openWallets(t, db, "12", "7")
		must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
			return tx.Move(t.Context(), storage.Move{
				Kind: storage.LedgerPurchase, Currency: storage.CNY, From: storage.UserAccount("12"), To: storage.OutsideAccount, Amount: 1, Time: 1,
			}, storage.Move{
				Kind: storage.LedgerLate, Currency: storage.CNY, From: storage.ChannelAccount("sandbox"), To: storage.UnclaimedAccount("9"), Amount: 2, Time: 1,
			})
		}))
		report, err := db.CheckLedger(t.Context())
		must(t, err)
		var figures []string
		for _, check := range report.Checks {
			figures = append(figures, check.Name+": "+check.Figures)
		}
		if diff := cmp.Diff([]string{
			"rows: 8, which moved 260.03 yuan and 100 beli",
			"wallets: 2 with 199.99 yuan; external: 0.00 yuan in 0 of them",
			"beli: 100 free and 0 held of 2 users",
			"credits: 2 of 60.00 yuan, of which 0.00 held and 0.00 owed",
			"orders: 0, of which 0 open hold 0.00 yuan",
			"clocks: 0 jobs of 0 open orders",
			"records: 0 held and 0 used",
			"stock: 0 lines of open orders, with 0 pieces out of a stock",
			"unclaimed: 0.02 yuan of 1 attempts",
			"days: 0 kept",
		}, figures); diff != "" {
			t.Errorf("figures (-want +got):\n%s", diff)
		}
		for _, test := range []struct{ accident, undo, want string }{
			{"UPDATE profiles SET beli = 51 WHERE user_id = '12'", "UPDATE profiles SET beli = 50", "beli: user 12 has 51, but the ledger says 50"},
			{"UPDATE profiles SET beli = 51, beli_held = -1 WHERE user_id = '12'", "UPDATE profiles SET beli = 50, beli_held = 0", "beli: user 12 has 51 free and -1 held\nbeli: user 12 has -1 held, but the orders hold 0"},
			{"UPDATE profiles SET credit_debt = 1 WHERE user_id = '12'", "UPDATE profiles SET credit_debt = 0", "credits: user 12 has 29.99 yuan less debts, but the ledger says 30.00\ncredits: user 12 has 0.00 yuan held and owes 0.01, but the orders hold 0.00 and owe 0.00"},
			{"UPDATE profiles SET credit_held = 3001 WHERE user_id = '12'", "UPDATE profiles SET credit_held = 0", "credits: user 12 has 30.00 yuan, of which 30.01 held and 0.00 owed\ncredits: user 12 has 30.01 yuan held and owes 0.00, but the orders hold 0.00 and owe 0.00"},
			{"UPDATE ledger SET to_balance = 51 WHERE ledger_id = 2", "UPDATE ledger SET to_balance = 50 WHERE ledger_id = 2", "rows: row 2 leaves user:12 51, but it had 0, and +50 came"},
			{"UPDATE ledger SET to_balance = NULL WHERE ledger_id = 2", "UPDATE ledger SET to_balance = 50 WHERE ledger_id = 2", "rows: row 2 has a balance of user:12: false"},
			{"UPDATE ledger SET from_balance = -1 WHERE ledger_id = 7", "UPDATE ledger SET from_balance = 9999 WHERE ledger_id = 7", "rows: row 7 leaves user:12 -1"},
			{"UPDATE ledger SET amount = -2 WHERE ledger_id = 8", "UPDATE ledger SET amount = 2 WHERE ledger_id = 8", "rows: row 8 moves -2 cny from channel:sandbox to unclaimed:9\nunclaimed: unclaimed:9 has -0.02 yuan"},
			{"UPDATE ledger SET account_to = 'user:9' WHERE ledger_id = 2", "UPDATE ledger SET account_to = 'user:12' WHERE ledger_id = 2", "beli: user 12 has 50, but the ledger says 0\nbeli: user:9 has no profile"},
			{"UPDATE ledger SET account_to = 'credit:9' WHERE ledger_id = 3", "UPDATE ledger SET account_to = 'credit:12' WHERE ledger_id = 3", "credits: user 12 has 30.00 yuan less debts, but the ledger says 0.00\ncredits: credit:9 has no profile"},
		} {
			must(t, db.Exec(t.Context(), test.accident))
			report, err := db.CheckLedger(t.Context())
			must(t, err)
			if got := strings.Join(report.Off(), "\n"); got != test.want {
				t.Errorf("%s:\n%s\nwant\n%s", test.accident, got, test.want)
			}
			must(t, db.Exec(t.Context(), test.undo))
		}
		storagetest.Audit(t, db, 0)
		must(t, db.Exec(t.Context(), "UPDATE users SET wealth = 200 WHERE id = 7"))
		storagetest.Audit(t, db, 100_00)
		must(t, db.Exec(t.Context(), "DELETE FROM users WHERE id = 7"))
		storagetest.Audit(t, db, -100_00)
	})
}

// The check keeps no account that is empty: those of orders that were settled would grow
// with the ledger.
func TestCheckLedgerForgets(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		openWallets(t, db, "12")
		escrows, user := make([]int64, 50), storage.UserAccount("12")
		must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
			var moves []storage.Move
			for i := range escrows {
				order := storage.EscrowAccount(strconv.Itoa(i), &escrows[i])
				moves = append(moves, storage.Move{Kind: storage.LedgerPay, Currency: storage.CNY, From: user, To: order, Amount: 1, Time: 1},
					storage.Move{Kind: storage.LedgerSettle, Currency: storage.CNY, From: order, To: user, Amount: 1, Time: 1})
			}
			return tx.Move(t.Context(), moves...)
		}))
		kept, err := db.SumsOfLedger(t.Context())
		must(t, err)
		if want := 5; kept != want { // wallet, beli, credit, outside, promotion
			t.Errorf("keeps %d accounts, want %d", kept, want)
		}
		storagetest.Audit(t, db, 0)
	})
}

// Wallets and beli that are older than the ledger get their rows by migrating, once.
func TestOpenLedger(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		openWallets(t, db, "12")
		for _, user := range []storage.User{{ID: "7"}, {ID: "8", Wealth: -3_05}} {
			must(t, db.InsertUser(t.Context(), user))
		}
		for _, text := range []string{
			"UPDATE profiles SET credit_amount = 0", "DELETE FROM ledger", "CREATE TABLE ledger_openings (unused BIGINT NOT NULL PRIMARY KEY)",
		} {
			must(t, db.Exec(t.Context(), text))
		}
		for range 2 {
			must(t, db.Migrate(t.Context()))
		}
		var got []string
		for _, line := range ledger(t, db) {
			got = append(got, line[:strings.LastIndex(line, " ")])
		}
		if diff := cmp.Diff([]string{
			"opening cny user:8 outside 305 -305 -   ",
			"opening cny outside user:12 10000 - 10000   ",
			"opening beli promotion user:12 50 - 50   ",
		}, got); diff != "" {
			t.Errorf("the ledger (-want +got):\n%s", diff)
		}
		storagetest.Audit(t, db, 0)
	})
}

func TestAccountLedger(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		openWallets(t, db, "12", "7")
		for n := range int64(60) { // more than a batch
			wallet := storage.UserAccount([]string{"12", "7"}[n/10%2])
			must(t, db.InTx(ctx, func(tx *storage.Tx) error {
				return tx.Move(ctx, storage.Move{Currency: storage.CNY, From: wallet, To: storage.MarketAccount, Amount: n + 1, Time: n},
					storage.Move{Currency: storage.CNY, From: storage.MarketAccount, To: wallet, Amount: 1, Time: n},
					storage.Move{Currency: storage.Beli, From: storage.PromotionAccount, To: wallet, Amount: 1, Time: n})
			}))
		}
		wallet := storage.UserAccount("12")
		all, total, err := db.AccountLedger(ctx, wallet, storage.CNY, "", storage.Page{Limit: 100})
		must(t, err)
		if len(all) != 61 || total != 61 {
			t.Fatalf("%d rows of %d", len(all), total)
		}
		sum := int64(0)
		for i, v := range slices.Backward(all) {
			amount, balance := v.Seen(wallet)
			if sum += amount; *balance != sum {
				t.Errorf("row %d: %d, and %d is left, want %d", i, amount, *balance, sum)
			}
		}
		for _, page := range []storage.Page{{Limit: 7}, {Limit: 7, Offset: 7}, {Limit: 7, Offset: 57}, {Limit: 7, Offset: 70}} {
			rows, total, err := db.AccountLedger(ctx, wallet, storage.CNY, "", page)
			must(t, err)
			want := all[min(page.Offset, 61):min(page.Offset+page.Limit, 61)]
			if diff := cmp.Diff(want, rows); diff != "" || total != 61 {
				t.Errorf("%+v of %d (-want +got):\n%s", page, total, diff)
			}
		}
		count := 0
		for after := (storage.LedgerPlace{}); ; {
			rows, last, err := db.LedgerOf(ctx, "12", after)
			must(t, err)
			if len(rows) == 0 {
				break
			}
			for _, row := range rows {
				amount, _ := row.Seen(row.Account)
				sum -= amount
			}
			count, after = count+len(rows), last
		}
		if count != 61+31+1 || sum != -(50+30)-30_00 {
			t.Errorf("%d rows of a user, whose wallet's, beli and credit differ by %d", count, sum)
		}
	})
}
