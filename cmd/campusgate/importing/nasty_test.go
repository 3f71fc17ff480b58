package importing_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/importing"
	"campusgate/storage"
	"campusgate/storage/olddatabase"
	"campusgate/storage/olddatabase/olddatabasetest"
	"campusgate/storage/storagetest"
)

// A nasty row is one of an old table, and what becomes of it.
type nasty struct {
	table  olddatabase.Table
	row    []any
	reason string // in the report; "" says that it is kept as it is
	kept   bool   // with a reason: it is changed
}

const (
	when    = "2019-04-22 16:17:42"
	later   = "2019-04-29 22:02:11"
	oldHost = "https://www.zustservice.cn/api/external/get/pic/property/a.jpg"
)

var (
	emoji = strings.Repeat("😀", 50)
	huge  = strings.Repeat("<p>长</p>", 200_000) // over 1 MiB
)

func nastyNotices() []nasty {
	return []nasty{
		{olddatabase.Property, notice(2147483648, 1, "卡", "太大", "x"), "id: it must be 1 to 2147483647", false},
		{olddatabase.Property, notice(2147483647, 1, "卡", "最后", "x"), "", false},
		{olddatabase.Property, []any{
			1556542860, 2, 1, "卡类", "None", `None <b>&amp;</b> 100%_!\' "`, nil, "1180310086", nil, nil, nil,
			nil, nil, nil, nil, when, nil, nil, nil, nil, nil,
		}, "", false},
		{olddatabase.Property, []any{
			1556542859, 1, 0, emoji, emoji[:20*4], strings.Repeat("😀", 500), when, "None", "None", "None", "None",
			"None", "None", "None", "None", later, later, 1, oldHost, "None", "",
		}, "", false},
		{olddatabase.Property, []any{
			1556542858, 1, nil, "", "", "", nil, nil, nil, nil, nil, "7", "钱", "1", "2", nil, nil, 3, "a", "b", "c",
		}, "", false},
		{olddatabase.Property, notice(1556542857, 3, "卡", "三", "x"), "type: it must be 1 to 2", false},
		{olddatabase.Property, notice(1556542856, nil, "卡", "无", "x"), "type: it must be 1 to 2", false},
		{olddatabase.Property, notice(0, 1, "卡", "零", "x"), "id: it must be 1 to 2147483647", false},
	}
}

func notice(id, kind any, lab, title, content string) []any {
	return []any{id, kind, 0, lab, title, content, when, "1", "a", "b", "c", nil, nil, nil, nil, when, when, 0, "", "", ""}
}

func wantNotices(t *testing.T) []storage.Property {
	t.Helper()
	at, changed := unix(t, when), unix(t, later)
	return []storage.Property{
		{
			ID: 2147483647, Type: 1, Lab: "卡", Title: "最后", Content: "x", OccurrenceTime: at, UserID: "1", UserName: "a", UserPhone: "b", UserQQ: "c",
			PublishTime: at, UpdateTime: at,
		},
		{
			ID: 1556542860, Type: 2, State: 1, Lab: "卡类", Title: "None", Content: `None <b>&amp;</b> 100%_!\' "`, OccurrenceTime: at,
			UserID: "1180310086", PublishTime: at, UpdateTime: at,
		},
		{
			ID: 1556542859, Type: 1, Lab: emoji, Title: emoji[:20*4], Content: strings.Repeat("😀", 500), OccurrenceTime: at,
			PublishTime: changed, UpdateTime: changed, PicNum: 1, PicURL1: oldHost,
		},
		{
			ID: 1556542858, Type: 1, OccurrenceTime: 1556542858, User2ID: "7", User2Name: "钱", User2Phone: "1", User2QQ: "2",
			PublishTime: 1556542858, UpdateTime: 1556542858, PicNum: 3, PicURL1: "a", PicURL2: "b", PicURL3: "c",
		},
	}
}

