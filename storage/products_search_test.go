package storage_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A soldProduct is a product as the judge of the search sees it: nothing of ours is in it but
// what the calls have said.
type soldProduct struct {
	id, shop                  int64
	seller                    string
	kind, method, price, sold int64
	category                  *int64
	name, key, text           string // what is searched of the content
	stock                     *int64
	status, review            int64
}

// The market of these tests: its sellers, of whom one is frozen and one deleted, and the shops
// that some of them have.
var (
	sellers     = []string{"11", "12", "13", "14"}
	shopsOfTest = map[int64]string{901: "11", 902: "12", 903: "13"}
	stateOf     = map[string]int64{"13": storage.ProfileFrozen, "14": storage.ProfileDeleted}
)

// isOffered reports whether a product can be bought now.
func (p soldProduct) isOffered() bool {
	return p.status == 1 && (p.review == 0 || p.review == 2) && (p.stock == nil || *p.stock > 0) && stateOf[p.seller] == 0
}

// narrowSmall is a text without regard to the case of A-Z and the width of letters and digits.
func narrowSmall(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'Ａ' && r <= 'Ｚ':
			return r - 'Ａ' + 'a'
		case r >= 'ａ' && r <= 'ｚ':
			return r - 'ａ' + 'a'
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case r == 'ｱ':
			return 'ア'
		}
		return r
	}, text)
}

// passes reports whether a product is in the answer.
func (p soldProduct) passes(f storage.MarketFilter) bool {
	equal := func(want *int64, got int64) bool { return want == nil || *want == got }
	for _, word := range f.Words {
		word = narrowSmall(word)
		if !slices.ContainsFunc([]string{p.name, p.key, p.text}, func(text string) bool { return strings.Contains(narrowSmall(text), word) }) {
			return false
		}
	}
	return p.isOffered() && equal(f.ShopID, p.shop) && equal(f.Type, p.kind) && (f.UserID == "" || f.UserID == p.seller) &&
		(f.CategoryID == nil || p.category != nil && *p.category == *f.CategoryID) && (p.method == 0 && f.SellMethod != nil || equal(f.SellMethod, p.method)) &&
		(f.PriceMin == nil || p.price >= *f.PriceMin) && (f.PriceMax == nil || p.price <= *f.PriceMax)
}

// isNamed reports whether a product's name has all words.
func (p soldProduct) isNamed(words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(narrowSmall(p.name), narrowSmall(word)) })
}

// judged are the ids of the answer to a question of products, the oldest of which is first.
func judged(products []soldProduct, f storage.MarketFilter) (ids []int64) {
	var found []soldProduct
	for _, p := range slices.Backward(products) {
		if p.passes(f) {
			found = append(found, p)
		}
	}
	named := map[bool]int{true: 0, false: 1}
	slices.SortStableFunc(found, func(a, b soldProduct) int {
		switch f.Sort {
		case storage.SortMatch:
			return cmp.Compare(named[a.isNamed(f.Words)], named[b.isNamed(f.Words)])
		case storage.SortPriceUp:
			return cmp.Compare(a.price, b.price)
		case storage.SortPriceDown:
			return cmp.Compare(b.price, a.price)
		case storage.SortSale:
			return cmp.Compare(b.sold, a.sold)
		}
		return 0
	})
	for _, p := range found {
		ids = append(ids, p.id)
	}
	return ids
}

// The characters of names and words: few, so that they meet, of one to four bytes, wide ones
// beside their narrow ones, letters whose case counts or not, signs that mean something in
// patterns, and such as combine with others.
const searchCharacters = "aAｂBｃ1１kKſÉé卡饭堂水𠮷😀ｱア%_!\\'\"\u0301\u200d"

func randomWord(random *rand.Rand, limit int) string {
	all := []rune(searchCharacters)
	word := make([]rune, 1+random.IntN(limit))
	for i := range word {
		word[i] = all[random.IntN(len(all))]
	}
	return string(word)
}

func randomWords(random *rand.Rand, limit int) string {
	words := make([]string, random.IntN(limit))
	for i := range words {
		words[i] = randomWord(random, 6)
	}
	return strings.Join(words, []string{" ", "\u3000", "\n\t"}[random.IntN(3)])
}

func maybe(random *rand.Rand, limit int64) *int64 {
	if random.IntN(3) > 0 {
		return nil
	}
	return new(random.Int64N(limit))
}

