package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A Course is what a new product of [TypeCourse] begins with: its prices are its policies'.
type Course struct {
	ProductID    int64
	Name, PicURL string
	ShopID       int64  // 0: an admin's, of no shop
	UserID       string // the admin; "" of a shop
	Status       int64  // as [Product]'s
}

// InsertCourse adds a course, of which any number can be sold. [ErrConflict]: the id is
// taken.
func (tx *Tx) InsertCourse(ctx context.Context, c Course, now int64) error {
	err := tx.sql.Exec(ctx, "insert course", engine.SQL(`
		INSERT INTO products (product_id, product_type, product_name, product_content, pic_url, shop_id, user_id, product_price, product_status, creat_time, update_time)
		VALUES (?, ?, ?, '', ?, ?, ?, 0, ?, ?, ?)`,
		c.ProductID, TypeCourse, c.Name, c.PicURL, c.ShopID, c.UserID, c.Status, now, now))
	if err != nil {
		return err
	}
	return tx.addTexts(ctx, c.ProductID)
}
