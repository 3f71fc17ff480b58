package storage_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// campus opens a database with as many notices, products and orders as rows. Of
// the notices and products, 20 have the word 校徽 and all have 丢了. It tells how
// long their grams took, which are made as for a database that is older than these.
func campus(b *testing.B, options storage.Options, rows int) (db *storage.DB, grams time.Duration) {
	b.Helper()
	db, err := storage.Open(b.Context(), options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	pool, err := sql.Open(options.Driver, options.DSN)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	run := func(statement string) {
		if _, err := pool.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for start := 0; start < rows; start += 1000 {
		var notices, products, orders []string
		for i := start; i < start+1000; i++ {
			rare := ""
			if i%(rows/20) == 0 {
				rare = "校徽"
			}
			user := 1_180_310_000 + i/20
			notices = append(notices, fmt.Sprintf("(1, '%s', '%s', '丢了%s', '%d', '王凌超', '13700000000', %d)",
				sentence(random, 2), sentence(random, 6)+rare, sentence(random, 20), user, 1_700_000_000+random.IntN(rows)))
			products = append(products, fmt.Sprintf("(%d, '丢了%s', '', '%s', %d, %d, %d, 1)",
				1_000_000+i, sentence(random, 8)+rare, sentence(random, 4), random.IntN(10_000), i/20, i))
			orders = append(orders, fmt.Sprintf("('%d', '%d', %d)", i, user, i))
		}
		run("INSERT INTO properties (type, lab, title, content, user_id, user_name, user_phone, update_time) VALUES " + strings.Join(notices, ", "))
		run("INSERT INTO products (product_id, product_name, product_content, product_key, product_price, shop_id, creat_time, product_status) VALUES " + strings.Join(products, ", "))
		run("INSERT INTO purchases (purchase_id, user_id, creat_time) VALUES " + strings.Join(orders, ", "))
	}
	begun := 7 // the migration with which the tables of grams are there
	if options.Driver == "mysql" {
		begun = 10
	}
	run("CREATE TABLE gram_progress (list VARCHAR(64) PRIMARY KEY, last_row BIGINT)")
	run(fmt.Sprintf("DELETE FROM campusgate_migrations WHERE version_id > %d", begun))
	start := time.Now()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	return db, time.Since(start)
}

// sentence is made of the characters that notices have most.
func sentence(random *rand.Rand, length int) string {
	all := []rune("的一在我有个卡饭堂教室图书馆钱包钥匙手机身份证雨伞水杯红色蓝黑白电脑耳机宿舍楼操场食二三四五六七号早上下午昨天今请联系谢")
	text := make([]rune, length)
	for i := range text {
		text[i] = all[random.IntN(len(all))]
	}
	return string(text)
}

// BenchmarkGrowth tells how each list's and search's time grows from 1,000 rows to
// 100,000, the rows found being the same.
func BenchmarkGrowth(b *testing.B) {
	page := storage.Page{Limit: 20}
	calls := []struct {
		name string
		run  func(b *testing.B, db *storage.DB) (rows int, err error)
	}{
		{"key_of_20", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Properties(b.Context(), storage.PropertyFilter{Type: 1, Key: new("校徽")}, page)
			return len(list), err
		}},
		{"key_of_all", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Properties(b.Context(), storage.PropertyFilter{Type: 1, Key: new("丢了")}, page)
			return len(list), err
		}},
		{"key_of_one_character", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Properties(b.Context(), storage.PropertyFilter{Type: 1, Key: new("徽")}, page)
			return len(list), err
		}},
		{"title_of_20", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Properties(b.Context(), storage.PropertyFilter{Type: 1, Title: new("校徽")}, page)
			return len(list), err
		}},
		{"notices_of_a_user", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Properties(b.Context(), storage.PropertyFilter{Type: 1, UserID: new("1180310007")}, page)
			return len(list), err
		}},
		{"notices_of_a_type", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Properties(b.Context(), storage.PropertyFilter{Type: 1}, page)
			return len(list), err
		}},
		{"notices_of_a_type_page_10", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Properties(b.Context(), storage.PropertyFilter{Type: 1}, storage.Page{Limit: 20, Offset: 180})
			return len(list), err
		}},
		{"products_by_name_of_20", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Products(b.Context(), storage.ProductFilter{Name: "校徽", Statuses: []int64{1}}, nil, page)
			return len(list), err
		}},
		{"products_by_name_of_all", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Products(b.Context(), storage.ProductFilter{Name: "丢了", Statuses: []int64{1}}, nil, page)
			return len(list), err
		}},
		{"products_of_a_shop", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Products(b.Context(), storage.ProductFilter{ShopID: new(int64(7)), Statuses: []int64{0, 1}}, nil, page)
			return len(list), err
		}},
		{"products_on_sale", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Products(b.Context(), storage.ProductFilter{Statuses: []int64{1}}, nil, page)
			return len(list), err
		}},
		{"products_of_all_types", func(b *testing.B, db *storage.DB) (int, error) {
			list, err := db.Products(b.Context(), storage.ProductFilter{Statuses: []int64{0, 1}}, nil, page)
			return len(list), err
		}},
		{"products_on_sale_by_price", func(b *testing.B, db *storage.DB) (int, error) {
			orders := []storage.Order{{Field: "product_price", Descending: true}}
			list, err := db.Products(b.Context(), storage.ProductFilter{Statuses: []int64{1}}, orders, page)
			return len(list), err
		}},
		{"orders_of_a_user", func(b *testing.B, db *storage.DB) (int, error) {
			list, _, err := db.Purchases(b.Context(), "1180310007", page)
			return len(list), err
		}},
	}
	for _, driver := range []string{"sqlite", "mysql"} {
		small := map[string]float64{}
		for _, rows := range []int{1000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", driver, rows), func(b *testing.B) {
				options := storage.Options{Driver: driver, DSN: filepath.Join(b.TempDir(), "a.db")}
				if driver == "mysql" {
					options.DSN = storagetest.StartMariaDB(b).DSN // without a log of all statements
				}
				db, grams := campus(b, options, rows)
				b.Logf("the grams of %d notices and products took %v", rows, grams)
				for _, call := range calls {
					b.Run(call.name, func(b *testing.B) {
						for b.Loop() {
							if found, err := call.run(b, db); err != nil || found != 20 {
								b.Fatalf("%d rows, %v; want 20", found, err)
							}
						}
						each := b.Elapsed().Seconds() / float64(b.N)
						if rows == 1000 {
							small[call.name] = each
						} else if small[call.name] > 0 {
							b.ReportMetric(each/small[call.name], "×1000-rows")
						}
					})
				}
			})
		}
	}
}