func nastyShops() []nasty {
	shop := func(id, name, user any) []any { return []any{id, name, "内容", user, when, nil} }
	return []nasty{
		{olddatabase.Shop, shop(100000001, "Tea", 1), "", false},
		{olddatabase.Shop, shop(100000002, "tea", 1), "", false},
		{olddatabase.Shop, shop(100000003, "Tea ", nil), "", false},
		{olddatabase.Shop, shop(100000004, "Tea", 2), "shop_name: shop 100000001 has this name", false},
		{olddatabase.Shop, []any{100000005, "茶", nil, "1180310086", when, "None"}, "", false},
		{olddatabase.Shop, []any{100000005, "水", nil, "1180310086", later, "None"}, "the id is there twice", false},
		{olddatabase.Shop, shop(nil, "无", 1), "shop_id: it is missing", false},
		{olddatabase.Shop, shop(100000006, strings.Repeat("长", 134), 1), "shop_name: it has 402 bytes, and 400 can be kept", false},
	}
}

func wantShops(t *testing.T) []storage.Shop {
	t.Helper()
	at := unix(t, when)
	return []storage.Shop{
		{ShopID: 100000001, ShopName: "Tea", ShopContent: "内容", UserID: "1", CreatTime: at},
		{ShopID: 100000002, ShopName: "tea", ShopContent: "内容", UserID: "1", CreatTime: at},
		{ShopID: 100000003, ShopName: "Tea ", ShopContent: "内容", CreatTime: at},
		{ShopID: 100000005, ShopName: "茶", UserID: "1180310086", UserName: "王凌超", CreatTime: at},
	}
}

func nastyProducts() []nasty {
	product := func(id, price, discount any) []any {
		return []any{id, "茶", "绿茶", "茶|饮料", price, discount, 0, 5, 6, 100000001, when, nil, nil, 1}
	}
	with := func(row []any, column string, value any) []any {
		row[slices.Index(olddatabase.Product.Columns, column)] = value
		return row
	}
	return []nasty{
		{olddatabase.Product, product(1000001, "0.29", nil), "", false},
		{olddatabase.Product, product(1000015, "37.019999999999996", nil), "", false}, // 3 × 12.34 of a binary fraction
		{olddatabase.Product, product(1000002, "12.345", nil), "product_price: 12.345 is kept as 12.35", true},
		{olddatabase.Product, product(1000003, "-0.01", nil), "product_price: it must be 0.00 to 999999.99", false},
		{olddatabase.Product, product(1000004, "10", "9.5"), "", false},
		{olddatabase.Product, product(1000005, "10", "10.01"), "product_disprice: 10.01 is above product_price, and is not kept", true},
		{olddatabase.Product, product(1000006, "10", "0"), "", false},
		{olddatabase.Product, product(1000007, "10", "-1"), "product_disprice: it must be 0.00 to 999999.99", false},
		{olddatabase.Product, product(1000008, nil, nil), "product_price: it is missing", false},
		{olddatabase.Product, product(1000009, "1000000", nil), "product_price: it must be 0.00 to 999999.99", false},
		{olddatabase.Product, with(product(1000010, "1", nil), "shop_id", 7), "shop_id: shop 7 is not there, so nobody can change the product", true},
		{olddatabase.Product, with(product(1000011, "1", nil), "product_status", 7), "product_status: it must be 0 to 2", false},
		{
			olddatabase.Product, with(product(1000012, "999999.99", nil), "product_content", `<h1 onclick="x()">茶</h1><script>alert(1)</script>5 < 6`),
			"", false,
		},
		{olddatabase.Product, with(product(1000013, "1", nil), "product_content", huge), "product_content: it is longer than 1 MiB", false},
		{olddatabase.Product, with(product(1000014, "1", nil), "product_click", -3), "product_click: -3 is kept as 0", true},
		{olddatabase.Product, with(product(1000014, "1", nil), "creat_time", later), "the id is there twice", false},
	}
}

