package console

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"campusgate/storage"
)

// drawn are the pictures of the demo's products, PNG files of 480 by 360 pixels that were
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

// Illustrate gives those of the demo's products that have no picture theirs, as an upload
// stores it and says its URL.
func Illustrate(ctx context.Context, db *storage.DB, upload func(ctx context.Context, from string, picture []byte) (url string, err error)) error {
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
