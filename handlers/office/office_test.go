package office_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const (
	aliceToken = handlerstest.AliceToken
	bobToken   = handlerstest.BobToken
	adminToken = handlerstest.AdminToken
)

const dayHours = 24 * time.Hour

// newMarket is a gateway in which bob sells copies of a textbook.
func newMarket(t *testing.T) *handlerstest.Gateway {
	g := handlerstest.Start(t)
	g.Document()
	g.Textbook()
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.GiveStock(t.Context(), handlerstest.DocumentTextbook, 20, 0)
	}))
	return g
}

// commit has alice order a textbook, and returns the payment and the order.
func commit(g *handlerstest.Gateway) (pay, order string) {
	g.T.Helper()
	pay = g.OK("order/commit", aliceToken, fmt.Sprintf(
		`{"items":[{"product_id":%d,"product_num":1,"deliver":"face"}],"pay_price":18}`, handlerstest.DocumentTextbook)).Field("pay_id")
	return pay, handlerstest.OrderOf(pay)
}

// buy is commit and the payment from the wallet.
func buy(g *handlerstest.Gateway) (order string) {
	g.T.Helper()
	pay, order := commit(g)
	g.OK("order/pay", aliceToken, `{"pay_id":"`+pay+`","method":"wallet"}`)
	return order
}

// giveBack has alice ask so much of an order back, and bob agree.
func giveBack(g *handlerstest.Gateway, order, yuan string) {
	g.T.Helper()
	g.OK("order/refund", aliceToken, `{"order_id":"`+order+`","kind":"money","amount":`+yuan+`,"reason":"缺页"}`)
	g.OK("order/agree", bobToken, `{"order_id":"`+order+`"}`)
}

// row is a day of stats/summary.
func row(date string, users, orders, paid int, payPrice, refunded string) string {
	return fmt.Sprintf(`{"date":"%s","users":%d,"orders":%d,"paid":%d,"pay_price":%s,"refunded":%s}`, date, users, orders, paid, payPrice, refunded)
}

// summary asks for the days from a date to another.
func summary(begin, end string) string {
	return fmt.Sprintf(`{"date_begin":"%s","date_end":"%s"}`, begin, end)
}

// TestSummary plays three days: what happened is told at once, and stays as it was told when
// the days are kept.
func TestSummary(t *testing.T) {
	t.Parallel()
	g := newMarket(t)
	first := buy(g)
	commit(g)
	giveBack(g, first, "5.5")
	ask := func(want ...string) {
		t.Helper()
		g.OK("stats/summary", adminToken, summary("2019-11-27", "2019-12-01")).WantData(t,
			fmt.Sprintf(`{"num":%d,"list":[%s]}`, len(want), strings.Join(want, ",")))
	}
	none := func(date string) string { return row(date, 0, 0, 0, "0", "0") }
	ask(none("2019-12-01"), none("2019-11-30"), none("2019-11-29"), row("2019-11-28", 2, 2, 1, "18", "5.5"), none("2019-11-27"))

	g.Clock.Advance(time.Hour + 34*time.Minute + 7*time.Second) // 23:59:59
	giveBack(g, first, "2")
	pay, _ := commit(g)
	g.Clock.Advance(time.Second)
	g.OK("order/pay", aliceToken, `{"pay_id":"`+pay+`","method":"wallet"}`)
	buy(g)
	kept := func(want int) {
		t.Helper()
		days, err := g.DB.DaySummaries(t.Context(), 0, g.Clock.Now().Unix())
		if len(days) != want || err != nil {
			t.Errorf("%d days are kept, %v, want %d", len(days), err, want)
		}
	}
	yesterday := row("2019-11-28", 2, 3, 1, "18", "7.5")
	ask(none("2019-12-01"), none("2019-11-30"), row("2019-11-29", 0, 1, 2, "36", "0"), yesterday, none("2019-11-27"))
	g.Clock.Advance(time.Hour - time.Second)
	g.RunJobs()
	kept(0) // a transaction may not be over
	g.Clock.Advance(time.Hour)
	g.RunJobs()
	kept(1)
	g.Clock.Advance(2 * dayHours) // nobody ran the jobs meanwhile
	g.RunJobs()
	kept(2) // on the third nothing happened
	ask(none("2019-12-01"), none("2019-11-30"), row("2019-11-29", 0, 1, 2, "36", "0"), yesterday, none("2019-11-27"))
	handlerstest.Must(t, g.RunJob("day_summaries", "", "")) // of a replica that was killed behind its end
	kept(2)
	// What is kept is not counted again.
	g.AddOrder(storage.Order{PayID: "15749511520009900", State: "cancel", ListState: "cancel", ClosedTime: 1})
	g.Invent()
	ask(none("2019-12-01"), none("2019-11-30"), row("2019-11-29", 0, 1, 2, "36", "0"), yesterday, none("2019-11-27"))
}