func wantProducts(t *testing.T) []storage.Product {
	t.Helper()
	at := unix(t, when)
	product := func(id, price int64) storage.Product {
		return storage.Product{
			ProductID: id, ProductName: "茶", ProductContent: "绿茶", ProductKey: "茶|饮料", ProductPrice: price,
			ProductClick: 5, ProductCollection: 6, ShopID: 100000001, CreatTime: at, UpdateTime: at, ProductStatus: 1,
		}
	}
	reduced, orphan, clean, clicks := product(1000004, 1000), product(1000010, 100), product(1000012, 999_999_99), product(1000014, 100)
	reduced.ProductDisprice = new(int64(950))
	orphan.ShopID = 7
	clean.ProductContent = "<h1>茶</h1>5 &lt; 6"
	clicks.ProductClick = 0
	return []storage.Product{
		product(1000001, 29), product(1000002, 1235), reduced, product(1000005, 1000), product(1000006, 1000), orphan, clean, clicks,
		product(1000015, 3702),
	}
}

func nastyOrders() []nasty {
	order := func(id, state, price, method any) []any {
		return []any{id, state, "1180310086", 0, price, when, method}
	}
	info := func(id, product, unit any) []any { return []any{id, product, 2, unit, "0.58"} }
	const paid, unpaid, gone, negative, bare, odd = "15749511524517731", "15749511524517732", "15749511524517733", "15749511524517734", "15749511524517735", "15749511524517736"
	return []nasty{
		{olddatabase.Purchase, order(paid, "finish", "0.58", "wallet"), "", false},
		{olddatabase.Purchase, order(unpaid, "paying", "0.58", nil), "", false},
		{olddatabase.Purchase, order(gone, "cancel", "0.58", ""), "product_id: product 1000003 is not there", false},
		{olddatabase.Purchase, order(negative, "paying", "-0.58", ""), "purchase_price: it must be 0.00 to 9998999900.01", false},
		{olddatabase.Purchase, order(bare, "paying", "0.58", ""), "purchase_id: the order has no row in purchase_info", false},
		{
			olddatabase.Purchase, order(odd, "refund", nil, "None"),
			"purchase_price: it is missing; purchase_state: it must be paying, finish or cancel; product_unitprice: it must be 0.00 to 999999.99", false,
		},
		{olddatabase.PurchaseInfo, info(paid, 1000001, "0.29"), "", false},
		{olddatabase.PurchaseInfo, info(unpaid, 1000001, "0.29"), "", false},
		{olddatabase.PurchaseInfo, info(gone, 1000003, "0.29"), "", false},
		{olddatabase.PurchaseInfo, info(negative, 1000001, "0.29"), "", false},
		{olddatabase.PurchaseInfo, info(odd, 1000001, "-1"), "", false},
		{olddatabase.PurchaseInfo, info("9", 1000001, "0.29"), "purchase_id: there is no such order", false},
		{olddatabase.PurchaseInfo, info(unpaid, 1000001, "0.29"), "purchase_id: the order has another row", false},
	}
}

func wantOrders(t *testing.T) []storage.Purchase {
	t.Helper()
	order := storage.Purchase{
		PurchaseID: "15749511524517732", PurchaseState: "paying", UserID: "1180310086", PurchasePrice: 58, CreatTime: unix(t, when),
		ProductID: 1000001, ProductNum: 2, ProductUnitprice: 29, ProductTotalprice: 58,
	}
	paid := order
	paid.PurchaseID, paid.PurchaseState, paid.PayMethod = "15749511524517731", "finish", "wallet"
	return []storage.Purchase{order, paid} // the later first
}