func randomSold(random *rand.Rand, id int64) soldProduct {
	p := soldProduct{
		id: id, kind: random.Int64N(3), method: random.Int64N(3), price: 1 + random.Int64N(20), sold: random.Int64N(4),
		category: maybe(random, 3), stock: maybe(random, 3), status: min(1, random.Int64N(6)), review: max(0, random.Int64N(9)-5),
		name: randomWords(random, 4), key: randomWords(random, 3), text: randomWords(random, 9), seller: sellers[random.IntN(4)],
	}
	if p.kind == storage.TypeGoods || p.kind == storage.TypeCourse && random.IntN(2) == 0 {
		p.shop = 901 + random.Int64N(3)
		p.seller = shopsOfTest[p.shop]
	}
	if p.kind != storage.TypeGoods {
		p.key = ""
	}
	if p.kind != storage.TypeSecondHand {
		p.review = 0
	}
	if p.kind == storage.TypeCourse { // a course begins with its name alone
		p.text, p.price = "", 0
	}
	return p
}

// addSold adds a product by the statements of its type, and writes what no statement of these
// tests would by others.
func addSold(t *testing.T, db *storage.DB, p soldProduct) {
	t.Helper()
	ctx := t.Context()
	content := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(p.text)
	err := db.InTx(ctx, func(tx *storage.Tx) error {
		var err error
		switch p.kind {
		case storage.TypeGoods:
			err = tx.InsertProduct(ctx, storage.Product{
				ProductID: p.id, ShopID: p.shop, ProductName: p.name, ProductKey: p.key, ProductContent: content, ProductPrice: p.price, ProductStatus: p.status,
			})
		case storage.TypeSecondHand:
			err = tx.InsertSecondHand(ctx, p.id, p.seller, storage.ProductVersion{Name: p.name, Content: content, Price: p.price}, p.review, 1)
		default:
			err = tx.InsertCourse(ctx, storage.Course{ProductID: p.id, Name: p.name, ShopID: p.shop, UserID: p.seller, Status: p.status}, 1)
		}
		if err != nil {
			return err
		}
		terms := storage.ProductTerms{SellMethod: &p.method, CategoryID: p.category, Stock: p.stock}
		if p.stock == nil {
			terms.Stock = new(int64(storage.Unlimited))
		}
		if p.category != nil {
			terms.CategoryID = new(*p.category + 1) // 0 is none
		}
		if err := tx.SetProductTerms(ctx, p.id, terms); err != nil {
			return err
		}
		if p.kind == storage.TypeSecondHand && p.status == 0 {
			if err := tx.WithdrawProduct(ctx, p.id, 1); err != nil {
				return err
			}
		}
		return tx.AddSold(ctx, p.id, p.sold)
	})
	if err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
}

// marketOf makes a market of random products.
func marketOf(t *testing.T, db *storage.DB, random *rand.Rand, count int) (products []soldProduct) {
	t.Helper()
	ctx := t.Context()
	for id, owner := range shopsOfTest {
		if err := db.InsertShop(ctx, storage.Shop{ShopID: id, ShopName: fmt.Sprint("shop ", id), UserID: owner}); err != nil {
			t.Fatal(err)
		}
	}
	setStates(t, db, count%2 == 0) // before there are products, or behind
	for i := range count {
		p := randomSold(random, int64(1_000_000-i))
		addSold(t, db, p)
		if p.category != nil {
			p.category = new(*p.category + 1)
		}
		products = append(products, p)
	}
	setStates(t, db, true)
	return products
}

