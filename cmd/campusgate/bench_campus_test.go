package main

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"campusgate/storage"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// benchCampus is a database with what the benchmark asks for, and the gateways on it.
type benchCampus struct {
	environ  []string // of its gateways
	replicas int
	floor    floorOptions
}

// What every campus holds.
const (
	campusUsers  = 64 // each with a purse, a token and a product
	campusShops  = 30
	campusListed = 1000 // notices of each type
	campusFound  = 50   // of the first type, with the word
	foundWord    = "雨伞"
	rareWord     = "钥匙" // of 20 notices, however many there are
	fewRows      = 20
)

func campusUser(i int) string         { return strconv.Itoa(1180310000 + i) }
func campusToken(i int) string        { return fmt.Sprintf("%064x", i+1) }
func campusProduct(i int) int64       { return int64(4517733 + i) }
func campusQuery(i int) string        { return "?token=" + campusToken(i) }
func campusTime(i int) int64          { return 1574951152 + int64(i) }
func (c *benchCampus) driver() string { return c.floor.Driver }

// newEmbedded is the embedded default.
func newEmbedded(t testing.TB, fill func(testing.TB, *storage.DB)) *benchCampus {
	t.Helper()
	folder := t.TempDir()
	c := &benchCampus{environ: embedded(folder), replicas: 1, floor: floorOptions{Driver: "sqlite", DSN: databaseIn(folder)}}
	c.fill(t, fill)
	return c
}

// newShared is MariaDB, Redis and a bucket, with two replicas.
func newShared(t testing.TB, database *storagetest.Process, redis *redistest.Server, name string, fill func(testing.TB, *storage.DB)) *benchCampus {
	t.Helper()
	dsn := createDatabase(t, database.DSN, name)
	c := &benchCampus{
		environ: append(sharing(t, dsn, redis.Address()), "CAMPUSGATE_CAPTCHA_LOG_CODES=false"), replicas: 2,
		floor: floorOptions{Driver: "mysql", DSN: dsn, Redis: redis.Address()},
	}
	c.fill(t, fill)
	return c
}

func createDatabase(t testing.TB, dsn, name string) string {
	t.Helper()
	administer(t, dsn, "CREATE DATABASE "+name)
	config, err := mysql.ParseDSN(dsn)
	must(t, err)
	config.DBName = name
	return config.FormatDSN()
}

// administer runs one statement.
func administer(t testing.TB, dsn, statement string) {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), statement)
	must(t, err)
}

func (c *benchCampus) fill(t testing.TB, fill func(testing.TB, *storage.DB)) {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{Driver: c.driver(), DSN: c.floor.DSN, Timeout: 10 * time.Minute})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Migrate(t.Context()))
	fill(t, db)
}

// insert runs one of count insertions after the other, in large transactions.
func insert(t testing.TB, db *storage.DB, count int, one func(ctx context.Context, tx *storage.Tx, i int) error) {
	t.Helper()
	const together = 1000
	for from := 0; from < count; from += together {
		must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
			for i := from; i < min(from+together, count); i++ {
				if err := one(t.Context(), tx, i); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// fillCampus is what the calls are measured on.
func fillCampus(t testing.TB, db *storage.DB) {
	t.Helper()
	insert(t, db, campusUsers, insertUser)
	insert(t, db, campusShops, func(ctx context.Context, tx *storage.Tx, i int) error {
		return tx.InsertShop(ctx, storage.Shop{
			ShopID: 811729970 + int64(i), ShopName: fmt.Sprintf("小码三秃%d", i), ShopContent: "码三秃团队的店铺",
			UserID: campusUser(i), CreatTime: campusTime(i), PicURL: "./api/external/get/pic/shop/900150983cd24fb0d6963f7d28e17f72",
		})
	})
	insert(t, db, campusUsers, func(ctx context.Context, tx *storage.Tx, i int) error {
		return tx.InsertProduct(ctx, someProduct(i, 811729970))
	})
	insert(t, db, 2*campusListed, func(ctx context.Context, tx *storage.Tx, i int) error {
		notice := someNotice(i, "卡类")
		notice.Type = 1 + int64(i%2)
		notice.Content = strings.Repeat("我在教学楼丢了一张校园卡", 4)
		if notice.Type == 1 && i < 2*campusFound {
			notice.Lab = foundWord
		}
		_, err := tx.InsertProperty(ctx, notice)
		return err
	})
}

// fillGrown is a campus of so many notices, products and orders, which belong to so
// many users with a shop each.
func fillGrown(rows, owners int) func(testing.TB, *storage.DB) {
	return func(t testing.TB, db *storage.DB) {
		t.Helper()
		insert(t, db, owners, insertUser)
		insert(t, db, owners, func(ctx context.Context, tx *storage.Tx, i int) error {
			return tx.InsertShop(ctx, storage.Shop{
				ShopID: 100_000_000 + int64(i), ShopName: fmt.Sprintf("小码三秃%d", i), UserID: campusUser(i), CreatTime: campusTime(i),
			})
		})
		insert(t, db, rows, func(ctx context.Context, tx *storage.Tx, i int) error {
			if err := tx.InsertProduct(ctx, someProduct(i, 100_000_000+int64(i%owners))); err != nil {
				return err
			}
			if err := tx.InsertPurchase(ctx, someOrder(i, campusUser(i%owners))); err != nil {
				return err
			}
			notice := someNotice(i, "卡类")
			if i%max(1, rows/fewRows) == 0 {
				notice.Title = "我丢了" + rareWord
			}
			_, err := tx.InsertProperty(ctx, notice)
			return err
		})
	}
}

func insertUser(ctx context.Context, tx *storage.Tx, i int) error {
	if err := tx.InsertUser(ctx, storage.User{ID: campusUser(i), Name: "王凌超", Wealth: 999_999_999_00}); err != nil {
		return err
	}
	return tx.InsertToken(ctx, campusToken(i), campusUser(i))
}

func someProduct(i int, shop int64) storage.Product {
	return storage.Product{
		ProductID: campusProduct(i), ProductName: fmt.Sprintf("头秃生发水%d", i), ProductContent: "<h1>Duang~</h1>",
		ProductKey: "生发|秃", ProductPrice: 101_50, ShopID: shop, ProductStatus: 1,
		CreatTime: campusTime(i), UpdateTime: campusTime(i),
	}
}

func someNotice(i int, lab string) storage.Property {
	return storage.Property{
		Type: 1, Lab: lab, Title: fmt.Sprintf("一卡通%d", i), Content: "我在教学楼丢了一张校园卡",
		UserID: campusUser(i % campusUsers), UserName: "王凌超", UserPhone: "13700000000", UserQQ: "893721708",
		OccurrenceTime: campusTime(i), PublishTime: campusTime(i), UpdateTime: campusTime(i),
	}
}

func someOrder(i int, user string) storage.Purchase {
	return storage.Purchase{
		PurchaseID: fmt.Sprintf("%010d%07d", campusTime(0), i), PurchaseState: storage.PurchasePaying, UserID: user,
		PurchasePrice: 101_50, CreatTime: campusTime(i), ProductID: campusProduct(i), ProductNum: 1,
		ProductUnitprice: 101_50, ProductTotalprice: 101_50,
	}
}

// startServers are what a shared campus needs.
func startServers(t testing.TB) (*storagetest.Process, *redistest.Server) {
	t.Helper()
	database := storagetest.StartMariaDB(t)
	administer(t, database.DSN, "SET GLOBAL max_connections = 1000") // all sides together have hundreds
	return database, redistest.Start(t)
}
