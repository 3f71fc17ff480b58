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
)

// demoTokenPrefix begins the demo's tokens, so that each is the first of its
// account's in their sort, and found again.
const demoTokenPrefix = "00000000"

const (
	demoShop    = 811729970
	demoProduct = 4517733
)

// Account is one of the demo's, as it is now.
type Account struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Token  string `json:"token"`
	Role   string `json:"role,omitempty"`
	Wealth int64  `json:"wealth"` // in fen
}

// FillDemo fills an empty database with something to try. Its accounts get tokens
// like those that newToken makes. A demo that was filled before there was an admin gets
// one; a database that holds anything else is left alone.
func FillDemo(ctx context.Context, db *storage.DB, newToken func() string) error {
	empty, err := db.Empty(ctx)
	if err != nil {
		return err
	}
	insert := insertAdmin
	if empty {
		insert = insertDemo
	} else if missing, err := lacksAdmin(ctx, db, newToken); err != nil || !missing {
		return err
	}
	// In one transaction: a demo is there whole or not at all.
	return db.InTx(ctx, func(tx *storage.Tx) error { return insert(ctx, tx, newToken) })
}

// lacksAdmin reports whether a database is a demo without the admin.
func lacksAdmin(ctx context.Context, db *storage.DB, newToken func() string) (bool, error) {
	accounts, err := DemoAccounts(ctx, db, newToken)
	if err != nil || len(accounts) == 0 {
		return false, err
	}
	_, err = db.User(ctx, demoAdmin.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return true, nil
	}
	return false, err
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

func insertDemo(ctx context.Context, tx *storage.Tx, newToken func() string) error {
	now := time.Now().Unix()
	seller, buyer := demoSeller, demoBuyer
	for _, user := range []storage.User{seller, buyer} {
		if err := insertAccount(ctx, tx, user, newToken); err != nil {
			return err
		}
	}
	if err := insertAdmin(ctx, tx, newToken); err != nil {
		return err
	}
	if err := tx.InsertShop(ctx, storage.Shop{
		ShopID: demoShop, ShopName: "小码三秃", ShopContent: "码三秃团队的店铺",
		UserID: seller.ID, CreatTime: now,
	}); err != nil {
		return err
	}
	for i, product := range []storage.Product{
		{ProductName: "头秃生发水", ProductContent: "<h1>Duang~</h1>", ProductKey: "生发|秃", ProductPrice: 101_50},
		{ProductName: "校园明信片", ProductContent: "一套十张", ProductKey: "明信片|文创", ProductPrice: 12_00},
		{ProductName: "二手台灯", ProductContent: "九成新, 自提", ProductKey: "台灯|二手", ProductPrice: 35_00},
	} {
		product.ProductID, product.ShopID, product.ProductStatus = demoProduct+int64(i), demoShop, 1
		product.CreatTime, product.UpdateTime = now, now
		if err := tx.InsertProduct(ctx, product); err != nil {
			return err
		}
	}
	for _, notice := range []storage.Property{
		{Type: 1, Lab: "卡类|一卡通", Title: "我丢了一张一卡通", Content: "我在教学楼丢了一张校园卡", UserID: seller.ID, UserName: seller.Name},
		{Type: 2, Lab: "电子|耳机", Title: "捡到一副耳机", Content: "在图书馆三楼捡到一副白色耳机", UserID: buyer.ID, UserName: buyer.Name},
	} {
		notice.OccurrenceTime, notice.PublishTime, notice.UpdateTime = now, now, now
		notice.UserPhone = "13700000000"
		if _, err := tx.InsertProperty(ctx, notice); err != nil {
			return err
		}
	}
	return nil
}

// DemoAccounts are the accounts of the demo that the database holds, none where it
// holds other data. One that has logged out gets another token.
func DemoAccounts(ctx context.Context, db *storage.DB, newToken func() string) ([]Account, error) {
	var accounts []Account
	for _, wanted := range []storage.User{demoSeller, demoBuyer, demoAdmin} {
		account, err := demoAccount(ctx, db, wanted, newToken)
		switch {
		case err == nil:
			accounts = append(accounts, account)
		case !errors.Is(err, storage.ErrNotFound):
			return nil, err
		case wanted != demoAdmin: // whom an older demo lacks
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
	return Account{user.ID, user.Name, tokens[0], profile.Role, user.Wealth}, err
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

`,
		base, base, buyer.Token, base, buyer.Token, base, buyer.Token, demoProduct)
}