// TestSummaryRefuses: of the days, and of who is no admin or is frozen, TestNeedsOfEveryCall.
func TestSummaryRefuses(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, c := range []struct {
		data, key string
		status    int
	}{
		{`{"date_end":"2019-11-28"}`, "date_begin", -3},
		{`{"date_begin":"2019-11-28"}`, "date_end", -3},
		{summary("", "2019-11-28"), "date_begin", -201},
		{`{"date_begin":"2019-11-28","date_end":20191128}`, "date_end", -203},
		{summary("2019-11-31", "2019-12-01"), "date_begin", -204},
		{summary("2019-02-01", "2019-02-29"), "date_end", -204},
		{summary("2019-2-1", "2019-02-02"), "date_begin", -204},
		{summary("2019-11-28 00:00:00", "2019-11-28"), "date_begin", -204},
		{summary("yesterday", "2019-11-28"), "date_begin", -204},
		{summary("-001-01-01", "2019-11-28"), "date_begin", -204},
		{summary("2019-11-28", "2019-11-27"), "date_end", -204},
		{summary("2019-08-28", "2019-11-28"), "date_end", -204}, // 93 days
		{summary("0001-01-01", "9999-12-31"), "date_end", -204},
	} {
		g.Call("stats/summary", adminToken, c.data).WantDenied(t, c.data, c.status, map[int]string{
			-3: "Error data key", -201: "Necessary key-value can't be empty", -203: "Arg's value type error", -204: "Arg's value error",
		}[c.status], c.key)
	}
	for _, days := range [][2]string{{"2019-08-29", "2019-11-28"}, {"2020-02-29", "2020-02-29"}, {"0001-01-01", "0001-01-02"}, {"9999-12-01", "9999-12-31"}} {
		g.OK("stats/summary", adminToken, summary(days[0], days[1]))
	}
}

// TestAuditList: what admins did, to admins alone.
func TestAuditList(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	bob, admin := handlerstest.Bob, handlerstest.Admin
	g.OK("audit/list", adminToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
	g.OK("user/freeze", adminToken, `{"user_id":"`+bob+`","state":1,"note":"刷单"}`)
	g.Clock.Advance(time.Hour)
	g.OK("user/list", adminToken, `{"key":"`+bob+`"}`)
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.AddAudit(t.Context(), storage.Audit{Time: g.Clock.Now().Unix(), Call: "role grant", Target: "user " + bob, After: "admin"})
	}))
	command := `{"user_id":0,"call":"role grant","target":"user ` + bob + `","before":"","after":"admin","creat_time":"2019-11-28 23:25:52"}`
	all := g.OK("audit/list", adminToken, `{}`)
	if calls := all.Rows(t, "call"); calls != "role grant user/list user/freeze" || all.Field("num") != "3" || !strings.Contains(all.Raw, command) {
		t.Errorf("audited is %s", all.Raw)
	}
	for data, want := range map[string]string{
		`{"count":1,"page":2}`:                                                  "user/list",
		`{"user_id":` + admin + `}`:                                             "user/list user/freeze",
		`{"user_id":"` + admin + `","call":"user/freeze"}`:                      "user/freeze",
		`{"call":"user/freeze"}`:                                                "user/freeze",
		`{"call":"user"}`:                                                       "",
		`{"user_id":"` + bob + `"}`:                                             "",
		`{"time_begin":"2019-11-28 23:25:52"}`:                                  "role grant user/list",
		`{"time_end":"2019-11-28 23:25:52"}`:                                    "user/freeze",
		`{"time_begin":"2019-11-29 00:00:00","time_end":"2019-11-28 00:00:00"}`: "",
		`{"call":"","user_id":"","time_begin":"","time_end":""}`:                "role grant user/list user/freeze",
	} {
		if got := g.OK("audit/list", adminToken, data).Rows(t, "call"); got != want {
			t.Errorf("%s: %s, want %s", data, got, want)
		}
	}
	for data, key := range map[string]string{
		`{"time_begin":"2019-11-28"}`:                "time_begin",
		`{"time_end":"2019-02-30 00:00:00"}`:         "time_end",
		`{"page":501}`:                               "page",
		`{"count":101}`:                              "count",
		`{"call":"` + strings.Repeat("a", 65) + `"}`: "call",
	} {
		g.Call("audit/list", adminToken, data).WantDenied(t, data, -204, "Arg's value error", key)
	}
}

