package market

import (
	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// marketRow is a product of any type as the lists of the market show it.
type marketRow struct {
	ProductID         int64        `json:"product_id"`
	ProductType       int64        `json:"product_type" doc:"0: goods of a shop, 1: second-hand, 2: course"`
	ProductName       string       `json:"product_name"`
	PicURL            string       `json:"pic_url"`
	ProductPrice      dispatch.Fen `json:"product_price" doc:"what it costs now"`
	OriginalPrice     dispatch.Fen `json:"original_price" doc:"what it once cost; where nobody has said, the price without a discount"`
	ProductSale       int64        `json:"product_sale" doc:"pieces sold"`
	ProductCollection int64        `json:"product_collection"`
	SellMethod        int64        `json:"sell_method" doc:"0: any, 1: face to face, 2: express"`
	ShipPrice         dispatch.Fen `json:"ship_price"`
	CategoryID        *int64       `json:"category_id"`
	ShopID            int64        `json:"shop_id" doc:"0: no shop's"`
	ShopName          string       `json:"shop_name"`
	UserID            int64        `json:"user_id" doc:"the seller"`
	UserName          string       `json:"user_name"`
	ProductStock      *int64       `json:"product_stock" doc:"free pieces; null is unlimited"`
	CreatTime         string       `json:"creat_time"`
	UpdateTime        string       `json:"update_time"`
}

// marketRow shows a product.
func (d Deps) marketRow(p storage.MarketProduct) marketRow {
	row := marketRow{
		ProductID: p.ProductID, ProductType: p.Type, ProductName: p.Name, PicURL: p.PicURL,
		ProductPrice: dispatch.Fen(p.Price), OriginalPrice: dispatch.Fen(p.Price),
		ProductSale: p.Sale, ProductCollection: p.Collection, SellMethod: p.SellMethod, ShipPrice: dispatch.Fen(p.ShipPrice),
		CategoryID: p.CategoryID, ShopID: p.ShopID, ShopName: p.ShopName, UserID: wire.UserNumber(p.UserID), UserName: p.UserName,
		ProductStock: p.Stock, CreatTime: d.Clock.Text(p.CreatTime), UpdateTime: d.Clock.Text(p.UpdateTime),
	}
	if p.OriginalPrice != nil {
		row.OriginalPrice = dispatch.Fen(*p.OriginalPrice)
	}
	if p.Disprice != nil {
		row.ProductPrice = dispatch.Fen(*p.Disprice)
	}
	return row
}

// ownRow is one of the caller's own.
type ownRow struct {
	marketRow

	State string `json:"state" doc:"waiting, refused, on_sale, in_trade (an order is open), sold or withdrawn"`
}

func (d Deps) ownRow(p storage.MarketProduct) ownRow { return ownRow{d.marketRow(p), stateOf(p)} }

// stateOf is what a seller is told of a product.
func stateOf(p storage.MarketProduct) string {
	takenDown := p.Type == storage.TypeGoods && p.Status == storage.ProductDown && // while it is not passed again
		(p.ReviewState == storage.ReviewWaiting || p.ReviewState == storage.ReviewRefused)
	switch {
	case p.Status != storage.ProductUp && !takenDown:
		return "withdrawn"
	case p.OpenOrders > 0:
		return "in_trade"
	case p.Stock != nil && *p.Stock == 0:
		return "sold"
	case p.ReviewState == storage.ReviewWaiting:
		return "waiting"
	case p.ReviewState == storage.ReviewRefused:
		return "refused"
	default:
		return "on_sale"
	}
}
