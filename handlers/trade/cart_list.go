package trade

import (
	"context"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// The states of a line of a cart: the first that holds is told.
const (
	lineBuyable = iota
	lineOffSale
	lineShort // of stock
	lineDearer
	lineCheaper
)

type listCart struct{ wire.ListPage }

// cartRow is a line with what it is of now.
type cartRow struct {
	CartID        int64              `json:"cart_id"`
	ProductID     int64              `json:"product_id"`
	ProductType   int64              `json:"product_type" doc:"0: goods of a shop, 1: second-hand, 2: course"`
	ProductName   string             `json:"product_name" doc:"empty while it waits for a review or was refused, as pic_url"`
	PicURL        string             `json:"pic_url"`
	ProductNum    int64              `json:"product_num"`
	ProductPrice  dispatch.Fen       `json:"product_price" doc:"of a piece now, for a course by its policy; where that is gone, added_price"`
	AddedPrice    dispatch.Fen       `json:"added_price" doc:"of a piece when it was added"`
	PricePolicyID int64              `json:"price_policy_id" doc:"0: no course"`
	ValidPeriod   int64              `json:"valid_period" doc:"days; 0: no course, or its policy is gone"`
	PricePolicies []wire.PricePolicy `json:"price_policies" doc:"all of the course"`
	FirstPrice    *dispatch.Fen      `json:"first_price" doc:"a piece, to pay at once; null: all"`
	ShopID        int64              `json:"shop_id" doc:"0: no shop's"`
	UserID        int64              `json:"user_id" doc:"the seller"`
	UserName      string             `json:"user_name"`
	LineState     int64              `json:"line_state" doc:"0: can be bought, 1: off sale, 2: short of stock, 3: dearer than when added, 4: cheaper"`
}

func (listCart) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "Newest first. What cannot be bought any more stays until you delete it.", Example: `{}`}
}

func (c cartCalls) list(ctx context.Context, in listCart) (wire.List[cartRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[cartRow]{}, err
	}
	rows, total, err := c.DB.CartRows(ctx, dispatch.CallerFrom(ctx).User, page)
	if err != nil {
		return wire.List[cartRow]{}, wire.DatabaseFailure(err)
	}
	var courses []int64
	for _, row := range rows {
		if row.Product.Type == storage.TypeCourse {
			courses = append(courses, row.Product.ProductID)
		}
	}
	policies, err := c.DB.PricePolicies(ctx, unique(courses))
	if err != nil {
		return wire.List[cartRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(rows, total, func(row storage.CartRow) cartRow {
		return showCartRow(row.Line, offer{product: &row.Product, policy: policyOf(policies, row.Line.ProductID, row.Line.PolicyID)}, policies)
	}), nil
}

func showCartRow(line storage.CartLine, o offer, policies []storage.PricePolicy) cartRow {
	p, state, piece := o.product, lineState(line, &o), line.AddedPrice
	if p.Type != storage.TypeCourse || o.policy.PolicyID != 0 {
		piece = o.piece()
	}
	row := cartRow{
		CartID: line.CartID, ProductID: p.ProductID, ProductType: p.Type, ProductNum: line.Pieces,
		ProductPrice: dispatch.Fen(piece), AddedPrice: dispatch.Fen(line.AddedPrice),
		PricePolicyID: line.PolicyID, ValidPeriod: o.policy.ValidPeriod, PricePolicies: wire.PricePolicies(policies, p.ProductID),
		FirstPrice: (*dispatch.Fen)(line.FirstPrice), ShopID: p.ShopID, UserID: wire.UserNumber(p.UserID), UserName: p.UserName, LineState: state,
	}
	// Nobody but the seller reads what no review has passed.
	if p.ReviewState == storage.ReviewNone || p.ReviewState == storage.ReviewPassed {
		row.ProductName, row.PicURL = p.Name, p.PicURL
	}
	return row
}

// lineState is what keeps the buyer from a line, or what has changed of it.
func lineState(line storage.CartLine, o *offer) int64 {
	p := o.product
	switch {
	case !p.OnSale(), p.Type == storage.TypeCourse && o.policy.PolicyID == 0:
		return lineOffSale
	case p.Stock != nil && *p.Stock < line.Pieces:
		return lineShort
	case o.piece() > line.AddedPrice:
		return lineDearer
	case o.piece() < line.AddedPrice:
		return lineCheaper
	}
	return lineBuyable
}
