package trade_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/channeltest"
	"campusgate/storage"
)

// late has an attempt bring 10.00 late, which then go back to its channel.
func (c *till) late() (attempt string) {
	c.T.Helper()
	made := c.tea()
	attempt = c.begin(made.PayID, "wechat")
	c.ok("cancel", aliceToken, made.OrderIDs[0])
	c.RunJobs()
	c.notify("wechat", paidAt(attempt, 10_00), http.StatusNoContent)
	c.wechat.Asked()
	return attempt
}

// A refund has one number on every try. It is tried for seven days, at last hourly; then
// it is an anomaly, and an admin gives the money to the wallet.
func TestRefundIsTriedForAWeek(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	attempt := c.late()
	c.wechat.Down(channeltest.ErrLost)
	var tries []time.Duration
	begin := c.Clock.Now()
	for c.Clock.Now().Sub(begin) < 8*24*time.Hour {
		c.RunJobs()
		if asked := c.wechat.Asked(); asked != "" {
			if strings.Trim(strings.ReplaceAll(asked, "refund "+attempt+"L", ""), ", ") != "" {
				t.Fatalf("asked %s", asked)
			}
			tries = append(tries, c.Clock.Now().Sub(begin))
		}
		step := 10 * time.Second
		if c.Clock.Now().Sub(begin) > 3*time.Hour {
			step = 10 * time.Minute
		}
		c.Clock.Advance(step)
	}
	last := tries[len(tries)-1]
	if last < 7*24*time.Hour || last > 7*24*time.Hour+2*time.Hour {
		t.Errorf("the last try was after %s", last)
	}
	if len(tries) < 7*24 || len(tries) > 7*24+30 || tries[1] > time.Minute {
		t.Errorf("%d tries, first %v", len(tries), tries[:5])
	}
	c.wantAnomalies("wechat refund 10")
	c.wantSum("unclaimed:"+attempt, 10_00)
	had := c.Wealth(alice)
	settle := `{"attempt_id":"` + attempt + `","to":"wallet"}`
	c.OK("pay/settle", adminToken, settle)
	if got := c.Wealth(alice) - had; got != 10_00 {
		t.Errorf("alice got %d fen", got)
	}
	c.wantAnomalies("")
	c.wantSum("unclaimed:"+attempt, 0)
	c.refusedAs(adminToken, "pay/settle", settle, 103, "attempt_id: its channel has refused nothing")
	c.wechat.Down(nil)
	c.pass(time.Hour)
	c.wantAsked(c.wechat)
	c.audit()
}

// A channel that refuses is asked no more; one whose answer is lost was perhaps not asked,
// and the same number is harmless.
func TestRefundRefused(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.wechat.Refuse(channel.ErrRefused)
	attempt := c.late()
	c.RunJobs()
	c.wantAsked(c.wechat, "refund "+attempt+"L")
	c.wantAnomalies("wechat refund 10")
	c.pass(24 * time.Hour)
	c.wantAsked(c.wechat)
	c.wantSum("unclaimed:"+attempt, 10_00)

	c.wechat.Refuse(channeltest.ErrLost)
	attempt = c.late()
	c.RunJobs()
	c.wechat.Refuse(nil)
	c.pass(time.Minute)
	c.wantAsked(c.wechat, "refund "+attempt+"L", "refund "+attempt+"L")
	c.wantSum("unclaimed:"+attempt, 0)
	c.audit()
}

// A refund arrives when the channel says so, by its notification as well as by its answer,
// and once.
func TestRefundNotified(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.wechat.Pend()
	attempt := c.late()
	c.RunJobs()
	event := channel.Event{AttemptNo: attempt, RefundNo: attempt + "L", RefundState: channel.RefundDone, Merchant: channel.Merchant{Seller: "seller"}}
	other := event
	other.RefundNo = attempt + "R"
	c.notify("wechat", other, http.StatusInternalServerError)
	c.wantAnomalies("wechat number 0")
	less := event
	less.Trade.Amount = 9_99
	c.notify("wechat", less, http.StatusInternalServerError)
	if got := c.anomalies(); !strings.Contains(got, "amount") {
		t.Errorf("a refund of another amount is no anomaly: %s", got)
	}
	foreign := event
	foreign.Merchant.Seller = "other"
	c.notify("wechat", foreign, http.StatusInternalServerError)
	c.wantSum("unclaimed:"+attempt, 10_00)
	pending := event
	pending.RefundState = channel.RefundPending
	c.notify("wechat", pending, http.StatusNoContent)
	c.wantSum("unclaimed:"+attempt, 10_00)
	for range 2 {
		c.notify("wechat", event, http.StatusNoContent)
	}
	c.wantSum("unclaimed:"+attempt, 0)
	failed := event
	failed.RefundState = channel.RefundFailed
	c.notify("wechat", failed, http.StatusNoContent) // after it is done
	c.wechat.Asked()
	c.pass(time.Hour)
	c.wantAsked(c.wechat)

	attempt = c.late()
	c.RunJobs()
	failed.AttemptNo, failed.RefundNo = attempt, attempt+"L"
	for range 2 {
		c.notify("wechat", failed, http.StatusNoContent)
	}
	if got := c.anomalies(); !strings.Contains(got, "refund") {
		t.Errorf("a refund that failed is no anomaly: %s", got)
	}
	c.wantSum("unclaimed:"+attempt, 10_00)
	c.audit()
}

