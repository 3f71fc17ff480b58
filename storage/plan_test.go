package storage

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// openAt opens the database at path, with nothing prepared.
func openAt(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Driver: "sqlite", DSN: path, MaxOpen: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// migrated returns the path of a new database.
func migrated(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	if err := openAt(t, path).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return path
}

// plans runs query on the database at path, and returns the steps of SQLite's plans
// for all statements that it ran.
func plans(t *testing.T, path string, query func(*DB) error) []string {
	t.Helper()
	db := openAt(t, path)
	if err := query(db); err != nil {
		t.Fatal(err)
	}
	pool := openPool(t, path)
	var plans []string
	for _, text := range db.engine.Prepared() {
		plans = append(plans, explain(t, pool, text)...)
	}
	return plans
}

// openPool opens the database at path as another program would.
func openPool(t *testing.T, path string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() }) // it has nothing to lose
	return pool
}

func explain(t *testing.T, pool *sql.DB, text string) (steps []string) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// Every query finds its rows by an index, and a list that has an order of its
// own comes out of the index in this order.
func TestQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := migrated(t)
	db := openAt(t, path)
	if err := db.InsertUser(ctx, User{ID: "12"}); err != nil {
		t.Fatal(err)
	}
	shop, one := int64(1), int64(1)
	if _, err := db.InsertProperty(ctx, Property{Type: 2, UserID: "12"}); err != nil {
		t.Fatal(err)
	}
	if err := db.AddProducts(ctx, []Product{{ProductID: 1, ShopID: 1}, {ProductID: 2, ProductName: "饭卡", ProductContent: "丢了", ProductPrice: 1, ProductStatus: ProductUp}}); err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(ctx, func(tx *Tx) error { return tx.InsertCourse(ctx, Course{ProductID: 5, UserID: "12"}, 1) }); err != nil {
		t.Fatal(err)
	}
	address := addressOf(t, db)
	tests := []struct {
		name string
		run  func(db *DB) error
		want string // the index or key that some step must use
	}{
		{"TokenUser", func(db *DB) error { return known(db.TokenUser(ctx, "t")) }, "tokens_1 (token=?)"},
		{"TokenUser, the user", func(db *DB) error { return known(db.TokenUser(ctx, "t")) }, "u USING INTEGER PRIMARY KEY"},
		{"TokenUser, the profile", func(db *DB) error { return known(db.TokenUser(ctx, "t")) }, "profiles_1 (user_id=?)"},
		{"SessionUser", func(db *DB) error {
			return known(db.SessionUser(ctx, []byte("h"), SessionRules{}, 1))
		}, "s USING PRIMARY KEY (token_hash=?)"},
		{"Grants", func(db *DB) error { return known(db.Grants(ctx)) }, "profiles_role"},
		{"ProfileOfName", func(db *DB) error { return known(db.ProfileOfName(ctx, "n")) }, "(name_key=?)"},
		{"ProfileOfPhone", func(db *DB) error { return known(db.ProfileOfPhone(ctx, "1")) }, "(phone=?)"},
		{"DeleteEndedSessions", func(db *DB) error { return db.DeleteEndedSessions(ctx, SessionRules{}, 1) }, "sessions_used"},
		{"FreeRequestKeys", func(db *DB) error { return db.FreeRequestKeys(ctx, 1) }, "request_keys_expire"},
		{"KeptAnswer", func(db *DB) error {
			return known(db.KeptAnswer(ctx, RequestKey{"1", "c", "k"}))
		}, "PRIMARY KEY (user_id=? AND call_name=? AND request_key=?)"},
		{"Secret", func(db *DB) error { return known(db.Secret(ctx, "s")) }, "PRIMARY KEY (name=?)"},
		{"Identity", func(db *DB) error { return known(db.Identity(ctx, "12")) }, "PRIMARY KEY (user_id=?)"},
		{"IdentityPicture", func(db *DB) error {
			return known(db.IdentityPicture(ctx, "12", SideUp))
		}, "(user_id=? AND side=?)"},
		{"DecideIdentity", func(db *DB) error {
			return known(0, db.DecideIdentity(ctx, "12", IdentityPassed, "", 1))
		}, "PRIMARY KEY (user_id=?)"},
		{"EraseIdentity", func(db *DB) error { return db.EraseIdentity(ctx, "12") }, "PRIMARY KEY (user_id=?)"},
		{"EraseIdentity, the pictures", func(db *DB) error { return db.EraseIdentity(ctx, "12") }, "identity_pictures_1 (user_id=?)"},
		{"PassedElsewhere", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return known(tx.PassedElsewhere(ctx, []byte("h"), "12")) })
		}, "identities_hash (id_hash=?)"},
		{"Reseal", func(db *DB) error { return known(db.Reseal(ctx, 1, nil)) }, "secrets_key (key_id=?)"},
		{"Reseal, identities", func(db *DB) error { return known(db.Reseal(ctx, 1, nil)) }, "identities_key (key_id=?)"},
		{"Reseal, pictures", func(db *DB) error { return known(db.Reseal(ctx, 1, nil)) }, "identity_pictures_key (side=? AND key_id=?)"},
		{"User", func(db *DB) error { return known(db.User(ctx, "12")) }, "users USING INTEGER PRIMARY KEY"},
		{"Tokens", func(db *DB) error { return known(db.Tokens(ctx, "12")) }, "tokens_2 (user_id=?)"},
		{"SetWealth", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.SetWealth(ctx, "12", 1) })
		}, "users USING INTEGER PRIMARY KEY"},
		{"UpdateProperty", func(db *DB) error { return db.UpdateProperty(ctx, 1, "12", PropertyChange{}) }, "INTEGER PRIMARY KEY"},
		{"DeleteProperty", func(db *DB) error { return db.DeleteProperty(ctx, 1, "12") }, "INTEGER PRIMARY KEY"},
		{"Properties", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1}, Page{}))
		}, "properties_type_update (type=?)"},
		{"Properties, a page", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1}, Page{Limit: 1}))
		}, "properties_type_update (type=?)"},
		{"Properties by a word", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Title: new("饭卡")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram=? AND property_type=?)"},
		{"Properties by a character", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Title: new("卡")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram>? AND gram<?)"},
		{"Properties by a long word", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Content: new("card")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram=? AND property_type=?)"},
		{"Properties by key", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Key: new("饭卡")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram=? AND property_type=?)"},
		{"Properties by a part of user_id", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, UserID: new("2")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram>? AND gram<?)"},
		{"Properties by id", func(db *DB) error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, ID: &one}, Page{}))
		}, "INTEGER PRIMARY KEY"},
		{"ShopNameTaken", func(db *DB) error { return known(db.ShopNameTaken(ctx, "a")) }, "(shop_name=?)"},
		{"ShopCount", func(db *DB) error { return known(db.ShopCount(ctx, "12")) }, "shops_user (user_id=?)"},
		{"UpdateShop", func(db *DB) error { return db.UpdateShop(ctx, 1, "12", "", nil) }, "(shop_id=?)"},
		{"ShopByID", func(db *DB) error { return known(db.ShopByID(ctx, 1)) }, "(shop_id=?)"},
		{"ShopByName", func(db *DB) error { return known(db.ShopByName(ctx, "a")) }, "(shop_name=?)"},
		{"Shops of a user", func(db *DB) error {
			return known(db.Shops(ctx, ShopFilter{UserID: "12"}, nil, Page{}))
		}, "shops_user (user_id=?)"},
		{"Product", func(db *DB) error { return known(db.Product(ctx, 1)) }, "(product_id=?)"},
		{"MarketDetail", func(db *DB) error { return known(db.MarketDetail(ctx, 1)) }, "p USING INDEX sqlite_autoindex_products_1 (product_id=?)"},
		{"MarketDetail, the shop", func(db *DB) error { return known(db.MarketDetail(ctx, 1)) }, "(shop_id=?)"},
		{"MarketDetail, the seller", func(db *DB) error { return known(db.MarketDetail(ctx, 1)) }, "u USING INTEGER PRIMARY KEY"},
		{"Offer", func(db *DB) error { return known(db.Offer(ctx, 1)) }, "(product_id=?)"},
		{"UpdateProduct", func(db *DB) error {
			return db.UpdateProduct(ctx, 1, 1, ProductChange{Name: new("a"), Status: 1})
		}, "(product_id=?)"},
		{"AddSale", func(db *DB) error { return db.AddSale(ctx, 1, 1) }, "(product_id=?)"},
		{"SetProductTerms", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.SetProductTerms(ctx, 1, ProductTerms{}) })
		}, "(product_id=?)"},
		{"LockProduct", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return known(tx.LockProduct(ctx, 1)) })
		}, "(product_id=?)"},
		{"SetVersion", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.SetVersion(ctx, 1, ProductVersion{}, 0, 1) })
		}, "(product_id=?)"},
		{"SetReview", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.SetReview(ctx, 1, 0, "") })
		}, "(product_id=?)"},
		{"AddOpenOrders", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.AddOpenOrders(ctx, 1, 1) })
		}, "(product_id=?)"},
		{"ProductsOf", func(db *DB) error { return known2(db.ProductsOf(ctx, "12", nil, Page{Limit: 1})) }, "p USING INDEX products_user (user_id=?)"},
		{"SecondHandAfter", func(db *DB) error { return known2(db.SecondHandAfter(ctx, "12", 0)) }, "products_user (user_id=? AND rowid>?)"},
		{"WithdrawSecondHand", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.WithdrawSecondHand(ctx, "12", 1) })
		}, "products_user (user_id=?)"},
		{"HasBought", func(db *DB) error { return known(db.HasBought(ctx, "12", 1)) }, "purchases_"},
		{"MarketDetailFor", func(db *DB) error { return known(db.MarketDetailFor(ctx, 1, "12")) }, "favourites_user_product (user_id=? AND product_id=?)"},
		{"Favourites", func(db *DB) error { return known2(db.Favourites(ctx, "12", Page{Limit: 1})) }, "favourites_user (user_id=?)"},
		{"FavouritesAfter", func(db *DB) error { return known2(db.FavouritesAfter(ctx, "12", 0)) }, "favourites_user_product (user_id=? AND product_id>?)"},
		{"ProductReviews", func(db *DB) error { return known2(db.ProductReviews(ctx, Page{Limit: 1})) }, "product_reviews_since"},
		{"ReviewReports", func(db *DB) error { return ignoreAbsence(known(db.ReviewReports(ctx, 1))) }, "PRIMARY KEY (product_id=?)"},
		{"EndReview", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.EndReview(ctx, 1, true) })
		}, "PRIMARY KEY (product_id=?)"},
		{"ProductEdit", func(db *DB) error { return ignoreAbsence(known(db.ProductEdit(ctx, 1))) }, "(product_id=?)"},
		{"DeleteProductEdit", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.DeleteProductEdit(ctx, 1) })
		}, "(product_id=?)"},
		{"CategoryUsed, newer versions", func(db *DB) error { return known(db.CategoryUsed(ctx, 1)) }, "product_edits_category (category_id=?)"},
		{"ProductReportsAfter", func(db *DB) error {
			return known2(db.ProductReportsAfter(ctx, "12", 0))
		}, "PRIMARY KEY (user_id=? AND product_id>?)"},
		{"EraseProductReports", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.EraseProductReports(ctx, "12") })
		}, "PRIMARY KEY (user_id=?)"},
		{"AddClicks", func(db *DB) error { return db.AddClicks(ctx, map[int64]int64{1: 1}) }, "(product_id=?)"},
		{"Products of a shop", func(db *DB) error {
			return known(db.Products(ctx, ProductFilter{ShopID: &shop, Statuses: []int64{1}}, nil, Page{}))
		}, "products_shop_status (shop_id=? AND product_status=?)"},
		{"Products on sale", func(db *DB) error {
			return known(db.Products(ctx, ProductFilter{Statuses: []int64{1}}, nil, Page{}))
		}, "products_type_status (product_type=? AND product_status=?)"},
		{"Products by a word", func(db *DB) error {
			return known(db.Products(ctx, ProductFilter{Statuses: []int64{0, 1}, Name: "饭卡"}, nil, Page{Limit: 1}))
		}, "product_grams USING PRIMARY KEY (gram=?)"},
		{"Products by a long word, in another order", func(db *DB) error {
			orders := []Sort{{Field: "product_price", Descending: true}}
			return known(db.Products(ctx, ProductFilter{Key: "饭卡的"}, orders, Page{Limit: 1}))
		}, "product_grams USING PRIMARY KEY (gram=?)"},
		{"SearchProducts", searches(MarketFilter{}), "products_on_offer (on_offer=?)"},
		{"SearchProducts by price", searches(MarketFilter{Sort: SortPriceUp}), "products_offer_cheap (offer_cheap<?)"},
		{"SearchProducts by a word", searches(MarketFilter{Words: []string{"饭卡"}}), "l USING PRIMARY KEY (gram=?)"},
		{"SearchProducts by two words", searches(MarketFilter{Words: []string{"饭", "丢了"}}), "USING PRIMARY KEY (gram=? AND gram_id=?)"},
		{"SearchProducts by a long word", searches(MarketFilter{Words: []string{"饭卡丢"}}), "product_texts USING INTEGER PRIMARY KEY"},
		{"SearchProducts by a word of names", searches(MarketFilter{Words: []string{"饭卡"}, Sort: SortMatch}), "l USING PRIMARY KEY (gram=?)"},
		{"SearchProducts by a word of contents", searches(MarketFilter{Words: []string{"丢了"}, Sort: SortMatch}), "product_texts USING INTEGER PRIMARY KEY"},
		{"SearchProducts by a word, the cheapest", searches(MarketFilter{Words: []string{"饭卡"}, Sort: SortPriceUp}), "products_offer_cheap (offer_cheap<?)"},
		{"SearchProducts by a word, the dearest", searches(MarketFilter{Words: []string{"饭卡"}, Sort: SortPriceDown}), "products_offer_price (offer_price>?)"},
		{"SearchProducts by a word, the best sold", searches(MarketFilter{Words: []string{"饭卡"}, Sort: SortSale}), "products_offer_sold (offer_sold>?)"},
		{"SearchProducts of a seller", searches(MarketFilter{UserID: "12"}), "l USING PRIMARY KEY (gram=?)"},
		{"SearchProducts of a price", searches(MarketFilter{PriceMin: &one, PriceMax: &one}), "products_offer_price (offer_price>? AND offer_price<?)"},
		{"SearchProducts of a price, the best sold", searches(MarketFilter{PriceMin: &one, Sort: SortSale}), "products_offer_sold (offer_sold>?)"},
		{"OfferChanged", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.OfferChanged(ctx, 1) })
		}, "offer_changes USING INTEGER PRIMARY KEY"},
		{"freezeProducts", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.freezeProducts(ctx, "12", true) })
		}, "products_user (user_id=?)"},
		{"Purchase", func(db *DB) error { return known(db.Purchase(ctx, "1")) }, "(purchase_id=?)"},
		{"SetPurchaseState", func(db *DB) error { return db.SetPurchaseState(ctx, "1", "a", "b", "") }, "(purchase_id=?)"},
		{"Purchases", func(db *DB) error {
			_, _, err := db.Purchases(ctx, "12", Page{})
			return err
		}, "purchases_user_creat (user_id=?)"},
		{"Purchases, past the end", func(db *DB) error {
			_, _, err := db.Purchases(ctx, "12", Page{Limit: 1, Offset: 1})
			return err
		}, "COVERING INDEX purchases_user_creat (user_id=?)"},
		{"Order", func(db *DB) error { return known(db.Order(ctx, "1")) }, "o USING INDEX sqlite_autoindex_orders_1 (order_id=?)"},
		{"OrdersOfPayment", func(db *DB) error { return known(db.OrdersOfPayment(ctx, "1")) }, "o USING INDEX orders_payment (pay_id=?)"},
		{"OpenAttempts", func(db *DB) error { return known(db.OpenAttempts(ctx, []string{"wechat", "alipay"})) }, "attempts USING COVERING INDEX attempts_end (channel=? AND end_time=?)"},
		{"OpenAnomalies", func(db *DB) error { return known(db.OpenAnomalies(ctx)) }, "payment_anomalies_open (end_time=?)"},
		{"AttemptsEnded", func(db *DB) error { return known(db.AttemptsEnded(ctx, "wechat", 1, 2)) }, "attempts USING INDEX attempts_end (channel=? AND end_time>? AND end_time<?)"},
		{"ChannelRefundsEnded", func(db *DB) error { return known(db.ChannelRefundsEnded(ctx, "wechat", 1, 2)) }, "r USING INDEX channel_refunds_end (end_time>? AND end_time<?)"},
		{"SellersOfPayment", func(db *DB) error { return known(db.SellersOfPayment(ctx, "1")) }, "o USING INDEX orders_payment (pay_id=?)"},
		{"SetCashierKey", func(db *DB) error { return ignoreAbsence(db.SetCashierKey(ctx, "1", nil)) }, "payments USING INDEX sqlite_autoindex_payments_1 (pay_id=?)"},
		{"LockPaymentOrders", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(known2(tx.LockPaymentOrders(ctx, "1"))) })
		}, "o USING INDEX orders_payment (pay_id=?)"},
		{"LockPaymentOrders, the payment", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(known2(tx.LockPaymentOrders(ctx, "1"))) })
		}, "p USING INDEX sqlite_autoindex_payments_1 (pay_id=?)"},
		{"UpdateOrder", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(tx.UpdateOrder(ctx, &Order{OrderID: "1"}, "paid")) })
		}, "orders USING INDEX sqlite_autoindex_orders_1 (order_id=?)"},
		{"Orders of a buyer", func(db *DB) error { return known2(db.Orders(ctx, OrderFilter{Buyer: "12"}, Page{Limit: 1})) }, "o USING INDEX orders_buyer (list_buyer=?)"},
		{"Orders of a buyer, of a list", func(db *DB) error {
			return known2(db.Orders(ctx, OrderFilter{Buyer: "12", State: "need_pay"}, Page{Limit: 1}))
		}, "o USING INDEX orders_buyer_list (list_buyer=? AND list_state=?)"},
		{"Orders of a seller", func(db *DB) error { return known2(db.Orders(ctx, OrderFilter{Seller: "12"}, Page{Limit: 1})) }, "o USING INDEX orders_seller (list_seller=?)"},
		{"Orders of a seller, of a list", func(db *DB) error {
			return known2(db.Orders(ctx, OrderFilter{Seller: "12", State: "need_pay"}, Page{Limit: 1}))
		}, "o USING INDEX orders_seller_list (list_seller=? AND list_state=?)"},
		{"Orders of a seller, past the end", func(db *DB) error {
			return known2(db.Orders(ctx, OrderFilter{Seller: "12", State: "need_pay"}, Page{Limit: 1, Offset: 1}))
		}, "o USING COVERING INDEX orders_seller_list (list_seller=? AND list_state=?)"},
		{"Orders of a list", func(db *DB) error { return known2(db.Orders(ctx, OrderFilter{State: "need_pay"}, Page{Limit: 1})) }, "o USING INDEX orders_list (list_state=?)"},
		{"Orders that are appealed", func(db *DB) error { return known2(db.Orders(ctx, OrderFilter{Appealed: true}, Page{Limit: 1})) }, "o USING INDEX orders_appealed (state=?)"},
		{"Orders that are appealed, past the end", func(db *DB) error {
			return known2(db.Orders(ctx, OrderFilter{Appealed: true}, Page{Limit: 1, Offset: 1}))
		}, "o USING COVERING INDEX orders_appealed (state=?)"},
		{"Orders of a time", func(db *DB) error {
			return known2(db.Orders(ctx, OrderFilter{From: "1", Before: "2"}, Page{Limit: 1}))
		}, "o USING INDEX sqlite_autoindex_orders_1 (order_id>? AND order_id<?)"},
		{"Orders of a list and a time", func(db *DB) error {
			return known2(db.Orders(ctx, OrderFilter{State: "need_pay", From: "1"}, Page{Limit: 1}))
		}, "o USING INDEX orders_list (list_state=? AND order_id>?)"},
		{"Orders of a user", func(db *DB) error { return known2(db.Orders(ctx, OrderFilter{UserID: "12"}, Page{Limit: 1})) }, "o USING INDEX orders_user (user_id=?)"},
		{"OrdersAfter", func(db *DB) error { return known2(db.OrdersAfter(ctx, "12", OrderPlace{})) }, "o USING INDEX orders_user (user_id=? AND due_time>?)"},
		{"SummarizeDay, users", func(db *DB) error { return known(db.SummarizeDay(ctx, 1, 2)) }, "COVERING INDEX profiles_made (creat_time>? AND creat_time<?)"},
		{"SummarizeDay, orders", func(db *DB) error { return known(db.SummarizeDay(ctx, 1, 2)) }, "COVERING INDEX sqlite_autoindex_orders_1 (order_id>? AND order_id<?)"},
		{"SummarizeDay, paid", func(db *DB) error { return known(db.SummarizeDay(ctx, 1, 2)) }, "COVERING INDEX orders_paid (pay_time>? AND pay_time<?)"},
		{"SummarizeDay, refunded", func(db *DB) error { return known(db.SummarizeDay(ctx, 1, 2)) }, "order_refunds_decided (decide_time>? AND decide_time<?)"},
		{"NextSummarized, profiles", func(db *DB) error { return known(db.NextSummarized(ctx, 1)) }, "COVERING INDEX profiles_made (creat_time>?)"},
		{"NextSummarized, orders", func(db *DB) error { return known(db.NextSummarized(ctx, 1)) }, "COVERING INDEX sqlite_autoindex_orders_1 (order_id>?)"},
		{"NextSummarized, paid", func(db *DB) error { return known(db.NextSummarized(ctx, 1)) }, "COVERING INDEX orders_paid (pay_time>?)"},
		{"NextSummarized, refunded", func(db *DB) error { return known(db.NextSummarized(ctx, 1)) }, "order_refunds_decided (decide_time>?)"},
		{"LastDaySummary", func(db *DB) error { return ignoreAbsence(known(db.LastDaySummary(ctx))) }, "SCAN day_summaries"}, // and stops at the first
		{"DaySummaries", func(db *DB) error { return known(db.DaySummaries(ctx, 1, 2)) }, "PRIMARY KEY (day_begin>? AND day_begin<?)"},
		{"NamedOrders", func(db *DB) error { return known(db.NamedOrders(ctx, "", 1, 2)) }, "sqlite_autoindex_orders_1 (order_id>? AND order_id<?)"},
		{"OrderLinesBetween", func(db *DB) error { return known(db.orderLinesBetween(ctx, "1", "2")) }, "PRIMARY KEY (order_id>? AND order_id<?)"},
		{"AuditList", func(db *DB) error { return auditList(db, AuditFilter{}) }, "audit_times (audit_time>? AND audit_time<?)"},
		{"AuditList of a user", func(db *DB) error { return auditList(db, AuditFilter{UserID: "1"}) }, "audit_users (user_id=? AND audit_time>? AND audit_time<?)"},
		{"AuditList of a call", func(db *DB) error { return auditList(db, AuditFilter{Call: "c"}) }, "audit_calls (call_name=? AND audit_time>? AND audit_time<?)"},
		{"AuditList of a user's call", func(db *DB) error {
			return auditList(db, AuditFilter{UserID: "1", Call: "c"})
		}, "audit_user_calls (user_id=? AND call_name=? AND audit_time>? AND audit_time<?)"},
		{"HasOpenOrders", func(db *DB) error { return known(db.HasOpenOrders(ctx, "12")) }, "orders USING COVERING INDEX orders_seller_open (seller_id=? AND closed_time=?)"},
		{"HasOpenOrders, as the buyer", func(db *DB) error { return known(db.HasOpenOrders(ctx, "12")) }, "orders USING INDEX orders_user (user_id=?)"},
		{"HasOverdueDebt", func(db *DB) error { return known(db.HasOverdueDebt(ctx, "12", 1)) }, "orders USING INDEX orders_user (user_id=? AND due_time>? AND due_time<?)"},
		{"EraseOrderAddress", func(db *DB) error { return db.EraseOrderAddress(ctx, "1") }, "sqlite_autoindex_orders_1 (order_id=?)"},
		{"OrderLines", func(db *DB) error { return known(db.OrderLines(ctx, "1", "2")) }, "PRIMARY KEY (order_id=?)"},
		{"ReturnPieces", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(tx.ReturnPieces(ctx, "1", 0, 1)) })
		}, "PRIMARY KEY (order_id=? AND line=?)"},
		{"HasOrdered", func(db *DB) error { return known(db.HasOrdered(ctx, "12", 1)) }, "COVERING INDEX order_lines_product (product_id=? AND user_id=?)"},
		{"OrderHistory", func(db *DB) error { return known(db.OrderHistory(ctx, "1")) }, "PRIMARY KEY (order_id=?)"},
		{"UntoldSteps", func(db *DB) error { return known(db.UntoldSteps(ctx, 1)) }, "h USING INDEX order_history_untold (untold=?)"},
		{"UntoldSteps, the orders", func(db *DB) error { return known(db.UntoldSteps(ctx, 1)) }, "o USING INDEX sqlite_autoindex_orders_1 (order_id=?)"},
		{"StepsTold", func(db *DB) error {
			steps := []UntoldStep{{OrderStep: OrderStep{OrderID: "1", Number: 1}}, {OrderStep: OrderStep{OrderID: "2", Number: 1}}}
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(tx.StepsTold(ctx, steps)) })
		}, "order_history USING PRIMARY KEY (order_id=? AND number=?)"},
		{"OrderRefunds", func(db *DB) error { return known(db.OrderRefunds(ctx, "1")) }, "PRIMARY KEY (order_id=?)"},
		{"UpdateOrderRefund", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(tx.UpdateOrderRefund(ctx, OrderRefund{})) })
		}, "PRIMARY KEY (order_id=? AND number=?)"},
		{"LockPayment", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(known(tx.LockPayment(ctx, "1"))) })
		}, "p USING INDEX sqlite_autoindex_payments_1 (pay_id=?)"},
		{"EndPayment", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(tx.EndPayment(ctx, Payment{PayID: "1"})) })
		}, "sqlite_autoindex_payments_1 (pay_id=?)"},
		{"CountWaiting", func(db *DB) error { return known(db.CountWaiting(ctx, "12", PayOrders)) }, "payments_waiting (user_id=? AND pay_state=?)"},
		{"PaymentsAfter", func(db *DB) error { return known2(db.PaymentsAfter(ctx, "12", "")) }, "p USING INDEX payments_user (user_id=? AND pay_id>?)"},
		{"TakeStock", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(tx.TakeStock(ctx, 1, 1, 1, true)) })
		}, "(product_id=?)"},
		{"GiveStock", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.GiveStock(ctx, 1, 1, 1) })
		}, "(product_id=?)"},
		{"AddSold", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.AddSold(ctx, 1, 1) })
		}, "(product_id=?)"},
		{"RefundWaits", func(db *DB) error { return known(db.RefundWaits(ctx, "12", 1)) }, "order_lines_product (product_id=? AND user_id=?)"},
		{"Course", func(db *DB) error { return known(db.Course(ctx, 5)) }, "p USING INDEX sqlite_autoindex_products_1 (product_id=?)"},
		{"Course, its own", func(db *DB) error { return known(db.Course(ctx, 5)) }, "c USING INTEGER PRIMARY KEY"},
		{"LockCourse", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return ignoreAbsence(known(tx.LockCourse(ctx, 5))) })
		}, "(product_id=?)"},
		{"SetCourse", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error {
				return tx.SetCourse(ctx, CourseDetail{CourseRow: CourseRow{MarketProduct: MarketProduct{ProductID: 5}}}, 1)
			})
		}, "courses USING INTEGER PRIMARY KEY"},
		{"Courses", func(db *DB) error { return known2(db.Courses(ctx, CourseFilter{}, Page{Limit: 1})) }, "p USING INDEX products_type_status (product_type=? AND product_status=?)"},
		{"Courses of a category", func(db *DB) error {
			return known2(db.Courses(ctx, CourseFilter{CategoryID: &one, Free: &one}, Page{Limit: 1}))
		}, "c USING INTEGER PRIMARY KEY"},
		{"CourseRows", func(db *DB) error { return known(db.CourseRows(ctx, []int64{5, 6})) }, "(product_id=?)"},
		{"CourseTree", func(db *DB) error { return known(db.CourseTree(ctx, 5)) }, "course_chapters_product (product_id=?)"},
		{"eachSection", func(db *DB) error { return db.eachSection(ctx, 5, func(*CourseSection) {}) }, "course_sections_product (product_id=?)"},
		{"CourseSection", func(db *DB) error { return known(db.CourseSection(ctx, 5, 1)) }, "course_sections USING INTEGER PRIMARY KEY"},
		{"deleteSections", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.deleteSections(ctx, map[int64]bool{1: true}) })
		}, "course_progress_section (section_id=?)"},
		{"CoursesWithLink", func(db *DB) error { return known(db.CoursesWithLink(ctx, "a")) }, "course_sections_link (link=?)"},
		{"CourseOwner", func(db *DB) error { return known(db.CourseOwner(ctx, "12", 5)) }, "course_owners_course (user_id=? AND product_id=?)"},
		{"OwnedCourses", func(db *DB) error { return known2(db.OwnedCourses(ctx, "12", Page{Limit: 1})) }, "course_owners_user (user_id=?)"},
		{"CourseOwnersAfter", func(db *DB) error { return known2(db.CourseOwnersAfter(ctx, "12", 0)) }, "course_owners_user (user_id=? AND owner_id>?)"},
		{"GiveCourse", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error {
				return tx.GiveCourse(ctx, CourseGrant{UserID: "12", ProductID: 5, OrderID: "1"}, 1)
			})
		}, "course_grants USING PRIMARY KEY (user_id=? AND product_id=? AND order_id=?)"},
		{"TakeCourse", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.TakeCourse(ctx, "12", 5, "1") })
		}, "course_grants USING PRIMARY KEY (user_id=? AND product_id=?)"},
		{"OwnedForEver", func(db *DB) error { return known(db.OwnedForEver(ctx, "12", []int64{5})) }, "course_grants USING PRIMARY KEY (user_id=? AND product_id=?)"},
		{"CourseGrantsAfter", func(db *DB) error {
			return known2(db.CourseGrantsAfter(ctx, "12", GrantPlace{}))
		}, "course_grants USING PRIMARY KEY (user_id=? AND product_id>?)"},
		{"CourseProgress", func(db *DB) error { return known(db.CourseProgress(ctx, "12", 5, 1)) }, "PRIMARY KEY (user_id=? AND product_id=? AND section_id=?)"},
		{"KeepProgress", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.KeepProgress(ctx, CourseProgress{UserID: "12", ProductID: 5}) })
		}, "PRIMARY KEY (user_id=? AND product_id=? AND section_id=?)"},
		{"CoursesStudied", func(db *DB) error { return known(db.CoursesStudied(ctx, "12", []int64{5})) }, "g USING PRIMARY KEY (user_id=? AND product_id=?)"},
		{"CourseProgressAfter", func(db *DB) error {
			return known2(db.CourseProgressAfter(ctx, "12", ProgressPlace{}))
		}, "PRIMARY KEY (user_id=? AND product_id>?)"},
		{"EraseCourses", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.EraseCourses(ctx, "12") })
		}, "course_owners_user (user_id=?)"},
		{"AddressCount", func(db *DB) error { return known(db.AddressCount(ctx, "12")) }, "COVERING INDEX addresses_user (user_id=?)"},
		{"Addresses", func(db *DB) error {
			_, _, err := db.Addresses(ctx, "12", Page{Limit: 1})
			return err
		}, "addresses_user (user_id=?)"},
		{"UpdateAddress", func(db *DB) error { return db.UpdateAddress(ctx, 1, "12", AddressChange{}) }, "INTEGER PRIMARY KEY"},
		{"SetDefaultAddress", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.SetDefaultAddress(ctx, address, "12") })
		}, "addresses_user (user_id=?)"},
		{"DeleteAddress", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.DeleteAddress(ctx, address, "12") })
		}, "addresses_user (user_id=?)"},
		{"Categories", func(db *DB) error {
			_, _, err := db.Categories(ctx, nil, Page{Limit: 1})
			return err
		}, "categories USING INDEX categories_sort"},
		{"Categories of a kind", func(db *DB) error {
			_, _, err := db.Categories(ctx, &one, Page{Limit: 1})
			return err
		}, "categories_sort (kind=?)"},
		{"UpdateCategory", func(db *DB) error { return db.UpdateCategory(ctx, Category{CategoryID: 1}) }, "INTEGER PRIMARY KEY"},
		{"DeleteCategory", func(db *DB) error { return db.DeleteCategory(ctx, 1) }, "INTEGER PRIMARY KEY"},
		{"LockCategory", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return known(tx.LockCategory(ctx, 2)) })
		}, "INTEGER PRIMARY KEY"},
		{"CategoryUsed", func(db *DB) error { return known(db.CategoryUsed(ctx, 1)) }, "COVERING INDEX products_category (category_id=?)"},
		{"Coupon", func(db *DB) error { return known(db.Coupon(ctx, 1)) }, "c USING INTEGER PRIMARY KEY"},
		{"CouponOfCode", func(db *DB) error { return known(db.CouponOfCode(ctx, "a")) }, "c USING INDEX coupons_code (code=?)"},
		{"UpdateCoupon", func(db *DB) error {
			_, err := takeOne(ctx, db)
			return errors.Join(err, db.InTx(ctx, func(tx *Tx) error { return tx.UpdateCoupon(ctx, Coupon{CouponID: 1}) }))
		}, "coupons USING INTEGER PRIMARY KEY"},
		{"Coupons that can be taken", func(db *DB) error { return coupons(ctx, db, CouponFilter{Takeable: &one}) }, "c USING INDEX coupons_close (close_time>?)"},
		{"Coupons of a product", func(db *DB) error {
			return coupons(ctx, db, CouponFilter{ProductID: &one, Takeable: &one})
		}, "c USING INDEX coupons_product (product_id=? AND close_time>?)"},
		{"Coupons of a shop", func(db *DB) error {
			return coupons(ctx, db, CouponFilter{ShopID: &shop, Takeable: &one})
		}, "c USING INDEX coupons_shop (shop_id=? AND close_time>?)"},
		{"AllCoupons", func(db *DB) error { return known2(db.AllCoupons(ctx, CouponFilter{}, Page{Limit: 1})) }, "SCAN c"}, // in the order of the list
		{"AllCoupons of a product", func(db *DB) error {
			return known2(db.AllCoupons(ctx, CouponFilter{ProductID: &one}, Page{Limit: 1}))
		}, "c USING INDEX coupons_product (product_id=?)"},
		{"AllCoupons of a shop", func(db *DB) error { return known2(db.AllCoupons(ctx, CouponFilter{ShopID: &shop}, Page{Limit: 1})) }, "c USING INDEX coupons_shop (shop_id=?)"},
		{"CouponsAfter", func(db *DB) error {
			_, _, err := db.CouponsAfter(ctx, "12", 0)
			return err
		}, "c USING INDEX coupons_payer (payer_id=? AND coupon_id>?)"},
		{"CouponRecordsAfter", func(db *DB) error {
			_, _, err := db.CouponRecordsAfter(ctx, "12", 0)
			return err
		}, "r USING INDEX coupon_records_user (user_id=? AND record_id>?)"},
		{"TakeCoupon", func(db *DB) error { return known(takeOne(ctx, db)) }, "COVERING INDEX coupon_records_taken (coupon_id=? AND user_id=?)"},
		{"TakeCoupon, the coupon", func(db *DB) error { return known(takeOne(ctx, db)) }, "coupons USING INTEGER PRIMARY KEY"},
		{"HoldRecords", func(db *DB) error {
			record, err := takeOne(ctx, db)
			return errors.Join(err, db.InTx(ctx, func(tx *Tx) error { return tx.HoldRecords(ctx, "12", []int64{record}, "A", 1) }))
		}, "coupon_records USING INTEGER PRIMARY KEY"},
		{"UseRecords", func(db *DB) error {
			record, err := takeOne(ctx, db)
			return errors.Join(err, db.InTx(ctx, func(tx *Tx) error {
				return errors.Join(tx.HoldRecords(ctx, "12", []int64{record}, "A", 1), tx.UseRecords(ctx, []int64{record}, "A"))
			}))
		}, "coupon_records USING INTEGER PRIMARY KEY"},
		{"CouponRecords", func(db *DB) error {
			_, _, err := db.CouponRecords(ctx, "12", nil, 1, Page{Limit: 1})
			return err
		}, "r USING INDEX coupon_records_user (user_id=?)"},
		{"CouponRecords that are usable", func(db *DB) error {
			_, _, err := db.CouponRecords(ctx, "12", new(int64(RecordUsable)), 1, Page{Limit: 1})
			return err
		}, "r USING INDEX coupon_records_state (user_id=? AND state=?)"},
		{"CouponRecords that are used", func(db *DB) error {
			_, _, err := db.CouponRecords(ctx, "12", new(int64(RecordUsed)), 1, Page{Limit: 1})
			return err
		}, "r USING INDEX coupon_records_state (user_id=? AND state=?)"},
		{"Notices", func(db *DB) error {
			_, _, err := db.Notices(ctx, "12", false, Page{Limit: 1})
			return err
		}, "notices_user (user_id=?)"},
		{"Notices, unread", func(db *DB) error {
			_, _, err := db.Notices(ctx, "12", true, Page{Limit: 1})
			return err
		}, "notices_user_read (user_id=? AND is_read=?)"},
		{"HasNotice", func(db *DB) error { return known(db.HasNotice(ctx, "12", "order 1/2")) }, "(user_id=? AND notice_key=?)"},
		{"CountUnread", func(db *DB) error { return known(db.CountUnread(ctx, "12")) }, "COVERING INDEX notices_user_read (user_id=? AND is_read=?)"},
		{"ReadNotices", func(db *DB) error { return db.ReadNotices(ctx, "12", []int64{1, 2}) }, "(user_id=? AND is_read=? AND notice_id=?"},
		{"ReadAllNotices", func(db *DB) error { return db.ReadAllNotices(ctx, "12") }, "notices_user_read (user_id=? AND is_read=?)"},
		{"InsertLiveTicket", func(db *DB) error {
			return db.InsertLiveTicket(ctx, LiveTicket{Hash: []byte("hash"), ExpireTime: 1}, 2)
		}, "live_tickets_expire (expire_time<?)"},
		{"Messages", func(db *DB) error { return known(db.Messages(ctx, "12", "13", 7, 9, 1)) }, "messages_conversation (user_low=? AND user_high=? AND product_id=? AND message_id<?)"},
		{"MessagesAfter", func(db *DB) error { return known2(db.MessagesAfter(ctx, "12", 0)) }, "messages_sender (sender_id=? AND message_id>?)"},
		{"SeesPicture", func(db *DB) error { return known(db.SeesPicture(ctx, "12", "lamp")) }, "messages_picture (picture=?)"},
		{"IsSent", func(db *DB) error { return known(db.IsSent(ctx, "lamp")) }, "messages_picture (picture=?)"},
		{"Conversations", func(db *DB) error { return known2(db.Conversations(ctx, "12", Page{Limit: 1})) }, "v USING INDEX conversations_user (user_id=?)"},
		{"CountMessages", func(db *DB) error { return known(db.CountMessages(ctx, "12", "13", 7)) }, "(user_id=? AND peer_id=? AND product_id=?)"},
		{"LastConversation", func(db *DB) error {
			_, err := db.LastConversation(ctx, "12", "13")
			return ignoreAbsence(err)
		}, "(user_id=? AND peer_id=?)"},
		{"ReadConversation", func(db *DB) error { return db.ReadConversation(ctx, "12", "13", 7) }, "(user_id=? AND peer_id=? AND product_id=?)"},
		{"Blocked", func(db *DB) error { return known(db.Blocked(ctx, "12", "13")) }, "(user_id=? AND blocked_id=?)"},
		{"BlocksAfter", func(db *DB) error { return known2(db.BlocksAfter(ctx, "12", "")) }, "(user_id=? AND blocked_id>?)"},
		{"GatherNotices", func(db *DB) error { return known(gather(ctx, db)) }, "notices_user_mail (user_id=? AND mail_due=?)"},
		{"GatherNotices, of a mail", func(db *DB) error {
			_, err := gather(ctx, db)
			return errors.Join(err, known(gather(ctx, db)))
		}, "notices_user_mail (user_id=? AND mail_due=? AND mail_id=?)"},
		{"UngatherNotices", func(db *DB) error { return db.UngatherNotices(ctx, "12", 1) }, "notices_user_mail (user_id=? AND mail_due=? AND mail_id=?)"},
		{"EndMail", func(db *DB) error { return db.EndMail(ctx, "12", 1) }, "notices_user_mail (user_id=? AND mail_due=? AND mail_id=?)"},
		{"EndMails", func(db *DB) error { return db.EndMails(ctx, "12") }, "notices_user_mail (user_id=? AND mail_due=?)"},
		{"TakeMailTurn", func(db *DB) error { return db.TakeMailTurn(ctx, "12", 2, 1) }, "(user_id=?)"},
		{"ReturnMailTurn", func(db *DB) error { return db.ReturnMailTurn(ctx, "12", 2, 1) }, "(user_id=?)"},
		{"PurchasesAfter", func(db *DB) error {
			_, _, err := db.PurchasesAfter(ctx, "12", PurchaseCursor{})
			return err
		}, "purchases_user_creat (user_id=? AND creat_time>?)"},
		{"HasOpenPurchases", func(db *DB) error { return known(db.HasOpenPurchases(ctx, "12")) }, "purchases_product (product_id=?)"},
		{"PropertiesAfter", func(db *DB) error {
			_, _, err := db.PropertiesAfter(ctx, "12", 0)
			return err
		}, "properties_user (user_id=? AND rowid>?)"},
		{"AnsweredPropertiesAfter", func(db *DB) error {
			_, _, err := db.AnsweredPropertiesAfter(ctx, "12", 0)
			return err
		}, "properties_user2 (user2_id=? AND rowid>?)"},
		{"EraseContact", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.EraseContact(ctx, "12", "a") })
		}, "properties_user2 (user2_id=?)"},
		{"ProductsAfter", func(db *DB) error {
			_, _, err := db.ProductsAfter(ctx, 1, 1, 0)
			return err
		}, "products_shop_status (shop_id=? AND product_status=? AND rowid>?)"},
		{"WithdrawProducts", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.WithdrawProducts(ctx, 1, 1) })
		}, "products_shop_status (shop_id=? AND product_status=?)"},
		{"PicturesAfter", func(db *DB) error {
			_, _, err := db.PicturesAfter(ctx, "12", PictureName{})
			return err
		}, "pictures_user (user_id=? AND source>?"},
		{"FrozenPhone", func(db *DB) error { return known(db.FrozenPhone(ctx, []byte("h"))) }, "profiles_phone_hash (phone_hash=?)"},
		{"Move, of beli and credit", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error {
				return tx.Move(ctx,
					Move{Currency: Beli, From: PromotionAccount, To: UserAccount("12"), Amount: 1, Time: 1},
					Move{Currency: CNY, From: OutsideAccount, To: CreditAccount("12"), Amount: 1, Time: 1})
			})
		}, "profiles_1 (user_id=?)"},
		{"HoldBeli", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return holdNothing(tx.HoldBeli(ctx, "12", 1)) })
		}, "profiles_1 (user_id=?)"},
		{"FreeBeli", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return holdNothing(tx.FreeBeli(ctx, "12", 1)) })
		}, "profiles_1 (user_id=?)"},
		{"HoldCredit", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return holdNothing(tx.HoldCredit(ctx, "12", 1)) })
		}, "profiles_1 (user_id=?)"},
		{"FreeCredit", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return holdNothing(tx.FreeCredit(ctx, "12", 1)) })
		}, "profiles_1 (user_id=?)"},
		{"Debts", func(db *DB) error { return known2(db.Debts(ctx, "12", DebtsOwed, 1, Page{Limit: 1})) }, "orders USING INDEX orders_user (user_id=? AND due_time>?)"},
		{"OwedOf", func(db *DB) error { return known2(db.OwedOf(ctx, "12", 1)) }, "orders USING INDEX orders_user (user_id=? AND due_time>?)"},
		{"IncomeWaiting", func(db *DB) error { return known(db.IncomeWaiting(ctx, "12")) }, "orders USING INDEX orders_seller_open (seller_id=? AND closed_time=?)"},
		{"Credits", func(db *DB) error {
			return known2(db.Credits(ctx, CreditFilter{Begin: 1, End: 2, Name: "a"}, Page{Limit: 1}))
		}, "profiles USING INDEX profiles_credit_time (credit_time>? AND credit_time<?)"},
		{"Credits, their number", func(db *DB) error {
			return known2(db.Credits(ctx, CreditFilter{}, Page{Limit: 1}))
		}, "profiles USING COVERING INDEX profiles_credit_state (credit_time>?)"},
		{"AccountLedger, from", func(db *DB) error {
			return known2(db.AccountLedger(ctx, UserAccount("12"), CNY, "", Page{Limit: 1}))
		}, "ledger USING INDEX ledger_from (account_from=? AND currency=?)"},
		{"AccountLedger, to", func(db *DB) error {
			return known2(db.AccountLedger(ctx, UserAccount("12"), CNY, "", Page{Limit: 1}))
		}, "ledger USING INDEX ledger_to (account_to=? AND currency=?)"},
		{"LedgerAfter", func(db *DB) error { return known(db.LedgerAfter(ctx, 1)) }, "ledger USING INTEGER PRIMARY KEY (rowid>?)"},
		{"LedgerOf", func(db *DB) error { return known2(db.LedgerOf(ctx, "12", LedgerPlace{})) }, "ledger_to (account_to=? AND currency=? AND ledger_id>?)"},
		{"ClaimPicture", func(db *DB) error { return claimTwice(db, t) }, "(source=? AND name=?)"},
		{"ReleasePicture", func(db *DB) error { return db.ReleasePicture(ctx, "s", "n", "12") }, "(source=? AND name=?)"},
		{"CountProfiles, active and verified", func(db *DB) error {
			return known(db.CountProfiles(ctx, ProfileFilter{State: new(int64), VerifyState: new(int64(IdentityPassed))}))
		}, "profiles USING INDEX profiles_verify (verify_state=?)"},
		{"CountProfiles, frozen and not verified", func(db *DB) error {
			return known(db.CountProfiles(ctx, ProfileFilter{State: new(int64(ProfileFrozen)), VerifyState: new(int64)}))
		}, "profiles USING INDEX profiles_state (state=?)"},
		{"CountProfiles, all", func(db *DB) error { return known(db.CountProfiles(ctx, ProfileFilter{})) }, "profiles USING COVERING INDEX profiles_state (state<?)"},
		{"CountProfiles", func(db *DB) error { return known(db.CountProfiles(ctx, ProfileFilter{VerifyState: new(int64)})) }, "profiles USING INDEX profiles_verify (verify_state=?)"},
		{"AddJob", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.AddJob(ctx, Job{Kind: "mail", Key: "a", Due: 1}) })
		}, "(kind=? AND job_key=?)"},
		{"HastenJob", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.HastenJob(ctx, "mail", "a", 1) })
		}, "(kind=? AND job_key=?)"},
		{"DueJobs", func(db *DB) error { return known(db.DueJobs(ctx, []string{"mail", "clock"}, 1, 1)) }, "jobs_due (dead=? AND run_time<?)"},
		{"TakeJob", func(db *DB) error { return known(db.TakeJob(ctx, Job{ID: 1}, "r/1", 1)) }, "INTEGER PRIMARY KEY"},
		{"RenewJob", func(db *DB) error { return db.RenewJob(ctx, Job{ID: 1}, 1) }, "INTEGER PRIMARY KEY"},
		{"FinishJob", func(db *DB) error { return db.FinishJob(ctx, Job{ID: 1}) }, "INTEGER PRIMARY KEY"},
		{"PutBackJob", func(db *DB) error { return db.PutBackJob(ctx, Job{ID: 1}) }, "INTEGER PRIMARY KEY"},
		{"RetryJob", func(db *DB) error { return db.RetryJob(ctx, 1, 1) }, "INTEGER PRIMARY KEY"},
		{"DeadJobs", func(db *DB) error { return known2(db.DeadJobs(ctx, "", Page{Limit: 1})) }, "jobs_due (dead=?)"},
		{"DeadJobs, of a kind", func(db *DB) error { return known2(db.DeadJobs(ctx, "mail", Page{Limit: 1})) }, "jobs_due (dead=?)"},
		{"LockJob", func(db *DB) error {
			return db.InTx(ctx, func(tx *Tx) error { return known(tx.LockJob(ctx, 1)) })
		}, "INTEGER PRIMARY KEY"},
		{"Jobs, dead ones", func(db *DB) error { return known(db.Jobs(ctx, JobFilter{Dead: true})) }, "jobs_due (dead=?)"},
		{"CartRows", func(db *DB) error {
			_, _, err := db.CartRows(ctx, "12", Page{Limit: 100})
			return err
		}, "cart_lines_user (user_id=?)"},
		{"CartCount", func(db *DB) error { return known2(db.CartCount(ctx, "12")) }, "(user_id=?)"},
		{"CartLines", func(db *DB) error { return known(db.CartLines(ctx, "12", []int64{1, 2})) }, "l USING INTEGER PRIMARY KEY (rowid=?)"},
		{"CartLineOf", func(db *DB) error { return known(db.CartLineOf(ctx, "12", 1, 0)) }, "cart_lines_product (user_id=? AND product_id=? AND price_policy_id=?)"},
		{"UpdateCartLine", func(db *DB) error { return changeCart(ctx, db, (*Tx).UpdateCartLine) }, "cart_lines USING INTEGER PRIMARY KEY (rowid=?)"},
		{"DeleteCartLines", func(db *DB) error {
			return changeCart(ctx, db, func(tx *Tx, ctx context.Context, l CartLine) error {
				return tx.DeleteCartLines(ctx, "12", []int64{l.CartID})
			})
		}, "cart_lines USING INTEGER PRIMARY KEY (rowid=?)"},
		{"EraseCart", func(db *DB) error { return db.InTx(ctx, func(tx *Tx) error { return tx.EraseCart(ctx, "12") }) }, "(user_id=?)"},
		{"CartLinesAfter", func(db *DB) error {
			_, _, err := db.CartLinesAfter(ctx, "12", 0)
			return err
		}, "cart_lines_user (user_id=? AND cart_id>?)"},
		{"SaleProducts", func(db *DB) error { return known(db.SaleProducts(ctx, []int64{1, 2})) }, "(product_id=?)"},
		{"PricePolicies", func(db *DB) error { return known(db.PricePolicies(ctx, []int64{1, 2})) }, "price_policies_period (product_id=?)"},
		{"RecordsFor", func(db *DB) error { return known(db.RecordsFor(ctx, "12", []int64{1}, []int64{2}, 1)) }, "coupon_records_state (user_id=? AND state=?)"},
		{"Address", func(db *DB) error { return known(db.Address(ctx, 1, "12")) }, "INTEGER PRIMARY KEY"},
		{"JobCounts", func(db *DB) error { return known(db.JobCounts(ctx)) }, "SCAN jobs USING INDEX sqlite_autoindex_jobs_1"},
	}
	// These sort what they found: one page, or the rows of a part that few have.
	sorted := []string{
		"Properties by key", "Properties by a character", "Properties by a part of user_id",
		"Products by a long word, in another order", "Coupons that can be taken", "Coupons of a product", "Coupons of a shop", "AllCoupons of a product", "AllCoupons of a shop", "Orders of a user",
		"AccountLedger, from", "AccountLedger, to", "Debts", "OpenAnomalies", "Courses", "Courses of a category", "TakeCourse",
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			steps := plans(t, path, func(db *DB) error { return ignoreAbsence(test.run(db)) })
			uses := func(part string) bool {
				return slices.ContainsFunc(steps, func(step string) bool { return strings.Contains(step+" ", part) })
			}
			if !uses(test.want) {
				t.Errorf("no step uses %q:\n%s", test.want, strings.Join(steps, "\n"))
			}
			for _, bad := range []string{"SCAN properties", "SCAN property_grams", "SCAN s", "SCAN u", "SCAN tokens", "SCAN products", "SCAN product_grams", "SCAN purchases", "SCAN addresses", "SCAN pictures", "SCAN notices", "SCAN messages", "SCAN conversations", "SCAN v", "SCAN blocks", "SCAN coupons", "SCAN coupon_records", "SCAN l", "SCAN cart_lines", "SCAN price_policies", "SCAN product_texts", "SCAN product_text_grams", "SCAN ledger", "SCAN o", "SCAN p", "SCAN orders", "SCAN order_lines", "SCAN order_history", "SCAN order_refunds", "SCAN payments", "SCAN profiles", "SCAN g", "SCAN courses", "SCAN course_chapters", "SCAN course_sections", "SCAN course_owners", "SCAN course_grants", "SCAN course_progress", "TEMP B-TREE", "AUTOMATIC"} {
				if uses(bad+" ") && (bad != "TEMP B-TREE" || !slices.Contains(sorted, test.name)) {
					t.Errorf("a step is %q:\n%s", bad, strings.Join(steps, "\n"))
				}
			}
		})
	}
}

