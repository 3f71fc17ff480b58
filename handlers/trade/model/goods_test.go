package model_test

import (
	"fmt"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// addWares puts goods of a shop, something second-hand and a course on sale.
func (w *world) addWares(p *person) {
	ctx, now := w.T.Context(), w.now()
	for i := range int64(3) {
		g := &ware{id: p.shop*100 + i, shop: p.shop, seller: p, price: w.between(1, 60_00), status: 1, method: w.pickNumber(0, 0, 1, 2), ship: w.pickNumber(0, 3_00, 12_50)}
		if w.chance(3) {
			g.reduced = new(w.between(1, g.price))
		}
		if !w.chance(4) {
			g.stock = new(w.between(0, 8))
		}
		if i == 0 {
			g.price, g.least = w.between(100_00, 300_00), new(int64(20_00))
			g.reduced = nil
		}
		w.must(w.DB.InsertProduct(ctx, storage.Product{
			ProductID: g.id, ProductName: fmt.Sprint("goods ", g.id), ProductPrice: g.price, ProductDisprice: g.reduced,
			ShopID: p.shop, CreatTime: now, UpdateTime: now, ProductStatus: 1,
		}))
		w.inTx(func(tx *storage.Tx) error {
			return tx.SetProductTerms(ctx, g.id, storage.ProductTerms{Stock: g.stock, ShipPrice: &g.ship, SellMethod: &g.method, FirstPrice: g.least})
		})
		w.wares = append(w.wares, g)
	}
	used := &ware{id: p.shop*100 + 10, kind: storage.TypeSecondHand, seller: p, price: w.between(1, 30_00), stock: new(int64(1)), status: 1, ship: 6_00}
	taught := &ware{id: p.shop*100 + 20, kind: storage.TypeCourse, shop: p.shop, seller: p, status: 1}
	w.inTx(func(tx *storage.Tx) error {
		version := storage.ProductVersion{Name: "used", Content: "used for a while", Price: used.price, ShipPrice: used.ship, CategoryID: new(int64(1))}
		if err := tx.InsertSecondHand(ctx, used.id, p.id, version, storage.ReviewPassed, now); err != nil {
			return err
		}
		if err := tx.InsertCourse(ctx, storage.Course{ProductID: taught.id, Name: "course", PicURL: "./1", ShopID: p.shop, Status: storage.ProductUp}, now); err != nil {
			return err
		}
		policies := []storage.PricePolicy{{ValidPeriod: 7, Price: w.pickNumber(0, 10_00)}, {ValidPeriod: 30, Price: w.between(1, 50_00), Default: true}}
		if err := tx.SetPricePolicies(ctx, taught.id, policies); err != nil {
			return err
		}
		var err error
		taught.policies, err = tx.PricePolicies(ctx, []int64{taught.id})
		return err
	})
	w.wares = append(w.wares, used, taught)
}

// addTickets makes coupons: of a shop, of a product of it and, by the admin, of the market.
func (w *world) addTickets(p *person) {
	for _, scope := range []string{"shop", "product", "market"} {
		c := &ticket{quantity: w.between(1, 6), perUser: w.between(1, 3), days: w.between(1, 40), takenBy: map[*person]int64{}}
		token, data := p.token, ""
		switch scope {
		case "shop":
			c.terms.Shop = p.shop
			data = fmt.Sprintf(`"shop_id":%d,`, p.shop)
		case "product":
			c.terms.Product = w.waresOf(p)[w.random.IntN(3)].id
			data = fmt.Sprintf(`"product_id":%d,`, c.terms.Product)
		case "market":
			token, c.market = handlerstest.AdminToken, true
		}
		c.terms.Type = price.CouponType(w.random.IntN(3))
		switch c.terms.Type {
		case price.ValueOff, price.ValueOffFrom:
			c.terms.Value = w.between(1, 20_00)
			data += `"coupon_value":` + yuan(c.terms.Value) + ","
		case price.PercentOff:
			c.terms.OffPercent, c.terms.MaxOff = w.between(1, 99), w.pickNumber(0, 5_00)
			data += fmt.Sprintf(`"off_percent":%d,"max_off":%s,`, c.terms.OffPercent, yuan(c.terms.MaxOff))
		}
		if c.terms.Type == price.ValueOffFrom {
			c.terms.MinimumConsume = w.between(1, 30_00)
			data += `"minimum_consume":` + yuan(c.terms.MinimumConsume) + ","
		}
		a := w.OK("coupon/creat", token, fmt.Sprintf(
			`{%s"coupon_name":"coupon","coupon_type":%d,"quantity":%d,"per_user":%d,"open_time":"2019-01-01 00:00:00","close_time":"2029-01-01 00:00:00","valid_days":%d}`,
			data, c.terms.Type, c.quantity, c.perUser, c.days))
		c.id = w.number(a, "coupon_id")
		w.tickets = append(w.tickets, c)
	}
}

func (w *world) waresOf(p *person) (own []*ware) {
	for _, g := range w.wares {
		if g.seller == p {
			own = append(own, g)
		}
	}
	return own
}
