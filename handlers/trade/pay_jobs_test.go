package trade_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/channeltest"
)

// pay/info tells a payment as it is; while it waits its channel is asked, at most every 5 s.
func TestPayInfo(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.commit(items(`,"deliver":"face"`, item(tea, `,"product_num":2`), item(handlerstest.DocumentTextbook, "")))
	info := func() handlerstest.Answer { return c.OK("pay/info", aliceToken, `{"pay_id":"`+made.PayID+`"}`) }
	shown := func(state, method string) string {
		return `{"pay_id":"` + made.PayID + `","pay_state":"` + state + `","pay_price":38,"method":"` + method + `","order_ids":["` + strings.Join(made.OrderIDs, `","`) +
			`"],"lines":[{"order_id":"` + made.OrderIDs[0] + `","product_id":1001,"product_name":"product 1001","pic_url":"./1001","price":10,"product_num":2,"valid_period":0},` +
			`{"order_id":"` + made.OrderIDs[1] + `","product_id":6000002,"product_name":"高等数学（上册）","pic_url":"./api/external/get/pic/product/lamp.png","price":18,"product_num":1,"valid_period":0}],` +
			`"expire_time":"2019-11-28 22:55:52"}`
	}
	info().WantData(t, shown("waiting", ""))
	attempt := c.begin(made.PayID, "wechat")
	c.wechat.Asked()
	info().WantData(t, shown("waiting", "wechat"))
	for range 3 {
		info()
	}
	c.wantAsked(c.wechat, "query "+attempt)
	c.Clock.Advance(4 * time.Second)
	info()
	c.wantAsked(c.wechat)
	c.Clock.Advance(time.Second)
	c.wechat.Down(channeltest.ErrLost)
	info().WantData(t, shown("waiting", "wechat")) // what the channel does not answer changes nothing
	c.wantAsked(c.wechat, "query "+attempt)
	c.wechat.Down(nil)
	c.wechat.Set(attempt, paidAt(attempt, 38_00).Trade)
	c.Clock.Advance(5 * time.Second)
	handlerstest.Together(4, func(int) handlerstest.Answer { return info() })
	c.wantAsked(c.wechat, "query "+attempt)
	info().WantData(t, shown("paid", "wechat"))
	c.wantAsked(c.wechat)
	for _, token := range []string{bobToken, adminToken} {
		c.refusedAs(token, "pay/info", `{"pay_id":"`+made.PayID+`"}`, 100, "pay_id: no such payment")
	}
	c.refused("pay/info", `{"pay_id":"1"}`, 100, "pay_id: no such payment")
	c.Call("pay/info", aliceToken, `{}`).Want(t, -3, "Error data key")
	made = c.tea()
	c.ok("cancel", aliceToken, made.OrderIDs[0])
	if state := c.OK("pay/info", aliceToken, `{"pay_id":"`+made.PayID+`"}`).Field("pay_state"); state != "closed" {
		t.Error(state)
	}
	c.audit()
}

// A silent channel is asked after 1, 5, 15 and 30 minutes and closed at the end, each time
// once.
func TestAskSchedule(t *testing.T) {
	t.Parallel()
	for within, want := range map[int]map[int]string{
		30: {1: "query", 5: "query", 15: "query", 30: "close"},
		90: {1: "query", 5: "query", 15: "query", 30: "query", 90: "close"},
	} {
		t.Run(strconv.Itoa(within), func(t *testing.T) {
			t.Parallel()
			askSchedule(t, within, want)
		})
	}
}

// askSchedule checks what a channel is asked of a payment that waits for so many minutes.
func askSchedule(t *testing.T, within int, schedule map[int]string) {
	t.Helper()
	c := startTill(t, func(o *handlerstest.Options) {
		o.Settings.Trade.Periods.PayWithin = time.Duration(within) * time.Minute
	})
	made := c.tea()
	attempt := c.begin(made.PayID, "wechat")
	c.wechat.Asked()
	asked := map[int]string{}
	for minute := 1; minute <= within+15; minute++ {
		c.pass(time.Minute)
		if got := c.wechat.Asked(); got != "" {
			asked[minute] = strings.TrimSuffix(got, " "+attempt)
		}
	}
	for minute, want := range schedule {
		if asked[minute] != want {
			t.Errorf("after %d min: %q, want %q", minute, asked[minute], want)
		}
		delete(asked, minute)
	}
	if len(asked) > 0 {
		t.Errorf("also asked: %v", asked)
	}
	c.wantAttempts(made.PayID, "wechat closed")
	c.wantStates(made, "overtime")
}