// An account service's ids may be text in one of its tables and numbers in the
// other: the user is found by an index all the same.
// What was paid from a time on is read from that time on: a plan looks the same where SQLite
// begins at all orders that were ever paid, by the condition of the index.
func TestPaidOrdersAreReadFromTheTimeOn(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), migrated(t)
	db := openAt(t, path)
	for _, query := range []func() error{
		func() error { return known(db.SummarizeDay(ctx, 1, 2)) },
		func() error { return known(db.NextSummarized(ctx, 1)) },
	} {
		if err := query(); err != nil {
			t.Fatal(err)
		}
	}
	pool, seen := openPool(t, path), 0
	for _, text := range db.engine.Prepared() {
		if !strings.Contains(text, "pay_time >= ?") {
			continue
		}
		seen++
		if codes := opcodes(t, pool, text); !slices.Contains(codes, "SeekGE") || slices.Contains(codes, "SeekGT") {
			t.Errorf("%s begins elsewhere: %q", text, codes)
		}
	}
	if seen != 2 {
		t.Errorf("%d statements read by the time of paying, want 2", seen)
	}
}

// opcodes are those of a statement's program.
func opcodes(t *testing.T, pool *sql.DB, text string) (codes []string) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), "EXPLAIN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		if err := rows.Scan(new(any), &code, new(any), new(any), new(any), new(any), new(any), new(any)); err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return codes
}