// setStates gives the sellers their states, if it shall.
func setStates(t *testing.T, db *storage.DB, shall bool) {
	t.Helper()
	for user, state := range stateOf {
		if !shall {
			return
		}
		err := db.InTx(t.Context(), func(tx *storage.Tx) error {
			profile, err := tx.LockProfile(t.Context(), user, 1)
			if err != nil {
				return err
			}
			profile.State = state
			return tx.UpdateProfile(t.Context(), profile)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func randomQuestion(random *rand.Rand, products []soldProduct) storage.MarketFilter {
	f := storage.MarketFilter{Sort: []string{storage.SortNew, storage.SortMatch, storage.SortPriceUp, storage.SortPriceDown, storage.SortSale}[random.IntN(5)]}
	for range random.IntN(4) {
		if random.IntN(2) == 0 { // a part of a text
			p := products[random.IntN(len(products))]
			words := strings.Fields(p.name + " " + p.key + " " + p.text)
			if len(words) > 0 {
				word := []rune(words[random.IntN(len(words))])
				start := random.IntN(len(word))
				f.Words = append(f.Words, string(word[start:start+1+random.IntN(len(word)-start)]))
			}
			continue
		}
		f.Words = append(f.Words, randomWord(random, 3))
	}
	switch random.IntN(9) {
	case 0:
		f.CategoryID = new(1 + random.Int64N(3))
	case 1:
		f.Type = new(random.Int64N(3))
	case 2:
		f.PriceMin = new(random.Int64N(20))
	case 3:
		f.PriceMin, f.PriceMax = new(random.Int64N(10)), new(10+random.Int64N(10))
	case 4:
		f.SellMethod, f.PriceMax = new(random.Int64N(3)), new(random.Int64N(20))
	case 5:
		f.ShopID = new(901 + random.Int64N(4))
	case 6:
		f.UserID = sellers[random.IntN(4)]
	}
	return f
}

// wantSearch asks many questions, and holds the answers against a look at each product.
func wantSearch(t *testing.T, db *storage.DB, random *rand.Rand, products []soldProduct, questions int) {
	t.Helper()
	for range questions {
		f := randomQuestion(random, products)
		page := storage.Page{Limit: 1 + random.Int64N(30), Offset: []int64{0, 0, 1, 20, random.Int64N(300)}[random.IntN(5)]}
		want := judged(products, f)
		asked := f
		asked.Words = slices.Clone(f.Words)
		list, total, err := db.SearchProducts(t.Context(), asked, page)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		var got []int64
		for _, row := range list {
			got = append(got, row.ProductID)
		}
		if diff := gocmp.Diff(pageOf(want, page), got); len(pageOf(want, page))+len(got) > 0 && diff != "" || total != int64(len(want)) {
			t.Fatalf("%s, page %+v: %d, want %d (-want +got):\n%s", describeMarket(f), page, total, len(want), diff)
		}
	}
}

func describeMarket(f storage.MarketFilter) string {
	asked := []string{fmt.Sprintf("%q sort %q", f.Words, f.Sort), "user " + f.UserID}
	for name, value := range map[string]*int64{"category": f.CategoryID, "type": f.Type, "min": f.PriceMin, "max": f.PriceMax, "method": f.SellMethod, "shop": f.ShopID} {
		if value != nil {
			asked = append(asked, fmt.Sprint(name, " ", *value))
		}
	}
	return strings.Join(asked, ", ")
}

// Nor are there others while somebody else's transaction is open that wrote before the products
// were: MariaDB then loses rows of virtual columns (see migration 0195).
func TestSearchOfTheMarketBesideAnOpenTransaction(t *testing.T) {
	t.Parallel()
	db := storagetest.OpenMariaDB(t)
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		if err := tx.InsertShop(t.Context(), storage.Shop{ShopID: 1, ShopName: "tea", UserID: "1"}); err != nil {
			return err
		}
		random := rand.New(rand.NewPCG(7, 8))
		products := marketOf(t, db, random, 401)
		for _, few := range []int{0, 1, 20} {
			db.SetFew(few)
			wantSearch(t, db, random, products, 200)
		}
		return nil
	})
	must(t, err)
}

// No index is of a virtual column on MariaDB.
func TestNoVirtualColumns(t *testing.T) {
	t.Parallel()
	dsn := storagetest.MariaDB(t)
	openFile(t, storage.Options{Driver: "mysql", DSN: dsn})
	server, err := sql.Open("mysql", dsn)
	must(t, err)
	t.Cleanup(func() { must(t, server.Close()) })
	var found sql.NullString
	must(t, server.QueryRowContext(t.Context(), "SELECT GROUP_CONCAT(table_name, '.', column_name) FROM information_schema.columns"+
		" WHERE table_schema = DATABASE() AND extra LIKE '%VIRTUAL%'").Scan(&found))
	if found.Valid {
		t.Errorf("virtual columns: %s; MariaDB needs them stored: see migration 0195", found.String)
	}
}

// The answers are those of a look at each product: in the long form of 5,000 products and 2,000
// questions.
func TestSearchOfTheMarketIsALookAtEach(t *testing.T) {
	t.Parallel()
	count, questions := 401, 400
	if os.Getenv("TORTURE") != "" {
		count, questions = 5000, 2000
	}
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		random := rand.New(rand.NewPCG(5, 6))
		products := marketOf(t, db, random, count)
		for _, few := range []int{0, 1, 20} { // many rows are found in other ways than few
			db.SetFew(few)
			wantSearch(t, db, random, products, questions)
		}
	})
}
