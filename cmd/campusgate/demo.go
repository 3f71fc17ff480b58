package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"campusgate/config"
	"campusgate/storage"
)

// The demo's accounts, by which a database that it filled is known again.
var demoUsers = []storage.User{
	{ID: "1180310086", Name: "演示卖家", Wealth: 500_00},
	{ID: "1180310087", Name: "演示买家", Wealth: 1000_00},
}

// demoTokenHead begins the demo's tokens, so that they sort before any other of
// their accounts and are found again.
const demoTokenHead = "00000000"

const (
	demoShop    = 811729970
	demoProduct = 4517733
)

// fillDemo fills an empty database with something to try, and prints how.
func fillDemo(ctx context.Context, out io.Writer, db *storage.DB, c *config.Config, address net.Addr) error {
	if c.Database.Driver != "sqlite" {
		return errors.New("--demo: only an embedded database (database.driver sqlite) is filled")
	}
	empty, err := db.Empty(ctx)
	if err != nil {
		return fmt.Errorf("--demo: %w", err)
	}
	if empty {
		if err := db.InTx(ctx, func(tx *storage.Tx) error { return insertDemo(ctx, tx) }); err != nil {
			return fmt.Errorf("--demo: %w", err)
		}
	}
	tokens, err := demoTokens(ctx, db)
	if errors.Is(err, storage.ErrNotFound) {
		fmt.Fprintln(out, "--demo: the database holds other data and is left alone")
		return nil
	}
	if err != nil {
		return fmt.Errorf("--demo: %w", err)
	}
	printDemo(out, "http://"+address.String()+c.Server.BasePath, tokens)
	if c.Server.Console {
		fmt.Fprintf(out, "Or open the console in a browser:\n\n  %s\n\n", consoleURL(c, address))
	}
	return nil
}

// insertDemo is one transaction: a demo is there whole or not at all.
func insertDemo(ctx context.Context, tx *storage.Tx) error {
	now := time.Now().Unix()
	for _, user := range demoUsers {
		if err := tx.InsertUser(ctx, user); err != nil {
			return err
		}
		if err := tx.InsertToken(ctx, demoTokenHead+newToken()[len(demoTokenHead):], user.ID); err != nil {
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

// demoTokens are the tokens of the demo's accounts, in their order, or
// ErrNotFound where the database is not the demo's.
func demoTokens(ctx context.Context, db *storage.DB) ([]string, error) {
	var tokens []string
	for _, wanted := range demoUsers {
		user, err := db.User(ctx, wanted.ID)
		if err != nil {
			return nil, err
		}
		issued, err := db.Tokens(ctx, wanted.ID)
		if err != nil {
			return nil, err
		}
		if user.Name != wanted.Name || len(issued) == 0 {
			return nil, storage.ErrNotFound
		}
		tokens = append(tokens, issued[0])
	}
	return tokens, nil
}

func printDemo(out io.Writer, base string, tokens []string) {
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
		demoUsers[0].ID, demoUsers[0].Name, tokens[0],
		demoUsers[1].ID, demoUsers[1].Name, tokens[1],
		base, base, tokens[1], base, tokens[1], base, tokens[1], demoProduct)
}
