package storage_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// The characters of the texts and words of these tests: few, so that they often
// meet, of one to four bytes, wildcards, and letters whose case counts or not.
const characters = "aAkKſÉé卡饭𠮷 %_!\\'"

// randomText has at most most characters.
func randomText(random *rand.Rand, limit int) string {
	all := []rune(characters)
	text := make([]rune, random.IntN(limit+1))
	for i := range text {
		text[i] = all[random.IntN(len(all))]
	}
	return string(text)
}

func randomID(random *rand.Rand) string {
	return []string{"", "1", "12", "112", "1a", "A1", strings.Repeat("12", 60)}[random.IntN(7)]
}

func randomNotice(random *rand.Rand) storage.Property {
	return storage.Property{
		Type: 1 + random.Int64N(2), UpdateTime: random.Int64N(5), UserID: randomID(random),
		Lab: randomText(random, 2), Title: randomText(random, 3), Content: randomText(random, 6),
	}
}

// contains is what a part match is: the case of A-Z does not count.
func contains(text, part string) bool {
	return strings.Contains(small(text), small(part))
}

func small(text string) string {
	for letter := 'A'; letter <= 'Z'; letter++ {
		text = strings.ReplaceAll(text, string(letter), string(letter-'A'+'a'))
	}
	return text
}

// shows reports whether the filter, of these fields, shows p.
func shows(f storage.PropertyFilter, p storage.Property) bool {
	part := func(text string, part *string) bool { return part == nil || contains(text, *part) }
	byKey := f.Key == nil || *f.Key == p.UserID || *f.Key == strconv.FormatInt(p.ID, 10) ||
		contains(p.Lab, *f.Key) || contains(p.Title, *f.Key) || contains(p.Content, *f.Key)
	return f.Type == p.Type && byKey && part(p.Lab, f.Lab) && part(p.Title, f.Title) && part(p.Content, f.Content) && part(p.UserID, f.UserID)
}

// pageOf is what of all rows a page shows.
func pageOf[Row any](rows []Row, page storage.Page) []Row {
	if page.Limit == 0 {
		return rows
	}
	start := min(page.Offset, int64(len(rows)))
	return rows[start:min(start+page.Limit, int64(len(rows)))]
}

func randomFilter(random *rand.Rand) storage.PropertyFilter {
	f := storage.PropertyFilter{Type: 1 + random.Int64N(2)}
	if random.IntN(3) == 0 {
		f.Key = new(randomText(random, 3))
		if random.IntN(3) == 0 {
			f.Key = new([]string{"1", "12", "7", "112"}[random.IntN(4)])
		}
		return f
	}
	for _, field := range []**string{&f.Lab, &f.Title, &f.Content} {
		if random.IntN(3) == 0 {
			*field = new(randomText(random, 3))
		}
	}
	if random.IntN(3) == 0 {
		f.UserID = new(randomID(random))
	}
	return f
}

// wantNotices asks many questions of notices that come and go, and holds the
// answers against a look at each notice.
func wantNotices(t *testing.T, db *storage.DB, random *rand.Rand, notices []storage.Property) {
	t.Helper()
	slices.SortFunc(notices, func(a, b storage.Property) int {
		if a.UpdateTime != b.UpdateTime {
			return int(b.UpdateTime - a.UpdateTime)
		}
		return int(b.ID - a.ID)
	})
	for range 200 {
		f := randomFilter(random)
		page := storage.Page{Limit: random.Int64N(4), Offset: random.Int64N(4)}
		all := []storage.Property{}
		for _, p := range notices {
			if shows(f, p) {
				all = append(all, p)
			}
		}
		got, err := db.Properties(t.Context(), f, page)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pageOf(all, page), got); diff != "" {
			t.Fatalf("%s, page %+v (-want +got):\n%s", describe(f), page, diff)
		}
	}
}

func describe(f storage.PropertyFilter) string {
	asked := []string{fmt.Sprintf("type %d", f.Type)}
	for _, field := range []struct {
		name string
		part *string
	}{{"key", f.Key}, {"lab", f.Lab}, {"title", f.Title}, {"content", f.Content}, {"user_id", f.UserID}} {
		if field.part != nil {
			asked = append(asked, fmt.Sprintf("%s %q", field.name, *field.part))
		}
	}
	return strings.Join(asked, ", ")
}

