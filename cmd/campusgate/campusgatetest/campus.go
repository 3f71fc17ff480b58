package campusgatetest

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"campusgate/storage"
)

// What every campus holds.
const (
	CampusUsers = 64 // each with a wallet, a token and a product
	FoundWord   = "雨伞"
	RareWord    = "钥匙" // in FewRows notices and products of a grown campus, however many it has
	CommonWord  = "生发" // in all products
	FewRows     = 20

	CampusOrderLines   = 50 // of a [CampusOrder]
	CampusOrderSellers = 10

	CampusCoupons    = 20 // for a product that is in no cart, after those of the records
	CampusCouponLeft = 10 // of each

	campusShops  = 30
	campusListed = 1000 // notices of each type
	campusFound  = 50   // of the first type, with the FoundWord

	campusEnd = 1 << 40 // of coupons and records

	campusCart    = 100 // lines of the user 0, of ten sellers
	campusRecords = 12  // of the user 0
)

// CampusQuery is the query with the token of a user.
func CampusQuery(user int) string { return "?token=" + campusToken(user) }

// CampusProduct is the id of a product.
func CampusProduct(i int) int64 { return int64(4517733 + i) }

// CampusGoods is the id of what the user 0 has in the cart.
func CampusGoods(i int) int64 { return CampusProduct(1_000_000 + i) }

// CampusCoupon is the id of a coupon that every user may take.
func CampusCoupon(i int) int64 { return int64(campusRecords + 1 + i) }

// CampusOffer is the id of what a user sells second-hand, of which there are many.
func CampusOffer(i int) int64 { return int64(9_000_000 + i) }

// CampusCourse is a course of ten chapters with five sections each, which the user 0 has not
// bought.
const CampusCourse = 9_500_000

// CampusUser is the id of a user.
func CampusUser(i int) string { return strconv.Itoa(1180310000 + i) }

func campusToken(i int) string { return fmt.Sprintf("%064x", i+1) }
func campusTime(i int) int64   { return 1574951152 + int64(i) }

