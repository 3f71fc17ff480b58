package trade

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

const payByWallet = "wallet"

type applyPurchase struct {
	ProductID         int64        `json:"product_id" rule:"required range=any" doc:"a product on sale"`
	ProductNum        int64        `json:"product_num" rule:"required range=1..9999"`
	ProductUnitprice  dispatch.Fen `json:"product_unitprice" rule:"required range=0.01..999999.99" doc:"the product's product_price, or its product_disprice if it has one"`
	ProductTotalprice dispatch.Fen `json:"product_totalprice" rule:"required range=0.01..9998999900.01" doc:"product_num × product_unitprice"`
}

type appliedPurchase struct {
	PurchaseID string `json:"purchase_id" doc:"17 digits, as text"`
}

func (applyPurchase) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example:  `{"product_id": 4517733, "product_num": 1, "product_unitprice": 101.5, "product_totalprice": 101.5}`,
		Statuses: []dispatch.Status{productNotExist, stockNotEnough},
	}
}

func (p purchaseCalls) apply(ctx context.Context, in applyPurchase) (appliedPurchase, error) {
	offer, err := p.DB.Offer(ctx, in.ProductID)
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && offer.Status != storage.ProductUp:
		return appliedPurchase{}, dispatch.Fail(productNotExist, "product_id: no such product, or not on sale")
	case err != nil:
		return appliedPurchase{}, wire.DatabaseFailure(err)
	}
	unit := int64(in.ProductUnitprice)
	if unit != offer.Price && (offer.Disprice == nil || unit != *offer.Disprice) {
		return appliedPurchase{}, dispatch.Fail(dispatch.ValueError, "product_unitprice: must be the product's price or discount price")
	}
	if int64(in.ProductTotalprice) != in.ProductNum*unit {
		return appliedPurchase{}, dispatch.Fail(dispatch.ValueError, "product_totalprice: must be product_num × product_unitprice")
	}
	if offer.Stock != nil && *offer.Stock < in.ProductNum {
		return appliedPurchase{}, notEnough()
	}
	now := p.Clock.Unix()
	order := storage.Purchase{
		PurchaseState: storage.PurchasePaying, UserID: dispatch.CallerFrom(ctx).User,
		PurchasePrice: int64(in.ProductTotalprice), CreatTime: now,
		ProductID: in.ProductID, ProductNum: in.ProductNum,
		ProductUnitprice: unit, ProductTotalprice: int64(in.ProductTotalprice),
	}
	err = wire.WithFreshID(func() error {
		order.PurchaseID = purchaseID(now)
		return p.DB.InsertPurchase(ctx, order)
	})
	return appliedPurchase{PurchaseID: order.PurchaseID}, err
}

type payPurchase struct {
	PurchaseID string `json:"purchase_id" rule:"required"`
	Method     string `json:"method" rule:"required" doc:"wallet"`
}

func (payPurchase) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "The price of the order is paid, whatever has happened to the product since. Payment, its row in the ledger, the order's new state, and the product's stock and count of sales are one transaction.",
		Example: `{"purchase_id": "15749511524517733", "method": "wallet"}`,
		Statuses: []dispatch.Status{
			purchaseNotExist, purchaseForbidden, balanceNotEnough, stockNotEnough,
			payMethodRefused, notPayingState,
		},
	}
}

