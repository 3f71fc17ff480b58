package market

import (
	"context"
	"errors"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// maxContent is a product's HTML in bytes.
const maxContent = 1 << 20

type productRow struct {
	ProductID         int64         `json:"product_id"`
	ProductName       string        `json:"product_name"`
	ProductContent    string        `json:"product_content" doc:"HTML, sanitised"`
	ProductKey        string        `json:"product_key" doc:"keywords, separated by |"`
	ProductPrice      dispatch.Fen  `json:"product_price"`
	ProductDisprice   *dispatch.Fen `json:"product_disprice" doc:"the discount price"`
	ProductSale       int64         `json:"product_sale" doc:"pieces sold"`
	ProductClick      int64         `json:"product_click"`
	ProductCollection int64         `json:"product_collection"`
	ShopID            int64         `json:"shop_id"`
	CreatTime         string        `json:"creat_time"`
	UpdateTime        string        `json:"update_time"`
	PicURL            string        `json:"pic_url"`
	ProductStatus     int64         `json:"product_status" doc:"0: not on sale, 1: on sale, 2: deleted"`
}

// row shows a product with the clicks that wait to be written.
func (p productCalls) row(product storage.Product, clicks int64) productRow {
	return productRow{
		ProductID: product.ProductID, ProductName: product.ProductName,
		ProductContent: product.ProductContent, ProductKey: product.ProductKey,
		ProductPrice:    dispatch.Fen(product.ProductPrice),
		ProductDisprice: (*dispatch.Fen)(product.ProductDisprice),
		ProductSale:     product.ProductSale, ProductClick: product.ProductClick + clicks,
		ProductCollection: product.ProductCollection, ShopID: product.ShopID,
		CreatTime: p.Clock.Text(product.CreatTime), UpdateTime: p.Clock.Text(product.UpdateTime),
		PicURL: product.PicURL, ProductStatus: product.ProductStatus,
	}
}

type createProduct struct {
	ProductName    string       `json:"product_name" rule:"required max=100"`
	ProductContent string       `json:"product_content" doc:"HTML of at most 1 MiB; sanitised"`
	ProductKey     string       `json:"product_key" rule:"max=255" doc:"keywords, separated by |"`
	ProductPrice   dispatch.Fen `json:"product_price" rule:"required range=0.01..999999.99"`
	ShopID         int64        `json:"shop_id" rule:"required range=any" doc:"your own shop"`
	PicURL         string       `json:"pic_url" rule:"max=1024"`
	ProductStatus  int64        `json:"product_status" rule:"required oneof=0|1|2" doc:"0: not on sale, 1: on sale, 2: deleted"`
	productTerms
}

type createdProduct struct {
	ProductID int64 `json:"product_id" doc:"7 digits"`
}

func (createProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "`product/create` is the same call. With `market.review_goods` refused words are -305.",
		Example:  `{"product_name": "测试商品1", "product_key": "测试商品", "product_content": "测试", "product_price": "100.5", "shop_id": 811729970, "product_status": 0}`,
		Statuses: append([]dispatch.Status{noRightToOperate, dispatch.ContentRefused}, termsStatuses...),
	}
}

func (p productCalls) create(ctx context.Context, in createProduct) (createdProduct, error) {
	content, err := p.content(in.ProductContent)
	if err != nil {
		return createdProduct{}, err
	}
	if err := p.checkGoods(&in.ProductName, &in.ProductKey, &content); err != nil {
		return createdProduct{}, err
	}
	// A shop neither changes its owner nor goes away, so this check holds.
	if err := p.owns(ctx, in.ShopID); err != nil {
		return createdProduct{}, err
	}
	if err := firstPriceFits((*int64)(in.FirstPrice), int64(in.ProductPrice), nil); err != nil {
		return createdProduct{}, err
	}
	if in.Pics, err = wire.OwnPictures(ctx, p.Pictures, p.Settings.URLPrefix, in.Pics, pictureError); err != nil {
		return createdProduct{}, err
	}
	now := p.Clock.Unix()
	product := storage.Product{
		ProductName: in.ProductName, ProductContent: content,
		ProductKey: in.ProductKey, ProductPrice: int64(in.ProductPrice), ShopID: in.ShopID,
		CreatTime: now, UpdateTime: now, PicURL: in.cover(in.PicURL), ProductStatus: in.ProductStatus,
	}
	err = wire.WithFreshID(func() error {
		product.ProductID = wire.RandomID(7)
		return p.DB.InTx(ctx, func(tx *storage.Tx) error {
			if err := tx.InsertProduct(ctx, product); err != nil {
				return err
			}
			return in.set(ctx, tx, product.ProductID)
		})
	})
	return createdProduct{ProductID: product.ProductID}, err
}

