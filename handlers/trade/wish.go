package trade

import (
	"context"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// A wish is what a buyer asks the price of, and what the buyer then commits to.
type wish struct {
	Items       []wishedItem `json:"items" rule:"items=1..50" doc:"or cart_items"`
	CartItems   []wishedLine `json:"cart_items" rule:"items=1..50" doc:"in place of items: lines of your cart"`
	ShopRecords []int64      `json:"shop_records" rule:"items=0..50 range=any" doc:"record_id of coupons for shops, one a shop"`
	RecordID    int64        `json:"record_id" rule:"range=any" doc:"of a coupon for all of the market"`
	UseBeli     bool         `json:"use_beli" doc:"true: as many beli as can be used"`
	Deliver     string       `json:"deliver" rule:"oneof=face|express" doc:"how goods come that do not say it themselves; courses need none"`
	AddressID   int64        `json:"address_id" rule:"range=any" doc:"your own address"`
}

// A wishedItem is a product that is not in the cart.
type wishedItem struct {
	ProductID     int64         `json:"product_id" rule:"required range=any" doc:"a product on sale, not your own"`
	ProductNum    int64         `json:"product_num" rule:"range=1..999" doc:"1 if absent; 1 of a course"`
	PricePolicyID int64         `json:"price_policy_id" rule:"range=any" doc:"of a course, which needs it"`
	FirstPrice    *dispatch.Fen `json:"first_price" rule:"range=0.01..999999.99" doc:"a piece, to pay now, the rest being debt: from the product's first_price to its price; all is to pay if absent"`
	RecordID      int64         `json:"record_id" rule:"range=any" doc:"of a coupon for the product"`
	Deliver       string        `json:"deliver" rule:"oneof=face|express" doc:"in place of the whole request's"`
}

// A wishedLine is a line of the cart.
type wishedLine struct {
	CartID   int64  `json:"cart_id" rule:"required range=any" doc:"a line of your cart"`
	RecordID int64  `json:"record_id" rule:"range=any" doc:"of a coupon for the product"`
	Deliver  string `json:"deliver" rule:"oneof=face|express" doc:"in place of the whole request's"`
}

// key is that of the lines in the request.
func (w *wish) key() string {
	if len(w.CartItems) > 0 {
		return "cart_items"
	}
	return "items"
}

// lines are the wished lines as items, and where they come from the cart the ids there.
func (w *wish) lines(ctx context.Context, q *storage.Queries, user string) (items []wishedItem, cart []int64, err error) {
	switch {
	case len(w.Items) == 0 && len(w.CartItems) == 0:
		return nil, nil, dispatch.Fail(dispatch.ErrorDataKey, "items, cart_items: both missing")
	case len(w.Items) > 0 && len(w.CartItems) > 0:
		return nil, nil, dispatch.Fail(dispatch.ValueError, "cart_items: must be absent where items are there")
	case len(w.Items) > 0:
		return w.Items, nil, nil
	}
	cart = make([]int64, len(w.CartItems))
	for i, item := range w.CartItems {
		cart[i] = item.CartID
	}
	found, err := q.CartLines(ctx, user, cart)
	if err != nil {
		return nil, nil, err
	}
	inCart := make(map[int64]*storage.CartLine, len(found))
	for i := range found {
		inCart[found[i].CartID] = &found[i]
	}
	items = make([]wishedItem, len(cart))
	for i, item := range w.CartItems {
		line := inCart[item.CartID]
		if line == nil {
			return nil, nil, dispatch.Fail(orderNoCartLine, element("cart_items", i)+"no such line, or there twice")
		}
		delete(inCart, item.CartID)
		items[i] = wishedItem{
			ProductID: line.ProductID, ProductNum: line.Pieces, PricePolicyID: line.PolicyID,
			FirstPrice: (*dispatch.Fen)(line.FirstPrice), RecordID: item.RecordID, Deliver: item.Deliver,
		}
	}
	return items, cart, nil
}

// delivery is the way of an item's goods, which may not be chosen yet.
func (w *wish) delivery(item wishedItem) price.Delivery {
	if item.Deliver == "" {
		return price.Delivery(w.Deliver)
	}
	return price.Delivery(item.Deliver)
}

// namesRecords reports whether a record of a coupon is asked for.
func (w *wish) namesRecords(items []wishedItem) bool {
	return w.RecordID != 0 || len(w.ShopRecords) > 0 || slices.ContainsFunc(items, func(i wishedItem) bool { return i.RecordID != 0 })
}
