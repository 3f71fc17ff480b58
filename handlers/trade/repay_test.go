package trade_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// debt has alice owe 240.00 for a bike of 300.00.
func (c *till) debt() (order string) {
	c.T.Helper()
	c.give(alice, 0, 1000_00)
	made := c.paid(items(`,"deliver":"face"`, item(bike, `,"first_price":60`)))
	c.wantDebt(made.OrderIDs[0], 240_00)
	return made.OrderIDs[0]
}

// wantDebt checks what an order is owed, which is the credit's debt too.
func (c *till) wantDebt(order string, want int64) {
	c.T.Helper()
	profile, err := c.DB.Profile(c.T.Context(), alice)
	handlerstest.Must(c.T, err)
	if got := c.Order(order).Debt; got != want || profile.CreditDebt != want {
		c.T.Errorf("the order is owed %d fen and the credit %d, want %d", got, profile.CreditDebt, want)
	}
}

func repay(order, method string, more ...string) string {
	return `{"order_id":"` + order + `","method":"` + method + `"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

// credit/pay pays the whole rest of an order's debt, by the wallet or by a channel, once.
func TestRepay(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"wallet", "wechat"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			c := startTill(t)
			order := c.debt()
			had := c.Wealth(alice)
			a := c.OK("credit/pay", aliceToken, repay(order, method, `"request_key":"repay-0001"`))
			payID := a.Field("pay_id")
			spent := int64(240_00)
			if method == "wallet" {
				a.WantData(t, `{"pay_id":"`+payID+`","pay_state":"paid"}`)
			} else {
				spent = 0
				a.WantData(t, `{"pay_id":"`+payID+`","pay_state":"waiting","code_url":"fake://`+payID+`01","cashier_url":"`+c.cashierURL(payID)+`"}`)
				c.OK("credit/pay", aliceToken, repay(order, method)).WantData(t, string(a.Data)) // the same attempt
				c.wantDebt(order, 240_00)
				c.notify("wechat", paidAt(payID+"01", 240_00), http.StatusNoContent)
				c.notify("wechat", paidAt(payID+"01", 240_00), http.StatusNoContent)
			}
			c.wantDebt(order, 0)
			c.wantPay(payID, "paid "+method)
			c.OK("credit/pay", aliceToken, repay(order, method, `"request_key":"repay-0001"`)).WantRaw(t, a.Raw)
			if got := had - c.Wealth(alice); got != spent {
				t.Errorf("the wallet spent %d fen", got)
			}
			c.OK("pay/info", aliceToken, `{"pay_id":"`+payID+`"}`)
			c.refused("credit/pay", repay(order, method), 100, "order_id: no debt of yours")
			c.audit()
		})
	}
}

// Each status of credit/pay.
func TestRepayRefusals(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	order, without := c.debt(), c.paid(items(`,"deliver":"face"`, item(tea, ""))).OrderIDs[0]
	for _, r := range []struct {
		data   string
		status int
		detail string
	}{
		{repay("1", "wallet"), 100, "order_id: no debt of yours"},
		{repay(without, "wallet"), 100, "order_id: no debt of yours"},
		{repay(order, "nobody"), 200, "method: no such method"},
		{repay(order, "pingpp"), -503, "method: this channel is not set up"},
		{
			repay(order, "wechat", `"return_url":"http://shop.example/"`), -204,
			"return_url: must be https (http on the loopback), on a host of payments.return_hosts or your own, without blanks, control characters and a user name",
		},
	} {
		c.refused("credit/pay", r.data, r.status, r.detail)
	}
	c.refusedAs(bobToken, "credit/pay", repay(order, "wallet"), 100, "order_id: no debt of yours")
	c.SetOrder(order, func(o *storage.Order) { o.FormerState, o.State = o.State, "refunding" })
	c.refused("credit/pay", repay(order, "wallet"), 201, "order_id: a refund is open")
	c.SetOrder(order, func(o *storage.Order) { o.FormerState, o.State = "", o.FormerState })
	c.inTx(func(tx *storage.Tx) error {
		return tx.Move(t.Context(), granted(storage.LedgerGrant, storage.CNY, storage.OutsideAccount, storage.UserAccount(alice), 1_00-c.Wealth(alice)))
	})
	c.refused("credit/pay", repay(order, "wallet"), 102, "")
	c.OK("user/freeze", adminToken, `{"user_id":"`+alice+`","state":1}`)
	c.OK("credit/pay", aliceToken, repay(order, "wechat")) // frozen accounts pay their debts
	c.audit()
}

// lowerDebt lowers what an order is owed, as a refund does.
func (c *till) lowerDebt(order string, left int64) {
	c.T.Helper()
	c.inTx(func(tx *storage.Tx) error {
		o, err := tx.LockOrder(c.T.Context(), order)
		if err != nil {
			return err
		}
		lowered := o.Debt - left
		err = tx.Move(c.T.Context(), storage.Move{
			Kind: storage.LedgerRefund, Currency: storage.CNY, From: storage.EscrowAccount(order, &o.Escrow), To: storage.CreditAccount(alice),
			Amount: lowered, OrderID: order, Time: c.Clock.Now().Unix(),
		})
		if err != nil {
			return err
		}
		o.Debt, o.Refunded = left, o.Refunded+lowered
		return tx.UpdateOrder(c.T.Context(), o, o.State)
	})
}

// What a refund has lowered the debt by meanwhile arrives above it: that is late money.
func TestRepayAboveTheDebt(t *testing.T) {
	t.Parallel()
	for _, left := range []int64{40_00, 0} {
		c := startTill(t)
		order := c.debt()
		payID := c.OK("credit/pay", aliceToken, repay(order, "wechat")).Field("pay_id")
		c.lowerDebt(order, left)
		c.notify("wechat", paidAt(payID+"01", 240_00), http.StatusNoContent)
		c.wantDebt(order, 0)
		c.wantAttempts(payID, "wechat paid")
		c.wantSum("unclaimed:"+payID+"01", 240_00-left)
		c.RunJobs()
		c.wantSum("unclaimed:"+payID+"01", 0)
		c.wantSum("channel:wechat", -left)
		if !strings.Contains(c.told(alice), "迟到的付款将原路退回") {
			t.Errorf("alice was told %s", c.told(alice))
		}
		c.audit()
	}
}

// A debt that was lowered since a repayment began is paid by another one, of what is left; what
// the first one brings is late.
func TestRepayWhatIsLeft(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	order := c.debt()
	first := c.OK("credit/pay", aliceToken, repay(order, "wechat")).Field("pay_id")
	c.lowerDebt(order, 40_00)
	c.wechat.Stubborn()
	second := c.OK("credit/pay", aliceToken, repay(order, "alipay")).Field("pay_id")
	if a := c.attempts(second); first == second || len(a) != 1 || a[0].Amount != 40_00 {
		t.Errorf("paid by %s after %s: %+v", second, first, a)
	}
	c.wantPay(first, "closed wechat")
	c.notify("alipay", paidAt(second+"01", 40_00), http.StatusNoContent)
	c.wantDebt(order, 0)
	c.notify("wechat", paidAt(first+"01", 240_00), http.StatusNoContent)
	c.wantAttempts(first, "wechat late")
	c.RunJobs()
	c.wantSum("channel:wechat", 0)
	c.wantSum("channel:alipay", -40_00)
	c.audit()
}

// A repayment whose time is over is another one's place, also before the job has closed it.
func TestRepayAfterItsTime(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	order := c.debt()
	first := c.OK("credit/pay", aliceToken, repay(order, "wechat")).Field("pay_id")
	c.Clock.Advance(30 * time.Minute)
	second := c.OK("credit/pay", aliceToken, repay(order, "wechat")).Field("pay_id")
	if first == second {
		t.Error("what is over is paid")
	}
	c.wantPay(first, "closed wechat")
	c.notify("wechat", paidAt(second+"01", 240_00), http.StatusNoContent)
	c.wantDebt(order, 0)
	c.audit()
}

// A repayment that is not paid ends as every payment does, and another may begin; the wallet
// takes the place of one that waits.
func TestRepayAnother(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	order := c.debt()
	first := c.OK("credit/pay", aliceToken, repay(order, "wechat")).Field("pay_id")
	for range 31 {
		c.pass(time.Minute)
	}
	c.wantPay(first, "closed wechat")
	c.wantAttempts(first, "wechat closed")
	second := c.OK("credit/pay", aliceToken, repay(order, "wechat")).Field("pay_id")
	c.wechat.Stubborn()
	third := c.OK("credit/pay", aliceToken, repay(order, "wallet")).Field("pay_id")
	if first == second || second == third {
		t.Error("one payment for two")
	}
	c.wantPay(second, "closed wechat")
	c.wantAttempts(second, "wechat left")
	c.wantDebt(order, 0)
	c.notify("wechat", paidAt(second+"01", 240_00), http.StatusNoContent)
	c.RunJobs()
	c.wantSum("channel:wechat", 0)
	c.wantSum("unclaimed:"+second+"01", 0)
	c.audit()
}

// wallet/recharge puts money into the wallet once it has arrived, once, and never from the
// wallet itself.
func TestRecharge(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	data := `{"amount":50.5,"method":"wechat","request_key":"recharge-0001"}`
	a := c.OK("wallet/recharge", aliceToken, data)
	payID := a.Field("pay_id")
	a.WantData(t, `{"pay_id":"`+payID+`","pay_state":"waiting","code_url":"fake://`+payID+`01","cashier_url":"`+c.cashierURL(payID)+`"}`)
	c.OK("wallet/recharge", aliceToken, data).WantRaw(t, a.Raw)
	had := c.Wealth(alice)
	for range 3 {
		c.notify("wechat", paidAt(payID+"01", 50_50), http.StatusNoContent)
	}
	if got := c.Wealth(alice) - had; got != 50_50 {
		t.Errorf("got %d fen", got)
	}
	c.OK("pay/info", aliceToken, `{"pay_id":"`+payID+`"}`).
		WantData(t, `{"pay_id":"`+payID+`","pay_state":"paid","pay_price":50.5,"method":"wechat","order_ids":[],"lines":[],"expire_time":"2019-11-28 22:55:52"}`)
	c.refused("order/pay", payBy(payID, "wallet"), 100, "pay_id: no such payment")
	c.refused("wallet/recharge", `{"amount":1,"method":"wallet"}`, 200, "method: must be a channel")
	c.refused("wallet/recharge", `{"amount":1,"method":"nobody"}`, 200, "method: no such method")
	c.refused("wallet/recharge", `{"amount":1,"method":"pingpp"}`, -503, "method: this channel is not set up")

	late := c.OK("wallet/recharge", aliceToken, `{"amount":1,"method":"wechat"}`).Field("pay_id")
	for range 31 {
		c.pass(time.Minute)
	}
	c.wantPay(late, "closed wechat")
	c.notify("wechat", paidAt(late+"01", 1_00), http.StatusNoContent)
	c.RunJobs()
	if got := c.Wealth(alice) - had; got != 50_50 {
		t.Errorf("late money came into the wallet: %d fen", got)
	}
	c.wantSum("channel:wechat", -50_50)
	counts := handlerstest.Count(handlerstest.Together(25, func(int) handlerstest.Answer {
		return c.Call("wallet/recharge", aliceToken, `{"amount":1,"method":"wechat"}`)
	}))
	if counts["0 successful"] != 20 || counts["-302 Too many requests"] != 5 {
		t.Errorf("of 25 recharges at once: %v", counts)
	}
	c.Call("wallet/recharge", aliceToken, `{"amount":1,"method":"wechat"}`).Want(t, -302, "Too many requests")
	c.OK("user/freeze", adminToken, `{"user_id":"`+alice+`","state":1}`)
	c.Call("wallet/recharge", aliceToken, `{"amount":1,"method":"wechat"}`).Want(t, -301, "Account is frozen")
	c.audit()
}

func TestRechargeFields(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.FieldTable("wallet/recharge", bobToken, handlerstest.Fields{"amount": "1", "method": `"sandbox"`}, []handlerstest.FieldRow{
		{Key: "amount", Absent: -3, Empty: -201, Kind: handlerstest.Price, Good: []string{"0.01", "50000"}, Bad: []string{"0", "-1", "50000.01", "0.001"}},
	})
}
