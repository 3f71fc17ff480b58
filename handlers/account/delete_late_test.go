package account_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// A token that was remembered ends with the account, on the replica that deletes it.
func TestDeleteForgetsTokens(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t, func(o *handlerstest.Options) { o.AuthTTL = time.Minute })
	handlerstest.Must(t, g.DB.InsertToken(t.Context(), "issued", id))
	g.OK("user/info", "issued", `{}`)
	g.OK("user/delete", token, `{"password":"correct horse"}`)
	for _, ended := range []string{"issued", token} {
		g.Call("address/list", ended, `{}`).Want(t, -101, "Error token")
	}
	// Nor does a token of it that the command line, or an account service, issues later.
	handlerstest.Must(t, g.DB.InsertToken(t.Context(), "later", id))
	g.Call("user/info", "later", `{}`).Want(t, -101, "Error token")
}

// What a call writes that began before the account was deleted is erased later.
func TestDeleteErasesWhatComesLate(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	shop := g.OpenShop(token, "店")
	g.OK("user/delete", token, `{"password":"correct horse"}`)
	ctx, now := t.Context(), g.Clock.Now().Unix()
	_, err := g.DB.InsertProperty(ctx, storage.Property{Type: 1, Title: "丢", UserID: id, UserName: name, UserPhone: phone, UpdateTime: now})
	handlerstest.Must(t, err)
	shopID, err := strconv.ParseInt(shop, 10, 64)
	handlerstest.Must(t, err)
	handlerstest.Must(t, g.DB.InsertProduct(ctx, storage.Product{ProductID: 1, ShopID: shopID, ProductPrice: 100, ProductStatus: storage.ProductUp}))
	for i, user := range []string{id, handlerstest.Bob} {
		handlerstest.Must(t, g.DB.InsertPurchase(ctx, storage.Purchase{
			PurchaseID: strconv.Itoa(i), PurchaseState: storage.PurchasePaying, UserID: user, PurchasePrice: 100, ProductID: 1, ProductNum: 1,
		}))
	}
	handlerstest.Must(t, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := tx.InsertCartLine(ctx, storage.CartLine{UserID: id, ProductID: 1, Pieces: 1}); err != nil {
			return err
		}
		_, err := tx.InsertAddress(ctx, storage.Address{UserID: id, Name: name, Phone: phone, Address: "东和公寓"})
		return err
	}))
	g.Clock.Advance(10 * time.Minute)
	g.RunJobs()
	if left := g.Stored(); strings.Contains(left, phone) || strings.Contains(left, `"Title": "丢",`) && strings.Contains(left, `"UserName": "`+name+`"`) {
		t.Errorf("left is %s", left)
	}
	addresses, _, err := g.DB.Addresses(ctx, id, storage.Page{})
	handlerstest.Must(t, err)
	if lines, _, err := g.DB.CartCount(ctx, id); err != nil || lines > 0 {
		t.Errorf("the cart has %d lines, %v", lines, err)
	}
	product, err := g.DB.Offer(ctx, 1)
	handlerstest.Must(t, err)
	if open, err := g.DB.HasOpenPurchases(ctx, id); err != nil || open || len(addresses) != 0 || product.Status != storage.ProductDown {
		t.Errorf("open orders %t, %v, %d addresses, the product's state %d", open, err, len(addresses), product.Status)
	}
}

// A freeze of a deleted account reaches whoever has registered with its phone meanwhile,
// and is told.
func TestFreezeAfterDeletionReachesTheNextAccount(t *testing.T) {
	t.Parallel()
	g, old, token := registered(t)
	g.OK("user/delete", token, `{"password":"correct horse"}`)
	next, token := g.Register(phone, "again")
	for state, want := range []string{"0", "1"} {
		g.OK("user/freeze", adminToken, fmt.Sprintf(`{"user_id":"%s","state":%d}`, old, state))
		if got := g.OK("user/info", token, `{}`).Field("state"); got != want {
			t.Errorf("the state is %s, want %s", got, want)
		}
	}
	if got := titles(g, next); got != "账号已冻结 注册成功" {
		t.Errorf("told is %s", got)
	}
	g.Clock.Advance(time.Minute)
	g.Call("user/update", token, `{"sex":1}`).Want(t, -301, "Account is frozen")
}