// What a silent channel was paid is found by each of its questions, the last one too: then
// it counts, though the time is over.
func TestSilentMoneyIsFound(t *testing.T) {
	t.Parallel()
	for _, minutes := range []int{0, 3, 10, 20} {
		c := startTill(t)
		made := c.tea()
		attempt := c.begin(made.PayID, "wechat")
		for range minutes {
			c.pass(time.Minute)
		}
		c.wechat.Set(attempt, paidAt(attempt, 10_00).Trade)
		c.wantStates(made, "paying")
		for range 31 - minutes {
			c.pass(time.Minute)
		}
		c.wantStates(made, "paid")
		c.wantAttempts(made.PayID, "wechat paid")
		c.audit()
	}
}

// At the end a channel that does not answer is waited for ten minutes at most. What it says
// within them counts, what it says later is late money, also days later and by its
// question alone; what it never says an admin has to look at.
func TestChannelDownAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name             string
		back             time.Duration // behind the end, 0 never
		paid             bool
		state, attempts  string
		anomalies, after string // at the end of the week
	}{
		{"back in time, paid", 9 * time.Minute, true, "paid", "wechat paid", "", "wechat paid"},
		{"back in time, not paid", 9 * time.Minute, false, "overtime", "wechat closed", "", "wechat closed"},
		{"back later, paid", 2 * time.Hour, true, "overtime", "wechat left", "", "wechat late"},
		{"back days later, paid", 3 * 24 * time.Hour, true, "overtime", "wechat left", "", "wechat late"},
		{"back later, not paid", 2 * time.Hour, false, "overtime", "wechat left", "", "wechat closed"},
		{"never", 0, true, "overtime", "wechat left", "wechat unknown 10", "wechat closed"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := startTill(t)
			made := c.tea()
			attempt := c.begin(made.PayID, "wechat")
			c.wechat.Down(channeltest.ErrLost)
			if r.paid {
				c.wechat.Set(attempt, paidAt(attempt, 10_00).Trade)
			}
			for range 30 {
				c.pass(time.Minute)
			}
			c.wantStates(made, "paying")
			end := c.Clock.Now()
			for minute := range 12 {
				if minute == 9 && r.back != 9*time.Minute {
					c.wantStates(made, "paying")
				}
				if r.back == 9*time.Minute && minute == 8 {
					c.wechat.Down(nil)
				}
				c.pass(time.Minute)
			}
			c.wantStates(made, r.state)
			c.wantAttempts(made.PayID, r.attempts)
			for hour := 1; hour <= 7*24+2; hour++ {
				if r.back > 0 && c.Clock.Now().Sub(end) >= r.back {
					c.wechat.Down(nil)
				}
				c.pass(time.Hour)
			}
			c.wantAttempts(made.PayID, r.after)
			c.wantAnomalies(r.anomalies)
			c.wantSum("unclaimed:"+attempt, 0)
			if questions := strings.Count(c.wechat.Asked(), ","); questions > 200 {
				t.Errorf("asked %d times", questions)
			}
			c.pass(24 * time.Hour)
			c.wantAsked(c.wechat)
			c.audit()
		})
	}
}

// A notification that the channel sends before its answer to create is known finds the
// attempt: that was stored before.
func TestNotificationOvertakesCreate(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	c.wechat.Down(channeltest.ErrLost)
	c.Call("order/pay", aliceToken, payBy(made.PayID, "wechat")).Want(t, -501, "Pay channel error")
	c.wechat.Down(nil)
	c.notify("wechat", paidAt(made.PayID+"01", 10_00), http.StatusNoContent)
	c.wantStates(made, "paid")
	c.Call("order/pay", aliceToken, payBy(made.PayID, "wechat")).Want(t, 103, "Pay state error")
	c.audit()
}

// The sandbox beside others is for tests: in a configuration they do not go together.
func TestSandboxBesideOthersIsRefused(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	set := channel.Set{"wechat": c.wechat, channel.Sandbox: c.alipay}
	if set.Check() == nil {
		t.Error("allowed")
	}
}
