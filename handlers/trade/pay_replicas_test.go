package trade_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
)

// The same notification at two replicas at once counts once, as does what both are told when
// they ask; each answers success.
func TestNotificationAtTwoReplicas(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	other := c.replica()
	for range 5 {
		made := c.tea()
		attempt := c.begin(made.PayID, "wechat")
		c.wechat.Set(attempt, paidAt(attempt, 10_00).Trade)
		var group sync.WaitGroup
		for _, replica := range []*till{c, other, c, other} {
			group.Go(func() { replica.notify("wechat", paidAt(attempt, 10_00), http.StatusNoContent) })
			group.Go(func() { replica.OK("pay/info", aliceToken, `{"pay_id":"`+made.PayID+`"}`) })
		}
		group.Wait()
		c.wantStates(made, "paid")
		c.wantAttempts(made.PayID, "wechat paid")
		if held := c.Order(made.OrderIDs[0]).Escrow; held != 10_00 {
			t.Errorf("the order holds %d fen", held)
		}
		c.pass(0)
	}
	c.wantSum("channel:wechat", -50_00)
	c.audit()
}

// A replica that is killed between the commit of a notification and its answer has taken it:
// the channel's repeat finds it done at another replica, and is answered success.
func TestReplicaKilledBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	other := c.replica()
	made := c.tea()
	attempt := c.begin(made.PayID, "wechat")
	c.wechat.Die()
	c.notify("wechat", paidAt(attempt, 10_00), http.StatusServiceUnavailable)
	c.wantStates(made, "paid")
	for range 2 {
		other.notify("wechat", paidAt(attempt, 10_00), http.StatusNoContent)
	}
	c.wantSum("channel:wechat", -10_00)

	c.ok("decline", bobToken, made.OrderIDs[0], `"reason":"没货了"`)
	c.wechat.Pend()
	c.RunJobs()
	arrived := channel.Event{AttemptNo: attempt, RefundNo: attempt + "R" + made.OrderIDs[0] + "N1", RefundState: channel.RefundDone}
	c.wechat.Die()
	c.notify("wechat", arrived, http.StatusServiceUnavailable)
	other.notify("wechat", arrived, http.StatusNoContent)
	c.wantArrived(made.OrderIDs[0], "true")
	c.wantSum("channel:wechat", 0)
	c.audit()
}

// A refund goes back by two channels. Whichever replica is told by which of them, also at
// the same moment, it has arrived when both are done, and its buyer is told once.
func TestRefundByTwoChannelsAtOnce(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	other := c.replica()
	c.wechat.Pend()
	c.alipay.Pend()
	const rounds = 6
	for round := range rounds {
		c.give(alice, 0, 1000_00)
		made := c.commit(items(`,"deliver":"face"`, item(bike, `,"first_price":60`)))
		order := made.OrderIDs[0]
		first := c.begin(made.PayID, "wechat")
		c.notify("wechat", paidAt(first, 60_00), http.StatusNoContent)
		second := c.OK("credit/pay", aliceToken, repay(order, "alipay")).Field("pay_id") + "01"
		c.notify("alipay", paidAt(second, 240_00), http.StatusNoContent)
		c.ok("decline", bobToken, order, `"reason":"没货了"`)
		done := func(replica *till, name, attempt string) {
			event := channel.Event{AttemptNo: attempt, RefundNo: attempt + "R" + order + "N1", RefundState: channel.RefundDone}
			replica.notify(name, event, http.StatusNoContent)
		}
		switch round % 3 {
		case 0: // the channels have taken them, and tell the end
			c.RunJobs()
			c.wantArrived(order, "false")
			var group sync.WaitGroup
			for _, replica := range []*till{c, other} {
				group.Go(func() { done(replica, "wechat", first) })
				group.Go(func() { done(replica, "alipay", second) })
			}
			group.Wait()
		case 1: // one after the other
			c.RunJobs()
			done(c, "alipay", second)
			c.wantArrived(order, "false")
			done(other, "wechat", first)
		case 2: // or they are done when they are asked for, by both replicas' jobs
			c.wechat.Arrive(first + "R" + order + "N1")
			c.alipay.Arrive(second + "R" + order + "N1")
			var group sync.WaitGroup
			for _, replica := range []*till{c, other} {
				group.Go(func() { replica.RunJobs() })
			}
			group.Wait()
		}
		c.wantArrived(order, "true")
	}
	c.wantSum("channel:wechat", 0)
	c.wantSum("channel:alipay", 0)
	if told := strings.Count(c.told(alice), "退款已到账"); told != rounds {
		t.Errorf("alice was told %d times of %d refunds", told, rounds)
	}
	c.audit()
}

// Two replicas begin to pay at once: one attempt is open, and its channel knows it alone.
func TestPayAtTwoReplicas(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	other := c.replica()
	made := c.tea()
	answers := handlerstest.Together(6, func(i int) handlerstest.Answer {
		return []*till{c, other}[i%2].Call("order/pay", aliceToken, payBy(made.PayID, "wechat"))
	})
	for i, a := range answers {
		page := []*till{c, other}[i%2].cashierURL(made.PayID)
		a.Want(t, 0, "successful").WantData(t, `{"pay_state":"waiting","code_url":"fake://`+made.PayID+`01","cashier_url":"`+page+`"}`)
	}
	c.wantAttempts(made.PayID, "wechat open")
}