// changeNotices changes the notices and returns those that are left.
func changeNotices(t *testing.T, db *storage.DB, random *rand.Rand, notices []storage.Property) []storage.Property {
	t.Helper()
	for i := range notices {
		p, to := &notices[i], randomNotice(random)
		c := storage.PropertyChange{UpdateTime: to.UpdateTime}
		p.UpdateTime = to.UpdateTime
		if random.IntN(2) == 0 {
			c.Type, p.Type = &to.Type, to.Type
		}
		for _, field := range []struct {
			change **string
			is     *string
			to     string
		}{{&c.Lab, &p.Lab, to.Lab}, {&c.Title, &p.Title, to.Title}, {&c.Content, &p.Content, to.Content}} {
			if random.IntN(2) == 0 {
				*field.change, *field.is = &field.to, field.to
			}
		}
		if err := db.UpdateProperty(t.Context(), p.ID, p.UserID, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range notices[:len(notices)/3] {
		if err := db.DeleteProperty(t.Context(), p.ID, p.UserID); err != nil {
			t.Fatal(err)
		}
	}
	return notices[len(notices)/3:]
}

func TestSearchOfNoticesIsALookAtEach(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		random := rand.New(rand.NewPCG(1, 2))
		var notices []storage.Property
		for range 150 {
			notices = append(notices, insertProperty(t, db, randomNotice(random)))
		}
		wantNotices(t, db, random, notices)
		db.SetFew(20) // what many rows have is found in another way
		wantNotices(t, db, random, notices)
		wantNotices(t, db, random, changeNotices(t, db, random, notices))
	})
}

// wantProducts is wantNotices for products, which are in the order of adding.
func wantProducts(t *testing.T, db *storage.DB, random *rand.Rand, products []storage.Product) {
	t.Helper()
	for range 200 {
		f := storage.ProductFilter{Name: randomText(random, 2), Key: randomText(random, 2), Statuses: []int64{0, 1}[:random.IntN(3)]}
		if random.IntN(3) == 0 {
			f.ShopID = new(random.Int64N(3))
		}
		page := storage.Page{Limit: random.Int64N(4), Offset: random.Int64N(4)}
		var orders []storage.Sort
		all := []storage.Product{}
		for _, p := range products {
			if contains(p.ProductName, f.Name) && contains(p.ProductKey, f.Key) &&
				(f.ShopID == nil || *f.ShopID == p.ShopID) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, p.ProductStatus)) {
				all = append(all, p)
			}
		}
		if random.IntN(2) == 0 {
			orders = []storage.Sort{{Field: "product_price", Descending: true}}
			slices.SortStableFunc(all, func(a, b storage.Product) int { return int(b.ProductPrice - a.ProductPrice) })
		}
		got, err := db.Products(t.Context(), f, orders, page)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pageOf(all, page), got); diff != "" {
			t.Fatalf("%+v, order %v, page %+v (-want +got):\n%s", f, orders, page, diff)
		}
	}
}

func randomProduct(random *rand.Rand, id int64) storage.Product {
	return storage.Product{
		ProductID: id, ProductName: randomText(random, 4), ProductKey: randomText(random, 4),
		ProductPrice: random.Int64N(5), ShopID: random.Int64N(3), ProductStatus: random.Int64N(3),
	}
}

func changeProducts(t *testing.T, db *storage.DB, random *rand.Rand, products []storage.Product) {
	t.Helper()
	for i := range products {
		p, to := &products[i], randomProduct(random, 0)
		c := storage.ProductChange{Status: to.ProductStatus}
		p.ProductStatus = to.ProductStatus
		if random.IntN(2) == 0 {
			c.Name, p.ProductName = &to.ProductName, to.ProductName
		}
		if random.IntN(2) == 0 {
			c.Key, p.ProductKey = &to.ProductKey, to.ProductKey
		}
		if err := db.UpdateProduct(t.Context(), p.ProductID, p.ShopID, c); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSearchOfProductsIsALookAtEach(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		random := rand.New(rand.NewPCG(3, 4))
		var products []storage.Product
		for i := range 150 {
			p := randomProduct(random, int64(1000-i))
			insertProduct(t, db, p)
			products = append(products, p)
		}
		wantProducts(t, db, random, products)
		db.SetFew(20)
		wantProducts(t, db, random, products)
		changeProducts(t, db, random, products)
		wantProducts(t, db, random, products)
	})
}