// tableHeader is the first line, behind the byte order mark.
const tableHeader = "订单号,支付单号,状态,下单时间,付款时间,发货时间,完成时间,关闭时间,买家编号,买家,卖家编号,卖家,店铺,商品,件数,配送方式," +
	"商品金额,优惠金额,运费,额度卡,应付金额,已退金额,支付方式,物流公司,物流单号,买家留言,管理员备注\n"

// table asks for the orders of some days.
func table(g *handlerstest.Gateway, begin, end string) handlerstest.Answer {
	return g.Do(http.MethodGet, "/get/orders.csv?token="+adminToken+"&date_begin="+begin+"&date_end="+end, "")
}

// TestTable: the orders of some days, and nothing that a spreadsheet would run.
func TestTable(t *testing.T) {
	t.Parallel()
	g := newMarket(t)
	empty := table(g, "2019-11-27", "2019-11-27")
	if empty.Raw != "\ufeff"+tableHeader {
		t.Errorf("no orders are %q", empty.Raw)
	}
	_, paying := commit(g)
	g.Clock.Advance(time.Second)
	paid := buy(g)
	giveBack(g, paid, "0.05")
	g.Clock.Advance(time.Minute)
	sold := "15749512130000101" // of alice's shop, by express
	g.AddOrder(storage.Order{
		PayID: sold[:16] + "0", State: "shipped", ListState: "need_receive", Deliver: "express", Clock: "confirm_within", Ships: 1, UserID: handlerstest.Bob,
		ShipTime: g.Clock.Now().Unix(), Logistics: "@SUM(A1)", LogisticsID: "-1+1", UserNote: "=cmd|' /C calc'!A0\n第二行", AdminNote: "a,\"b\"",
		AddressName: "王凌超", AddressPhone: "13700007010", Address: "东和公寓3号楼301",
	})
	a := table(g, "2019-11-28", "2019-11-28")
	alice, bob := handlerstest.Alice, handlerstest.Bob
	const first, second, third = "2019-11-28 22:25:52", "2019-11-28 22:25:53", "2019-11-28 22:26:53"
	want := "\ufeff" + tableHeader +
		paying + "," + paying[:16] + "0,待付款," + first + ",,,,," + alice + ",王凌超," + bob + ",码三秃,,高等数学（上册）,1,当面交易,18.00,0.00,0.00,0.00,18.00,0.00,,,,,\n" +
		paid + "," + paid[:16] + "0,待发货," + second + "," + second + ",,,," + alice + ",王凌超," + bob + ",码三秃,,高等数学（上册）,1,当面交易,18.00,0.00,0.00,0.00,18.00,0.05,wallet,,,,\n" +
		sold + "," + sold[:16] + "0,待收货," + third + "," + third + "," + third + ",,," + bob + ",码三秃," + alice + ",王凌超,小码三秃,头秃生发水,1,快递,101.50,0.00,0.00,0.00,101.50,0.00,wallet," +
		"'@SUM(A1),'-1+1,'=cmd|' /C calc'!A0 第二行,\"a,\"\"b\"\"\"\n"
	if diff := cmp.Diff(strings.SplitAfter(want, "\n"), strings.SplitAfter(a.Raw, "\n")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store",
		"Content-Disposition": `attachment; filename="orders-2019-11-28-2019-11-28.csv"`,
	} {
		if got := a.Header.Get(name); got != want || a.HTTP != http.StatusOK {
			t.Errorf("HTTP %d, %s: %q, want %q", a.HTTP, name, got, want)
		}
	}
	if other := table(g, "2019-11-29", "9999-12-31"); other.Raw != empty.Raw {
		t.Errorf("of other days: %q", other.Raw)
	}
	looks := g.OK("audit/list", adminToken, `{"call":"get/orders.csv"}`)
	if got := looks.Rows(t, "target"); got != "2019-11-29 to 9999-12-31 2019-11-28 to 2019-11-28 2019-11-27 to 2019-11-27" || looks.Rows(t, "user_id") != strings.TrimSpace(strings.Repeat(handlerstest.Admin+" ", 3)) {
		t.Errorf("audited are %s", looks.Raw)
	}
}

