package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"campusgate/handlers/account/password"
	"campusgate/handlers/captcha"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/captchas"
)

// An examplePhone is that of the reference's examples.
const examplePhone = "13700000000"

// A rehearsal makes the examples of user work, again and again: they need codes that are
// used up, and accounts whose passwords and tokens change.
type rehearsal struct {
	*handlerstest.Gateway
	codes captcha.Store
	count int
}

// rehearse is a gateway whose examples work.
func rehearse(g *handlerstest.Gateway, codes captcha.Store, call string) *rehearsal {
	g.T.Helper()
	r := &rehearsal{Gateway: g, codes: codes}
	handlerstest.Must(g.T, g.DB.InTx(g.T.Context(), func(tx *storage.Tx) error {
		for _, user := range []string{alice, bob} {
			if _, err := tx.LockProfile(g.T.Context(), user, g.Clock.Now().Unix()); err != nil {
				return err
			}
		}
		return nil
	}))
	if isTrade(call) {
		r.Textbook()
		r.Orders()
		if call != "cart/add" {
			r.ready("cart/delete", handlerstest.Fields{})
		}
	}
	if strings.HasPrefix(call, "course/") {
		r.Courses()
	}
	switch call {
	case "user/login", "user/reset":
		r.Register(examplePhone, "小码三")
	case "user/identity", "user/review":
		r.OK("user/verify", bobToken, identityClaim)
	case "job/retry":
		r.deadJob()
	case "order/return": // to him
		r.OK("address/creat", bobToken, handlerstest.NewAddress().With("is_default", "1").String())
	case "user/delete":
		r.setPassword(alice)
		err := r.DB.SetPurchaseState(g.T.Context(), handlerstest.DocumentPurchase, storage.PurchasePaying, storage.PurchaseCancel, "")
		handlerstest.Must(g.T, err)
	}
	return r
}

// isTrade reports whether the example of a call speaks of the textbook or its orders.
func isTrade(call string) bool {
	return strings.HasPrefix(call, "cart/") || strings.HasPrefix(call, "order/") || isPayment(call)
}

// ready prepares a call, and returns the changes of its example.
func (r *rehearsal) ready(call string, data handlerstest.Fields) handlerstest.Fields {
	r.T.Helper()
	r.count++
	switch call {
	case "user/register":
		phone := fmt.Sprintf("138%08d", r.count)
		r.send(phone)
		return data.With("phone", handlerstest.Quoted(phone)).With("user_name", fmt.Sprintf(`"name%d"`, r.count))
	case "user/login", "user/password":
		r.Clock.Advance(15 * time.Minute) // the failures before are forgotten
		r.setPassword(alice)
	case "user/delete":
		r.Clock.Advance(15 * time.Minute)
		return data.With("give_up", "true")
	case "user/verify":
		r.refuse(alice)
	case "user/review":
		r.Clock.Advance(time.Second) // each decision is told
		if p, err := r.DB.Profile(r.T.Context(), bob); err != nil || p.VerifyState != storage.IdentityWaiting {
			r.OK("user/verify", bobToken, identityClaim)
		}
	case "message/send":
		r.Clock.Advance(time.Minute) // those before are not counted
	case "cart/delete":
		return data.With("cart_ids", "["+r.OK("cart/add", aliceToken, fmt.Sprintf(`{"product_id":%d}`, handlerstest.DocumentTextbook)).Field("cart_id")+"]")
	case "user/reset", "user/contact":
		r.send(examplePhone)
	case "user/mail":
		r.Clock.Advance(time.Hour)
	case "order/commit":
		r.cancelAll()
	case "order/pay":
		return data.With("pay_id", handlerstest.Quoted(r.unpaid()))
	case "order/cancel":
		return data.With("order_id", handlerstest.Quoted(handlerstest.OrderOf(r.unpaid())))
	case "order/address", "order/ship", "order/confirm", "order/extend", "order/delete", "order/note", "order/info", "order/list":
		r.ResetOrders()
	case "order/decline", "order/refund", "order/agree", "order/refuse", "order/appeal", "order/revoke", "order/return", "order/receive", "order/arbitrate":
		return data.With("order_id", handlerstest.Quoted(r.refundable(call)))
	case "pay/settle":
		return data.With("attempt_id", handlerstest.Quoted(r.unclaimed()))
	case "job/retry":
		return data.With("job_id", strconv.FormatInt(r.deadJob(), 10))
	case "credit/pay":
		return data.With("order_id", handlerstest.Quoted(r.owed()))
	case "wallet/recharge":
		r.closeRecharges()
	case "user/logout":
		_ = r.DB.InsertToken(r.T.Context(), aliceToken, alice) // it may not have ended
	}
	return data
}

// deadJob is one that failed too often, which is made where there is none.
func (r *rehearsal) deadJob() int64 {
	r.T.Helper()
	dead, _, err := r.DB.DeadJobs(r.T.Context(), "", storage.Page{Limit: 1})
	handlerstest.Must(r.T, err)
	if len(dead) == 0 {
		return r.Bury("example", "a")
	}
	return dead[0].ID
}

// unpaid stores one more order of alice's that is to be paid, and returns its payment.
func (r *rehearsal) unpaid() string {
	r.T.Helper()
	id := fmt.Sprintf("1574951153%05d00", r.count)
	r.AddOrder(storage.Order{PayID: id, State: "paying", ListState: "need_pay", Deliver: "face", Clock: "pay_within"})
	return id
}

// cancelAll gives back what alice has ordered and not paid.
func (r *rehearsal) cancelAll() {
	r.T.Helper()
	orders, _, err := r.DB.Orders(r.T.Context(), storage.OrderFilter{Buyer: alice, State: "need_pay"}, storage.Page{})
	handlerstest.Must(r.T, err)
	for _, o := range orders {
		if o.Order.PayID != handlerstest.PayingPayment {
			r.OK("order/cancel", aliceToken, `{"order_id":"`+o.Order.OrderID+`"}`)
		}
	}
}

// identityClaim is the data of user/verify.
const identityClaim = `{"real_name":"王凌超","id_code":"11010519491231002X","pic_up":"` + onePixel + `","pic_down":"` + onePixel + `"}`

// onePixel is a picture.
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// refuse ends the wait of a user's identity, if it waits: the user may send another.
func (r *rehearsal) refuse(user string) {
	r.T.Helper()
	err := r.DB.DecideIdentity(r.T.Context(), user, storage.IdentityRefused, "", 0)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		r.T.Fatal(err)
	}
}

// send keeps the hash of the examples as that of an SMS to a phone.
func (r *rehearsal) send(phone string) {
	r.T.Helper()
	handlerstest.Must(r.T, r.codes.Add(r.T.Context(), exampleHash, captchas.Code{Kind: captchas.Message, Phone: phone}))
}

// examplePassword is the hash of the examples' password.
var examplePassword = sync.OnceValues(func() (string, error) {
	return password.Hash(context.Background(), handlerstest.Password)
})

func (r *rehearsal) setPassword(user string) {
	r.T.Helper()
	hash, err := examplePassword()
	handlerstest.Must(r.T, err)
	handlerstest.Must(r.T, r.DB.InTx(r.T.Context(), func(tx *storage.Tx) error {
		p, err := tx.LockProfile(r.T.Context(), user, 0)
		if err != nil {
			return err
		}
		p.Password = hash
		return tx.UpdateProfile(r.T.Context(), p)
	}))
}