// A refund that a channel has refused, or not confirmed for a week, and does after all
// arrives as any other; where an admin has settled it meanwhile that is an anomaly.
func TestRefundArrivesAfterAll(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.wechat.Refuse(channel.ErrRefused)
	done := func(attempt, no string) channel.Event {
		return channel.Event{AttemptNo: attempt, RefundNo: no, RefundState: channel.RefundDone}
	}
	attempt := c.late()
	c.RunJobs()
	c.wantAnomalies("wechat refund 10")
	for range 2 {
		c.notify("wechat", done(attempt, attempt+"L"), http.StatusNoContent)
	}
	c.wantSum("unclaimed:"+attempt, 0)
	c.wantSum("channel:wechat", 0)
	c.wantAnomalies("")
	c.refusedAs(adminToken, "pay/settle", `{"attempt_id":"`+attempt+`","to":"wallet"}`, 103, "attempt_id: its channel has refused nothing")

	made := c.tea()
	paid := c.begin(made.PayID, "wechat")
	c.notify("wechat", paidAt(paid, 10_00), http.StatusNoContent)
	c.OK("order/decline", bobToken, `{"order_id":"`+made.OrderIDs[0]+`","reason":"没货了"}`)
	c.RunJobs()
	c.wantSum("unclaimed:"+paid, 10_00)
	c.wantArrived(made.OrderIDs[0], "false")
	c.notify("wechat", done(paid, paid+"R"+made.OrderIDs[0]+"N1"), http.StatusNoContent)
	c.wantArrived(made.OrderIDs[0], "true")
	c.wantSum("unclaimed:"+paid, 0)
	c.wantSum("channel:wechat", 0)
	c.wantAnomalies("")

	attempt = c.late()
	c.RunJobs()
	c.OK("pay/settle", adminToken, `{"attempt_id":"`+attempt+`","to":"wallet"}`)
	c.wantAnomalies("")
	c.notify("wechat", done(attempt, attempt+"L"), http.StatusInternalServerError)
	c.wantAnomalies("wechat number 10")
	c.audit()
}

// Each refund of an order arrives by itself, whatever becomes of the others.
func TestRefundsArriveOneByOne(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.wechat.Pend()
	made := c.tea()
	order, paid := made.OrderIDs[0], c.begin(made.PayID, "wechat")
	c.notify("wechat", paidAt(paid, 10_00), http.StatusNoContent)
	for range 2 {
		c.ok("refund", aliceToken, order, `"kind":"money","amount":3,"reason":"x"`)
		c.ok("agree", bobToken, order)
	}
	c.RunJobs()
	for i, want := range []string{"false true", "true true"} {
		no := paid + "R" + order + "N" + strconv.Itoa(2-i)
		c.notify("wechat", channel.Event{AttemptNo: paid, RefundNo: no, RefundState: channel.RefundDone}, http.StatusNoContent)
		c.wantArrived(order, want)
		if told := strings.Count(c.told(alice), "退款已到账"); told != i+1 {
			t.Errorf("alice was told %d times of %d refunds", told, i+1)
		}
	}
	c.audit()
}

// A refund by two channels, of which one refuses: it has arrived when an admin has given that
// part to the wallet and the other part is back, in either order.
func TestRefundArrivesWithWhatIsSettled(t *testing.T) {
	t.Parallel()
	for _, settledFirst := range []bool{true, false} {
		c := startTill(t)
		c.wechat.Refuse(channel.ErrRefused)
		c.alipay.Pend()
		c.give(alice, 0, 1000_00)
		made := c.commit(items(byHand, item(bike, `,"first_price":60`)))
		order, first := made.OrderIDs[0], c.begin(made.PayID, "wechat")
		c.notify("wechat", paidAt(first, 60_00), http.StatusNoContent)
		second := c.OK("credit/pay", aliceToken, repay(order, "alipay")).Field("pay_id") + "01"
		c.notify("alipay", paidAt(second, 240_00), http.StatusNoContent)
		c.ok("decline", bobToken, order, because)
		c.RunJobs()
		ends := []func(){
			func() { c.OK("pay/settle", adminToken, `{"attempt_id":"`+first+`","to":"wallet"}`) },
			func() {
				event := channel.Event{AttemptNo: second, RefundNo: second + "R" + order + "N1", RefundState: channel.RefundDone}
				c.notify("alipay", event, http.StatusNoContent)
			},
		}
		if !settledFirst {
			slices.Reverse(ends)
		}
		for i, end := range ends {
			end()
			c.wantArrived(order, strconv.FormatBool(i == 1))
		}
		c.wantSum("channel:wechat", -60_00) // which the wallet has
		c.wantSum("channel:alipay", 0)
		c.audit()
	}
}