func (p purchaseCalls) pay(ctx context.Context, in payPurchase) (wire.None, error) {
	err := p.DB.InTx(ctx, func(tx *storage.Tx) error {
		order, err := ownPurchase(ctx, &tx.Queries, in.PurchaseID)
		if err != nil {
			return err
		}
		if order.PurchaseState != storage.PurchasePaying {
			return notPaying()
		}
		if in.Method != payByWallet {
			return dispatch.Fail(payMethodRefused, "method: must be wallet")
		}
		// The guarded change of state locks the order, so that a second payment waits
		// here and then finds it paid. Whoever locks more than one row of order,
		// wallet and product locks them in this sequence.
		if err := setState(ctx, &tx.Queries, order.PurchaseID, storage.PurchaseFinish, payByWallet); err != nil {
			return err
		}
		err = tx.Move(ctx, storage.Move{
			Kind: storage.LedgerPurchase, Currency: storage.CNY, From: storage.UserAccount(order.UserID), To: storage.OutsideAccount,
			Amount: order.PurchasePrice, OrderID: order.PurchaseID, Time: p.Clock.Unix(),
		})
		if errors.Is(err, storage.ErrBalance) {
			return dispatch.Fail(balanceNotEnough, "")
		}
		if err != nil {
			return err
		}
		err = tx.AddSale(ctx, order.ProductID, order.ProductNum)
		if errors.Is(err, storage.ErrConflict) {
			return notEnough()
		}
		return err
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

// ownPurchase finds an order of the caller.
func ownPurchase(ctx context.Context, queries *storage.Queries, id string) (storage.Purchase, error) {
	order, err := queries.Purchase(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return order, dispatch.Fail(purchaseNotExist, "purchase_id: no such order")
	case err == nil && order.UserID != dispatch.CallerFrom(ctx).User:
		return order, dispatch.Fail(purchaseForbidden, "purchase_id: another user's order")
	}
	return order, err
}

// setState ends an order that is still to be paid.
func setState(ctx context.Context, queries *storage.Queries, id, state, method string) error {
	err := queries.SetPurchaseState(ctx, id, storage.PurchasePaying, state, method)
	if errors.Is(err, storage.ErrNotFound) {
		return notPaying()
	}
	return err
}

func notPaying() error {
	return dispatch.Fail(notPayingState, "purchase_id: already paid or cancelled")
}

func notEnough() error {
	return dispatch.Fail(stockNotEnough, "product_num: more than are left")
}

type cancelPurchase struct {
	PurchaseID string `json:"purchase_id" rule:"required"`
}

func (cancelPurchase) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example: `{"purchase_id": "15749511524517733"}`,
		Statuses: []dispatch.Status{
			purchaseNotExist, purchaseForbidden, notPayingState,
		},
	}
}

func (p purchaseCalls) cancel(ctx context.Context, in cancelPurchase) (wire.None, error) {
	// An order never changes its owner, so only the change of state needs a guard.
	order, err := ownPurchase(ctx, &p.DB.Queries, in.PurchaseID)
	if err == nil {
		err = setState(ctx, &p.DB.Queries, order.PurchaseID, storage.PurchaseCancel, "")
	}
	return wire.None{}, wire.KnownOrDatabase(err)
}

type purchaseInfo struct {
	PurchaseID string `json:"purchase_id" rule:"required"`
}

type purchaseDetail struct {
	purchaseRow

	ProductID         int64        `json:"product_id"`
	ProductNum        int64        `json:"product_num"`
	ProductUnitprice  dispatch.Fen `json:"product_unitprice"`
	ProductTotalprice dispatch.Fen `json:"product_totalprice"`
}

func (purchaseInfo) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The document's 102 and 103 do not occur, because an id belongs to one order.",
		Example:  `{"purchase_id": "15749511524517733"}`,
		Statuses: []dispatch.Status{purchaseNotExist, purchaseForbidden},
	}
}

func (p purchaseCalls) info(ctx context.Context, in purchaseInfo) (purchaseDetail, error) {
	order, err := ownPurchase(ctx, &p.DB.Queries, in.PurchaseID)
	if err != nil {
		return purchaseDetail{}, wire.KnownOrDatabase(err)
	}
	return p.detail(order), nil
}

func (p purchaseCalls) detail(order storage.Purchase) purchaseDetail {
	return purchaseDetail{
		purchaseRow: p.row(order), ProductID: order.ProductID, ProductNum: order.ProductNum,
		ProductUnitprice:  dispatch.Fen(order.ProductUnitprice),
		ProductTotalprice: dispatch.Fen(order.ProductTotalprice),
	}
}

type listPurchases struct {
	Page  *int64 `json:"page" rule:"range=1..1000000000000" doc:"all rows if neither page nor count is given"`
	Count *int64 `json:"count" rule:"range=1..500" doc:"rows of a page; 20 if only page is given"`
}

type purchaseRow struct {
	PurchaseID    string       `json:"purchase_id"`
	PurchaseState string       `json:"purchase_state" doc:"paying, finish or cancel"`
	UserID        int64        `json:"user_id" doc:"the buyer"`
	PurchaseType  int64        `json:"purchase_type"`
	PurchasePrice dispatch.Fen `json:"purchase_price"`
	CreatTime     string       `json:"creat_time"`
	PayMethod     string       `json:"pay_method" doc:"empty before payment"`
}

type purchaseList struct {
	Num  int64         `json:"num" doc:"number of all orders of the user"`
	List []purchaseRow `json:"list" doc:"newest first"`
}

func (listPurchases) Reference() dispatch.Reference {
	return dispatch.Reference{Example: `{}`}
}

func (p purchaseCalls) list(ctx context.Context, in listPurchases) (purchaseList, error) {
	orders, total, err := p.DB.Purchases(ctx, dispatch.CallerFrom(ctx).User, wire.Page(in.Page, in.Count))
	if err != nil {
		return purchaseList{}, wire.DatabaseFailure(err)
	}
	rows := make([]purchaseRow, len(orders))
	for i, order := range orders {
		rows[i] = p.row(order)
	}
	return purchaseList{Num: total, List: rows}, nil
}

func (p purchaseCalls) row(order storage.Purchase) purchaseRow {
	return purchaseRow{
		PurchaseID: order.PurchaseID, PurchaseState: order.PurchaseState,
		UserID: wire.UserNumber(order.UserID), PurchaseType: order.PurchaseType,
		PurchasePrice: dispatch.Fen(order.PurchasePrice),
		CreatTime:     p.Clock.Text(order.CreatTime), PayMethod: order.PayMethod,
	}
}

// purchaseID is 17 digits: the unix second, and seven at random.
func purchaseID(now int64) string {
	return fmt.Sprintf("%010d%07d", now, rand.IntN(10_000_000))
}