// content is a product's HTML as it is kept. Sanitising may lengthen it: what is
// shown has to fit when the page sends it back.
func (p productCalls) content(sent string) (string, error) {
	if len(sent) <= maxContent {
		if kept := p.cleanHTML(sent); len(kept) <= maxContent {
			return kept, nil
		}
	}
	return "", dispatch.Fail(dispatch.ValueError, "product_content: must be at most 1 MiB, before and after it is sanitised")
}

// checkGoods refuses words in the texts of goods, of which those that are nil do not change.
func (p productCalls) checkGoods(name, key, content *string) error {
	if p.DocumentWords == nil {
		return nil // before the content is read, which may be long
	}
	texts := []words.Text{words.Given("product_name", name), words.Given("product_key", key)}
	if content != nil {
		texts = append(texts, readContent(*content).texts()...)
	}
	return p.DocumentWords.Check(texts...)
}

// owns fails where the shop is not the caller's.
func (p productCalls) owns(ctx context.Context, shopID int64) error {
	shop, err := p.DB.ShopByID(ctx, shopID)
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && shop.UserID != dispatch.CallerFrom(ctx).User:
		return dispatch.Fail(noRightToOperate, "shop_id: no such shop, or another user's")
	case err != nil:
		return wire.DatabaseFailure(err)
	}
	return nil
}

type updateProduct struct {
	ProductID         int64         `json:"product_id" rule:"required range=any"`
	ProductName       *string       `json:"product_name" rule:"filled max=100"`
	ProductContent    *string       `json:"product_content" doc:"HTML of at most 1 MiB; sanitised"`
	ProductKey        *string       `json:"product_key" rule:"max=255" doc:"keywords, separated by |"`
	ProductPrice      *dispatch.Fen `json:"product_price" rule:"filled range=0.01..999999.99"`
	ProductDisprice   *dispatch.Fen `json:"product_disprice" rule:"clearable range=0.01..999999.99" doc:"at most product_price"`
	ProductSale       *int64        `json:"product_sale" rule:"range=0..9223372036854775807"`
	ProductClick      *int64        `json:"product_click" rule:"range=0..9223372036854775807"`
	ProductCollection *int64        `json:"product_collection" rule:"range=0..9223372036854775807"`
	ShopID            int64         `json:"shop_id" rule:"required range=any" doc:"your own shop, which has the product"`
	PicURL            *string       `json:"pic_url" rule:"max=1024"`
	ProductStatus     int64         `json:"product_status" rule:"required oneof=0|1|2" doc:"0: not on sale, 1: on sale, 2: deleted"`
	productTerms
}

func (updateProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "An absent key leaves its field unchanged. A price below the current discount price is -204: change or clear the discount in the same call. Goods that an admin has taken down are reviewed again when you put them on sale, and stay off sale until they have passed. With `market.review_goods` refused words are -305.",
		Example:  `{"product_id": 4517733, "shop_id": 811729970, "product_status": 1, "product_name": "头秃生发水", "product_content": "<h1>Duang~</h1>", "product_key": "生发|秃"}`,
		Statuses: append([]dispatch.Status{noRightToOperate, dispatch.ContentRefused}, termsStatuses...),
	}
}

