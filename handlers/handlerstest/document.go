package handlerstest

import "campusgate/storage"

// The ids that the document's examples speak of.
const (
	DocumentShop     = 811729970
	DocumentProduct  = 4517733
	DocumentPurchase = "15749511524517733"
	DocumentAddress  = 1
	DocumentCoupon   = 1
)

// Document stores what the document's examples speak of: alice's shop with a
// product at 101.5 on sale, her order of one piece, her address, and her shop's coupon.
func (g *Gateway) Document() {
	g.T.Helper()
	ctx, now := g.T.Context(), g.Clock.Now().Unix()
	Must(g.T, g.DB.InsertShop(ctx, storage.Shop{
		ShopID: DocumentShop, ShopName: "小码三秃", ShopContent: "码三秃团队的店铺2", UserID: Alice, CreatTime: now,
	}))
	Must(g.T, g.DB.InsertProduct(ctx, storage.Product{
		ProductID: DocumentProduct, ProductName: "头秃生发水", ProductKey: "生发|秃", ProductPrice: 101_50,
		ShopID: DocumentShop, CreatTime: now, UpdateTime: now, ProductStatus: 1,
	}))
	Must(g.T, g.DB.InsertPurchase(ctx, storage.Purchase{
		PurchaseID: DocumentPurchase, PurchaseState: storage.PurchasePaying, UserID: Alice, PurchasePrice: 101_50, CreatTime: now,
		ProductID: DocumentProduct, ProductNum: 1, ProductUnitprice: 101_50, ProductTotalprice: 101_50,
	}))
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		id, err := tx.InsertAddress(ctx, storage.Address{UserID: Alice, Name: "王凌超", Phone: "13700000000", Address: "浙江科技学院"})
		if err != nil {
			return err
		}
		return tx.SetDefaultAddress(ctx, id, Alice)
	}))
	_, err := g.DB.InsertCoupon(ctx, storage.Coupon{
		CouponName: "满100减20", CouponType: storage.CouponOver, CouponValue: 20_00, MinimumConsume: 100_00, ShopID: DocumentShop, PayerID: Alice,
		Quantity: 100, PerUser: 10, OpenTime: now, CloseTime: now + 34*24*3600, ValidDays: 7,
	})
	Must(g.T, err)
}
