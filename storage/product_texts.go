package storage

import (
	"context"
	"errors"
	"strconv"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// productTexts finds products of all types by words of their names, keys and contents.
var productTexts = search.NewTexts(search.TextList{
	Table: "products", ID: "seq", InList: "on_offer = 1",
	Texts: "product_texts", Grams: "product_text_grams",
})

// searchedContent is how many characters of a content's text are searched.
const searchedContent = 2000

// productText is what productTexts keep of a product.
type productText struct {
	Seq                int64
	Name, Key, Content string
	Type, SellMethod   int64
	CategoryID         *int64
	ShopID             int64
	UserID             string // the seller
}

const textColumns = "p.seq, p.product_name, p.product_key, p.product_content, p.product_type, p.sell_method, p.category_id, " +
	"p.shop_id, " + sellerOfP + " AS seller"

// fields are textColumns.
func (t *productText) fields() []any {
	return []any{&t.Seq, &t.Name, &t.Key, &t.Content, &t.Type, &t.SellMethod, &t.CategoryID, &t.ShopID, &t.UserID}
}

func (t *productText) document() search.Document {
	marks := []string{numberMark(typeMark, t.Type), numberMark(shopMark, t.ShopID), sellerMark + t.UserID, numberMark(methodMark, t.SellMethod)}
	if t.SellMethod == 0 { // any of them
		marks = append(marks, numberMark(methodMark, 1), numberMark(methodMark, 2))
	}
	if t.CategoryID != nil {
		marks = append(marks, numberMark(categoryMark, *t.CategoryID))
	}
	return search.Document{
		ID: t.Seq, Title: t.Name, More: []string{t.Key, textOfHTML(t.Content, searchedContent)}, Marks: marks,
	}
}

// The marks by which the market's search filters.
const typeMark, shopMark, sellerMark, methodMark, categoryMark = "t", "s", "u", "m", "c"

func numberMark(kind string, number int64) string { return kind + strconv.FormatInt(number, 10) }

// keepTexts keeps what is searched of products, which the transaction has added or changed.
func (tx *Tx) keepTexts(ctx context.Context, productIDs ...int64) error {
	filter := tx.sql.Filter()
	filter.In("p.product_id", productIDs)
	read := engine.SQL("SELECT " + textColumns + " FROM products p LEFT JOIN " + joinShops).Where(filter)
	if len(productIDs) > 1 {
		read = read.Once()
	}
	texts, err := engine.Collect(ctx, tx.sql, "texts of products", read, (*productText).fields)
	if err != nil {
		return err
	}
	documents := make([]search.Document, len(texts))
	for i, text := range texts {
		documents[i] = text.document()
	}
	return productTexts.Put(ctx, tx.sql, documents...)
}

// addTexts is keepTexts of products that the transaction has added, and keeps those of frozen
// sellers from sale. A seller's profile is locked: who freezes it comes before, or finds the
// products.
func (tx *Tx) addTexts(ctx context.Context, productIDs ...int64) error {
	if err := tx.keepTexts(ctx, productIDs...); err != nil {
		return err
	}
	filter := tx.sql.Filter()
	filter.In("p.product_id", productIDs)
	var seller string
	sellers := map[string]bool{}
	err := tx.sql.Each(ctx, "sellers of products", engine.SQL(
		"SELECT DISTINCT "+sellerOfP+" AS seller FROM products p LEFT JOIN "+joinShops).Where(filter), []any{&seller},
		func() { sellers[seller] = true })
	for seller := range sellers {
		if err != nil {
			return err
		}
		var state int64
		state, err = tx.lockState(ctx, seller)
		if err == nil && state != ProfileActive {
			err = tx.freezeProducts(ctx, seller, true)
		}
	}
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, productIDs[0]) // of all of them
}

// lockState locks and returns the state of an account, which is active where it has no profile.
func (tx *Tx) lockState(ctx context.Context, userID string) (int64, error) {
	p, err := tx.profile(ctx, "lock state", "user_id", userID, tx.sql.ForUpdate())
	if errors.Is(err, ErrNotFound) {
		return ProfileActive, nil
	}
	return p.State, err
}

// freezeProducts takes all products of a user out of every search, or lets them come back.
func (tx *Tx) freezeProducts(ctx context.Context, userID string, frozen bool) error {
	const operation = "freeze products"
	err := tx.sql.Exec(ctx, operation, engine.SQL(`UPDATE products SET seller_frozen = ? WHERE user_id = ?`, frozen, userID))
	if err != nil {
		return err
	}
	shops, err := tx.shopIDs(ctx, userID)
	for _, shop := range shops {
		if err == nil {
			err = tx.sql.Exec(ctx, operation, engine.SQL(`UPDATE products SET seller_frozen = ? WHERE shop_id = ?`, frozen, shop))
		}
	}
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, 0) // of several
}
