package storage

import (
	"context"
	"fmt"
	"slices"

	"campusgate/storage/engine"
)

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

// ShopFields are the fields that a [Sort] of shops may name, in the row's
// order.
func ShopFields() []string { return shopFields.Names() }

var shopFields = engine.Fields{
	{Name: "shop_id", Columns: []string{"s.shop_id"}, Unique: true},
	{Name: "shop_name", Columns: []string{"s.shop_name"}, Unique: true},
	{Name: "shop_content", Columns: []string{"s.shop_content"}},
	{Name: "user_id", Columns: []string{"LENGTH(s.user_id)", "s.user_id"}}, // a number on the wire
	{Name: "user_name", Columns: []string{"COALESCE(u.name, '')"}},
	{Name: "creat_time", Columns: []string{"s.creat_time"}},
	{Name: "pic_url", Columns: []string{"s.pic_url"}},
}

// InsertShop adds a shop; s.UserName is ignored. [ErrConflict]: the name or the
// id is taken.
func (q *Queries) InsertShop(ctx context.Context, s Shop) error {
	return q.sql.Exec(ctx, "insert shop", engine.SQL(`
		INSERT INTO shops (shop_id, shop_name, shop_content, user_id, creat_time, pic_url)
		VALUES (?, ?, ?, ?, ?, ?)`,
		s.ShopID, s.ShopName, s.ShopContent, s.UserID, s.CreatTime, s.PicURL))
}

// AddShops adds shops, all or none; UserName is ignored. [ErrConflict]: a name or an id is
// taken.
func (q *Queries) AddShops(ctx context.Context, shops []Shop) error {
	return q.inTx(ctx, func(tx *Tx) error {
		return engine.InsertRows(ctx, tx.sql, "add shops",
			"shops (shop_id, shop_name, shop_content, user_id, creat_time, pic_url)", shops, func(s *Shop) []any {
				return []any{&s.ShopID, &s.ShopName, &s.ShopContent, &s.UserID, &s.CreatTime, &s.PicURL}
			})
	})
}

// ShopOrigins returns the origins of all shops by their ids.
func (q *Queries) ShopOrigins(ctx context.Context) (map[string]Origin, error) {
	return q.origins(ctx, "origins of shops", "SELECT shop_id, user_id, creat_time, shop_name FROM shops")
}

// ShopNameTaken reports whether a shop has exactly this name. Only InsertShop
// decides: this tells which status to answer.
func (q *Queries) ShopNameTaken(ctx context.Context, name string) (bool, error) {
	var taken bool
	err := q.sql.Get(ctx, "shop name taken", engine.SQL(`SELECT EXISTS (SELECT 1 FROM shops WHERE shop_name = ?)`, name), &taken)
	return taken, err
}

// ShopCount counts a user's shops. In a transaction after [Tx.LockUser] it
// holds until the transaction's end.
func (q *Queries) ShopCount(ctx context.Context, userID string) (int64, error) {
	var count int64
	err := q.sql.Get(ctx, "shop count", engine.SQL(`SELECT COUNT(*) FROM shops WHERE user_id = ?`, userID), &count)
	return count, err
}

// UpdateShop sets the content of the user's shop, and its picture when picURL
// is not nil. [ErrNotFound]: no such shop, or another user's.
func (q *Queries) UpdateShop(ctx context.Context, shopID int64, userID, content string, picURL *string) error {
	return q.sql.Change(ctx, "update shop", engine.SQL(`
		UPDATE shops SET shop_content = ?, pic_url = COALESCE(?, pic_url)
		WHERE shop_id = ? AND user_id = ?`, content, picURL, shopID, userID))
}

// ShopByID returns a shop, [ErrNotFound] if there is none.
func (q *Queries) ShopByID(ctx context.Context, id int64) (Shop, error) {
	var s Shop
	err := q.sql.Get(ctx, "shop by id", engine.SQL(q.selectShops()+` WHERE s.shop_id = ?`, id), s.fields()...)
	return s, err
}

// ShopByName returns the shop of exactly this name, [ErrNotFound] if there is
// none.
func (q *Queries) ShopByName(ctx context.Context, name string) (Shop, error) {
	var s Shop
	err := q.sql.Get(ctx, "shop by name", engine.SQL(q.selectShops()+` WHERE s.shop_name = ?`, name), s.fields()...)
	return s, err
}

// Shops lists shops by sorts in turn, then in the order of adding. A sort by
// a field that is not one of [ShopFields] is an error.
func (q *Queries) Shops(ctx context.Context, f ShopFilter, sorts []Sort, page Page) ([]Shop, error) {
	const operation = "shops"
	orderBy, err := shopFields.OrderBy(sorts, "s.seq")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	filter := q.sql.Filter()
	if f.UserID != "" {
		filter.And("s.user_id = ?", f.UserID)
	}
	filter.Part("s.shop_name", &f.Name)
	list := engine.SQL(q.selectShops()).Where(filter).Then(orderBy).Page(page)
	if f.Name == "" && len(sorts) == 0 {
		list = list.Indexed()
	}
	return engine.Collect(ctx, q.sql, operation, list, (*Shop).fields)
}

// selectShops reads shops with their owners' names.
func (q *Queries) selectShops() string {
	return `
		SELECT s.shop_id, s.shop_name, s.shop_content, s.user_id, COALESCE(u.name, '') AS user_name,
			s.creat_time, s.pic_url
		FROM shops s LEFT JOIN users u ON ` + q.shopOwner
}

// ownerOfProduct selects the owner of the shop of a row of products.
const ownerOfProduct = "SELECT s.user_id FROM shops s WHERE s.shop_id = products.shop_id"

// shopIDs are the shops of a user, sorted.
func (q *Queries) shopIDs(ctx context.Context, userID string) (ids []int64, err error) {
	var id int64
	err = q.sql.Each(ctx, "shops of a user", engine.SQL(`SELECT shop_id FROM shops WHERE user_id = ?`, userID),
		[]any{&id}, func() { ids = append(ids, id) })
	slices.Sort(ids)
	return ids, err
}

// joinShops joins to products p their shops s.
const joinShops = "shops s ON s.shop_id = p.shop_id"

// joinOrderShops joins to orders o their shops s.
const joinOrderShops = "shops s ON s.shop_id = o.shop_id"

// fields are the columns of selectShops.
func (s *Shop) fields() []any {
	return []any{&s.ShopID, &s.ShopName, &s.ShopContent, &s.UserID, &s.UserName, &s.CreatTime, &s.PicURL}
}
