package bench

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/dispatch"
)

// floorMarket is what the floor asks the database of the market.
type floorMarket struct {
	detail, cart                               *sql.Stmt
	lines, products, records, profile, address *sql.Stmt
}

const (
	floorMarketColumns = `p.product_id, p.product_type, p.product_name, p.pic_url, p.product_price, p.product_disprice,
		p.original_price, p.product_sale, p.product_collection, p.sell_method, p.ship_price, p.category_id,
		p.shop_id, COALESCE(s.shop_name, ''), COALESCE(s.user_id, p.user_id), COALESCE(u.name, ''),
		p.product_stock, p.creat_time, p.update_time, p.product_status, p.review_state, p.open_orders`
	floorSaleColumns = floorMarketColumns + `, p.first_price, COALESCE(pr.state, 0) = 0`
	floorCartColumns = `l.cart_id, l.user_id, l.product_id, l.price_policy_id, l.product_num, l.first_price, l.added_price`
	floorCoupon      = `c.coupon_id, c.coupon_name, c.coupon_type, c.coupon_value, c.off_percent, c.max_off, c.minimum_consume,
		c.product_id, c.shop_id, c.payer_id, c.quantity, c.per_user, c.open_time, c.close_time,
		c.valid_begin, c.valid_end, c.valid_days, COALESCE(c.code, ''), c.coupon_status, c.taken, c.used`
	floorRecord  = `r.record_id, r.user_id, r.state, r.order_id, r.take_time, r.valid_begin, r.valid_end, ` + floorCoupon
	floorProfile = `seq, user_id, name, COALESCE(name_key, ''), COALESCE(phone, ''), email, sex, role, state, password,
		beli, credit_amount, verify_state, verify_note, phone_hash, creat_time, mail_time`
)

// floorSellers joins to products p their shops s and sellers u.
func floorSellers(shopOwner string) string {
	return ` LEFT JOIN shops s ON s.shop_id = p.shop_id LEFT JOIN users u ON ` + strings.ReplaceAll(shopOwner, "s.user_id", "COALESCE(s.user_id, p.user_id)")
}

// newFloorMarket prepares the statements. shopOwner joins users u to shops s, inOrder joins
// in the order of the tables.
func newFloorMarket(db *sql.DB, shopOwner, inOrder string) floorMarket {
	withSellers := floorSellers(shopOwner)
	withActive := withSellers + ` LEFT JOIN profiles pr ON pr.user_id = COALESCE(s.user_id, p.user_id)`
	oneOf := func(count int) string { return " IN (?" + strings.Repeat(", ?", count-1) + ")" }
	cart := "cart_lines l" + inOrder + "products p ON p.product_id = l.product_id" + withActive + " WHERE l.user_id = ?"
	return floorMarket{
		detail: prepareFloor(db, `SELECT `+floorMarketColumns+`, p.product_content, p.product_key, p.product_click, COALESCE(p.pics, ''),
			p.first_price, p.review_note, EXISTS (SELECT 1 FROM favourites WHERE user_id = ? AND product_id = ?)
			FROM products p`+withSellers+` WHERE p.product_id = ?`),
		cart: prepareFloor(db, `SELECT `+floorCartColumns+`, `+floorSaleColumns+`, (SELECT COUNT(*) FROM `+cart+`) AS total FROM `+cart+
			` ORDER BY l.cart_id DESC LIMIT ? OFFSET ?`),
		lines:    prepareFloor(db, `SELECT `+floorCartColumns+` FROM cart_lines l WHERE l.cart_id`+oneOf(campusgatetest.CampusOrderLines)+` AND l.user_id = ?`),
		products: prepareFloor(db, `SELECT `+floorSaleColumns+` FROM products p`+withActive+` WHERE p.product_id`+oneOf(campusgatetest.CampusOrderLines)),
		records: prepareFloor(db, `SELECT `+floorRecord+` FROM coupon_records r`+inOrder+`coupons c ON c.coupon_id = r.coupon_id
			WHERE r.user_id = ? AND r.state = 0 AND r.valid_begin <= ? AND r.valid_end > ?
			AND (c.product_id`+oneOf(campusgatetest.CampusOrderLines)+` OR c.shop_id`+oneOf(campusgatetest.CampusOrderSellers)+` OR c.product_id = 0 AND c.shop_id = 0) ORDER BY r.record_id`),
		profile: prepareFloor(db, `SELECT `+floorProfile+` FROM profiles WHERE user_id = ?`),
		address: prepareFloor(db, `SELECT address_id, user_id, name, phone, address, is_default FROM addresses WHERE address_id = ? AND user_id = ?`),
	}
}

