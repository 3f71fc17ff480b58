package storage_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// campus opens a database with as many notices, products and orders as rows. Of
// the notices and products, 20 have the word 校徽 and all have 丢了. It tells how
// long their grams took, which are made as for a database that is older than these.
func campus(b testing.TB, options storage.Options, rows int) (db *storage.DB, grams time.Duration) {
	b.Helper()
	db, err := storage.Open(b.Context(), options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	run := func(statement string) { execOn(b, options.Driver, options.DSN, statement) }
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
			orders = append(orders, fmt.Sprintf("('%d', '%d', %d, %d, 1, 'finish')", i, user, i, 1_000_000+i%500))
		}
		run("INSERT INTO properties (type, lab, title, content, user_id, user_name, user_phone, update_time) VALUES " + strings.Join(notices, ", "))
		run("INSERT INTO products (product_id, product_name, product_content, product_key, product_price, shop_id, creat_time, product_status) VALUES " + strings.Join(products, ", "))
		run("INSERT INTO purchases (purchase_id, user_id, creat_time, product_id, product_num, purchase_state) VALUES " + strings.Join(orders, ", "))
	}
	begun := 7 // the migration with which the tables of grams are there
	if options.Driver == "mysql" {
		begun = 10
	}
	run("CREATE TABLE gram_progress (list VARCHAR(64) PRIMARY KEY, last_row BIGINT)")
	run("DROP TABLE offer_changes")
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

// A growthCall reads 20 rows.
type growthCall struct {
	name string
	run  func(ctx context.Context, db *storage.DB) (rows int, err error)
}

// notices and products are calls of a list.
func notices(name string, f storage.PropertyFilter, page storage.Page) growthCall {
	f.Type = 1
	return growthCall{name, func(ctx context.Context, db *storage.DB) (int, error) {
		list, err := db.Properties(ctx, f, page)
		return len(list), err
	}}
}

func products(name string, f storage.ProductFilter, orders ...storage.Sort) growthCall {
	return growthCall{name, func(ctx context.Context, db *storage.DB) (int, error) {
		list, err := db.Products(ctx, f, orders, storage.Page{Limit: 20})
		return len(list), err
	}}
}

// searched are the pages 1 and 5 of a search of the market in each of its sorts.
func searched(name string, f storage.MarketFilter, pages ...int64) (calls []growthCall) {
	for _, sort := range []string{storage.SortNew, storage.SortMatch, storage.SortPriceUp, storage.SortPriceDown, storage.SortSale} {
		for _, page := range pages {
			calls = append(calls, growthCall{fmt.Sprintf("market_%s_by_%s_page_%d", name, sort, page), func(ctx context.Context, db *storage.DB) (int, error) {
				f.Sort = sort
				list, _, err := db.SearchProducts(ctx, f, storage.Page{Limit: 20, Offset: 20 * (page - 1)})
				return len(list), err
			}})
		}
	}
	return calls
}

// growthCalls are those that read no more rows the more there are.
func growthCalls() []growthCall {
	page, onSale, shown := storage.Page{Limit: 20}, []int64{1}, []int64{0, 1}
	return slices.Concat([]growthCall{
		notices("key_of_20", storage.PropertyFilter{Key: new("校徽")}, page),
		notices("key_of_all", storage.PropertyFilter{Key: new("丢了")}, page),
		notices("key_of_one_character", storage.PropertyFilter{Key: new("徽")}, page),
		notices("title_of_20", storage.PropertyFilter{Title: new("校徽")}, page),
		notices("notices_of_a_user", storage.PropertyFilter{UserID: new("1180310007")}, page),
		notices("notices_of_a_type", storage.PropertyFilter{}, page),
		notices("notices_of_a_type_page_10", storage.PropertyFilter{}, storage.Page{Limit: 20, Offset: 180}),
		products("products_by_name_of_20", storage.ProductFilter{Name: "校徽", Statuses: onSale}),
		products("products_by_name_of_all", storage.ProductFilter{Name: "丢了", Statuses: onSale}),
		products("products_of_a_shop", storage.ProductFilter{ShopID: new(int64(7)), Statuses: shown}),
		products("products_on_sale", storage.ProductFilter{Statuses: onSale}),
		{"orders_of_a_user", func(ctx context.Context, db *storage.DB) (int, error) {
			list, _, err := db.Purchases(ctx, "1180310007", page)
			return len(list), err
		}},
	},
		searched("of_20", storage.MarketFilter{Words: []string{"校徽"}}, 1),
		searched("of_all", storage.MarketFilter{Words: []string{"丢了"}}, 1, 5),
		searched("of_everything", storage.MarketFilter{}, 1, 5),
	)
}