// TestTableRefuses: who is no admin gets no table and leaves no trace, and neither does who
// asks for days that are none.
func TestTableRefuses(t *testing.T) {
	t.Parallel()
	g := newMarket(t)
	buy(g)
	days := "date_begin=2019-11-28&date_end=2019-11-28"
	for _, c := range []struct {
		query  string
		status int
		detail string
	}{
		{days, -100, "token"},
		{days + "&token=no", -101, "token"},
		{days + "&token=" + handlerstest.LostToken, -102, "token"},
		{days + "&token=" + aliceToken, -103, "token"},
		{"token=" + aliceToken, -103, "token"},
		{"token=" + adminToken, -3, "date_begin"},
		{"date_begin=2019-11-28&token=" + adminToken, -3, "date_end"},
		{"date_begin=&date_end=2019-11-28&token=" + adminToken, -201, "date_begin"},
		{"date_begin=2019-11-28&date_end=2019-11-31&token=" + adminToken, -204, "date_end"},
		{"date_begin=2019-11-28&date_end=2019-11-27&token=" + adminToken, -204, "date_end"},
		{"date_begin=2019-11-28%0d%0aX-Evil:1&date_end=2019-11-28&token=" + adminToken, -204, "date_begin"},
	} {
		a := g.Do(http.MethodGet, "/get/orders.csv?"+c.query, "")
		if a.Status != c.status || !strings.HasPrefix(a.Detail, c.detail) || strings.Contains(a.Raw, "订单号") {
			t.Errorf("%s: %s, want %d of %s", c.query, a.Raw, c.status, c.detail)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodPut} {
		request, err := http.NewRequestWithContext(t.Context(), method, g.URL+"/get/orders.csv?"+days+"&token="+adminToken, nil)
		handlerstest.Must(t, err)
		response, err := http.DefaultClient.Do(request)
		handlerstest.Must(t, err)
		handlerstest.Must(t, response.Body.Close())
		if response.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: HTTP %d", method, response.StatusCode)
		}
	}
	g.SetProfile(handlerstest.Admin, func(p *storage.Profile) { p.State = storage.ProfileFrozen })
	if a := table(g, "2019-11-28", "2019-11-28"); a.Status != -301 {
		t.Errorf("frozen: %s", a.Raw)
	}
	audits, err := g.DB.Audits(t.Context(), storage.Page{})
	if len(audits) != 0 || err != nil {
		t.Errorf("audited are %+v, %v", audits, err)
	}
}

// TestTableBreaks: a table that is not whole does not end as one that is. It is read in
// several pieces, each once.
func TestTableBreaks(t *testing.T) {
	t.Parallel()
	const orders = 450
	g := newMarket(t)
	g.Invent()
	many := make([]storage.Order, orders)
	lines := make([]storage.OrderLine, orders)
	for i := range many {
		id := fmt.Sprintf("1574951152%05d01", i)
		many[i] = storage.Order{OrderID: id, PayID: id[:15] + "00", UserID: handlerstest.Alice, SellerID: handlerstest.Bob, State: "cancel", ClosedTime: 1}
		lines[i] = storage.OrderLine{OrderID: id, ProductName: "书" + id, Pieces: 2}
	}
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		if err := tx.InsertOrders(t.Context(), many); err != nil {
			return err
		}
		return tx.InsertOrderLines(t.Context(), lines)
	}))
	rows, err := csv.NewReader(strings.NewReader(table(g, "2019-11-28", "2019-11-28").Raw)).ReadAll()
	handlerstest.Must(t, err)
	for i, row := range rows[1:] {
		if row[0] != many[i].OrderID || row[13] != lines[i].ProductName+" ×2" {
			t.Fatalf("row %d is %q", i, row)
		}
	}
	if len(rows) != 1+orders {
		t.Errorf("%d rows", len(rows))
	}
	// Each statement fails once. A client that asks again where a connection that it has kept
	// ends before the first byte would not see it.
	faults, broken := storagetest.FaultsOf(g.DB), 0
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for at := int64(1); ; at++ {
		faults.Set(storagetest.Fault{At: at})
		response, err := client.Get(g.URL + "/get/orders.csv?date_begin=2019-11-28&date_end=2019-11-28&token=" + adminToken) //nolint:noctx // the test's own server
		var text []byte
		if err == nil {
			text, err = io.ReadAll(response.Body)
			handlerstest.Must(t, response.Body.Close())
		}
		if faults.Hit() == "" {
			break
		}
		switch {
		case err != nil:
			broken++
		case strings.Contains(string(text), "订单号"):
			t.Errorf("%d bytes end as if whole, where %q failed", len(text), faults.Hit())
		}
	}
	faults.Set(storagetest.Fault{})
	if broken != 7 { // three pieces, each with its lines, and the empty one behind them
		t.Errorf("%d streams broke", broken)
	}
}
