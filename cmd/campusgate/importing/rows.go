package importing

import (
	"math"
	"strconv"

	"campusgate/storage"
)

// What our columns hold, on each database alike: bytes of texts, and fen.
const (
	maxText    = 255
	maxContent = 2048 // of a notice
	maxURL     = 4096
	maxName    = 400 // of a shop or product
	maxKey     = 1020
	maxShop    = 40_000 // shop_content
	maxOrderID = 64
	maxMethod  = 64

	maxPrice  = 999_999_99
	maxTotal  = 9999 * maxPrice
	maxWealth = 1 << 53 // beyond, a column of DOUBLE has no fen
)

// property reads a notice.
func property(f *fields) storage.Property {
	p := storage.Property{
		ID:    f.id("id", math.MaxInt32),
		Type:  f.number("type", 1, 2),
		State: f.number("state", math.MinInt32, math.MaxInt32),
		Lab:   f.text("lab", maxText), Title: f.text("title", maxText), Content: f.text("content", maxContent),
		UserID: f.optional("user_id", maxText), UserName: f.optional("user_name", maxText),
		UserPhone: f.optional("user_phone", maxText), UserQQ: f.optional("user_qq", maxText),
		User2ID: f.optional("user2_id", maxText), User2Name: f.optional("user2_name", maxText),
		User2Phone: f.optional("user2_phone", maxText), User2QQ: f.optional("user2_qq", maxText),
		PicNum:  f.number("pic_num", math.MinInt32, math.MaxInt32),
		PicURL1: f.optional("pic_url1", maxURL), PicURL2: f.optional("pic_url2", maxURL), PicURL3: f.optional("pic_url3", maxURL),
	}
	p.PublishTime = f.time("publish_time", p.ID) // the id is the second of adding
	p.OccurrenceTime = f.time("occurrence_time", p.PublishTime)
	p.UpdateTime = f.time("update_time", p.PublishTime)
	return p
}

func shop(f *fields) storage.Shop {
	return storage.Shop{
		ShopID: f.id("shop_id", math.MaxInt64), ShopName: f.text("shop_name", maxName),
		ShopContent: f.text("shop_content", maxShop), UserID: f.optional("user_id", maxText),
		CreatTime: f.added("creat_time"), PicURL: f.optional("pic_url", maxURL),
	}
}

// product reads a product, whose content clean sanitises.
func product(f *fields, clean func(string) (string, bool)) storage.Product {
	p := storage.Product{
		ProductID: f.id("product_id", math.MaxInt64), ProductName: f.text("product_name", maxName),
		ProductKey:   f.optional("product_key", maxKey),
		ProductPrice: f.price("product_price", maxPrice), ProductDisprice: f.fen("product_disprice", 0, maxPrice),
		ProductSale: f.count("product_sale", math.MaxInt64), ProductClick: f.count("product_click", math.MaxInt64),
		ProductCollection: f.count("product_collection", math.MaxInt64),
		ShopID:            f.number("shop_id", math.MinInt64, math.MaxInt64), CreatTime: f.added("creat_time"),
		PicURL: f.optional("pic_url", maxURL), ProductStatus: f.number("product_status", storage.ProductDown, storage.ProductDeleted),
	}
	p.UpdateTime = f.time("update_time", p.CreatTime)
	content, fits := clean(f.text("product_content", math.MaxInt))
	if !fits {
		f.wrong("product_content", "it is longer than 1 MiB")
	}
	p.ProductContent = content
	switch discount := p.ProductDisprice; {
	case discount == nil:
	case *discount == 0: // the old server's word for none
		p.ProductDisprice = nil
	case *discount > p.ProductPrice:
		// With it every change of the product would be refused.
		f.remark("product_disprice", "%s is above product_price, and is not kept", yuanText(*discount))
		p.ProductDisprice = nil
	}
	return p
}

// purchase reads an order and the row that says what was ordered.
func purchase(f, info *fields) storage.Purchase {
	p := storage.Purchase{
		PurchaseID: f.needed("purchase_id", maxOrderID), PurchaseState: f.text("purchase_state", maxText),
		UserID: f.optional("user_id", maxText), PurchaseType: f.number("purchase_type", math.MinInt32, math.MaxInt32),
		PurchasePrice: f.price("purchase_price", maxTotal), CreatTime: f.added("creat_time"),
		PayMethod: f.optional("pay_method", maxMethod),
	}
	switch p.PurchaseState {
	case storage.PurchasePaying, storage.PurchaseFinish, storage.PurchaseCancel:
	default:
		f.wrong("purchase_state", "it must be paying, finish or cancel")
	}
	if info == nil {
		f.wrong("purchase_id", "the order has no row in purchase_info")
		return p
	}
	p.ProductID = info.number("product_id", math.MinInt64, math.MaxInt64)
	p.ProductNum = info.number("product_num", 0, math.MaxInt32)
	p.ProductUnitprice = info.price("product_unitprice", maxPrice)
	p.ProductTotalprice = info.price("product_totalprice", maxTotal)
	f.problems = append(f.problems, info.problems...)
	f.remarks = append(f.remarks, info.remarks...)
	return p
}

// user reads an account. Its id is a number in every table of users that we make.
func user(f *fields) storage.User {
	u := storage.User{ID: f.needed("id", maxText), Name: f.optional("name", maxText)}
	if number, err := strconv.ParseInt(u.ID, 10, 64); err != nil || strconv.FormatInt(number, 10) != u.ID {
		f.wrong("id", "it is no number as the table of users keeps it")
	}
	if wealth := f.fen("wealth", -maxWealth, maxWealth); wealth != nil {
		u.Wealth = *wealth
	}
	return u
}

func token(f *fields) storage.Token {
	return storage.Token{Token: f.needed("token", maxText), UserID: f.needed("user_id", maxText)}
}
