package campus

import (
	"context"
	"fmt"

	"campusgate/storage"
)

// What an account begins with.
const (
	beginWealth = 10_000_00
	welcomeBeli = 1000     // of every second one
	beginCredit = 1_000_00 // of every twentieth
)

// addUsers adds accounts with their tokens, profiles and what they begin with: the admin's
// before all others.
func (f *filling) addUsers(from, to int) adding {
	var users []storage.User
	var tokens []storage.Token
	var profiles []storage.Profile
	var rows []storage.LedgerRow
	for place := from; place < to; place++ {
		i := place - 1
		made := spreadTime(place, Users(f.size)+1)
		user := storage.User{ID: UserID(i), Name: UserName(i), Wealth: beginWealth, OpenTime: made}
		token := storage.Token{Token: Token(i), UserID: UserID(i)}
		profile := storage.Profile{Seq: int64(place + 1), Phone: UserPhone(i), CreatTime: made}
		switch {
		case i < 0:
			user.ID, user.Name = AdminID, "校园管理员"
			token = storage.Token{Token: AdminToken, UserID: AdminID}
			profile.Phone, profile.Role = "13600000000", storage.RoleAdmin
		case i%20 == 0:
			profile.CreditAmount, profile.CreditTime = beginCredit, made
			rows = append(rows, storage.LedgerRow{
				Kind: storage.LedgerCredit, Currency: storage.CNY, From: storage.OutsideAccount.String(), To: storage.CreditAccount(user.ID).String(),
				Amount: beginCredit, ToBalance: new(int64(beginCredit)), CreatTime: made,
			})
		}
		if i >= 0 && i%2 == 0 {
			profile.Beli = welcomeBeli
			rows = append(rows, storage.LedgerRow{
				Kind: storage.LedgerWelcome, Currency: storage.Beli, From: storage.PromotionAccount.String(), To: storage.UserAccount(user.ID).String(),
				Amount: welcomeBeli, ToBalance: new(int64(welcomeBeli)), CreatTime: made,
			})
		}
		profile.UserID, profile.Name, profile.NameKey = user.ID, user.Name, storage.NameKey(user.Name)
		users, tokens, profiles = append(users, user), append(tokens, token), append(profiles, profile)
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.AddUsers(ctx, users); err != nil {
			return err
		}
		if err := tx.AddTokens(ctx, tokens); err != nil {
			return err
		}
		if err := tx.AddProfiles(ctx, profiles); err != nil {
			return err
		}
		return tx.AddLedger(ctx, rows)
	}
}

func (f *filling) addShops(from, to int) adding {
	var shops []storage.Shop
	for i := from; i < to; i++ {
		shops = append(shops, storage.Shop{
			ShopID: ShopID(i), ShopName: fmt.Sprintf("小码三秃%d", i), ShopContent: "码三秃团队的店铺",
			UserID: UserID(ShopOwner(i)), CreatTime: spreadTime(i, Shops(f.size)), PicURL: picture("shop", i),
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddShops(ctx, shops)
	}
}

func picture(from string, i int) string {
	return fmt.Sprintf("./api/external/get/pic/%s/%032x", from, i)
}

// things are what is sold, lost and found.
var things = [...]string{
	"雨伞", "水杯", "书包", "耳机", "台灯", "键盘", "鼠标", "手表", "球鞋", "篮球", "钱包", "眼镜", "围巾", "帽子", "词典", "教材", "相机", "电扇", "衣架", "吉他",
}

// title is that of the i-th of count things.
func title(i, count int) string {
	text := CommonWord + things[i%len(things)]
	if i%max(1, count/RareRows) == 0 {
		text += RareWord
	}
	return text
}

func (f *filling) addProducts(from, to int) adding {
	var products []storage.MarketedProduct
	for i := from; i < to; i++ {
		made := spreadTime(i, Products(f.size))
		products = append(products, storage.MarketedProduct{
			Product: storage.Product{
				ProductID: ProductID(i), ProductName: title(i, Products(f.size)), ProductContent: "<p>" + conditions[i%len(conditions)] + "</p>",
				ProductKey: "生活", ProductPrice: ProductPrice(i), ProductSale: f.balances.sold[i], ProductClick: int64(i % 100), ProductCollection: collection(i),
				ShopID: ShopID(ProductShop(i)), CreatTime: made, UpdateTime: made, PicURL: picture("product", i), ProductStatus: storage.ProductUp,
			},
			Sold: f.balances.sold[i], OpenOrders: f.balances.open[i],
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddMarketedProducts(ctx, products)
	}
}

var conditions = [...]string{"全新", "九成新", "八成新", "有划痕"}

func (f *filling) addSecondHands(from, to int) adding {
	var products []storage.MarketedProduct
	for i := from; i < to; i++ {
		made := spreadTime(i, SecondHands(f.size))
		products = append(products, storage.MarketedProduct{
			Product: storage.Product{
				ProductID: SecondHandID(i), ProductName: title(i, SecondHands(f.size)), ProductContent: "<p>" + conditions[i%len(conditions)] + "</p>",
				ProductPrice: ProductPrice(i), CreatTime: made, UpdateTime: made, PicURL: picture("product", i), ProductStatus: storage.ProductUp,
			},
			Type: storage.TypeSecondHand, UserID: UserID(SecondHandSeller(i)), Stock: new(int64(1)), CategoryID: new(int64(1 + i%9)), ReviewState: storage.ReviewPassed,
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddMarketedProducts(ctx, products)
	}
}

func (f *filling) addNotices(from, to int) adding {
	places := [...]string{"在食堂", "在图书馆", "在操场", "在宿舍", "在教学楼"}
	var notices []storage.Property
	for i := from; i < to; i++ {
		made := spreadTime(i, Notices(f.size))
		notices = append(notices, storage.Property{
			ID: NoticeID(i), Type: NoticeType(i), Lab: "其他", Title: title(i, Notices(f.size)), Content: places[i/len(things)%len(places)],
			UserID: UserID(NoticeUser(i)), UserName: UserName(NoticeUser(i)), UserPhone: UserPhone(NoticeUser(i)),
			OccurrenceTime: made, PublishTime: made, UpdateTime: made,
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddProperties(ctx, notices)
	}
}
