package trade_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

const (
	adminToken = handlerstest.AdminToken
	nothing    = `{"id":1,"status":0,"message":"successful","data":{}}`
)

// couponObject is the reference's example as lists show it, with changes, which are keys
// and JSON values in turn.
func couponObject(id string, changes ...string) string {
	return handlerstest.Object([]string{
		"coupon_id", id, "coupon_name", `"满100减20"`, "coupon_type", "1", "coupon_value", "20", "off_percent", "0", "max_off", "0",
		"minimum_consume", "100", "product_id", "0", "shop_id", "811729970", "quantity", "100", "per_user", "1",
		"open_time", `"2019-11-28 00:00:00"`, "close_time", `"2020-01-01 00:00:00"`, "valid_begin", `""`, "valid_end", `""`, "valid_days", "7",
		"coupon_status", "0", "taken", "0", "used", "0",
	}, changes)
}

// listOf is the data of a list of such rows.
func listOf(num string, rows ...string) string {
	return `{"num":` + num + `,"list":[` + strings.Join(rows, ",") + `]}`
}

// couponFields is NewCoupon with changes, which are keys and JSON values in turn.
func couponFields(changes ...string) handlerstest.Fields {
	data := handlerstest.NewCoupon()
	for i := 0; i < len(changes); i += 2 {
		data = data.With(changes[i], changes[i+1])
	}
	return data
}

// addCoupon makes a coupon and returns its id.
func addCoupon(g *handlerstest.Gateway, token string, changes ...string) string {
	g.T.Helper()
	return g.OK("coupon/creat", token, couponFields(changes...).String()).Field("coupon_id")
}

// audits are the rows of the audit that the gateway's start has not written.
func audits(g *handlerstest.Gateway) []storage.Audit {
	g.T.Helper()
	all, err := g.DB.Audits(g.T.Context(), storage.Page{})
	handlerstest.Must(g.T, err)
	return all
}

// A coupon is listed with all that it was made of, and what is of another type is left
// out.
func TestCouponCreate(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document() // has the coupon 1
	g.Call("coupon/creat", aliceToken, handlerstest.NewCoupon().String()).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"coupon_id":2}}`)
	g.Post("/coupon", aliceToken, handlerstest.Envelope("coupon/create", couponFields(
		"coupon_type", "0", "minimum_consume", "", "off_percent", "50", "max_off", "3", "shop_id", "", "product_id", "4517733", "per_user", `"10"`,
		"valid_days", "", "valid_begin", `"2019-12-01 00:00:00"`, "valid_end", `"2019-12-02 00:00:00"`).String())).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"coupon_id":3}}`)
	for i, changes := range [][]string{
		{"coupon_type", "2", "off_percent", "79", "max_off", "30.5", "coupon_value", "", "minimum_consume", "0.01", "shop_id", "0", "quantity", "1000000"},
		{"coupon_type", "2", "off_percent", "1", "coupon_value", `"ignored"`, "minimum_consume", "", "shop_id", "", "product_id", "0", "valid_days", "365"},
		{"coupon_status", "1"},
		{"code", `"ABCdef123"`, "shop_id", ""},
		{"open_time", `"2019-11-28 22:25:53"`},
		{"close_time", `"2019-11-28 22:25:52"`},
	} {
		a := g.Post("/coupon", adminToken, handlerstest.Envelope("coupon/creat", couponFields(changes...).String()))
		if a.Status != 0 {
			t.Fatalf("%d: %s", i, a.Raw)
		}
	}
	first := couponObject("1", "open_time", `"2019-11-28 22:25:52"`, "close_time", `"2020-01-01 22:25:52"`, "per_user", "10")
	second := couponObject("2")
	third := couponObject("3", "coupon_type", "0", "minimum_consume", "0", "product_id", "4517733", "shop_id", "0", "per_user", "10",
		"valid_begin", `"2019-12-01 00:00:00"`, "valid_end", `"2019-12-02 00:00:00"`, "valid_days", "0")
	fourth := couponObject("4", "coupon_type", "2", "coupon_value", "0", "off_percent", "79", "max_off", "30.5", "minimum_consume", "0.01", "shop_id", "0", "quantity", "1000000")
	fifth := couponObject("5", "coupon_type", "2", "coupon_value", "0", "off_percent", "1", "minimum_consume", "0", "shop_id", "0", "valid_days", "365")
	for _, c := range []struct{ data, want string }{
		{`{}`, listOf("5", fifth, fourth, third, second, first)},
		{`{"page":2,"count":2}`, listOf("5", third, second)},
		{`{"shop_id":811729970}`, listOf("2", second, first)},
		{`{"product_id":"4517733"}`, listOf("1", third)},
		{`{"product_id":0,"shop_id":0}`, listOf("2", fifth, fourth)},
		{`{"product_id":4517733,"shop_id":811729970}`, listOf("0")},
		{`{"shop_id":99999999999999999999}`, listOf("0")},
		{`{"page":9}`, listOf("5")},
	} {
		for _, token := range []string{"", aliceToken, bobToken} {
			g.Call("coupon/list", token, c.data).WantData(t, c.want)
		}
	}
	g.Call("coupon/list", "nobody's", `{}`).Want(t, -101, "Error token")
	for data, want := range map[string]string{ // also what is off, of a code, not yet or not any more
		`{"all":true}`:                            "9 8 7 6 5 4 3 2 1",
		`{"all":true,"page":2,"count":4}`:         "5 4 3 2",
		`{"all":true,"shop_id":811729970}`:        "9 8 6 2 1",
		`{"all":true,"product_id":4517733}`:       "3",
		`{"all":true,"product_id":0,"shop_id":0}`: "7 5 4",
		`{"all":false}`:                           "5 4 3 2 1",
	} {
		if got := g.OK("coupon/list", adminToken, data); got.Rows(t, "coupon_id") != want || strings.Contains(got.Raw, "ABCdef123") {
			t.Errorf("%s: %s, want %s", data, got.Raw, want)
		}
	}
	g.OK("coupon/list", adminToken, `{"all":true,"count":1}`).WantData(t, listOf("9", couponObject("9", "close_time", `"2019-11-28 22:25:52"`)))
	for _, token := range []string{"", aliceToken} {
		g.Refuses("coupon/list", token, `{"all":true}`, -103, "No permission to operate")
	}
}

func TestCouponFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	long := couponFields("open_time", `"2019-01-01 00:00:00"`, "close_time", `"2030-01-01 00:00:00"`)
	g.FieldTable("coupon/creat", aliceToken, long, []handlerstest.FieldRow{
		{Key: "coupon_name", Absent: -3, Empty: -201, Kind: handlerstest.Text, Limit: 50},
		{Key: "coupon_type", Absent: -3, Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", `"1"`}, Bad: []string{"3", "-1"}},
		{Key: "coupon_value", Absent: -3, Empty: -201, Kind: handlerstest.Price, Good: []string{"0.01", `"999999.99"`}, Bad: []string{"0", "-1", "1000000", "0.001"}},
		{Key: "max_off", Kind: handlerstest.Price, Good: []string{"0", "0.01", "999999.99"}, Bad: []string{"-0.01", "1000000", "0.001"}},
		{Key: "minimum_consume", Absent: -3, Empty: -201, Kind: handlerstest.Price, Good: []string{"0.01", "999999.99"}, Bad: []string{"0", "-0.01", "1000000", "0.001"}},
		{Key: "quantity", Absent: -3, Empty: -201, Kind: handlerstest.Integer, Good: []string{"1", `"1000000"`}, Bad: []string{"0", "-1", "1000001"}},
		{Key: "per_user", Kind: handlerstest.Integer, Good: []string{"1", `"10"`}, Bad: []string{"0", "11"}},
		{Key: "open_time", Absent: -3, Empty: -201, Kind: handlerstest.DateTime},
		{Key: "close_time", Absent: -3, Empty: -201, Kind: handlerstest.DateTime},
		{Key: "coupon_status", Kind: handlerstest.Integer, Good: []string{"0", `"1"`}, Bad: []string{"2", "-1"}},
	})
	g.FieldTable("coupon/creat", aliceToken, long.With("valid_days", "").With("valid_begin", `"2019-01-01 00:00:00"`).With("valid_end", `"2030-01-01 00:00:00"`), []handlerstest.FieldRow{
		{Key: "valid_begin", Absent: -3, Empty: -3, Kind: handlerstest.DateTime},
		{Key: "valid_end", Absent: -3, Empty: -3, Kind: handlerstest.DateTime},
	})
	for value, status := range map[string]int{"0": -204, "-1": -204, "366": -204, `"a"`: -203, "1.5": -203, "true": -203, "[1]": -203} {
		g.RefusesValue("coupon/creat", aliceToken, long.With("valid_days", value), "valid_days", status)
	}
	for _, value := range []string{"1", `"365"`} {
		g.OK("coupon/creat", aliceToken, long.With("valid_days", value).String())
	}
	percent := long.With("coupon_type", "2").With("coupon_value", "").With("minimum_consume", "")
	g.FieldTable("coupon/creat", aliceToken, percent, []handlerstest.FieldRow{
		{Key: "off_percent", Absent: -3, Empty: -201, Kind: handlerstest.Integer, Good: []string{"1", `"99"`}, Bad: []string{"0", "100", "-1"}},
	})
	g.FieldTable("coupon/update", aliceToken, handlerstest.Fields{"coupon_id": "1"}, []handlerstest.FieldRow{
		{Key: "coupon_id", Absent: -3, Empty: -201, Kind: handlerstest.ID, Good: []string{"1", `"1"`}},
		{Key: "coupon_name", Empty: -201, Kind: handlerstest.Text, Limit: 50},
		{Key: "quantity", Empty: -201, Kind: handlerstest.Integer, Good: []string{"1", `"1000000"`}, Bad: []string{"0", "1000001"}},
		{Key: "coupon_status", Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", `"1"`}, Bad: []string{"2", "-1"}},
	})
	for call, keys := range map[string][]string{"coupon/creat": {"product_id", "shop_id"}, "coupon/list": {"product_id", "shop_id", "page"}, "coupon/mine": {"state", "count"}, "coupon/take": {"coupon_id"}} {
		base := map[string]handlerstest.Fields{"coupon/creat": long.With("shop_id", "")}[call]
		for _, key := range keys {
			for _, value := range []string{`"a"`, "true", "1.5", "[1]", `{"a":1}`} {
				data := handlerstest.Fields{key: value}
				if base != nil {
					data = base.With(key, value)
				}
				g.RefusesValue(call, aliceToken, data, key, -203)
			}
		}
	}
	for key, values := range map[string][]string{"state": {"4", "-1"}, "page": {"0", "501"}, "count": {"0", "101"}} {
		for _, value := range values {
			g.RefusesValue("coupon/mine", aliceToken, handlerstest.Fields{key: value}, key, -204)
		}
	}
}

// What keys of a new coupon say together.
func TestCouponTerms(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, c := range []struct {
		changes []string
		status  int
		detail  string
	}{
		{[]string{"product_id", "4517733"}, -204, "shop_id: must be absent where product_id is there"},
		{[]string{"close_time", `"2019-11-28 00:00:00"`}, -204, "close_time: must be after open_time"},
		{[]string{"close_time", `"2019-11-27 23:59:59"`}, -204, "close_time: must be after open_time"},
		{[]string{"valid_end", `"2020-01-01 00:00:00"`}, -204, "valid_days: must be absent where valid_begin or valid_end is there"},
		{[]string{"valid_begin", `"2020-01-01 00:00:00"`}, -204, "valid_days: must be absent where valid_begin or valid_end is there"},
		{[]string{"valid_days", ""}, -3, "valid_days, valid_end: both missing"},
		{[]string{"valid_days", "", "valid_begin", `"2020-01-01 00:00:00"`}, -3, "valid_end: missing"},
		{[]string{"valid_days", "", "valid_end", `"2020-01-01 00:00:00"`}, -3, "valid_begin: missing"},
		{[]string{"valid_days", "", "valid_begin", `"2020-01-01 00:00:00"`, "valid_end", `"2020-01-01 00:00:00"`}, -204, "valid_end: must be after valid_begin"},
		{[]string{"coupon_type", "0", "coupon_value", ""}, -3, "coupon_value: missing"},
		{[]string{"minimum_consume", "0"}, -204, "minimum_consume: must be more than 0"},
		{[]string{"code", `"abcde"`}, -204, "code: must be 6 to 32 characters"},
		{[]string{"code", `"` + strings.Repeat("a", 33) + `"`}, -204, "code: must be 6 to 32 characters"},
		{[]string{"code", `"abc-def"`}, -204, "code: must be letters and digits"},
		{[]string{"code", `"abc def"`}, -204, "code: must be letters and digits"},
		{[]string{"code", `"字字字字字字"`}, -204, "code: must be letters and digits"},
		{[]string{"code", `"abcdef\n"`}, -204, "code: must be letters and digits"},
		{[]string{"coupon_name", `"` + handlerstest.RefusedWord + `"`}, -305, "coupon_name: has a refused word"},
	} {
		data := couponFields(c.changes...).String()
		before := g.Stored()
		a := g.Call("coupon/creat", aliceToken, data)
		if a.Status != c.status || a.Detail != c.detail || g.Stored() != before {
			t.Errorf("%s: got %s, want %d %q", data, a.Raw, c.status, c.detail)
		}
	}
	for _, word := range handlerstest.HiddenWords {
		name := handlerstest.JSONText("满减" + word + "券")
		g.Refuses("coupon/creat", aliceToken, couponFields("coupon_name", name).String(), -305, "Content refused")
		g.Refuses("coupon/update", aliceToken, `{"coupon_id":1,"coupon_name":`+name+`}`, -305, "Content refused")
	}
	addCoupon(g, aliceToken, "code", `"`+strings.Repeat("a", 32)+`"`)
	g.Refuses("coupon/creat", aliceToken, couponFields("code", `"`+strings.Repeat("a", 32)+`"`).String(), 105, "The code was used")
	g.Refuses("coupon/creat", adminToken, couponFields("shop_id", "", "code", `"`+strings.Repeat("a", 32)+`"`).String(), 105, "The code was used")
	addCoupon(g, aliceToken, "code", `"`+strings.Repeat("A", 32)+`"`)
	addCoupon(g, aliceToken, "code", `""`)
	addCoupon(g, aliceToken, "code", `""`)
}

// Owners make and change what they pay for; admins anything, and the audit tells of it.
func TestCouponRights(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	own := g.OpenShop(adminToken, "admin's")
	const noRight, notExist = "No right to operate", "Coupon not exist"
	for _, changes := range [][]string{
		{}, {"shop_id", own}, {"shop_id", "1"}, {"shop_id", "-1"}, {"shop_id", ""}, {"shop_id", "0"}, {"shop_id", "", "product_id", "4517733"}, {"shop_id", "", "product_id", "1"},
	} {
		g.Refuses("coupon/creat", bobToken, couponFields(changes...).String(), 101, noRight)
	}
	for _, changes := range [][]string{{"shop_id", "1"}, {"shop_id", "", "product_id", "1"}} { // there are none
		g.Refuses("coupon/creat", adminToken, couponFields(changes...).String(), 101, noRight)
	}
	hers := addCoupon(g, aliceToken)
	owners := addCoupon(g, adminToken, "shop_id", own)
	g.Call("coupon/update", adminToken, `{"coupon_id":`+owners+`,"quantity":5}`).WantRaw(t, nothing)
	if got := audits(g); len(got) != 0 {
		t.Errorf("audit of an owner: %+v", got)
	}
	onHers, market := addCoupon(g, adminToken), addCoupon(g, adminToken, "shop_id", "")
	g.Call("coupon/update", aliceToken, `{"coupon_id":`+hers+`,"quantity":5}`).WantRaw(t, nothing)
	for _, id := range []string{onHers, market, owners, "99", "-1", "99999999999999999999"} { // the market pays, or another
		g.Refuses("coupon/update", aliceToken, `{"coupon_id":`+id+`,"quantity":5}`, 100, notExist)
	}
	g.Refuses("coupon/update", bobToken, `{"coupon_id":`+hers+`}`, 100, notExist)
	g.Refuses("coupon/update", adminToken, `{"coupon_id":99}`, 100, notExist)
	g.Call("coupon/update", adminToken, `{"coupon_id":`+hers+`,"coupon_name":"new","close_time":"2019-12-01 00:00:00","coupon_status":1}`).WantRaw(t, nothing)
	row := func(call, id, before, after string) storage.Audit {
		return storage.Audit{Time: g.Clock.Now().Unix(), UserID: handlerstest.Admin, Call: call, Target: "coupon " + id, Before: before, After: after}
	}
	want := []storage.Audit{
		row("coupon/creat", onHers, "", couponObject(onHers)), row("coupon/creat", market, "", couponObject(market, "shop_id", "0")),
		row("coupon/update", hers, couponObject(hers, "quantity", "5"),
			couponObject(hers, "quantity", "5", "coupon_name", `"new"`, "close_time", `"2019-12-01 00:00:00"`, "coupon_status", "1")),
	}
	if diff := cmp.Diff(want, audits(g)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

// Who sells a product, of whichever type, makes coupons for it and pays for them; an admin's
// are paid by the market, but for what the admin sells.
func TestCouponOfEveryProduct(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.SecondHand()
	for name, c := range map[string]struct {
		product       int64
		seller, payer string
	}{
		"goods":             {tea, bobToken, bob},
		"goods off sale":    {down, bobToken, bob},
		"second-hand":       {handlerstest.DocumentTextbook, bobToken, bob},
		"course":            {course, bobToken, bob},
		"alice's goods":     {own, aliceToken, alice},
		"alice's lamp":      {handlerstest.DocumentSecondHand, aliceToken, alice},
		"an admin's course": {adminOf, adminToken, handlerstest.Admin},
	} {
		data := couponFields("shop_id", "", "product_id", strconv.FormatInt(c.product, 10)).String()
		for _, token := range []string{aliceToken, bobToken, adminToken} {
			want := "" // the market
			switch token {
			case c.seller:
				want = c.payer
			case aliceToken, bobToken:
				f.Refuses("coupon/creat", token, data, 101, "No right to operate")
				continue
			}
			id, err := strconv.ParseInt(f.OK("coupon/creat", token, data).Field("coupon_id"), 10, 64)
			handlerstest.Must(t, err)
			coupon, err := f.DB.Coupon(t.Context(), id)
			handlerstest.Must(t, err)
			if coupon.PayerID != want || coupon.ProductID != c.product {
				t.Errorf("%s: %q pays for %d, want %q", name, coupon.PayerID, coupon.ProductID, want)
			}
		}
	}
}

func TestCouponUpdate(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	id := addCoupon(g, aliceToken, "quantity", "2", "per_user", "2")
	for range 2 {
		g.OK("coupon/take", bobToken, `{"coupon_id":`+id+`}`)
	}
	for _, c := range []struct {
		data   string
		status int
		detail string
	}{
		{`"quantity":1`, -204, "quantity: must not be below what is taken"},
		{`"close_time":"2019-11-28 00:00:00"`, -204, "close_time: must be after open_time"},
		{`"quantity":5,"close_time":"2019-11-27 00:00:00"`, -204, "close_time: must be after open_time"},
		{`"quantity":1,"close_time":"2020-11-27 00:00:00"`, -204, "quantity: must not be below what is taken"},
		{`"close_time":"2019-11-31 00:00:00"`, -204, "close_time: must be a time that exists, YYYY-MM-DD HH:MM:SS"},
		{`"coupon_name":"` + handlerstest.RefusedWord + `"`, -305, "coupon_name: has a refused word"},
	} {
		before := g.Stored()
		a := g.Call("coupon/update", aliceToken, `{"coupon_id":`+id+`,`+c.data+`}`)
		if a.Status != c.status || !strings.HasPrefix(a.Detail, strings.SplitAfter(c.detail, ":")[0]) || g.Stored() != before {
			t.Errorf("%s: got %s, want %d %q", c.data, a.Raw, c.status, c.detail)
		}
	}
	for _, c := range []struct{ data, want string }{
		{`"quantity":2`, listOf("0")},
		{`"quantity":3`, couponObject(id, "quantity", "3", "per_user", "2", "taken", "2")},
		{`"coupon_status":1`, listOf("0")},
		{`"coupon_status":0,"coupon_name":"新"`, couponObject(id, "coupon_name", `"新"`, "quantity", "3", "per_user", "2", "taken", "2")},
		{`"close_time":"2019-11-28 22:25:52"`, listOf("0")},
		{`"close_time":"2019-11-28 22:25:53","shop_id":1,"product_id":1,"per_user":9,"code":"abcdef","taken":0`, // the rest cannot be changed
			couponObject(id, "coupon_name", `"新"`, "quantity", "3", "per_user", "2", "taken", "2", "close_time", `"2019-11-28 22:25:53"`)},
	} {
		g.Call("coupon/update", aliceToken, `{"coupon_id":`+id+`,`+c.data+`}`).WantRaw(t, nothing)
		g.OK("coupon/update", aliceToken, `{"coupon_id":1,"coupon_status":1}`) // the document's
		if c.want[1:6] != `"num"` {
			c.want = listOf("1", c.want)
		}
		g.Call("coupon/list", "", `{}`).WantData(t, c.want)
	}
}

func TestCouponTokens(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, call := range []string{"coupon/creat", "coupon/update", "coupon/take", "coupon/mine"} {
		g.Call(call, "", `{}`).Want(t, -100, "Missing necessary args")
		g.Call(call, "nobody's", `{}`).Want(t, -101, "Error token")
		g.Call(call, handlerstest.LostToken, `{}`).Want(t, -102, "Get userid failed for the token")
	}
	freeze(g, alice)
	for call, data := range map[string]string{
		"coupon/creat": handlerstest.NewCoupon().String(), "coupon/update": `{"coupon_id":1,"quantity":5}`, "coupon/take": `{"coupon_id":1}`,
	} {
		g.Refuses(call, aliceToken, data, -301, "Account is frozen")
	}
	g.OK("coupon/list", aliceToken, `{}`)
	g.OK("coupon/mine", aliceToken, `{}`)
}

func freeze(g *handlerstest.Gateway, user string) {
	g.T.Helper()
	handlerstest.Must(g.T, g.DB.InTx(g.T.Context(), func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(g.T.Context(), user, 1)
		if err != nil {
			return err
		}
		profile.State = storage.ProfileFrozen
		return tx.UpdateProfile(g.T.Context(), profile)
	}))
}
