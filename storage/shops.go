package storage

import "context"

// A Shop is a row of the shop lists, its fields in the wire's order.
type Shop struct {
	ShopID      int64
	ShopName    string
	ShopContent string
	UserID      string // the owner
	UserName    string // the owner's name now; "" when there is none
	CreatTime   int64  // Unix seconds
	PicURL      string
}

// A ShopFilter says which shops to list; both conditions must hold, empty ones
// are none.
type ShopFilter struct {
	Name   string // a part of shop_name
	UserID string // the owner, exactly
}

// ShopFields are the fields that an [Order] of shops may name, in the row's
// order.
func ShopFields() []string { return fieldNames(shopSortables()) }

func shopSortables() []sortable {
	return []sortable{
		{"shop_id", []string{"s.shop_id"}},
		{"shop_name", []string{"s.shop_name"}},
		{"shop_content", []string{"s.shop_content"}},
		{"user_id", []string{"LENGTH(s.user_id)", "s.user_id"}}, // a number on the wire
		{"user_name", []string{"COALESCE(u.name, '')"}},
		{"creat_time", []string{"s.creat_time"}},
		{"pic_url", []string{"s.pic_url"}},
	}
}

// InsertShop adds a shop; s.UserName is ignored. [ErrConflict]: the name or the
// id is taken.
func (q *Queries) InsertShop(ctx context.Context, s Shop) error {
	_, err := q.exec(ctx, "insert shop", `
		INSERT INTO shops (shop_id, shop_name, shop_content, user_id, creat_time, pic_url)
		VALUES (?, ?, ?, ?, ?, ?)`,
		s.ShopID, s.ShopName, s.ShopContent, s.UserID, s.CreatTime, s.PicURL)
	return err
}

// ShopNameTaken says whether a shop has exactly this name. Only InsertShop
// decides: this tells which status to answer.
func (q *Queries) ShopNameTaken(ctx context.Context, name string) (bool, error) {
	var taken bool
	err := q.get(ctx, "shop name taken", &taken, `SELECT EXISTS (SELECT 1 FROM shops WHERE shop_name = ?)`, name)
	return taken, err
}

// ShopCount counts a user's shops. In a transaction after [Tx.LockUser] it
// holds until the transaction's end.
func (q *Queries) ShopCount(ctx context.Context, userID string) (int64, error) {
	var count int64
	err := q.get(ctx, "shop count", &count, `SELECT COUNT(*) FROM shops WHERE user_id = ?`, userID)
	return count, err
}

// UpdateShop sets the content of the user's shop, and its picture when picURL
// is not nil. [ErrNotFound]: no such shop, or another user's.
func (q *Queries) UpdateShop(ctx context.Context, shopID int64, userID, content string, picURL *string) error {
	return q.change(ctx, "update shop", `
		UPDATE shops SET shop_content = ?, pic_url = COALESCE(?, pic_url)
		WHERE shop_id = ? AND user_id = ?`, content, picURL, shopID, userID)
}

// ShopByID returns a shop, [ErrNotFound] if there is none.
func (q *Queries) ShopByID(ctx context.Context, id int64) (Shop, error) {
	var s Shop
	err := q.one(ctx, "shop by id", q.selectShops()+` WHERE s.shop_id = ?`, []any{id}, s.fields())
	return s, err
}

// ShopByName returns the shop of exactly this name, [ErrNotFound] if there is
// none.
func (q *Queries) ShopByName(ctx context.Context, name string) (Shop, error) {
	var s Shop
	err := q.one(ctx, "shop by name", q.selectShops()+` WHERE s.shop_name = ?`, []any{name}, s.fields())
	return s, err
}

// Shops lists shops by orders in turn, then in the order of adding. An order by
// a field that is not one of [ShopFields] is an error.
func (q *Queries) Shops(ctx context.Context, f ShopFilter, orders []Order, page Page) ([]Shop, error) {
	order, err := orderBy(orders, shopSortables, "s.seq")
	if err != nil {
		return nil, q.wrap("shops", err)
	}
	conditions := q.filter()
	if f.UserID != "" {
		conditions.and("s.user_id = ?", f.UserID)
	}
	conditions.part("s.shop_name", &f.Name)
	if conditions.nothing {
		return []Shop{}, nil
	}
	asked := part{text: q.selectShops()}.then(conditions.where(), conditions.args).then(order, nil).then(page.clause())
	return collect[Shop](ctx, q, "shops", asked.query(), asked.args)
}

// selectShops reads shops with their owners' names.
func (q *Queries) selectShops() string {
	return `
		SELECT s.shop_id, s.shop_name, s.shop_content, s.user_id, COALESCE(u.name, '') AS user_name,
			s.creat_time, s.pic_url
		FROM shops s LEFT JOIN users u ON ` + q.shopOwner
}

// fields are the columns of selectShops.
func (s *Shop) fields() []any {
	return []any{&s.ShopID, &s.ShopName, &s.ShopContent, &s.UserID, &s.UserName, &s.CreatTime, &s.PicURL}
}