func (p productCalls) update(ctx context.Context, in updateProduct) (wire.None, error) {
	if in.ProductContent != nil {
		content, err := p.content(*in.ProductContent)
		if err != nil {
			return wire.None{}, err
		}
		in.ProductContent = &content
	}
	if err := p.checkGoods(in.ProductName, in.ProductKey, in.ProductContent); err != nil {
		return wire.None{}, err
	}
	if err := p.owns(ctx, in.ShopID); err != nil {
		return wire.None{}, err
	}
	var err error
	if in.Pics, err = wire.OwnPictures(ctx, p.Pictures, p.Settings.URLPrefix, in.Pics, pictureError); err != nil {
		return wire.None{}, err
	}
	if cover := in.cover(""); cover != "" && in.PicURL == nil {
		in.PicURL = &cover
	}
	change := storage.ProductChange{
		Name: in.ProductName, Content: in.ProductContent, Key: in.ProductKey,
		Price: (*int64)(in.ProductPrice), Disprice: (*int64)(in.ProductDisprice),
		Sale: in.ProductSale, Click: in.ProductClick, Collection: in.ProductCollection,
		PicURL: in.PicURL, Status: in.ProductStatus, UpdateTime: p.Clock.Unix(),
	}
	if in.ProductClick != nil {
		// Clicks before the owner's number are part of it, those after are added.
		if err := p.Clicks.Write(ctx); err != nil {
			return wire.None{}, wire.DatabaseFailure(err)
		}
	}
	err = p.DB.InTx(ctx, func(tx *storage.Tx) error {
		offer, err := tx.LockOffer(ctx, in.ProductID)
		if errors.Is(err, storage.ErrNotFound) || err == nil && offer.ShopID != in.ShopID {
			return dispatch.Fail(noRightToOperate, "product_id: no such product in this shop")
		}
		if err != nil {
			return err
		}
		if err := pricesFit(offer, in); err != nil {
			return err
		}
		if err := p.renewGoods(ctx, tx, in.ProductID, offer.ReviewState, &change); err != nil {
			return err
		}
		if err := tx.UpdateProduct(ctx, in.ProductID, in.ShopID, change); err != nil {
			return err
		}
		return in.set(ctx, tx, in.ProductID)
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

// pricesFit fails where the discount price or the down payment is above the price, whichever
// of them is changed.
func pricesFit(offer storage.Offer, in updateProduct) error {
	price, discount, first := offer.Price, offer.Disprice, offer.FirstPrice
	if in.ProductPrice != nil {
		price = int64(*in.ProductPrice)
	}
	if in.ProductDisprice != nil {
		discount = (*int64)(in.ProductDisprice) // 0 clears it
	}
	if in.FirstPrice != nil {
		first = (*int64)(in.FirstPrice) // and so here
	}
	if discount != nil && *discount > price {
		return dispatch.Fail(dispatch.ValueError, "product_disprice: must not be above product_price")
	}
	return firstPriceFits(first, price, discount)
}

type listProducts struct {
	ProductName string `json:"product_name" rule:"max=100" doc:"part of the name; all if empty or absent"`
	ProductKey  string `json:"product_key" rule:"max=255" doc:"part of the keywords; all if empty or absent"`
	ShopID      *int64 `json:"shop_id" rule:"filled range=any"`
	Type        string `json:"type" rule:"filled number=any oneof=up|down|all|del" doc:"up (on sale) if absent; all means up and down"`
	Sort        string `json:"order" doc:"fields of the row, each with ASC or DESC, separated by commas, AND or OR; if empty, in the order of adding"`
	Page        *int64 `json:"page" rule:"range=1..1000000000000" doc:"all rows if neither page nor count is given"`
	Count       *int64 `json:"count" rule:"range=1..500" doc:"rows of a page; 20 if only page is given"`
}

func (listProducts) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A row must match all conditions. If none does, the status is 1 and `data` is `[]`. Partial matches ignore the case of A–Z.",
		Example:  `{"product_name": "测试商品", "product_key": "测试", "shop_id": 811729970, "type": "all", "order": "creat_time ASC"}`,
		Statuses: []dispatch.Status{emptyRecords},
	}
}

// productStatuses are the states that a list's type shows; "" is up.
func productStatuses(listType string) []int64 {
	switch listType {
	case "down":
		return []int64{storage.ProductDown}
	case "all":
		return []int64{storage.ProductDown, storage.ProductUp}
	case "del":
		return []int64{storage.ProductDeleted}
	default:
		return []int64{storage.ProductUp}
	}
}

func (p productCalls) list(ctx context.Context, in listProducts) ([]productRow, error) {
	sort, err := wire.ParseSort(in.Sort, p.sortable)
	if err != nil {
		return nil, err
	}
	byClicks := func(s storage.Sort) bool { return s.Field == "product_click" }
	if slices.ContainsFunc(sort, byClicks) {
		// The database sorts by the clicks that it has.
		if err := p.Clicks.Write(ctx); err != nil {
			return nil, wire.DatabaseFailure(err)
		}
	}
	filter := storage.ProductFilter{
		Name: in.ProductName, Key: in.ProductKey, ShopID: in.ShopID,
		Statuses: productStatuses(in.Type),
	}
	products, err := p.DB.Products(ctx, filter, sort, wire.Page(in.Page, in.Count))
	if err != nil {
		return nil, wire.DatabaseFailure(err)
	}
	if len(products) == 0 {
		return nil, dispatch.Fail(emptyRecords, "").With([]wire.None{})
	}
	rows := make([]productRow, len(products))
	for i, product := range products {
		rows[i] = p.row(product, p.Clicks.Waiting(product.ProductID))
	}
	return rows, nil
}

type productInfo struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
}

func (productInfo) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Deleted products are shown too, because old orders refer to them. The click is counted after the answer.",
		Example:  `{"product_id": 5873413}`,
		Statuses: []dispatch.Status{productIDError},
	}
}

func (p productCalls) info(ctx context.Context, in productInfo) (productRow, error) {
	product, err := p.DB.Product(ctx, in.ProductID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return productRow{}, dispatch.Fail(productIDError, "product_id: no such product")
	case err != nil:
		return productRow{}, wire.DatabaseFailure(err)
	}
	return p.row(product, p.Clicks.Count(product.ProductID)), nil
}
