package bench

import (
	"fmt"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

// BenchmarkHot measures how often a second what everybody wants can be had, beside the same
// where everybody wants something else: one product, the goods of one seller, one coupon.
func BenchmarkHot(b *testing.B) {
	database, redis := startServers(b)
	for _, campus := range []struct {
		name string
		c    *benchCampus
	}{
		{"SQLite", newEmbedded(b, fillHot)},
		{"MariaDB", newShared(b, database, redis, "hot", fillHot)},
	} {
		gateways := campus.c.gateways(b, "CAMPUSGATE_LIMITS_PER_MINUTE=0")
		connections := campusgatetest.Dial(b, gateways.addresses(), campusgatetest.CampusUsers)
		for _, row := range []costRow{
			{name: "products, one each", work: campusgatetest.Order},
			{name: "product, one for all", work: orderHot},
			{name: "sellers, one each", work: orderWhole},
			{name: "seller, one for all", work: orderOfOne},
			{name: "coupons, one each", work: func(c *campusgatetest.Connection) error { return takeHot(c, 1+buyer(c)) }},
			{name: "coupon, one for all", work: func(c *campusgatetest.Connection) error { return takeHot(c, 0) }},
		} {
			b.Run(campus.name+"/"+row.name, func(b *testing.B) {
				works, took := 0, time.Duration(0)
				for b.Loop() {
					done := rush(b, connections, row.work, time.Second)
					works, took = works+len(done.times), took+done.took
				}
				b.ReportMetric(float64(works)/took.Seconds(), "/s")
				b.ReportMetric(0, "ns/op") // of a round: it says nothing
			})
		}
		for _, gateway := range gateways.processes {
			gateway.stop()
		}
	}
}

// fillHot adds coupons that are never all taken: those of [takeHot].
func fillHot(t testing.TB, db *storage.DB) {
	t.Helper()
	campusgatetest.FillCampus(t, db)
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
		for range 1 + campusgatetest.CampusUsers {
			if _, err := tx.InsertCoupon(t.Context(), hotCoupon); err != nil {
				return err
			}
		}
		return nil
	}))
}

var hotCoupon = storage.Coupon{
	CouponName: "立减1", CouponType: storage.CouponOff, CouponValue: 1_00, ProductID: campusgatetest.CampusProduct(0), PayerID: campusgatetest.CampusUser(0),
	Quantity: 1 << 30, PerUser: 1 << 30, CloseTime: 1 << 40, ValidEnd: 1 << 40,
}

// orderHot orders and pays what everybody does.
func orderHot(c *campusgatetest.Connection) error {
	_, err := c.Order(1+buyer(c)%(campusgatetest.CampusUsers-1), campusgatetest.CampusOffer(0), "10")
	return err
}

// orderOfOne has everybody order goods of their own, all of the same seller.
func orderOfOne(c *campusgatetest.Connection) error {
	return orderAndGet(c, 1+buyer(c)%(campusgatetest.CampusUsers-1), campusgatetest.CampusProduct(buyer(c)), "101.5")
}

// takeHot takes one of the coupons of fillHot.
func takeHot(c *campusgatetest.Connection, coupon int) error {
	return c.Done(buyer(c), "/coupon", "coupon/take", fmt.Sprintf(`{"coupon_id":%d}`, campusgatetest.CampusCoupon(campusgatetest.CampusCoupons+coupon)))
}
