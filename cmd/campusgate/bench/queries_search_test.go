package bench

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

const (
	floorSeller        = `COALESCE(s.user_id, p.user_id)`
	floorSearchColumns = `SELECT p.product_id, p.product_type, p.product_name, p.pic_url, COALESCE(p.product_disprice, p.product_price) AS now,
		COALESCE(p.original_price, p.product_price) AS original, p.product_sale, p.product_collection, p.sell_method, p.ship_price, p.category_id,
		p.shop_id, COALESCE(s.shop_name, '') AS shop_name, ` + floorSeller + ` AS seller, COALESCE(u.name, '') AS user_name,
		p.product_stock, p.creat_time, p.update_time`
)

// prepareSearches prepares the one statement of a page of each search: of a rare word, whose
// products are sorted, and of a common one, whose products are read in their order.
func (f *floorQueries) prepareSearches(driver, seller string) {
	next := " CROSS JOIN "
	if driver == "mysql" {
		next = " STRAIGHT_JOIN "
	}
	byGram := " FROM product_text_grams l" + next + "products p ON p.seq = l.gram_id"
	joins := " LEFT JOIN shops s ON s.shop_id = p.shop_id LEFT JOIN users u ON " + seller + " WHERE "
	const page = " LIMIT 20 OFFSET ?"
	f.searches = map[string]*sql.Stmt{}
	for _, sort := range []string{"new", "match"} {
		found := prepareFloor(f.reader, floorSearchColumns+byGram+joins+"l.gram = ? AND p.on_offer = 1 ORDER BY l.gram_id DESC"+page)
		f.searches["rare "+sort], f.searches["common "+sort] = found, found
	}
	for sort, column := range map[string]string{"price_up": "p.offer_cheap", "price_down": "p.offer_price", "sale": "p.offer_sold"} {
		bound := " >= 0"
		if sort == "price_up" {
			bound = " <= 0"
		}
		f.searches["rare "+sort] = prepareFloor(f.reader, floorSearchColumns+byGram+joins+"l.gram = ? AND p.on_offer = 1 ORDER BY "+column+" + 0 DESC, p.seq + 0 DESC"+page)
		f.searches["common "+sort] = prepareFloor(f.reader, floorSearchColumns+" FROM products p"+next+"product_text_grams l ON l.gram = ? AND l.gram_id = p.seq"+
			joins+column+bound+" ORDER BY "+column+" DESC, p.seq DESC"+page)
	}
	f.searchNum = prepareFloor(f.reader, "SELECT COUNT(*) FROM (SELECT 1"+byGram+" WHERE l.gram = ? AND p.on_offer = 1 LIMIT 10000) AS counted")
}

type floorSearchRow struct {
	ProductID         int64        `json:"product_id"`
	ProductType       int64        `json:"product_type"`
	ProductName       string       `json:"product_name"`
	PicURL            string       `json:"pic_url"`
	ProductPrice      dispatch.Fen `json:"product_price"`
	OriginalPrice     dispatch.Fen `json:"original_price"`
	ProductSale       int64        `json:"product_sale"`
	ProductCollection int64        `json:"product_collection"`
	SellMethod        int64        `json:"sell_method"`
	ShipPrice         dispatch.Fen `json:"ship_price"`
	CategoryID        *int64       `json:"category_id"`
	ShopID            int64        `json:"shop_id"`
	ShopName          string       `json:"shop_name"`
	UserID            int64        `json:"user_id"`
	UserName          string       `json:"user_name"`
	ProductStock      *int64       `json:"product_stock"`
	CreatTime         string       `json:"creat_time"`
	UpdateTime        string       `json:"update_time"`
}

// search is product/search; the query says whether the word is rare or common.
func (f *floorQueries) search(request *fasthttp.RequestCtx) {
	var asked struct {
		ID            int64 `json:"id"`
		Type, Subtype string
		Data          struct {
			Key, Sort string
			Page      int64
		} `json:"data"`
	}
	floorMust(json.Unmarshal(request.PostBody(), &asked))
	gram := []byte(asked.Data.Key)
	if asked.Data.Sort == "match" {
		gram = []byte("\x00t" + asked.Data.Key) // of names
	}
	statement := f.searches[string(request.QueryArgs().Peek("word"))+" "+asked.Data.Sort]
	rows, err := statement.QueryContext(context.Background(), gram, 20*(asked.Data.Page-1))
	floorMust(err)
	defer rows.Close()
	list := []floorSearchRow{}
	for rows.Next() {
		var p floorSearchRow
		var seller string
		var created, updated int64
		floorMust(rows.Scan(&p.ProductID, &p.ProductType, &p.ProductName, &p.PicURL, &p.ProductPrice, &p.OriginalPrice,
			&p.ProductSale, &p.ProductCollection, &p.SellMethod, &p.ShipPrice, &p.CategoryID,
			&p.ShopID, &p.ShopName, &seller, &p.UserName, &p.ProductStock, &created, &updated))
		p.UserID, err = strconv.ParseInt(seller, 10, 64)
		floorMust(err)
		p.CreatTime, p.UpdateTime = f.time(created), f.time(updated)
		list = append(list, p)
	}
	floorMust(rows.Err())
	answerFloor(request, dispatch.Response{ID: asked.ID, Message: "successful", Data: struct {
		Num  int64            `json:"num"`
		List []floorSearchRow `json:"list"`
	}{f.count(gram), list}})
}

// count counts the products of a gram, once.
func (f *floorQueries) count(gram []byte) (num int64) {
	if kept, ok := f.counted.Load(string(gram)); ok {
		return kept.(int64)
	}
	floorMust(f.searchNum.QueryRowContext(context.Background(), gram).Scan(&num))
	f.counted.Store(string(gram), num)
	return num
}
