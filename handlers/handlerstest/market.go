package handlerstest

import "campusgate/storage"

// OpenShop opens a shop and returns its id.
func (g *Gateway) OpenShop(token, name string) string {
	g.T.Helper()
	return g.OK("shop/creat", token, `{"shop_name":"`+name+`"}`).Field("shop_id")
}

// ManyShops lets a user have more shops than a test opens.
func ManyShops(o *Options) { o.Settings.Market.ShopsPerUser = 1000 }

// AddProduct puts a product on sale into the document's shop and returns its id.
// more are further members of data.
func (g *Gateway) AddProduct(name, price, more string) string {
	g.T.Helper()
	return g.OK("product/creat", AliceToken, `{"product_name":"`+name+`","product_price":`+price+
		`,"shop_id":811729970,"product_status":1`+more+`}`).Field("product_id")
}

// NewProduct is the document's example of product/creat, as the page sends it.
func NewProduct() Fields {
	return Fields{
		"product_name": `"测试商品1"`, "product_key": `"测试商品"`, "product_content": `"测试"`,
		"product_price": `"100.5"`, "shop_id": "811729970", "product_status": "0",
	}
}

// NewAddress is the reference's example of address/creat, but for the default.
func NewAddress() Fields {
	return Fields{"name": `"王凌超"`, "phone": `"137 0000 0000"`, "address": `"浙江科技学院东和公寓3号楼301"`}
}

// NewCoupon is the reference's example of coupon/creat.
func NewCoupon() Fields {
	return Fields{
		"coupon_name": `"满100减20"`, "coupon_type": "1", "coupon_value": "20", "minimum_consume": "100", "shop_id": "811729970",
		"quantity": "100", "open_time": `"2019-11-28 00:00:00"`, "close_time": `"2020-01-01 00:00:00"`, "valid_days": "7",
	}
}

// NewOrder is the document's example of purchase/apply.
func NewOrder() Fields {
	return Fields{"product_id": "4517733", "product_num": "1", "product_unitprice": "101.5", "product_totalprice": "101.5"}
}

// PayData is the data of purchase/pay.
func PayData(id string) string { return `{"purchase_id":"` + id + `","method":"wallet"}` }

// Wealth is a user's money in fen.
func (g *Gateway) Wealth(user string) int64 {
	g.T.Helper()
	found, err := g.DB.User(g.T.Context(), user)
	Must(g.T, err)
	return found.Wealth
}

// DocumentSecondHand is the second-hand product of the reference's examples.
const DocumentSecondHand = 6000001

// LampURL is the picture of the reference's example of product/release.
const LampURL = "./api/external/get/pic/product/lamp.png"

// UploadLamp stores the picture of the example of product/release.
func (g *Gateway) UploadLamp() {
	g.T.Helper()
	g.OK("pic/upload", AliceToken, PicData("product", PNG(g.T, 1), `"name":"lamp.png"`))
}

// SecondHand stores what the examples of second-hand trade speak of: alice's lamp, which has
// passed its review, and its picture.
func (g *Gateway) SecondHand() {
	g.T.Helper()
	g.UploadLamp()
	lamp := storage.ProductVersion{
		Name: "九成新台灯", Content: "用了一个学期，亮度三档可调。", Price: 35_00, OriginalPrice: new(int64(99_00)), SellMethod: 1,
		CategoryID: new(int64(3)), Pics: []string{LampURL},
	}
	Must(g.T, g.DB.InTx(g.T.Context(), func(tx *storage.Tx) error {
		return tx.InsertSecondHand(g.T.Context(), DocumentSecondHand, Alice, lamp, storage.ReviewPassed, g.Clock.Now().Unix())
	}))
}

// DocumentTextbook is what the reference's examples of carts and orders buy.
const DocumentTextbook = 6000002

// Textbook stores bob's textbook, which has passed its review.
func (g *Gateway) Textbook() {
	g.T.Helper()
	textbook := storage.ProductVersion{
		Name: "高等数学（上册）", Content: "只写了几页，送笔记。", Price: 18_00, OriginalPrice: new(int64(45_00)), ShipPrice: 6_00,
		CategoryID: new(int64(1)), Pics: []string{LampURL},
	}
	Must(g.T, g.DB.InTx(g.T.Context(), func(tx *storage.Tx) error {
		return tx.InsertSecondHand(g.T.Context(), DocumentTextbook, Bob, textbook, storage.ReviewPassed, g.Clock.Now().Unix())
	}))
}

// NewSecondHand is the reference's example of product/release, whose picture is there after
// [Gateway.UploadLamp].
func NewSecondHand() Fields {
	return Fields{
		"product_name": `"九成新台灯"`, "product_content": `"用了一个学期，亮度三档可调，毕业了带不走。"`, "product_price": "35", "original_price": "99",
		"sell_method": "1", "ship_price": "0", "category_id": "3", "pics": `["` + LampURL + `"]`,
	}
}
