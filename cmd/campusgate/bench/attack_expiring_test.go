package bench

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

// TestAttackExpiringOrders: a thousand orders that run out within a minute are closed within the
// next one, while others browse.
func TestAttackExpiringOrders(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector slows it down for nothing")
	}
	const ofEach = 5 // as many unpaid payments a user may have
	database, redis := startServers(t)
	for _, kind := range []string{"sqlite", "mariadb"} {
		t.Run(kind, func(t *testing.T) {
			users, within := effortful(200, 10), effortful(15*time.Second, 2*time.Second)
			fill := campusgatetest.FillGrown(max(users+1, campusgatetest.CampusUsers), users+1)
			var c *benchCampus
			if kind == "sqlite" {
				c = newEmbedded(t, fill)
			} else {
				c = newShared(t, database, redis, "expiring", fill)
			}
			side := c.gateways(t, "CAMPUSGATE_MARKET_PAY_WITHIN="+within.String())
			quiet := browsing(t, side.addresses(), effortful(1000, 50), over())
			begun := time.Now()
			connections := campusgatetest.Dial(t, side.addresses(), 16)
			defer closeAll(connections)
			for i := range ofEach * users {
				must(t, commit(connections[i%len(connections)], 1+i%users))
			}
			made := time.Since(begun)
			db, err := storage.Open(t.Context(), storage.Options{Driver: c.driver(), DSN: c.floor.DSN, Timeout: time.Minute})
			must(t, err)
			defer func() { must(t, db.Close()) }()
			orders := storage.OrderFilter{State: "overtime"}
			closed := make(chan struct{})
			time.Sleep(time.Until(begun.Add(within)))
			due := time.Now()
			var took time.Duration
			go func() {
				defer close(closed)
				for want := int64(ofEach * users); ; time.Sleep(20 * time.Millisecond) {
					_, got, err := db.Orders(t.Context(), orders, storage.Page{Limit: 1})
					if took = time.Since(due); err != nil || got == want || took > 2*time.Minute {
						if err != nil || got != want {
							t.Errorf("%d of %d orders are closed, %v", got, want, err)
						}
						return
					}
				}
			}()
			loaded := browsing(t, side.addresses(), 50, closed)
			<-closed
			judgeBrowsing(t, fmt.Sprintf("%d orders that run out", ofEach*users), quiet, loaded)
			t.Logf("%d orders, made within %s, are closed %s after the first ran out", ofEach*users, made.Round(time.Millisecond), took.Round(time.Millisecond))
			if took > 2*time.Minute {
				t.Errorf("they are closed after %s", took)
			}
		})
	}
}

// commit has a user order from another one.
func commit(c *campusgatetest.Connection, user int) error {
	product := (user + 1) % campusgatetest.CampusUsers // the first have a known price
	data := fmt.Sprintf(`{"items":[{"product_id":%d}],"deliver":"face","pay_price":101.5}`, campusgatetest.CampusProduct(product))
	if _, err := c.Ask(campusgatetest.Posting("/order"+campusgatetest.CampusQuery(user), campusgatetest.Envelope("order/commit", data))); err != nil {
		return err
	}
	if !bytes.Contains(c.Body, []byte(`"status":0,`)) {
		return fmt.Errorf("order/commit: %s", c.Body)
	}
	return nil
}
