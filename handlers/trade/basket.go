package trade

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// A basket is a wish with all that its price depends on, as it is stored now.
type basket struct {
	price.Basket

	key     string                          // of the lines in the request: items or cart_items
	offers  []offer                         // as Lines
	cart    []int64                         // the ids of the lines in the cart; nil: they are not from there
	records map[int64]*storage.CouponRecord // that the buyer can use here, by their ids
	address storage.Address                 // its AddressID is 0 where none was given
}

// An offer is as what a line is sold now.
type offer struct {
	product *storage.SaleProduct
	policy  storage.PricePolicy // of a course
	owned   bool                // a course that the buyer has for ever
}

// piece is what a piece costs, in fen.
func (o *offer) piece() int64 {
	if o.product.Type == storage.TypeCourse {
		return price.Piece(o.product.Price, o.product.Disprice, &o.policy.Price)
	}
	return price.Piece(o.product.Price, o.product.Disprice, nil)
}

// basket reads in few statements what a user's wish depends on, all lines at once, and
// fails with the status of the first that stands against it. In a transaction that has
// locked the user and the products it holds until the transaction's end, but for the
// records, which a guarded change decides. Whoever has locked the user gives the profile,
// and gets the records that are named alone.
func (d Deps) basket(ctx context.Context, q *storage.Queries, user string, w wish, locked *storage.Profile) (basket, error) {
	items, cart, err := w.lines(ctx, q, user)
	if err != nil {
		return basket{}, err
	}
	b := basket{key: w.key(), cart: cart, Basket: price.Basket{
		ShopRecords: w.ShopRecords, MarketRecord: w.RecordID, UseBeli: w.UseBeli, BeliPercent: d.Settings.BeliPercent,
	}}
	if b.offers, err = offersOf(ctx, q, items); err != nil {
		return basket{}, err
	}
	if err := markOwned(ctx, q, user, b.offers); err != nil {
		return basket{}, err
	}
	if err := b.addLines(user, items, w.delivery); err != nil {
		return basket{}, err
	}
	if w.AddressID != 0 {
		b.address, err = q.Address(ctx, w.AddressID, user)
		if errors.Is(err, storage.ErrNotFound) {
			err = dispatch.Fail(orderNoAddress, "address_id: no such address, or another user's")
		}
		if err != nil {
			return basket{}, err
		}
	}
	if locked == nil || w.namesRecords(items) {
		if err := b.readRecords(ctx, q, user, d.Clock.Unix()); err != nil {
			return basket{}, err
		}
	}
	return b, b.readBuyer(ctx, q, user, locked, d.Clock.Unix())
}

// offersOf are as what items are sold. A product that is not there, and a policy that is
// not the product's, stay zero.
func offersOf(ctx context.Context, q *storage.Queries, items []wishedItem) ([]offer, error) {
	var courses []int64
	ids := make([]int64, len(items))
	for i, item := range items {
		ids[i] = item.ProductID
	}
	products, err := q.SaleProducts(ctx, unique(ids))
	if err != nil {
		return nil, err
	}
	found := make(map[int64]*storage.SaleProduct, len(products))
	for i := range products {
		product := &products[i]
		found[product.ProductID] = product
		if product.Type == storage.TypeCourse {
			courses = append(courses, product.ProductID)
		}
	}
	policies, err := q.PricePolicies(ctx, unique(courses))
	if err != nil {
		return nil, err
	}
	offers, none := make([]offer, len(items)), new(storage.SaleProduct)
	for i, item := range items {
		offers[i] = offer{product: cmp.Or(found[item.ProductID], none), policy: policyOf(policies, item.ProductID, item.PricePolicyID)}
	}
	return offers, nil
}

// policyOf is a policy of a product among policies, zero where there is none.
func policyOf(policies []storage.PricePolicy, productID, id int64) storage.PricePolicy {
	i := slices.IndexFunc(policies, func(p storage.PricePolicy) bool { return p.PolicyID == id && p.ProductID == productID })
	if i < 0 {
		return storage.PricePolicy{}
	}
	return policies[i]
}

// addLines makes the basket's lines of the items, the first of which that cannot be bought
// is told.
func (b *basket) addLines(user string, items []wishedItem, delivery func(wishedItem) price.Delivery) error {
	pieces := make(map[int64]int64, len(items)) // by product
	b.Lines = make([]price.Line, len(items))
	for i, item := range items {
		item.ProductNum = max(item.ProductNum, 1)
		pieces[item.ProductID] += item.ProductNum
		o, way := &b.offers[i], delivery(item)
		if o.product.Type == storage.TypeCourse {
			way = price.NoDelivery
		}
		if status, why := o.refuses(user, item, pieces[item.ProductID], way); why != "" {
			return dispatch.Fail(status, element(b.key, i)+why)
		}
		b.Lines[i] = price.Line{
			Group: price.Group{
				Seller: o.product.UserID, Shop: o.product.ShopID, Course: o.product.Type == storage.TypeCourse, Delivery: way,
			},
			Product: item.ProductID, Price: o.piece(), Pieces: item.ProductNum,
			FirstPrice: (*int64)(item.FirstPrice), LeastFirst: o.product.FirstPrice,
			Record: item.RecordID, ShipPrice: o.product.ShipPrice,
		}
	}
	return nil
}

