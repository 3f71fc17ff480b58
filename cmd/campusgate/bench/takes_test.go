package bench

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// takeRow has every user take one of a coupon of which few are left, all at once, again for
// each coupon. Exactly as many get one.
func takeRow(t *testing.T, s sides) line {
	t.Helper()
	const late = time.Second
	connections := campusgatetest.Dial(t, s.server.addresses(), campusgatetest.CampusUsers)
	defer closeAll(connections)
	var times []time.Duration
	for coupon := range campusgatetest.CampusCoupons {
		var taken atomic.Int64
		times = append(times, rush(t, connections, taking(campusgatetest.CampusCoupon(coupon), &taken), 0).times...)
		if got := taken.Load(); got != campusgatetest.CampusCouponLeft {
			t.Errorf("%d have taken a coupon of which %d were left", got, campusgatetest.CampusCouponLeft)
		}
	}
	slowest := percentile(times, 99)
	return line{
		work:    fmt.Sprintf("coupon/take, %d at once, %d left", campusgatetest.CampusUsers, campusgatetest.CampusCouponLeft),
		latency: latency(times), judged: fmt.Sprintf("%.1f ms", inMilliseconds(slowest)), target: fmt.Sprintf("p99 < %s", late), reached: slowest < late,
	}
}

// taking takes a coupon as the user of the connection, and counts those who get it.
func taking(coupon int64, taken *atomic.Int64) campusgatetest.Work {
	take := campusgatetest.Envelope("coupon/take", fmt.Sprintf(`{"coupon_id":%d}`, coupon))
	return func(c *campusgatetest.Connection) error {
		if _, err := c.Ask(campusgatetest.Posting("/coupon"+campusgatetest.CampusQuery(c.Number), take)); err != nil {
			return err
		}
		switch {
		case bytes.Contains(c.Body, []byte(`"status":0,`)):
			taken.Add(1)
		case !bytes.Contains(c.Body, []byte(`"status":103,`)): // none left
			return fmt.Errorf("coupon/take: %s", c.Body)
		}
		return nil
	}
}