// A floorGoods is a product of the market as the database has it.
type floorGoods struct {
	floorMarketRow

	price                    int64
	reduced, original, stock *int64
	created, updated         int64
	status, review, open     int64
	firstPrice               *int64
	active                   bool
}

func (g *floorGoods) market() []any {
	return []any{
		&g.ProductID, &g.ProductType, &g.ProductName, &g.PicURL, &g.price, &g.reduced,
		&g.original, &g.ProductSale, &g.ProductCollection, &g.SellMethod, &g.ShipPrice, &g.CategoryID,
		&g.ShopID, &g.ShopName, &g.UserID, &g.UserName,
		&g.stock, &g.created, &g.updated, &g.status, &g.review, &g.open,
	}
}

func (g *floorGoods) sale() []any { return append(g.market(), &g.firstPrice, &g.active) }

type floorMarketRow struct {
	ProductID         int64        `json:"product_id"`
	ProductType       int64        `json:"product_type"`
	ProductName       string       `json:"product_name"`
	PicURL            string       `json:"pic_url"`
	ProductPrice      dispatch.Fen `json:"product_price"`
	OriginalPrice     dispatch.Fen `json:"original_price"`
	ProductSale       int64        `json:"product_sale"`
	ProductCollection int64        `json:"product_collection"`
	SellMethod        int64        `json:"sell_method"`
	ShipPrice         dispatch.Fen `json:"ship_price"`
	CategoryID        *int64       `json:"category_id"`
	ShopID            int64        `json:"shop_id"`
	ShopName          string       `json:"shop_name"`
	UserID            int64        `json:"user_id"`
	UserName          string       `json:"user_name"`
	ProductStock      *int64       `json:"product_stock"`
	CreatTime         string       `json:"creat_time"`
	UpdateTime        string       `json:"update_time"`
}

type floorDetail struct {
	floorMarketRow

	ProductContent string        `json:"product_content"`
	Pics           []string      `json:"pics"`
	ProductKey     string        `json:"product_key"`
	ProductClick   int64         `json:"product_click"`
	FirstPrice     *dispatch.Fen `json:"first_price"`
	PricePolicies  []struct{}    `json:"price_policies"`
	Collected      bool          `json:"collected"`
	ReviewState    *int64        `json:"review_state"`
	ReviewNote     *string       `json:"review_note"`
}

// asked is what a request of the market says.
type asked struct {
	ID            int64 `json:"id"`
	Type, Subtype string
	Data          struct {
		ProductID int64 `json:"product_id"`
		Count     int64 `json:"count"`
		CartItems []struct {
			CartID  int64 `json:"cart_id"`
			Deliver string
		} `json:"cart_items"`
		ShopRecords []int64 `json:"shop_records"`
		AddressID   int64   `json:"address_id"`
	} `json:"data"`
}

// browse is product/detail and course/info.
func (f *floorQueries) browse(request *fasthttp.RequestCtx) {
	var a asked
	floorMust(json.Unmarshal(request.PostBody(), &a))
	if a.Type == "course" {
		f.courseInfo(request, a)
		return
	}
	f.productDetail(request, a)
}

func (f *floorQueries) productDetail(request *fasthttp.RequestCtx, a asked) {
	user := f.caller(request)
	var g floorGoods
	var d floorDetail
	var pics, note string
	floorMust(f.market.detail.QueryRowContext(context.Background(), user, a.Data.ProductID, a.Data.ProductID).Scan(append(g.market(),
		&d.ProductContent, &d.ProductKey, &d.ProductClick, &pics, &d.FirstPrice, &note, &d.Collected)...))
	d.floorMarketRow = g.floorMarketRow
	d.ProductPrice, d.OriginalPrice, d.ProductStock = dispatch.Fen(g.price), dispatch.Fen(g.price), g.stock
	d.CreatTime, d.UpdateTime, d.Pics, d.PricePolicies = f.time(g.created), f.time(g.updated), []string{}, []struct{}{}
	answerFloor(request, dispatch.Response{ID: a.ID, Message: "successful", Data: d})
}