// refuses returns why an item cannot be bought, "" where it can. With the lines before it
// so many pieces of its product are asked for.
func (o *offer) refuses(user string, item wishedItem, pieces int64, way price.Delivery) (status dispatch.Status, why string) {
	p := o.product
	course := p.Type == storage.TypeCourse
	switch {
	case p.ProductID == 0 || !p.OnSale():
		return orderNotOnSale, "product_id: no such product, or not on sale"
	case p.UserID == user:
		return orderOwnProduct, "product_id: your own product"
	case course && o.policy.PolicyID == 0:
		return orderPolicyError, "price_policy_id: must be one of the course's price_policies"
	case course && pieces > 1:
		return orderPolicyError, "product_id: a course is bought once"
	case o.owned:
		return orderAlreadyOwned, "product_id: a course that you have for ever"
	case !course && item.PricePolicyID != 0:
		return orderPolicyError, "price_policy_id: must be absent for what is no course"
	case p.Stock != nil && *p.Stock < pieces:
		return stockNotEnough, "product_num: more than are left"
	case way == price.Express && p.SellMethod == sellFaceToFace:
		return orderNoDelivery, "deliver: must be face"
	case way == price.FaceToFace && p.SellMethod == sellByExpress:
		return orderNoDelivery, "deliver: must be express"
	}
	return dispatch.OK, ""
}

// The ways of delivery that a product allows, beside both.
const sellFaceToFace, sellByExpress = 1, 2

// element is what stands before the detail of a failure of a list's element.
func element(key string, index int) string { return fmt.Sprintf("%s[%d]: ", key, index) }

// wantDelivery fails where a line has no way of delivery, or no address to go to: a price
// needs neither, an order does.
func (b *basket) wantDelivery() error {
	express := false
	for i, line := range b.Lines {
		if !line.Course && line.Delivery == price.NoDelivery {
			return dispatch.Fail(orderNoDelivery, element(b.key, i)+"deliver: missing")
		}
		express = express || line.Delivery == price.Express
	}
	if express && b.address.AddressID == 0 {
		return dispatch.Fail(orderNoAddress, "address_id: missing, and "+b.key+" go by express")
	}
	return nil
}

// readRecords reads the records that the buyer can use here.
func (b *basket) readRecords(ctx context.Context, q *storage.Queries, user string, now int64) error {
	products, shops := make([]int64, len(b.Lines)), make([]int64, 0, len(b.Lines))
	for i, line := range b.Lines {
		products[i] = line.Product
		if line.Shop != 0 {
			shops = append(shops, line.Shop)
		}
	}
	records, err := q.RecordsFor(ctx, user, unique(products), unique(shops), now)
	if err != nil {
		return err
	}
	b.records, b.Buyer.Records = make(map[int64]*storage.CouponRecord, len(records)), make([]price.Record, len(records))
	for i := range records {
		c := &records[i].Coupon
		b.records[records[i].RecordID] = &records[i]
		b.Buyer.Records[i] = price.Record{
			ID: records[i].RecordID, Product: c.ProductID, Shop: c.ShopID, Type: price.CouponType(c.CouponType),
			Value: c.CouponValue, OffPercent: c.OffPercent, MaxOff: c.MaxOff, MinimumConsume: c.MinimumConsume,
		}
	}
	return nil
}

// readBuyer reads the buyer's beli and credit, where they are asked for.
func (b *basket) readBuyer(ctx context.Context, q *storage.Queries, user string, locked *storage.Profile, now int64) (err error) {
	credit := slices.ContainsFunc(b.Lines, func(l price.Line) bool { return l.FirstPrice != nil })
	if !b.UseBeli && !credit {
		return nil
	}
	if locked == nil {
		profile, err := q.Profile(ctx, user)
		if err != nil {
			return err
		}
		locked = &profile
	}
	b.Buyer.Beli, b.Buyer.CreditRemain = locked.Beli, locked.CreditRemain()
	if credit {
		b.Buyer.Overdue, err = q.HasOverdueDebt(ctx, user, now)
	}
	return err
}

// unique are ids without repetition, ascending.
func unique(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}
