package console

import (
	"context"
	"time"

	"campusgate/storage"
)

const (
	demoPhone = "13700000000"
	demoBeli  = 100 // the buyer's, as who registers gets them
)

const (
	demoShop          = 811729970
	demoProduct       = 4517733
	demoSecondShop    = 811729971
	demoSecondProduct = 4517743
)

// demoShops are the shops of the sellers.
var demoShops = map[string]int64{demoSeller.ID: demoShop, demoSecond.ID: demoSecondShop}

// demoNotices are those of lost and found, with the files of their pictures.
var demoNotices = []struct {
	storage.Property

	picture string
}{
	{storage.Property{Type: 1, Lab: "卡类|一卡通", Title: "我丢了一张一卡通", Content: "我在教学楼丢了一张校园卡", UserID: demoSeller.ID, UserName: demoSeller.Name}, "card"},
	{storage.Property{Type: 2, Lab: "电子|耳机", Title: "捡到一副耳机", Content: "在图书馆三楼捡到一副白色耳机", UserID: demoBuyer.ID, UserName: demoBuyer.Name}, "earphones"},
}

// insertDemo fills an empty database.
func insertDemo(ctx context.Context, tx *storage.Tx, newToken func() string) error {
	now := time.Now().Unix()
	for _, user := range []storage.User{demoSeller, demoBuyer} {
		if err := insertAccount(ctx, tx, user, newToken); err != nil {
			return err
		}
	}
	for _, later := range laterAccounts {
		if err := later.insert(ctx, tx, newToken); err != nil {
			return err
		}
	}
	if err := tx.Move(ctx, storage.Move{
		Kind: storage.LedgerWelcome, Currency: storage.Beli, From: storage.PromotionAccount, To: storage.UserAccount(demoBuyer.ID),
		Amount: demoBeli, Time: now,
	}); err != nil {
		return err
	}
	if err := insertShop(ctx, tx, storage.Shop{
		ShopID: demoShop, ShopName: "小码三秃", ShopContent: "码三秃团队的店铺", UserID: demoSeller.ID, CreatTime: now,
	}, demoProduct, []storage.Product{
		{ProductName: "头秃生发水", ProductContent: "<h1>Duang~</h1>", ProductKey: "生发|秃", ProductPrice: 101_50},
		{ProductName: "校园明信片", ProductContent: "一套十张", ProductKey: "明信片|文创", ProductPrice: 12_00},
		{ProductName: "二手台灯", ProductContent: "九成新, 自提", ProductKey: "台灯|二手", ProductPrice: 35_00},
	}); err != nil {
		return err
	}
	for _, one := range demoNotices {
		notice := one.Property
		notice.OccurrenceTime, notice.PublishTime, notice.UpdateTime = now, now, now
		notice.UserPhone = demoPhone
		if _, err := tx.InsertProperty(ctx, notice); err != nil {
			return err
		}
	}
	return nil
}

// insertSecond adds the second seller, with what is sent by express from stock, and the
// addresses that the buyer and both sellers need for that.
func insertSecond(ctx context.Context, tx *storage.Tx, newToken func() string) error {
	if err := insertAccount(ctx, tx, demoSecond, newToken); err != nil {
		return err
	}
	for _, address := range []storage.Address{
		{UserID: demoSeller.ID, Name: demoSeller.Name, Address: "一校区学士楼5号楼102"},
		{UserID: demoBuyer.ID, Name: demoBuyer.Name, Address: "二校区东和公寓3号楼301"},
		{UserID: demoSecond.ID, Name: demoSecond.Name, Address: "一校区红楼文创中心"},
	} {
		if err := insertAddress(ctx, tx, address); err != nil {
			return err
		}
	}
	if err := insertShop(ctx, tx, storage.Shop{
		ShopID: demoSecondShop, ShopName: "红楼文创", ShopContent: "校园里的小东西", UserID: demoSecond.ID, CreatTime: time.Now().Unix(),
	}, demoSecondProduct, []storage.Product{
		{ProductName: "校徽帆布袋", ProductContent: "厚帆布, 装得下电脑", ProductKey: "帆布袋|文创", ProductPrice: 48_00},
		{ProductName: "校园手账本", ProductContent: "一百六十页", ProductKey: "手账|文创", ProductPrice: 26_50},
	}); err != nil {
		return err
	}
	for id := int64(demoSecondProduct); id < demoSecondProduct+2; id++ {
		stock, ship := int64(50), int64(6_00)
		if err := tx.SetProductTerms(ctx, id, storage.ProductTerms{Stock: &stock, ShipPrice: &ship}); err != nil {
			return err
		}
	}
	return insertTalk(ctx, tx)
}

// insertTalk adds what the buyer and the second seller have written to each other. The buyer
// has not read the last of it.
func insertTalk(ctx context.Context, tx *storage.Tx) error {
	const minute = 60
	now := time.Now().Unix()
	for _, message := range []storage.Message{
		{SenderID: demoBuyer.ID, ReceiverID: demoSecond.ID, Content: "帆布袋装得下 16 寸的电脑吗？", CreatTime: now - 30*minute},
		{SenderID: demoSecond.ID, ReceiverID: demoBuyer.ID, Content: "装得下，还能放两本书。", CreatTime: now - 12*minute},
	} {
		message.ProductID = demoSecondProduct
		if _, err := tx.SendMessage(ctx, message); err != nil {
			return err
		}
	}
	return tx.ReadConversation(ctx, demoSecond.ID, demoBuyer.ID, demoSecondProduct)
}

// insertAddress gives a user an address who has none.
func insertAddress(ctx context.Context, tx *storage.Tx, address storage.Address) error {
	count, err := tx.AddressCount(ctx, address.UserID)
	if err != nil || count > 0 {
		return err
	}
	address.Phone = demoPhone
	id, err := tx.InsertAddress(ctx, address)
	if err != nil {
		return err
	}
	return tx.SetDefaultAddress(ctx, id, address.UserID)
}

// insertShop opens a shop with products on sale, whose ids count from first.
func insertShop(ctx context.Context, tx *storage.Tx, shop storage.Shop, first int64, products []storage.Product) error {
	if err := tx.InsertShop(ctx, shop); err != nil {
		return err
	}
	for i, product := range products {
		product.ProductID, product.ShopID, product.ProductStatus = first+int64(i), shop.ShopID, storage.ProductUp
		product.CreatTime, product.UpdateTime = shop.CreatTime, shop.CreatTime
		if err := tx.InsertProduct(ctx, product); err != nil {
			return err
		}
	}
	return nil
}