type floorCartRow struct {
	CartID        int64         `json:"cart_id"`
	ProductID     int64         `json:"product_id"`
	ProductType   int64         `json:"product_type"`
	ProductName   string        `json:"product_name"`
	PicURL        string        `json:"pic_url"`
	ProductNum    int64         `json:"product_num"`
	ProductPrice  dispatch.Fen  `json:"product_price"`
	AddedPrice    dispatch.Fen  `json:"added_price"`
	PricePolicyID int64         `json:"price_policy_id"`
	ValidPeriod   int64         `json:"valid_period"`
	PricePolicies []struct{}    `json:"price_policies"`
	FirstPrice    *dispatch.Fen `json:"first_price"`
	ShopID        int64         `json:"shop_id"`
	UserID        int64         `json:"user_id"`
	UserName      string        `json:"user_name"`
	LineState     int64         `json:"line_state"`
}

func (f *floorQueries) cartList(request *fasthttp.RequestCtx) {
	var a asked
	floorMust(json.Unmarshal(request.PostBody(), &a))
	user := f.caller(request)
	rows, err := f.market.cart.QueryContext(context.Background(), user, user, a.Data.Count, 0)
	floorMust(err)
	defer rows.Close()
	var data struct {
		Num  int64          `json:"num"`
		List []floorCartRow `json:"list"`
	}
	for rows.Next() {
		var g floorGoods
		var r floorCartRow
		var owner string
		line := []any{&r.CartID, &owner, &r.ProductID, &r.PricePolicyID, &r.ProductNum, &r.FirstPrice, &r.AddedPrice}
		floorMust(rows.Scan(append(append(line, g.sale()...), &data.Num)...))
		r.ProductName, r.PicURL, r.ProductPrice, r.PricePolicies = g.ProductName, g.PicURL, dispatch.Fen(g.price), []struct{}{}
		r.ShopID, r.UserID, r.UserName = g.ShopID, g.UserID, g.UserName
		data.List = append(data.List, r)
	}
	floorMust(rows.Err())
	answerFloor(request, dispatch.Response{ID: a.ID, Message: "successful", Data: data})
}

// orderPrepare runs the statements of order/prepare, and says how many rows they have.
func (f *floorQueries) orderPrepare(request *fasthttp.RequestCtx) {
	var a asked
	floorMust(json.Unmarshal(request.PostBody(), &a))
	user := f.caller(request)
	var ids []any
	for _, item := range a.Data.CartItems {
		ids = append(ids, item.CartID)
	}
	var found int
	var text string
	var number, product int64
	var optional *int64
	var products, shops []any
	f.each(f.market.lines, append(ids, user), []any{&number, &text, &product, &number, &number, &optional, &number}, func() {
		found++
		products = append(products, product)
	})
	var g floorGoods
	sellers := map[int64]bool{}
	f.each(f.market.products, products, g.sale(), func() {
		found++
		if !sellers[g.ShopID] {
			sellers[g.ShopID], shops = true, append(shops, g.ShopID)
		}
	})
	now := time.Now().Unix()
	coupon := []any{
		&number, &text, &number, &number, &number, &number, &number, &number, &number, &text, &number,
		&number, &number, &number, &number, &number, &number, &text, &number, &number, &number,
	}
	args := append(append([]any{user, now, now}, products...), shops...)
	f.each(f.market.records, args, append([]any{&number, &text, &number, &text, &number, &number, &number}, coupon...), func() { found++ })
	var hash []byte
	f.each(f.market.profile, []any{user}, []any{
		&number, &text, &text, &text, &text, &text, &number, &text, &number, &text,
		&number, &number, &number, &text, &hash, &number, &number,
	}, func() { found++ })
	f.each(f.market.address, []any{a.Data.AddressID, user}, []any{&number, &text, &text, &text, &text, &number}, func() { found++ })
	answerFloor(request, dispatch.Response{ID: a.ID, Message: "successful", Data: found})
}

func (f *floorQueries) each(statement *sql.Stmt, args, to []any, found func()) {
	rows, err := statement.QueryContext(context.Background(), args...)
	floorMust(err)
	defer rows.Close()
	for rows.Next() {
		floorMust(rows.Scan(to...))
		found()
	}
	floorMust(rows.Err())
}
