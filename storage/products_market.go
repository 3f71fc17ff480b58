package storage

import (
	"context"
	"strings"

	"campusgate/storage/engine"
)

// The states of a review.
const (
	ReviewNone = iota // none is needed
	ReviewWaiting
	ReviewPassed
	ReviewRefused
)

// A MarketProduct is a product of any type as the market's lists show it. Prices are fen,
// times Unix seconds.
type MarketProduct struct {
	ProductID     int64
	Type          int64 // [TypeGoods], [TypeSecondHand] or [TypeCourse]
	Name, PicURL  string
	Price         int64
	Disprice      *int64 // nil: not reduced
	OriginalPrice *int64
	Sale          int64
	Collection    int64
	SellMethod    int64 // 0 any, 1 face to face, 2 express
	ShipPrice     int64
	CategoryID    *int64
	ShopID        int64 // 0: no shop's
	ShopName      string
	UserID        string // the seller: the shop's owner, if it is a shop's
	UserName      string
	Stock         *int64 // free pieces; nil: unlimited
	CreatTime     int64
	UpdateTime    int64
	Status        int64 // as [Product]'s
	ReviewState   int64
	OpenOrders    int64
}

// A MarketDetail is all of a product of any type.
type MarketDetail struct {
	MarketProduct

	Content, Key string
	Click        int64
	Pics         []string // URLs, the first is the cover
	FirstPrice   *int64
	ReviewNote   string
	Collected    bool // by whom it was read for
}

const marketColumns = "p.product_id, p.product_type, p.product_name, p.pic_url, p.product_price, p.product_disprice, " +
	"p.original_price, p.product_sale, p.product_collection, p.sell_method, p.ship_price, p.category_id, " +
	"p.shop_id, COALESCE(s.shop_name, '') AS shop_name, " + sellerOfP + " AS seller, COALESCE(u.name, '') AS user_name, " +
	"p.product_stock, p.creat_time, p.update_time, p.product_status, p.review_state, p.open_orders"

// sellerOfP is the seller of a product p with its shop s.
const sellerOfP = "COALESCE(s.user_id, p.user_id)"

// inSight are the products p that everybody sees.
const inSight = "(p.product_status = 1 AND p.review_state IN (0, 2))"

// InSight reports whether everybody sees the product.
func (p *MarketProduct) InSight() bool {
	return p.Status == ProductUp && (p.ReviewState == ReviewNone || p.ReviewState == ReviewPassed)
}

// fields are marketColumns.
func (p *MarketProduct) fields() []any {
	return []any{
		&p.ProductID, &p.Type, &p.Name, &p.PicURL, &p.Price, &p.Disprice,
		&p.OriginalPrice, &p.Sale, &p.Collection, &p.SellMethod, &p.ShipPrice, &p.CategoryID,
		&p.ShopID, &p.ShopName, &p.UserID, &p.UserName,
		&p.Stock, &p.CreatTime, &p.UpdateTime, &p.Status, &p.ReviewState, &p.OpenOrders,
	}
}

// withSellers joins to products p their shops s and sellers u.
func (q *Queries) withSellers() string {
	return " LEFT JOIN " + joinShops + " LEFT JOIN users u ON " + q.seller
}

// MarketDetail returns a product of any type and state, [ErrNotFound] if there is none.
func (q *Queries) MarketDetail(ctx context.Context, id int64) (MarketDetail, error) {
	return q.MarketDetailFor(ctx, id, "")
}

// MarketDetailFor is MarketDetail for a user, "" being nobody.
func (q *Queries) MarketDetailFor(ctx context.Context, id int64, userID string) (MarketDetail, error) {
	var d MarketDetail
	var pics string
	err := q.sql.Get(ctx, "market detail", engine.SQL("SELECT "+marketColumns+
		", p.product_content, p.product_key, p.product_click, COALESCE(p.pics, '') AS pics, p.first_price, p.review_note,"+
		" EXISTS (SELECT 1 FROM favourites WHERE user_id = ? AND product_id = ?) AS collected FROM products p"+
		q.withSellers()+" WHERE p.product_id = ?", userID, id, id),
		append(d.fields(), &d.Content, &d.Key, &d.Click, &pics, &d.FirstPrice, &d.ReviewNote, &d.Collected)...)
	d.Pics = splitPics(pics)
	return d, err
}

// splitPics are the pictures of a column of them.
func splitPics(pics string) []string {
	if pics == "" {
		return []string{}
	}
	return strings.Split(pics, "\n")
}