// wantArrived checks whether the refunds of an order have arrived, as its buyer sees them.
func (c *till) wantArrived(order, want string) {
	c.T.Helper()
	refunds, err := c.DB.OrderRefunds(c.T.Context(), order)
	handlerstest.Must(c.T, err)
	var got []string
	for _, r := range refunds {
		got = append(got, strconv.FormatBool(r.Arrived))
	}
	if text := strings.Join(got, " "); text != want {
		c.T.Errorf("arrived: %s, want %s", text, want)
	}
}

// What comes for an account that was deleted meanwhile does not stay in a wallet that
// nobody can open: a recharge goes back, and what its channel refuses to the market.
func TestMoneyOfADeletedAccount(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	refused := c.late()
	c.wechat.Refuse(channel.ErrRefused)
	c.RunJobs()
	c.wechat.Refuse(nil)
	recharge := c.OK("wallet/recharge", aliceToken, `{"amount":1,"method":"wechat"}`).Field("pay_id")
	had := c.Wealth(alice)
	c.SetProfile(alice, func(p *storage.Profile) { p.State = storage.ProfileDeleted })
	for range 2 {
		c.notify("wechat", paidAt(recharge+"01", 1_00), http.StatusNoContent)
		c.RunJobs()
	}
	c.OK("pay/settle", adminToken, `{"attempt_id":"`+refused+`","to":"wallet"}`)
	if got := c.Wealth(alice) - had; got != 0 {
		t.Errorf("the wallet got %d fen", got)
	}
	c.wantSum("channel:wechat", -10_00)
	c.wantSum("unclaimed:"+recharge+"01", 0)
	c.wantSum("market", 10_00)
	c.wantAnomalies("")
	c.audit()
}

// An admin settles for others, not for the admin's own wallet; nobody else does.
func TestSettleRefusals(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.wechat.Refuse(channel.ErrRefused)
	attempt := c.late()
	c.RunJobs()
	settle := `{"attempt_id":"` + attempt + `","to":"wallet"}`
	for _, token := range []string{aliceToken, bobToken} {
		for _, call := range []string{"pay/settle", "pay/anomalies"} {
			c.refusedAs(token, call, settle, -103, "token: its user lacks the role admin")
		}
	}
	c.refusedAs(adminToken, "pay/settle", `{"attempt_id":"1","to":"wallet"}`, 100, "attempt_id: no such attempt")
	c.refusedAs(adminToken, "pay/settle", `{"attempt_id":"`+attempt+`","to":"me"}`, -204, "to: must be one of wallet")
	c.refusedAs(adminToken, "pay/settle", `{"attempt_id":"`+attempt+`"}`, -3, "to: missing")
	open := c.begin(c.tea().PayID, "wechat")
	c.refusedAs(adminToken, "pay/settle", `{"attempt_id":"`+open+`","to":"wallet"}`, 103, "attempt_id: its channel has refused nothing")
	c.inTx(func(tx *storage.Tx) error {
		_, err := tx.SetRole(t.Context(), alice, storage.RoleAdmin, c.Clock.Now().Unix())
		return err
	})
	c.refused("pay/settle", settle, -103, "attempt_id: your own payment")
	answers := handlerstest.Count(handlerstest.Together(5, func(int) handlerstest.Answer { return c.Call("pay/settle", adminToken, settle) }))
	if answers["0 successful"] != 1 || answers["103 Pay state error"] != 4 {
		t.Errorf("%v", answers)
	}
	audits, err := c.DB.Audits(t.Context(), storage.Page{Limit: 1})
	handlerstest.Must(t, err)
	if a := audits[0]; a.Call != "pay/settle" || a.Target != "attempt "+attempt || a.After != "10 to the wallet" || a.UserID != handlerstest.Admin {
		t.Errorf("%+v", a)
	}
	if !strings.Contains(c.told(alice), "退款已转入钱包") {
		t.Error("alice was not told")
	}
	c.audit()
}