func nastyAccounts() []nasty {
	return []nasty{
		{olddatabase.Users, []any{1180310086, "王凌超", "12.34"}, "", false},
		{olddatabase.Users, []any{1180310087, nil, nil}, "", false},
		{olddatabase.Users, []any{1180310088, "欠", "-0.305"}, "wealth: -0.305 is kept as -0.31", true},
		{olddatabase.Tokens, []any{"415ae5ef", 1180310086}, "", false},
		{olddatabase.Tokens, []any{"515ae5ef", 1180310086}, "", false},
		{olddatabase.Tokens, []any{"615ae5ef", 12}, "user_id: there is no such user", false},
		{olddatabase.Tokens, []any{"715ae5ef", nil}, "user_id: it is missing", false},
	}
}

// listed are the entries that a report must have, sorted.
func listed(rows []nasty) (entries []string) {
	for _, row := range rows {
		if row.reason != "" {
			entries = append(entries, entryText(row.table.Name, row.kept, row.reason))
		}
	}
	slices.Sort(entries)
	return entries
}

func entryText(table string, kept bool, reason string) string {
	if kept {
		return table + " is kept: " + reason
	}
	return table + " is left out: " + reason
}

// entries are those of a report, sorted.
func entries(t *testing.T, report string) (texts []string) {
	t.Helper()
	for line := range strings.Lines(report) {
		var entry struct {
			Table, Reason string
			Kept          bool
			Row           map[string]*string
		}
		must(t, json.Unmarshal([]byte(line), &entry))
		if len(entry.Row) == 0 {
			t.Errorf("an entry has no row: %s", line)
		}
		texts = append(texts, entryText(entry.Table, entry.Kept, entry.Reason))
	}
	slices.Sort(texts)
	return texts
}

// The nastiest rows that old databases hold: what can be kept is, and what cannot is listed.
func TestNastyRows(t *testing.T) {
	t.Parallel()
	rows := slices.Concat(nastyNotices(), nastyShops(), nastyProducts(), nastyOrders(), nastyAccounts())
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		for _, row := range rows {
			old.Insert(t, row.table, row.row)
		}
		storagetest.Each(t, func(t *testing.T, db *storage.DB) {
			_, report, err := run(t, old, db, importing.Options{Accounts: true})
			must(t, err)
			if diff := cmp.Diff(listed(rows), entries(t, report)); diff != "" {
				t.Errorf("the report: %s", diff)
			}
			if strings.Contains(report, "5ae5ef") {
				t.Error("the report has a token")
			}
			if len(report) > 30_000 {
				t.Errorf("the report has %d bytes: a long value is not cut", len(report))
			}
			wantRows(t, db)
		})
	})
}

func wantRows(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx := t.Context()
	var notices []storage.Property
	for kind := range int64(2) {
		some, err := db.Properties(ctx, storage.PropertyFilter{Type: kind + 1}, storage.Page{})
		must(t, err)
		notices = append(notices, some...)
	}
	slices.SortFunc(notices, func(a, b storage.Property) int { return int(b.ID - a.ID) })
	diff(t, wantNotices(t), notices)
	shops, err := db.Shops(ctx, storage.ShopFilter{}, nil, storage.Page{})
	must(t, err)
	diff(t, wantShops(t), shops)
	products, err := db.Products(ctx, storage.ProductFilter{}, nil, storage.Page{})
	must(t, err)
	diff(t, wantProducts(t), products)
	orders, total, err := db.Purchases(ctx, "1180310086", storage.Page{})
	must(t, err)
	diff(t, wantOrders(t), orders)
	if total != 2 {
		t.Errorf("%d orders, want 2", total)
	}
	for _, want := range []storage.User{{ID: "1180310086", Name: "王凌超", Wealth: 1234}, {ID: "1180310087"}, {ID: "1180310088", Name: "欠", Wealth: -31}} {
		user, err := db.User(ctx, want.ID)
		must(t, err)
		diff(t, want, user)
	}
	tokens, err := db.Tokens(ctx, "1180310086")
	must(t, err)
	diff(t, []string{"415ae5ef", "515ae5ef"}, tokens)
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