// insert runs one of count insertions after the other, in large transactions.
func insert(t testing.TB, db *storage.DB, count int, one func(ctx context.Context, tx *storage.Tx, i int) error) {
	t.Helper()
	insertBatches(t, db, count, func(ctx context.Context, tx *storage.Tx, from, to int) error {
		for i := from; i < to; i++ {
			if err := one(ctx, tx, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// insertBatches runs count insertions, those of a batch in one transaction.
func insertBatches(t testing.TB, db *storage.DB, count int, batch func(ctx context.Context, tx *storage.Tx, from, to int) error) {
	t.Helper()
	const together = 1000
	for from := 0; from < count; from += together {
		Must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
			return batch(t.Context(), tx, from, min(from+together, count))
		}))
	}
}

// FillCampus fills a database with what calls are measured on.
func FillCampus(t testing.TB, db *storage.DB) {
	t.Helper()
	insert(t, db, CampusUsers, insertUser)
	insert(t, db, campusShops, func(ctx context.Context, tx *storage.Tx, i int) error {
		return tx.InsertShop(ctx, storage.Shop{
			ShopID: 811729970 + int64(i), ShopName: fmt.Sprintf("小码三秃%d", i), ShopContent: "码三秃团队的店铺",
			UserID: CampusUser(i), CreatTime: campusTime(i), PicURL: "./api/external/get/pic/shop/900150983cd24fb0d6963f7d28e17f72",
		})
	})
	insert(t, db, CampusUsers, func(ctx context.Context, tx *storage.Tx, i int) error {
		return tx.InsertProduct(ctx, someProduct(i, 811729970))
	})
	insert(t, db, CampusUsers, func(ctx context.Context, tx *storage.Tx, i int) error {
		v := storage.ProductVersion{Name: fmt.Sprintf("高等数学%d", i), Content: "笔记很少", Price: 10_00}
		if err := tx.InsertSecondHand(ctx, CampusOffer(i), CampusUser(i), v, storage.ReviewPassed, campusTime(i)); err != nil {
			return err
		}
		return tx.SetProductTerms(ctx, CampusOffer(i), storage.ProductTerms{Stock: new(int64(999_999))})
	})
	insert(t, db, 1, func(ctx context.Context, tx *storage.Tx, _ int) error { return insertCourse(ctx, tx) })
	insert(t, db, 2*campusListed, func(ctx context.Context, tx *storage.Tx, i int) error {
		notice := someNotice(i, "卡类")
		notice.Type = 1 + int64(i%2)
		notice.Content = strings.Repeat("我在教学楼丢了一张校园卡", 4)
		if notice.Type == 1 && i < 2*campusFound {
			notice.Lab = FoundWord
		}
		_, err := tx.InsertProperty(ctx, notice)
		return err
	})
	insert(t, db, campusCart, insertCartLine)
	insert(t, db, campusRecords, insertRecord)
	insert(t, db, CampusCoupons, func(ctx context.Context, tx *storage.Tx, _ int) error {
		_, err := tx.InsertCoupon(ctx, storage.Coupon{
			CouponName: "立减1", CouponType: storage.CouponOff, CouponValue: 1_00, ProductID: CampusProduct(0), PayerID: CampusUser(0),
			Quantity: CampusCouponLeft, PerUser: 1, CloseTime: campusEnd, ValidEnd: campusEnd,
		})
		return err
	})
	insert(t, db, 1, func(ctx context.Context, tx *storage.Tx, _ int) error {
		if _, err := tx.LockProfile(ctx, CampusUser(0), campusTime(0)); err != nil {
			return err
		}
		err := tx.Move(ctx, storage.Move{
			Kind: storage.LedgerGrant, Currency: storage.Beli, From: storage.PromotionAccount, To: storage.UserAccount(CampusUser(0)),
			Amount: 1000, Time: campusTime(0),
		})
		if err != nil {
			return err
		}
		_, err = tx.InsertAddress(ctx, storage.Address{UserID: CampusUser(0), Name: "王凌超", Phone: "13700000000", Address: "浙江科技学院"})
		return err
	})
}

func insertCourse(ctx context.Context, tx *storage.Tx) error {
	if err := tx.InsertCourse(ctx, storage.Course{ProductID: CampusCourse, Name: "Go 语言入门", ShopID: 811729970, Status: storage.CourseUp}, campusTime(0)); err != nil {
		return err
	}
	var chapters []storage.CourseChapter
	for i := range 10 {
		chapter := storage.CourseChapter{Title: fmt.Sprintf("第%d章", i+1)}
		for j := range 5 {
			chapter.Sections = append(chapter.Sections, storage.CourseSection{
				Title: fmt.Sprintf("第%d节", j+1), Seconds: 300, Free: i == 0, Link: fmt.Sprintf("https://example.com/%d-%d.mp4", i, j),
			})
		}
		chapters = append(chapters, chapter)
	}
	if err := tx.SetCourseTree(ctx, CampusCourse, chapters); err != nil {
		return err
	}
	return tx.SetPricePolicies(ctx, CampusCourse, []storage.PricePolicy{{ValidPeriod: 7, Price: 9_90, Default: true}, {ValidPeriod: 36000, Price: 99_00}})
}

// CampusOrder is the data of order/prepare for half of the cart of the user 0, with a
// record of each seller and one of the market.
func CampusOrder() string {
	lines, records := make([]string, CampusOrderLines), make([]string, CampusOrderSellers)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"cart_id":%d}`, i+1)
	}
	for i := range records {
		records[i] = strconv.Itoa(i + 1)
	}
	return fmt.Sprintf(`{"cart_items":[%s],"shop_records":[%s],"record_id":%d,"use_beli":true,"deliver":"express","address_id":1}`,
		strings.Join(lines, ","), strings.Join(records, ","), CampusOrderSellers+1)
}

// insertCartLine puts goods of one of ten sellers into the cart of the user 0.
func insertCartLine(ctx context.Context, tx *storage.Tx, i int) error {
	goods := someProduct(0, 811729971+int64(i%CampusOrderSellers))
	goods.ProductID, goods.ProductName = CampusGoods(i), fmt.Sprintf("商品%d", i)
	if err := tx.InsertProduct(ctx, goods); err != nil {
		return err
	}
	_, err := tx.InsertCartLine(ctx, storage.CartLine{UserID: CampusUser(0), ProductID: goods.ProductID, Pieces: 1 + int64(i%3), AddedPrice: goods.ProductPrice})
	return err
}

// insertRecord lets the user 0 take a coupon: of each of the ten shops, and then of the market.
func insertRecord(ctx context.Context, tx *storage.Tx, i int) (err error) {
	c := storage.Coupon{
		CouponName: "满100减20", CouponType: storage.CouponOver, CouponValue: 20_00, MinimumConsume: 100_00, ShopID: 811729971 + int64(i),
		PayerID: CampusUser(1 + i), Quantity: 1, PerUser: 1, CloseTime: campusEnd, ValidEnd: campusEnd,
	}
	if i >= CampusOrderSellers {
		c.ShopID, c.PayerID = 0, ""
	}
	if c.CouponID, err = tx.InsertCoupon(ctx, c); err == nil {
		_, err = tx.TakeCoupon(ctx, storage.CouponRecord{UserID: CampusUser(0), TakeTime: campusTime(0), ValidEnd: campusEnd, Coupon: c})
	}
	return err
}

// FillGrown fills a database with so many notices, products and purchases, which belong
// to so many users with a shop each. Products differ in what they cost and in how many were
// sold.
func FillGrown(rows, owners int) func(testing.TB, *storage.DB) {
	return func(t testing.TB, db *storage.DB) {
		t.Helper()
		insert(t, db, owners, insertUser)
		insert(t, db, owners, func(ctx context.Context, tx *storage.Tx, i int) error {
			return tx.InsertShop(ctx, storage.Shop{
				ShopID: 100_000_000 + int64(i), ShopName: fmt.Sprintf("小码三秃%d", i), UserID: CampusUser(i), CreatTime: campusTime(i),
			})
		})
		isRare := func(i int) bool { return i%max(1, rows/FewRows) == 0 }
		insertBatches(t, db, rows, func(ctx context.Context, tx *storage.Tx, from, to int) error {
			var products []storage.Product
			for i := from; i < to; i++ {
				product := someProduct(i, 100_000_000+int64(i%owners))
				if i >= CampusUsers { // Buy knows the price of the first
					product.ProductPrice = int64(1 + i*7919%100_000)
				}
				if isRare(i) {
					product.ProductName += RareWord
				}
				products = append(products, product)
			}
			return tx.AddProducts(ctx, products)
		})
		insert(t, db, rows/10, func(ctx context.Context, tx *storage.Tx, i int) error {
			return tx.AddSold(ctx, CampusProduct(10*i), int64(1+i%100))
		})
		insert(t, db, rows, func(ctx context.Context, tx *storage.Tx, i int) error {
			if err := tx.InsertPurchase(ctx, someOrder(i, CampusUser(i%owners))); err != nil {
				return err
			}
			notice := someNotice(i, "卡类")
			if isRare(i) {
				notice.Title = "我丢了" + RareWord
			}
			_, err := tx.InsertProperty(ctx, notice)
			return err
		})
	}
}

// FillSold is [FillGrown], and so many orders of the first shop, and messages of the first two
// users about its first product.
func FillSold(rows, owners int) func(testing.TB, *storage.DB) {
	return func(t testing.TB, db *storage.DB) {
		t.Helper()
		FillGrown(rows, owners)(t, db)
		insertBatches(t, db, rows, func(ctx context.Context, tx *storage.Tx, from, to int) error {
			var orders []storage.Order
			var lines []storage.OrderLine
			for i := from; i < to; i++ {
				order, line := soldOrder(i, CampusUser(i%owners))
				orders, lines = append(orders, order), append(lines, line)
			}
			for i := from; i < to; i++ {
				if _, err := tx.SendMessage(ctx, storage.Message{
					SenderID: CampusUser(i % 2), ReceiverID: CampusUser(1 - i%2), ProductID: CampusProduct(0), Content: "还在吗？", CreatTime: campusTime(i),
				}); err != nil {
					return err
				}
			}
			if err := tx.InsertOrders(ctx, orders); err != nil {
				return err
			}
			return tx.InsertOrderLines(ctx, lines)
		})
	}
}

// soldOrder is an order of the first shop: each fourth one is to be sent.
func soldOrder(i int, buyer string) (storage.Order, storage.OrderLine) {
	payID := fmt.Sprintf("%010d%05d00", campusTime(i), i%100_000)
	o := storage.Order{
		OrderID: payID[:len(payID)-1] + "1", PayID: payID, UserID: buyer, SellerID: CampusUser(0), ShopID: 100_000_000, Deliver: "face",
		GoodsPrice: 101_50, PayPrice: 101_50, CreatTime: campusTime(i), State: "finish", ListState: "complete", ListBuyer: buyer, ListSeller: CampusUser(0),
		PayMethod: "wallet", PayTime: campusTime(i), FinishTime: campusTime(i), Steps: 4,
	}
	if i%4 == 0 {
		o.State, o.ListState = "paid", "need_send"
	}
	return o, storage.OrderLine{
		OrderID: o.OrderID, UserID: buyer, ProductID: CampusProduct(0), ProductName: "头秃生发水0", Price: 101_50, Pieces: 1, LinePrice: 101_50, PayPrice: 101_50,
	}
}

func insertUser(ctx context.Context, tx *storage.Tx, i int) error {
	if err := tx.InsertUser(ctx, storage.User{ID: CampusUser(i), Name: "王凌超", Wealth: 999_999_999_00}); err != nil {
		return err
	}
	return tx.InsertToken(ctx, campusToken(i), CampusUser(i))
}

func someProduct(i int, shop int64) storage.Product {
	return storage.Product{
		ProductID: CampusProduct(i), ProductName: fmt.Sprintf("头秃生发水%d", i), ProductContent: "<h1>Duang~</h1>",
		ProductKey: "生发|秃", ProductPrice: 101_50, ShopID: shop, ProductStatus: 1,
		CreatTime: campusTime(i), UpdateTime: campusTime(i),
	}
}

func someNotice(i int, lab string) storage.Property {
	return storage.Property{
		Type: 1, Lab: lab, Title: fmt.Sprintf("一卡通%d", i), Content: "我在教学楼丢了一张校园卡",
		UserID: CampusUser(i % CampusUsers), UserName: "王凌超", UserPhone: "13700000000", UserQQ: "893721708",
		OccurrenceTime: campusTime(i), PublishTime: campusTime(i), UpdateTime: campusTime(i),
	}
}

func someOrder(i int, user string) storage.Purchase {
	return storage.Purchase{
		PurchaseID: fmt.Sprintf("%010d%07d", campusTime(0), i), PurchaseState: storage.PurchasePaying, UserID: user,
		PurchasePrice: 101_50, CreatTime: campusTime(i), ProductID: CampusProduct(i), ProductNum: 1,
		ProductUnitprice: 101_50, ProductTotalprice: 101_50,
	}
}

var orderID = regexp.MustCompile(`"purchase_id":"(\d+)"`)

// Buy orders and pays; each connection is a user, with a product of its own.
func Buy(c *Connection) error {
	user := c.Number % CampusUsers
	apply := fmt.Sprintf(`{"product_id":%d,"product_num":1,"product_unitprice":101.5,"product_totalprice":101.5}`, CampusProduct(user))
	if err := c.Done(user, "/purchase", "purchase/apply", apply); err != nil {
		return err
	}
	order := orderID.FindSubmatch(c.Body)
	if order == nil {
		return fmt.Errorf("purchase/apply: %s", c.Body)
	}
	return c.Done(user, "/purchase", "purchase/pay", `{"purchase_id":"`+string(order[1])+`","method":"wallet"}`)
}

// Order commits to one piece and pays it from the wallet; each connection is a user, and
// buys of another.
func Order(c *Connection) error {
	user := c.Number % CampusUsers
	_, err := c.Order(user, CampusOffer((user+CampusUsers/2)%CampusUsers), "10")
	return err
}

// Order has a user commit to one piece of a product, whose price is known, and pay it from
// the wallet.
func (c *Connection) Order(user int, product int64, price string) (orderID string, err error) {
	commit := fmt.Sprintf(`{"items":[{"product_id":%d}],"deliver":"face","pay_price":%s}`, product, price)
	if err := c.Done(user, "/order", "order/commit", commit); err != nil {
		return "", err
	}
	ids := committed.FindSubmatch(c.Body)
	if ids == nil {
		return "", fmt.Errorf("order/commit: %s", c.Body)
	}
	payID, orderID := string(ids[1]), string(ids[2]) // the next answer takes their place
	return orderID, c.Done(user, "/order", "order/pay", `{"pay_id":"`+payID+`","method":"wallet"}`)
}

// Done makes a call of a user, which is to succeed.
func (c *Connection) Done(user int, path, call, data string) error {
	if _, err := c.Ask(Posting(path+CampusQuery(user), Envelope(call, data))); err != nil {
		return err
	}
	if !bytes.Contains(c.Body, []byte(`"status":0,`)) {
		return fmt.Errorf("%s: %s", call, c.Body)
	}
	return nil
}

var committed = regexp.MustCompile(`"pay_id":"(\d+)","order_ids":\["(\d+)"`)
