package trade

import (
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/handlers/wire"
)

// orderQuote is what a basket costs.
type orderQuote struct {
	Orders   []quotedOrder  `json:"orders" doc:"one for each seller, shop, courses or goods, and way of delivery"`
	Usable   []usableRecord `json:"usable" doc:"records for all of the market"`
	Beli     int64          `json:"beli" doc:"used"`
	BeliOff  dispatch.Fen   `json:"beli_off"`
	PayPrice dispatch.Fen   `json:"pay_price" doc:"of all orders"`
}

// quotedOrder is what an order would cost.
type quotedOrder struct {
	ShopID      int64          `json:"shop_id" doc:"0: no shop's"`
	ShopName    string         `json:"shop_name"`
	UserID      int64          `json:"user_id" doc:"the seller"`
	UserName    string         `json:"user_name"`
	Deliver     string         `json:"deliver" doc:"face, express; empty for courses, and where it is not chosen yet"`
	Lines       []quotedLine   `json:"lines"`
	Usable      []usableRecord `json:"usable" doc:"records for the shop"`
	GoodsPrice  dispatch.Fen   `json:"goods_price" doc:"its lines before anything is taken off"`
	OffPrice    dispatch.Fen   `json:"off_price" doc:"what coupons and beli take off"`
	ShipPrice   dispatch.Fen   `json:"ship_price" doc:"the dearest of its lines, by express"`
	CreditPrice dispatch.Fen   `json:"credit_price" doc:"what becomes debt"`
	PayPrice    dispatch.Fen   `json:"pay_price" doc:"goods_price - off_price - credit_price + ship_price"`
}

// quotedLine is what a line would cost.
type quotedLine struct {
	ProductID     int64          `json:"product_id"`
	ProductName   string         `json:"product_name"`
	PicURL        string         `json:"pic_url"`
	ProductNum    int64          `json:"product_num"`
	PricePolicyID int64          `json:"price_policy_id" doc:"0: no course"`
	ValidPeriod   int64          `json:"valid_period" doc:"days; 0: no course"`
	Price         dispatch.Fen   `json:"price" doc:"a piece"`
	LinePrice     dispatch.Fen   `json:"line_price" doc:"price × product_num, and the sum of what follows"`
	CouponOff     dispatch.Fen   `json:"coupon_off" doc:"by a coupon for the product"`
	ShopOff       dispatch.Fen   `json:"shop_off" doc:"its share of a coupon for the shop"`
	MarketOff     dispatch.Fen   `json:"market_off" doc:"its share of a coupon for the market"`
	BeliOff       dispatch.Fen   `json:"beli_off"`
	CreditPrice   dispatch.Fen   `json:"credit_price" doc:"what becomes debt"`
	PayPrice      dispatch.Fen   `json:"pay_price" doc:"without shipping"`
	Usable        []usableRecord `json:"usable" doc:"records for the product"`
}

// usableRecord is one that takes something off, or would in place of the one that is asked
// for.
type usableRecord struct {
	RecordID   int64        `json:"record_id"`
	CouponName string       `json:"coupon_name"`
	Off        dispatch.Fen `json:"off" doc:"what it takes off; the records that take most off are first"`
}

// unpriced is the status of each rule of prices, and what a client is told of it.
var unpriced = map[price.Rule]struct {
	status dispatch.Status
	why    string
}{
	price.WrongFirstPrice:  {orderFirstPriceError, "first_price: must be from the product's first_price to what a piece costs"},
	price.RecordOnCredit:   {orderCouponError, "record_id: must be absent where first_price is there"},
	price.CreditNotEnough:  {creditNotEnough, ""},
	price.DebtOverdue:      {debtOverdue, ""},
	price.NoSuchRecord:     {orderCouponError, "record_id: no such record for this, or it cannot be used now"},
	price.RecordOfAnother:  {orderCouponError, "record_id: is not for this"},
	price.RecordTwice:      {orderCouponError, "record_id: is there twice"},
	price.SecondShopRecord: {orderCouponError, "record_id: a second one for the shop"},
	price.BelowMinimum:     {orderBelowMinimum, "record_id: the amount is below its minimum_consume"},
	price.TakesNothingOff:  {orderCouponError, "record_id: takes nothing off"},
}

// quote computes the price, and fails with the status of the first rule that the basket
// breaks.
func (b *basket) quote() (price.Quote, error) {
	quote, err := b.Quote()
	var broken price.Error
	if !errors.As(err, &broken) {
		return quote, err
	}
	refusal, place := unpriced[broken.Rule], ""
	switch broken.Place {
	case price.InLine:
		place = element(b.key, broken.Index)
	case price.InShopRecord:
		place = element("shop_records", broken.Index)
	case price.InMarketRecord, price.InBasket, price.InItem:
	}
	return quote, dispatch.Fail(refusal.status, place+refusal.why)
}

// answer shows a quote of the basket.
func (b *basket) answer(q price.Quote) orderQuote {
	answer := orderQuote{
		Orders: make([]quotedOrder, len(q.Orders)), Usable: b.usable(q.Usable),
		Beli: q.Beli, BeliOff: dispatch.Fen(q.BeliOff), PayPrice: dispatch.Fen(q.PayPrice),
	}
	for i, order := range q.Orders {
		answer.Orders[i] = b.order(order)
	}
	return answer
}

func (b *basket) order(o price.Order) quotedOrder {
	first := b.offers[o.Lines[0].Index].product
	order := quotedOrder{
		ShopID: o.Shop, ShopName: first.ShopName, UserID: wire.UserNumber(o.Seller), UserName: first.UserName, Deliver: string(o.Delivery),
		Lines: make([]quotedLine, len(o.Lines)), Usable: b.usable(o.Usable),
		GoodsPrice: dispatch.Fen(o.GoodsPrice), OffPrice: dispatch.Fen(o.OffPrice), ShipPrice: dispatch.Fen(o.ShipPrice),
		CreditPrice: dispatch.Fen(o.CreditPrice), PayPrice: dispatch.Fen(o.PayPrice),
	}
	for i, line := range o.Lines {
		order.Lines[i] = b.line(line)
	}
	return order
}

func (b *basket) line(l price.LinePrice) quotedLine {
	offer := &b.offers[l.Index]
	return quotedLine{
		ProductID: offer.product.ProductID, ProductName: offer.product.Name, PicURL: offer.product.PicURL,
		ProductNum: b.Lines[l.Index].Pieces, PricePolicyID: offer.policy.PolicyID, ValidPeriod: offer.policy.ValidPeriod,
		Price: dispatch.Fen(l.Price), LinePrice: dispatch.Fen(l.LinePrice), CouponOff: dispatch.Fen(l.CouponOff),
		ShopOff: dispatch.Fen(l.ShopOff), MarketOff: dispatch.Fen(l.MarketOff), BeliOff: dispatch.Fen(l.BeliOff),
		CreditPrice: dispatch.Fen(l.CreditPrice), PayPrice: dispatch.Fen(l.PayPrice), Usable: b.usable(l.Usable),
	}
}

func (b *basket) usable(records []price.Usable) []usableRecord {
	usable := make([]usableRecord, len(records))
	for i, record := range records {
		usable[i] = usableRecord{record.Record, b.records[record.Record].Coupon.CouponName, dispatch.Fen(record.Off)}
	}
	return usable
}