func TestTokenUserUsesTheIndexOfTextIDs(t *testing.T) {
	t.Parallel()
	path := migrated(t)
	pool := openPool(t, path)
	for _, statement := range []string{
		"DROP TABLE users", "CREATE TABLE users (id VARCHAR(15) PRIMARY KEY)",
		"DROP TABLE tokens", "CREATE TABLE tokens (token TEXT PRIMARY KEY, user_id INTEGER)",
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	steps := plans(t, path, func(db *DB) error { return ignoreAbsence(known(db.TokenUser(t.Context(), "t"))) })
	if !slices.ContainsFunc(steps, func(step string) bool { return strings.Contains(step, "u USING COVERING INDEX") }) {
		t.Errorf("no step uses the index of users:\n%s", strings.Join(steps, "\n"))
	}
}

// changeCart changes a new line of a cart, and ends with an empty cart.
func changeCart(ctx context.Context, db *DB, change func(*Tx, context.Context, CartLine) error) error {
	return db.InTx(ctx, func(tx *Tx) (err error) {
		l := CartLine{UserID: "12", ProductID: 1}
		if l.CartID, err = tx.InsertCartLine(ctx, l); err != nil {
			return err
		}
		if err := change(tx, ctx, l); err != nil {
			return err
		}
		return tx.EraseCart(ctx, "12")
	})
}

// known drops a query's result.
// known2 is known for two results.
func known2[T, U any](_ T, _ U, err error) error { return err }

func known[T any](_ T, err error) error { return err }

// ignoreAbsence is nil for an update of the empty database.
func ignoreAbsence(err error) error {
	if err != nil && strings.Contains(err.Error(), ErrNotFound.Error()) {
		return nil
	}
	return err
}

// holdNothing is nil where there is not enough.
func holdNothing(err error) error {
	if errors.Is(err, ErrBalance) {
		return nil
	}
	return err
}

// addressOf adds two addresses of a user, and returns the default one.
func addressOf(t *testing.T, db *DB) (id int64) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *Tx) (err error) {
		for range 2 {
			if id, err = tx.InsertAddress(t.Context(), Address{UserID: "12"}); err != nil {
				return err
			}
		}
		return tx.SetDefaultAddress(t.Context(), id, "12")
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// auditList asks for a page of the audit.
func auditList(db *DB, f AuditFilter) error {
	f.Before = 9
	_, _, err := db.AuditList(context.Background(), f, Page{Limit: 1})
	return err
}

// coupons asks for a page of a list of coupons.
func coupons(ctx context.Context, db *DB, f CouponFilter) error {
	_, _, err := db.Coupons(ctx, f, Page{Limit: 1})
	return err
}

// searches asks for a page of a search of common words, whose rows are not worth sorting.
func searches(f MarketFilter) func(*DB) error {
	return func(db *DB) error {
		db.SetFew(1)
		_, _, err := db.SearchProducts(context.Background(), f, Page{Limit: 1})
		return err
	}
}

// takeOne makes a coupon and has a user take it.
func takeOne(ctx context.Context, db *DB) (record int64, err error) {
	c := Coupon{Quantity: 9, PerUser: 9, CloseTime: 9, ValidEnd: 9}
	if c.CouponID, err = db.InsertCoupon(ctx, c); err != nil {
		return 0, err
	}
	err = db.InTx(ctx, func(tx *Tx) error {
		record, err = tx.TakeCoupon(ctx, CouponRecord{UserID: "12", TakeTime: 1, ValidEnd: 9, Coupon: c})
		return err
	})
	return record, err
}

// gather makes a notice that is mailed, and gathers it.
func gather(ctx context.Context, db *DB) (mail NoticeMail, err error) {
	db.MailNotices()
	err = db.InTx(ctx, func(tx *Tx) error {
		profile, err := tx.LockProfile(ctx, "12", 1)
		if err != nil {
			return err
		}
		profile.Email = "a@example.org"
		if err := errors.Join(tx.UpdateProfile(ctx, profile), tx.AddNotice(ctx, Notice{UserID: "12", Key: "a", CreatTime: 1})); err != nil {
			return err
		}
		mail, err = tx.GatherNotices(ctx, "12", 1)
		return err
	})
	return mail, err
}

func claimTwice(db *DB, t *testing.T) error {
	t.Helper()
	for range 2 {
		if _, err := db.ClaimPicture(t.Context(), "s", "n", "12", true); err != nil {
			return err
		}
	}
	return nil
}
