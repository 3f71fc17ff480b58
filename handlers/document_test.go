package handlers_test

import "campusgate/storage"

// The ids that the document's examples speak of.
const (
	documentShop     = 811729970
	documentProduct  = 4517733
	documentPurchase = "15749511524517733"
)

// document stores what the document's examples speak of: alice's shop with a
// product at 101.5 on sale, and her order of one piece.
func (g *gateway) document() {
	g.t.Helper()
	ctx, now := g.t.Context(), g.clock.Now().Unix()
	must(g.t, g.db.InsertShop(ctx, storage.Shop{
		ShopID: documentShop, ShopName: "小码三秃", ShopContent: "码三秃团队的店铺2", UserID: alice, CreatTime: now,
	}))
	must(g.t, g.db.InsertProduct(ctx, storage.Product{
		ProductID: documentProduct, ProductName: "头秃生发水", ProductKey: "生发|秃", ProductPrice: 101_50,
		ShopID: documentShop, CreatTime: now, UpdateTime: now, ProductStatus: 1,
	}))
	must(g.t, g.db.InsertPurchase(ctx, storage.Purchase{
		PurchaseID: documentPurchase, PurchaseState: storage.PurchasePaying, UserID: alice, PurchasePrice: 101_50, CreatTime: now,
		ProductID: documentProduct, ProductNum: 1, ProductUnitprice: 101_50, ProductTotalprice: 101_50,
	}))
}