// On MariaDB too every list and search reads little more than it shows. The rows are
// those that the whole server has read: nothing runs beside it.
func TestListsReadFewRows(t *testing.T) {
	options := storage.Options{Driver: "mysql", DSN: storagetest.MariaDB(t)}
	db, _ := campus(t, options, 1000)
	pool, err := sql.Open("mysql", options.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	read := func() (rows int) {
		t.Helper()
		err := pool.QueryRowContext(t.Context(), `
			SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.global_status
			WHERE variable_name LIKE 'HANDLER_READ%'`).Scan(&rows)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	db.SetFew(100) // what more rows have is not counted to its end
	ofAll := notices("a_character_of_all", storage.PropertyFilter{Key: new("丢")}, storage.Page{Limit: 20})
	for _, call := range append(growthCalls(), ofAll) {
		t.Run(call.name, func(t *testing.T) {
			if _, err := call.run(t.Context(), db); err != nil { // what the market's search counts is kept
				t.Fatal(err)
			}
			start := read()
			counting := read() - start
			if found, err := call.run(t.Context(), db); err != nil || found != 20 {
				t.Fatalf("%d rows, %v; want 20", found, err)
			}
			if got := read() - start - 2*counting; got > 500 {
				t.Errorf("it read %d rows of 1000 to show 20", got)
			}
		})
	}
}

// BenchmarkGrowth measures how each list's and search's time grows from 1,000 rows to
// 100,000, the rows found being the same.
func BenchmarkGrowth(b *testing.B) {
	byPrice := storage.Sort{Field: "product_price", Descending: true}
	calls := append(growthCalls(),
		// A server may sort all of a small table, and read a large one in order.
		products("products_of_all_types", storage.ProductFilter{Statuses: []int64{0, 1}}),
		products("products_on_sale_by_price", storage.ProductFilter{Statuses: []int64{1}}, byPrice),
	)
	for _, driver := range []string{"sqlite", "mysql"} {
		small := map[string]float64{}
		for _, rows := range []int{1000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", driver, rows), func(b *testing.B) {
				options := storage.Options{Driver: driver, DSN: filepath.Join(b.TempDir(), "a.db")}
				if driver == "mysql" {
					options.DSN = storagetest.StartMariaDB(b, "--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M").DSN
				}
				db, grams := campus(b, options, rows)
				b.Logf("the grams of %d notices and products took %v, and hold %d bytes of each notice, %d of each product", rows, grams,
					size(b, options, "property_grams")/rows, size(b, options, "product_grams")/rows)
				for _, call := range calls {
					b.Run(call.name, func(b *testing.B) {
						for b.Loop() {
							if found, err := call.run(b.Context(), db); err != nil || found != 20 {
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

// size of a table in bytes.
func size(b *testing.B, options storage.Options, table string) (bytes int) {
	b.Helper()
	text := "SELECT SUM(pgsize) FROM dbstat WHERE name = ?"
	if options.Driver == "mysql" {
		execOn(b, "mysql", options.DSN, "ANALYZE TABLE "+table)
		text = "SELECT data_length FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?"
	}
	pool, err := sql.Open(options.Driver, options.DSN)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if err := pool.QueryRowContext(b.Context(), text, table).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	return bytes
}
