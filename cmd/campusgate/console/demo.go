package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"campusgate/storage"
)

// The demo's accounts. A database that has the seller and the buyer was filled by it.
var (
	demoSeller = storage.User{ID: "1180310086", Name: "演示卖家", Wealth: 500_00}
	demoBuyer  = storage.User{ID: "1180310087", Name: "演示买家", Wealth: 1000_00}
	demoAdmin  = storage.User{ID: "1180310088", Name: "演示管理员"}
	demoSecond = storage.User{ID: "1180310089", Name: "演示卖家二", Wealth: 200_00} // the second seller
)

// laterAccounts are those that a demo of an older version lacks, and what adds them.
var laterAccounts = []struct {
	user   storage.User
	insert func(ctx context.Context, tx *storage.Tx, newToken func() string) error
}{
	{demoAdmin, insertAdmin},
	{demoSecond, insertSecond},
}

// demoTokenPrefix begins the demo's tokens, so that each is the first of its
// account's in their sort, and found again.
const demoTokenPrefix = "00000000"

// Account is one of the demo's, as it is now.
type Account struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Token  string `json:"token"`
	Role   string `json:"role,omitempty"`
	Shop   int64  `json:"shop,omitempty"` // the shop_id of a seller's
	Wealth int64  `json:"wealth"`         // in fen
}

// FillDemo fills an empty database with something to try. Its accounts get tokens
// like those that newToken makes. A demo of an older version gets the accounts that it
// lacks; a database that holds anything else is left alone.
func FillDemo(ctx context.Context, db *storage.DB, newToken func() string) error {
	empty, err := db.Empty(ctx)
	if err != nil {
		return err
	}
	if empty {
		// In one transaction: a demo is there whole or not at all.
		return db.InTx(ctx, func(tx *storage.Tx) error { return insertDemo(ctx, tx, newToken) })
	}
	accounts, err := DemoAccounts(ctx, db, newToken)
	if err != nil || len(accounts) == 0 {
		return err
	}
	for _, later := range laterAccounts {
		_, err := db.User(ctx, later.user.ID)
		if errors.Is(err, storage.ErrNotFound) {
			err = db.InTx(ctx, func(tx *storage.Tx) error { return later.insert(ctx, tx, newToken) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// insertAdmin adds the account with the role admin, which the audit shows.
func insertAdmin(ctx context.Context, tx *storage.Tx, newToken func() string) error {
	now := time.Now().Unix()
	if err := insertAccount(ctx, tx, demoAdmin, newToken); err != nil {
		return err
	}
	if _, err := tx.SetRole(ctx, demoAdmin.ID, storage.RoleAdmin, now); err != nil {
		return err
	}
	return tx.AddAudit(ctx, storage.Audit{Time: now, Call: "serve --demo", Target: "user " + demoAdmin.ID, After: storage.RoleAdmin})
}

func insertAccount(ctx context.Context, tx *storage.Tx, user storage.User, newToken func() string) error {
	user.OpenTime = time.Now().Unix()
	if err := tx.InsertUser(ctx, user); err != nil {
		return err
	}
	if _, err := tx.LockProfile(ctx, user.ID, time.Now().Unix()); err != nil { // so that nobody registers the name
		return err
	}
	return tx.InsertToken(ctx, demoToken(newToken), user.ID)
}

// demoToken is a token that is like newToken's.
func demoToken(newToken func() string) string {
	return demoTokenPrefix + newToken()[len(demoTokenPrefix):]
}

// DemoAccounts are the accounts of the demo that the database holds, none where it
// holds other data. One that has logged out gets another token.
func DemoAccounts(ctx context.Context, db *storage.DB, newToken func() string) ([]Account, error) {
	var accounts []Account
	for _, wanted := range []storage.User{demoSeller, demoBuyer, demoAdmin, demoSecond} {
		account, err := demoAccount(ctx, db, wanted, newToken)
		switch {
		case err == nil:
			accounts = append(accounts, account)
		case !errors.Is(err, storage.ErrNotFound):
			return nil, err
		case wanted == demoSeller || wanted == demoBuyer: // others an older demo may lack
			return nil, nil
		}
	}
	return accounts, nil
}

// demoAccount finds one of the accounts, also one that was renamed. ErrNotFound: it is
// not there, or not the demo's.
func demoAccount(ctx context.Context, db *storage.DB, wanted storage.User, newToken func() string) (Account, error) {
	user, err := db.User(ctx, wanted.ID)
	if err != nil {
		return Account{}, err
	}
	tokens, err := db.Tokens(ctx, wanted.ID)
	if err != nil {
		return Account{}, err
	}
	loggedOut, renamed := len(tokens) == 0, user.Name != wanted.Name
	switch {
	case renamed && (loggedOut || !strings.HasPrefix(tokens[0], demoTokenPrefix)):
		return Account{}, storage.ErrNotFound
	case loggedOut:
		tokens = []string{demoToken(newToken)}
		if err := db.InsertToken(ctx, tokens[0], user.ID); err != nil {
			return Account{}, err
		}
	}
	profile, err := db.Profile(ctx, wanted.ID)
	return Account{user.ID, user.Name, tokens[0], profile.Role, demoShops[user.ID], user.Wealth}, err
}

// PrintDemo prints the accounts, which are those of a demo, and lines for a shell
// that ask the server at base, its address with the base path.
func PrintDemo(out io.Writer, base string, accounts []Account) {
	fmt.Fprint(out, "\nThe demo is ready. Its accounts:\n\n")
	for _, account := range accounts {
		name := account.Name
		if account.Role != "" {
			name += " (" + account.Role + ")"
		}
		fmt.Fprintf(out, "  %s  %s  token %s\n", account.ID, name, account.Token)
	}
	buyer := accounts[1]
	fmt.Fprintf(out, `
Try:

  # draw a captcha
  curl -s '%s/captcha' -d '{"id":1,"status":0,"type":"img","subtype":"generate","data":{}}'

  # search the lost cards
  curl -s '%s/get/property?type=1&lab=%%E5%%8D%%A1&token=%s'

  # look at what is on sale, and order one
  curl -s '%s/get/product?token=%s' -d '{"id":2,"status":0,"type":"product","subtype":"list","data":{"type":"up"}}'
  curl -s '%s/purchase?token=%s' -d '{"id":3,"status":0,"type":"purchase","subtype":"apply","data":{"product_id":%d,"product_num":1,"product_unitprice":101.5,"product_totalprice":101.5}}'

  # order from both sellers at once: two orders, one payment
  curl -s '%s/order?token=%s' -d '{"id":4,"status":0,"type":"order","subtype":"commit","data":{"items":[{"product_id":%d},{"product_id":%d}],"deliver":"face","pay_price":149.5}}'

`,
		base, base, buyer.Token, base, buyer.Token, base, buyer.Token, demoProduct, base, buyer.Token, demoProduct, demoSecondProduct)
	for _, account := range accounts {
		if account.Role == storage.RoleAdmin {
			fmt.Fprintf(out, `  # let a week pass in the demo
  curl -s '%s/demo?token=%s' -d '{"id":5,"status":0,"type":"demo","subtype":"day","data":{"days":7}}'

`, base, account.Token)
		}
	}
}