// addedColumns takes away the columns that migrations from 0100 add to tables of SQLite,
// which adds no column IF NOT EXISTS: an older database has none of them.
var addedColumns = []string{
	`DROP INDEX products_on_offer`, `DROP INDEX products_offer_price`, `DROP INDEX products_offer_cheap`, `DROP INDEX products_offer_sold`,
	`ALTER TABLE products DROP COLUMN on_offer`, `ALTER TABLE products DROP COLUMN offer_price`,
	`ALTER TABLE products DROP COLUMN offer_cheap`, `ALTER TABLE products DROP COLUMN offer_sold`,
	`ALTER TABLE products DROP COLUMN product_sold`, `ALTER TABLE products DROP COLUMN seller_frozen`,
	`DROP INDEX products_category`, `ALTER TABLE products DROP COLUMN category_id`,
	`DROP INDEX products_type_status`, `DROP INDEX products_user`,
	`ALTER TABLE products DROP COLUMN product_type`, `ALTER TABLE products DROP COLUMN product_stock`,
	`ALTER TABLE products DROP COLUMN original_price`, `ALTER TABLE products DROP COLUMN ship_price`,
	`ALTER TABLE products DROP COLUMN sell_method`, `ALTER TABLE products DROP COLUMN first_price`,
	`ALTER TABLE products DROP COLUMN review_state`, `ALTER TABLE products DROP COLUMN review_note`,
	`ALTER TABLE products DROP COLUMN user_id`, `ALTER TABLE products DROP COLUMN pics`,
	`ALTER TABLE products DROP COLUMN open_orders`,
}

// moneyColumns are those that profiles got later.
var moneyColumns = []string{
	`DROP INDEX profiles_credit_time`, `DROP INDEX profiles_credit_state`, `ALTER TABLE profiles DROP COLUMN beli_held`, `ALTER TABLE profiles DROP COLUMN credit_held`,
	`ALTER TABLE profiles DROP COLUMN credit_debt`, `ALTER TABLE profiles DROP COLUMN credit_time`,
}

