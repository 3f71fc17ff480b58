package trade_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A tally is how often each thing was counted.
type tally struct {
	mutex  sync.Mutex
	counts map[string]int
}

type tallied struct {
	*tally
	name string
}

func (c tallied) Inc() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.counts[c.name]++
}

func (c *tally) counter(name, result string) storage.Counter { return tallied{c, name + " " + result} }

// want compares what was counted since the last time.
func (c *tally) want(t *testing.T, want map[string]int) {
	t.Helper()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if diff := cmp.Diff(want, c.counts); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	clear(c.counts)
}

// TestCounters: each step and each payment is counted once it is committed, by whomever it is
// taken, and what is refused as that.
func TestCounters(t *testing.T) {
	t.Parallel()
	counts := &tally{counts: map[string]int{}}
	c := startTill(t, func(o *handlerstest.Options) {
		o.Counters = trade.Counters{Step: counts.counter, Payment: counts.counter}
	})
	id := func(made commitment) string { return `{"order_id":"` + made.OrderIDs[0] + `"}` }
	made := c.tea()
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
	counts.want(t, map[string]int{"commit done": 1, "pay done": 1, "wallet paid": 1})

	c.Call("order/cancel", aliceToken, id(made)).Want(t, 201, "Not paying state")
	c.Call("order/extend", aliceToken, id(made)).Want(t, 203, "Not shipped state")
	refund := strings.Replace(id(made), "}", `,"kind":"money","amount":19,"reason":"贵"}`, 1)
	c.Call("order/refund", aliceToken, refund).Want(t, 208, "Refund amount error")
	counts.want(t, map[string]int{"cancel refused": 1, "extend refused": 1, "refund refused": 1})

	faults := storagetest.FaultsOf(c.DB)
	faults.Set(storagetest.Fault{At: 1, Lost: true}) // it is done, and nobody knows
	c.Call("order/confirm", aliceToken, id(made)).Want(t, -200, "Failure to operate database")
	faults.Set(storagetest.Fault{})
	counts.want(t, map[string]int{})
	c.Clock.Advance(8 * 24 * time.Hour)
	c.RunJobs()
	counts.want(t, map[string]int{"settle_after done": 1})

	// A try that is left is closed at its channel.
	made = c.tea()
	c.begin(made.PayID, "sandbox")
	c.OK("order/cancel", aliceToken, id(made))
	c.RunJobs()
	counts.want(t, map[string]int{"commit done": 1, "cancel done": 1, "sandbox closed": 1})
	c.choose(c.begin(c.tea().PayID, "sandbox"), "paid")
	counts.want(t, map[string]int{"commit done": 1, "pay done": 1, "sandbox paid": 1})
	c.choose(c.begin(c.tea().PayID, "sandbox"), "wrong")
	counts.want(t, map[string]int{"commit done": 1, "sandbox anomaly": 1})

	late := c.begin(c.tea().PayID, "wechat")
	c.wechat.Down(errors.New("down"))
	c.Call("order/pay", aliceToken, payBy(c.tea().PayID, "wechat")).Want(t, -501, "Pay channel error")
	c.Clock.Advance(time.Hour)
	c.RunJobs()
	counts.want(t, map[string]int{"commit done": 2, "wechat failed": 1, "pay_within done": 3, "sandbox anomaly": 1, "sandbox closed": 1})
	c.wechat.Down(nil)
	c.wechat.Set(late, paidAt(late, 10_00).Trade)
	c.Clock.Advance(time.Hour)
	c.RunJobs()
	counts.want(t, map[string]int{"wechat late": 1, "wechat closed": 1})
}
