package market

import (
	"context"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// maxWords bounds the words of a search.
const maxWords = 8

type searchProducts struct {
	Key         string        `json:"key" rule:"max=16007" doc:"at most 8 words, divided by blanks; all if empty or absent"`
	CategoryID  *int64        `json:"category_id" rule:"range=any"`
	ProductType *int64        `json:"product_type" rule:"oneof=0|1|2" doc:"0: goods of a shop, 1: second-hand, 2: course"`
	PriceMin    *dispatch.Fen `json:"price_min" rule:"range=0..999999.99" doc:"of what it costs now"`
	PriceMax    *dispatch.Fen `json:"price_max" rule:"range=0..999999.99"`
	SellMethod  *int64        `json:"sell_method" rule:"oneof=0|1|2" doc:"0: any, 1: face to face, 2: express; 1 and 2 also find 0"`
	ShopID      *int64        `json:"shop_id" rule:"range=any"`
	UserID      string        `json:"user_id" rule:"max=64 number=whole" doc:"the seller"`
	Sort        string        `json:"sort" rule:"oneof=match|new|price_up|price_down|sale" doc:"match: names that have all words first; sale: by pieces in paid orders; match with a key and new without one if absent"`
	wire.ListPage
}

func (searchProducts) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Finds what can be bought now, of every type: on sale, passed by its review, in stock, of a seller who is not frozen. " +
			"Each word of the key is a part of the name, of the keys or of the first 2,000 characters of the content's text, " +
			"without regard to the case of A–Z and the width of letters and digits. In every sort the newest of equal ones is first. " +
			"`num` is exact to 10,000, and 10,000 above.",
		Example: `{"key": "台灯 亮度", "product_type": 1, "price_max": 50, "sort": "price_up"}`,
	}
}

func (p productCalls) search(ctx context.Context, in searchProducts) (wire.List[marketRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[marketRow]{}, err
	}
	words := strings.Fields(in.Key)
	if len(words) > maxWords {
		return wire.List[marketRow]{}, dispatch.Fail(dispatch.ValueError, "key: must be at most 8 words")
	}
	if in.Sort == "" && len(words) > 0 {
		in.Sort = storage.SortMatch
	}
	products, total, err := p.DB.SearchProducts(ctx, storage.MarketFilter{
		Words: words, CategoryID: in.CategoryID, Type: in.ProductType,
		PriceMin: (*int64)(in.PriceMin), PriceMax: (*int64)(in.PriceMax),
		SellMethod: in.SellMethod, ShopID: in.ShopID, UserID: in.UserID, Sort: in.Sort,
	}, page)
	if err != nil {
		return wire.List[marketRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(products, total, p.marketRow), nil
}
