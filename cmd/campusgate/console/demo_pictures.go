package console

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"campusgate/storage"
)

// drawn are the pictures of the demo's products and notices, PNG files of 480 by 360 pixels that were
// drawn for this project. The SVG files beside them are the sources: after a change let a
// browser take a picture of each in a window of that size, and have at most 64 colours.
//
//go:embed goods/*.png
var drawn embed.FS

// demoPictures are the files of the products.
var demoPictures = map[int64]string{
	demoProduct: "tonic", demoProduct + 1: "postcards", demoProduct + 2: "lamp",
	demoSecondProduct: "bag", demoSecondProduct + 1: "planner",
}

// Illustrate gives those of the demo's products and notices that have no picture theirs, as an
// upload stores it and says its URL.
func Illustrate(ctx context.Context, db *storage.DB, upload func(ctx context.Context, from string, picture []byte) (url string, err error)) error {
	if err := illustrateProducts(ctx, db, upload); err != nil {
		return err
	}
	return illustrateNotices(ctx, db, upload)
}

func illustrateProducts(ctx context.Context, db *storage.DB, upload func(ctx context.Context, from string, picture []byte) (url string, err error)) error {
	for id, name := range demoPictures {
		product, err := db.Product(ctx, id)
		if errors.Is(err, storage.ErrNotFound) || err == nil && product.PicURL != "" {
			continue
		}
		if err != nil {
			return err
		}
		picture, _ := drawn.ReadFile("goods/" + name + ".png") // what is embedded can be read
		url, err := upload(ctx, "product", picture)
		if err != nil {
			return fmt.Errorf("picture of product %d: %w", id, err)
		}
		err = db.UpdateProduct(ctx, id, product.ShopID, storage.ProductChange{PicURL: &url, Status: product.ProductStatus, UpdateTime: product.UpdateTime})
		if err != nil && !errors.Is(err, storage.ErrNotFound) { // withdrawn meanwhile
			return err
		}
	}
	return nil
}

// A notice keeps the pictures that it was published with, so one that has none is published again.
func illustrateNotices(ctx context.Context, db *storage.DB, upload func(ctx context.Context, from string, picture []byte) (url string, err error)) error {
	for _, demo := range demoNotices {
		found, err := db.Properties(ctx, storage.PropertyFilter{Type: demo.Type, UserID: &demo.UserID, Title: &demo.Title, PicNum: new(int64)}, storage.Page{Limit: 1})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		picture, _ := drawn.ReadFile("goods/" + demo.picture + ".png") // what is embedded can be read
		url, err := upload(ctx, "property", picture)
		if err != nil {
			return fmt.Errorf("picture of notice %d: %w", found[0].ID, err)
		}
		err = db.InTx(ctx, func(tx *storage.Tx) error {
			if err := tx.DeleteProperty(ctx, found[0].ID, found[0].UserID); err != nil {
				return err
			}
			found[0].PicNum, found[0].PicURL1 = 1, url
			_, err := tx.InsertProperty(ctx, found[0])
			return err
		})
		if err != nil && !errors.Is(err, storage.ErrNotFound) { // deleted meanwhile
			return err
		}
	}
	return nil
}