// The grams of a database that is older than their tables are made by migrating
// it, also by several processes, and by one where another was killed. They are
// those that writing leaves: none is missing, none too many.
func TestGramsOfAnOlderDatabase(t *testing.T) {
	t.Parallel()
	for _, database := range []struct {
		name          string
		options       storage.Options
		before, begun int      // the migrations before the tables, and with them
		added, money  []string // columns that are not added IF NOT EXISTS
	}{
		{"sqlite", storage.Options{Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db")}, 6, 7, addedColumns, moneyColumns},
		{"mariadb", storage.Options{Driver: "mysql"}, 7, 10, nil, nil},
	} {
		t.Run(database.name, func(t *testing.T) {
			t.Parallel()
			options := database.options
			if options.DSN == "" {
				options.DSN = storagetest.MariaDB(t)
			}
			db := openFile(t, options)
			random := rand.New(rand.NewPCG(7, 8))
			if err := db.InsertShop(t.Context(), storage.Shop{ShopID: 1, ShopName: "a", UserID: "12"}); err != nil {
				t.Fatal(err)
			}
			var notices []storage.Property
			var products []storage.Product
			for i := range 250 { // more than a batch
				notices = append(notices, insertProperty(t, db, randomNotice(random)))
				products = append(products, randomProduct(random, int64(i)))
				insertProduct(t, db, products[i])
			}
			changeNotices(t, db, random, notices[:100])
			changeProducts(t, db, random, products[:100])
			changeTogether(t, db, notices[200:205])
			sellSome(t, db)
			want := grams(t, options)
			run := func(statements ...string) {
				execOn(t, options.Driver, options.DSN, slices.Concat(database.added, database.money, statements)...)
			}

			run(`DROP TABLE property_grams`, `DROP TABLE product_grams`, `DROP TABLE product_texts`, `DROP TABLE product_text_grams`, `DROP TABLE offer_changes`,
				fmt.Sprintf(`DELETE FROM campusgate_migrations WHERE version_id > %d`, database.before))
			migrateTogether(t, options)
			if diff := cmp.Diff(want, grams(t, options)); diff != "" {
				t.Errorf("made by three processes (-want +got):\n%s", diff)
			}
			if options.Driver == "mysql" { // where the columns were there
				run(`UPDATE products SET product_sold = 0, seller_frozen = 0`)
			}

			run(`CREATE TABLE gram_progress (list VARCHAR(64) PRIMARY KEY, last_row BIGINT)`,
				`INSERT INTO gram_progress (list, last_row) VALUES ('properties', 200)`,
				`DELETE FROM property_grams WHERE property_id > 200`, `DELETE FROM product_grams`,
				`DROP TABLE product_texts`, `DROP TABLE product_text_grams`, `DROP TABLE offer_changes`,
				fmt.Sprintf(`DELETE FROM campusgate_migrations WHERE version_id > %d`, database.begun))
			migrateTogether(t, options)
			if diff := cmp.Diff(want, grams(t, options)); diff != "" {
				t.Errorf("after another was killed (-want +got):\n%s", diff)
			}

			execOn(t, options.Driver, options.DSN, slices.Concat(database.money, []string{
				`DELETE FROM product_texts WHERE text_id > 100`, `DELETE FROM product_text_grams WHERE gram_id > 100`,
				`UPDATE products SET product_sold = 0, seller_frozen = 0 WHERE seq > 100`, `DROP TABLE offer_changes`,
				`DELETE FROM campusgate_migrations WHERE version_id > 132`,
			})...)
			migrateTogether(t, options)
			if diff := cmp.Diff(want, grams(t, options)); diff != "" {
				t.Errorf("texts after another was killed (-want +got):\n%s", diff)
			}
		})
	}
}

// sellSome has some pieces paid of products, and freezes the owner of their one shop.
func sellSome(t *testing.T, db *storage.DB) {
	t.Helper()
	for i := range int64(40) {
		order := storage.Purchase{PurchaseID: strconv.FormatInt(i, 10), UserID: "1", ProductID: i % 9, ProductNum: 1 + i, PurchaseState: []string{storage.PurchaseFinish, storage.PurchasePaying}[i%2]}
		err := db.InsertPurchase(t.Context(), order)
		if err == nil && order.PurchaseState == storage.PurchaseFinish {
			err = db.AddSale(t.Context(), order.ProductID, order.ProductNum)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(t.Context(), "12", 1)
		if err != nil {
			return err
		}
		profile.State = storage.ProfileFrozen
		return tx.UpdateProfile(t.Context(), profile)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// changeTogether lets several change each of the notices at once.
func changeTogether(t *testing.T, db *storage.DB, notices []storage.Property) {
	t.Helper()
	var group sync.WaitGroup
	for writer := range 4 {
		random := rand.New(rand.NewPCG(9, uint64(writer)))
		group.Go(func() {
			for _, p := range notices {
				c := storage.PropertyChange{Title: new(randomText(random, 3)), UpdateTime: random.Int64N(5)}
				if err := db.UpdateProperty(t.Context(), p.ID, p.UserID, c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func migrateTogether(t *testing.T, options storage.Options) {
	t.Helper()
	var group sync.WaitGroup
	for range 3 {
		replica := openOnly(t, options)
		group.Go(func() {
			if err := replica.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// grams are all of the database's, as hexadecimal digits with their rows.
func grams(t *testing.T, options storage.Options) []string {
	t.Helper()
	pool, err := sql.Open(options.Driver, options.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	rows, err := pool.QueryContext(t.Context(), `
		SELECT HEX(gram) AS gram, property_type, property_update_time, property_id FROM property_grams
		UNION ALL SELECT HEX(gram), 0, 0, product_seq FROM product_grams
		UNION ALL SELECT HEX(gram), 1, 0, gram_id FROM product_text_grams
		UNION ALL SELECT HEX(CONCAT(marks, '/', title, '/', body)), 2, 0, text_id FROM product_texts
		UNION ALL SELECT 'offer', product_sold, seller_frozen, seq FROM products ORDER BY 1, 2, 3, 4`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var grams []string
	for rows.Next() {
		var gram string
		var kind, updated, row int64
		if err := rows.Scan(&gram, &kind, &updated, &row); err != nil {
			t.Fatal(err)
		}
		grams = append(grams, fmt.Sprintf("%s of %d, %d, %d", gram, kind, updated, row))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return grams
}
