package bench

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const (
	officeOrders = 100_000
	officeDays   = 92
	officeToken  = "token-of-the-office"
)

// TestOffice: with 100,000 orders of the last 92 days, stats/summary of all of them answers
// within 300 ms, within 3 s where no day is kept yet, and orders.csv within 10 s and 30 MiB.
func TestOffice(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector needs time and memory of its own")
	}
	for _, driver := range []string{"sqlite", "mysql"} {
		t.Run(driver, func(t *testing.T) {
			folder := t.TempDir()
			o := office{driver: driver, dsn: campusgatetest.DatabaseIn(folder)}
			if driver == "mysql" {
				o.dsn = storagetest.MariaDB(t)
			}
			environ := campusgatetest.Embedded(folder, "CAMPUSGATE_DATABASE_DRIVER="+driver, "CAMPUSGATE_DATABASE_DSN="+o.dsn)
			campusgatetest.Run(t, environ, "migrate").Want(t, 0)
			o.fill(t)
			o.Process = campusgatetest.Start(t, folder, environ)
			o.awaitDays(t)
			o.wantSummary(t, "kept days", 300*time.Millisecond)
			o.execute(t, "DELETE FROM day_summaries") // the job comes again in an hour
			o.wantSummary(t, "days that are not kept", 3*time.Second)
			o.wantTable(t)
		})
	}
}

// An office is a gateway with many orders.
type office struct {
	*campusgatetest.Process

	driver, dsn string
	first, last string // days
}

func (o *office) open(t *testing.T) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{Driver: o.driver, DSN: o.dsn, Timeout: time.Minute})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

// execute runs a statement as no program does.
func (o *office) execute(t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open(o.driver, o.dsn)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), statement)
	must(t, err)
}

// fill stores an admin, and the orders: each is paid, and each tenth partly refunded.
func (o *office) fill(t *testing.T) {
	t.Helper()
	const batch = 1000
	db, ctx := o.open(t), t.Context()
	zone, err := time.LoadLocation("Asia/Shanghai") // server.timezone
	must(t, err)
	end := time.Now().In(zone).Truncate(time.Second)
	begin := time.Date(end.Year(), end.Month(), end.Day()+1-officeDays, 0, 0, 0, 0, zone)
	o.first, o.last = begin.Format(time.DateOnly), end.Format(time.DateOnly)
	between := end.Sub(begin) / officeOrders
	must(t, db.InsertUser(ctx, storage.User{ID: "1", Name: "王凌超", OpenTime: begin.Unix()}))
	must(t, db.InsertToken(ctx, officeToken, "1"))
	must(t, db.InTx(ctx, func(tx *storage.Tx) error {
		_, err := tx.SetRole(ctx, "1", storage.RoleAdmin, begin.Unix())
		return err
	}))
	for from := 0; from < officeOrders; from += batch {
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			var orders []storage.Order
			var lines []storage.OrderLine
			for i := from; i < from+batch; i++ {
				at := begin.Add(time.Duration(i) * between).Unix()
				pay := fmt.Sprintf("%010d%05d00", at, i%100_000)
				order := storage.Order{
					OrderID: pay[:len(pay)-1] + "1", PayID: pay, UserID: "1", SellerID: "1", Deliver: "express", GoodsPrice: 101_50, PayPrice: 101_50,
					CreatTime: at, State: "settled", ListState: "complete", ListBuyer: "1", ListSeller: "1", PayMethod: "wallet", PayTime: at + 60,
					ShipTime: at + 120, FinishTime: at + 180, ClosedTime: at + 240, Logistics: "顺丰", LogisticsID: "SF1023456789", Steps: 5,
				}
				orders = append(orders, order)
				lines = append(lines, storage.OrderLine{OrderID: order.OrderID, UserID: "1", ProductID: 1, ProductName: "高等数学（上册）", Price: 101_50, Pieces: 1})
				if i%10 == 0 {
					refund := storage.OrderRefund{OrderID: order.OrderID, Number: 1, Kind: "money", State: "refunded", Amount: 1_00, DecideTime: at + 90}
					if err := tx.AddOrderRefund(ctx, refund); err != nil {
						return err
					}
				}
			}
			if err := tx.InsertOrders(ctx, orders); err != nil {
				return err
			}
			return tx.InsertOrderLines(ctx, lines)
		}))
	}
}

// awaitDays waits until the job has kept the days that are over.
func (o *office) awaitDays(t *testing.T) {
	t.Helper()
	db := o.open(t)
	for late := time.Now().Add(campusgatetest.Patience); time.Now().Before(late); time.Sleep(50 * time.Millisecond) { // no event tells of it
		days, err := db.DaySummaries(t.Context(), 0, time.Now().Unix())
		must(t, err)
		if len(days) >= officeDays-2 { // yesterday may not be kept yet
			return
		}
	}
	t.Fatal("the days are not kept")
}

// wantSummary asks for all days, a few times, of which the slowest counts.
func (o *office) wantSummary(t *testing.T, name string, limit time.Duration) {
	t.Helper()
	const asks = 5
	var slowest time.Duration
	for range asks {
		began := time.Now()
		a := campusgatetest.Request(t, http.MethodPost, o.URL("/stats?token="+officeToken),
			campusgatetest.Envelope("stats/summary", fmt.Sprintf(`{"date_begin":%q,"date_end":%q}`, o.first, o.last)))
		slowest = max(slowest, time.Since(began))
		if strings.Count(a.Raw, `"date"`) != officeDays || strings.Count(a.Raw, `"orders":0,`) > 1 { // today may have begun just now
			t.Fatalf("answered %.300s", a.Raw)
		}
	}
	t.Logf("%s: stats/summary of %d days over %d orders answers in %s at most", name, officeDays, officeOrders, slowest)
	if slowest > limit {
		t.Errorf("%s: %s, want at most %s", name, slowest, limit)
	}
}

// wantTable downloads all orders.
func (o *office) wantTable(t *testing.T) {
	t.Helper()
	const (
		limit = 10 * time.Second
		grows = 30 << 20
	)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		o.URL("/get/orders.csv?token="+officeToken+"&date_begin="+o.first+"&date_end="+o.last), nil)
	must(t, err)
	lines, grown, took := download(t, o.Process, request)
	if lines != 1+officeOrders {
		t.Errorf("%d lines, want %d", lines, 1+officeOrders)
	}
	if took > limit {
		t.Errorf("it takes %s, want at most %s", took, limit)
	}
	if grown > grows {
		t.Errorf("the process grows by %d KiB, want at most %d", grown>>10, grows>>10)
	}
}
