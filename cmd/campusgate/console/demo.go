package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"campusgate/storage"
)

// The demo's accounts. A database that has them was filled by it.
var demoUsers = []storage.User{
	{ID: "1180310086", Name: "演示卖家", Wealth: 500_00},
	{ID: "1180310087", Name: "演示买家", Wealth: 1000_00},
}

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
	Wealth int64  `json:"wealth"` // in fen
}

// FillDemo fills an empty database with something to try. Its accounts get tokens
// like those that newToken makes. A database that holds anything is left alone.
func FillDemo(ctx context.Context, db *storage.DB, newToken func() string) error {
	empty, err := db.Empty(ctx)
	if err != nil || !empty {
		return err
	}
	// In one transaction: a demo is there whole or not at all.
	return db.InTx(ctx, func(tx *storage.Tx) error { return insertDemo(ctx, tx, newToken) })
}

func insertDemo(ctx context.Context, tx *storage.Tx, newToken func() string) error {
	now := time.Now().Unix()
	for _, user := range demoUsers {
		if err := tx.InsertUser(ctx, user); err != nil {
			return err
		}
		if err := tx.InsertToken(ctx, demoTokenPrefix+newToken()[len(demoTokenPrefix):], user.ID); err != nil {
			return err
		}
	}
	seller, buyer := demoUsers[0], demoUsers[1]
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
// holds other data.
func DemoAccounts(ctx context.Context, db *storage.DB) ([]Account, error) {
	var accounts []Account
	for _, wanted := range demoUsers {
		user, err := db.User(ctx, wanted.ID)
		if errors.Is(err, storage.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		tokens, err := db.Tokens(ctx, wanted.ID)
		if err != nil {
			return nil, err
		}
		if user.Name != wanted.Name || len(tokens) == 0 {
			return nil, nil
		}
		accounts = append(accounts, Account{user.ID, user.Name, tokens[0], user.Wealth})
	}
	return accounts, nil
}

// PrintDemo prints the accounts, which are those of a demo, and lines for a shell
// that ask the server at base, its address with the base path.
func PrintDemo(out io.Writer, base string, accounts []Account) {
	seller, buyer := accounts[0], accounts[1]
	fmt.Fprintf(out, `
The demo is ready. Its accounts:

  %s  %s  token %s
  %s  %s  token %s

Try:

  # draw a captcha
  curl -s '%s/captcha' -d '{"id":1,"status":0,"type":"img","subtype":"generate","data":{}}'

  # search the lost cards
  curl -s '%s/get/property?type=1&lab=%%E5%%8D%%A1&token=%s'

  # look at what is on sale, and order one
  curl -s '%s/get/product?token=%s' -d '{"id":2,"status":0,"type":"product","subtype":"list","data":{"type":"up"}}'
  curl -s '%s/purchase?token=%s' -d '{"id":3,"status":0,"type":"purchase","subtype":"apply","data":{"product_id":%d,"product_num":1,"product_unitprice":101.5,"product_totalprice":101.5}}'

`,
		seller.ID, seller.Name, seller.Token,
		buyer.ID, buyer.Name, buyer.Token,
		base, base, buyer.Token, base, buyer.Token, base, buyer.Token, demoProduct)
}
