package trade_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

const (
	notExist = `{"id":1,"status":100,"message":"Coupon not exist","data":{},"detail":"coupon_id, code: no such coupon"}`
	notIn    = `{"id":1,"status":102,"message":"Not in time","data":{}}`
	noneLeft = `{"id":1,"status":103,"message":"None left","data":{}}`
	already  = `{"id":1,"status":104,"message":"Already taken","data":{}}`
)

func takeData(id string) string { return `{"coupon_id":` + id + `}` }

func codeData(code string) string { return `{"code":"` + code + `"}` }

func TestCouponTake(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.Call("coupon/take", bobToken, takeData("1")).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"record_id":1}}`)
	once, twice := addCoupon(g, aliceToken), addCoupon(g, aliceToken, "per_user", "2", "quantity", "3")
	secret := addCoupon(g, aliceToken, "code", `"Summer2019"`)
	for i, c := range []struct{ token, data, want string }{
		{bobToken, takeData(once), ""},
		{bobToken, takeData(once), already},
		{aliceToken, takeData(`"` + once + `"`), ""}, // of one's own shop
		{bobToken, takeData(twice), ""},
		{bobToken, takeData(twice), ""},
		{bobToken, takeData(twice), already},
		{adminToken, takeData(twice), ""},
		{adminToken, takeData(twice), noneLeft},
		{aliceToken, takeData(twice), noneLeft},
		{bobToken, takeData("99"), notExist},
		{bobToken, takeData("-1"), notExist},
		{bobToken, takeData("0"), notExist},
		{bobToken, takeData("99999999999999999999"), notExist},
		{bobToken, takeData(secret), notExist},
		{bobToken, codeData("summer2019"), notExist},
		{bobToken, codeData("Summer2019"), ""},
		{bobToken, codeData("Summer2019"), already},
		{bobToken, `{"coupon_id":"","code":"Summer2019"}`, already},
		{bobToken, `{"coupon_id":` + once + `,"code":""}`, already},
		{bobToken, `{}`, `{"id":1,"status":-3,"message":"Error data key","data":{},"detail":"coupon_id, code: both missing"}`},
		{bobToken, `{"code":""}`, `{"id":1,"status":-3,"message":"Error data key","data":{},"detail":"coupon_id, code: both missing"}`},
		{bobToken, `{"coupon_id":1,"code":"Summer2019"}`, `{"id":1,"status":-204,"message":"Arg's value error","data":{},"detail":"code: must be absent where coupon_id is there"}`},
		{bobToken, codeData("Summer-2019"), `{"id":1,"status":-204,"message":"Arg's value error","data":{},"detail":"code: must be letters and digits"}`},
		{bobToken, codeData("short"), `{"id":1,"status":-204,"message":"Arg's value error","data":{},"detail":"code: must be 6 to 32 characters"}`},
	} {
		before := g.Stored()
		a := g.Call("coupon/take", c.token, c.data)
		switch {
		case c.want == "" && a.Status != 0:
			t.Errorf("step %d, %s: %s", i, c.data, a.Raw)
		case c.want != "":
			a.WantRaw(t, c.want)
			if g.Stored() != before {
				t.Errorf("step %d, %s: changed what is stored", i, c.data)
			}
		}
	}
	if got := g.OK("coupon/list", "", `{"shop_id":811729970}`).Rows(t, "taken"); got != "2 1" { // without what has a code or is taken
		t.Errorf("taken %s, want 2 1", got)
	}
}

// A coupon can be taken from open_time until before close_time, while it is on, and not
// once its records would never be valid.
func TestCouponTimes(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t) // at 2019-11-28 22:25:52
	g.Document()
	fixed := []string{"valid_days", "", "valid_begin", `"2019-11-01 00:00:00"`, "valid_end"}
	for _, c := range []struct {
		changes []string
		want    bool
	}{
		{[]string{"open_time", `"2019-11-28 22:25:52"`}, true},
		{[]string{"open_time", `"2019-11-28 22:25:53"`}, false},
		{[]string{"close_time", `"2019-11-28 22:25:53"`}, true},
		{[]string{"close_time", `"2019-11-28 22:25:52"`}, false},
		{[]string{"coupon_status", "0"}, true},
		{[]string{"coupon_status", "1"}, false},
		{append(fixed, `"2019-11-28 22:25:53"`), true},
		{append(fixed, `"2019-11-28 22:25:52"`), false},
	} {
		id := addCoupon(g, aliceToken, c.changes...)
		if listed := strings.Contains(g.OK("coupon/list", "", `{}`).Rows(t, "coupon_id"), id); listed != c.want {
			t.Errorf("%v: listed %t", c.changes, listed)
		}
		if a := g.Call("coupon/take", bobToken, takeData(id)); c.want && a.Status != 0 || !c.want && a.Raw != notIn {
			t.Errorf("%v: %s", c.changes, a.Raw)
		}
	}
	// Of several reasons the lower number is told.
	id := addCoupon(g, aliceToken, "quantity", "1")
	g.OK("coupon/take", bobToken, takeData(id))
	g.Call("coupon/take", bobToken, takeData(id)).WantRaw(t, noneLeft)
	g.OK("coupon/update", aliceToken, `{"coupon_id":`+id+`,"coupon_status":1}`)
	g.Call("coupon/take", bobToken, takeData(id)).WantRaw(t, notIn)
}

// valid_days counts the day of taking, in the server's time zone.
func TestCouponValidDays(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, c := range []struct{ now, days, end string }{
		{"2019-11-28 22:25:52", "1", "2019-11-29 00:00:00"},
		{"2019-11-28 23:59:59", "1", "2019-11-29 00:00:00"},
		{"2019-11-29 00:00:00", "1", "2019-11-30 00:00:00"},
		{"2019-11-29 07:59:59", "2", "2019-12-01 00:00:00"}, // still the 28th in UTC
		{"2019-12-30 12:00:00", "365", "2020-12-29 00:00:00"},
		{"2020-02-28 12:00:00", "2", "2020-03-01 00:00:00"},
	} {
		g.Clock.Advance(time.Duration(handlerstest.At(t, c.now)-g.Clock.Now().Unix()) * time.Second)
		id := addCoupon(g, aliceToken, "valid_days", c.days, "close_time", `"2030-01-01 00:00:00"`)
		g.OK("coupon/take", bobToken, takeData(id))
		rows := g.OK("coupon/mine", bobToken, `{"count":1}`)
		if begin, end := rows.Rows(t, "valid_begin"), rows.Rows(t, "valid_end"); begin != c.now || end != c.end {
			t.Errorf("%s days from %s: %s to %s, want until %s", c.days, c.now, begin, end, c.end)
		}
	}
}

func TestCouponMine(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Invent()
	g.Document()
	id := addCoupon(g, aliceToken, "per_user", "5")
	later := addCoupon(g, adminToken, "shop_id", "", "code", `"Summer2019"`, "valid_days", "", "valid_begin", `"2019-12-24 00:00:00"`, "valid_end", `"2019-12-25 00:00:00"`)
	for range 3 {
		g.OK("coupon/take", bobToken, takeData(id))
	}
	g.OK("coupon/take", bobToken, codeData("Summer2019"))
	g.OK("coupon/take", aliceToken, takeData(id))
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		if err := tx.HoldRecords(t.Context(), bob, []int64{1, 2}, "1", g.Clock.Now().Unix()); err != nil {
			return err
		}
		return tx.UseRecords(t.Context(), []int64{1}, "1")
	}))
	const taken = `"2019-11-28 22:25:52"`
	record := func(record, state string) string {
		return handlerstest.Object([]string{
			"record_id", record, "coupon_id", id, "state", state, "take_time", taken, "valid_begin", taken, "valid_end", `"2019-12-05 00:00:00"`,
			"coupon", couponObject(id, "per_user", "5", "taken", "4", "used", "1"),
		}, nil)
	}
	byCode := func(state string) string {
		return handlerstest.Object([]string{
			"record_id", "4", "coupon_id", later, "state", state, "take_time", taken, "valid_begin", `"2019-12-24 00:00:00"`, "valid_end", `"2019-12-25 00:00:00"`,
			"coupon", couponObject(later, "shop_id", "0", "valid_days", "0", "valid_begin", `"2019-12-24 00:00:00"`, "valid_end", `"2019-12-25 00:00:00"`, "taken", "1"),
		}, nil)
	}
	for _, c := range []struct{ now, data, want string }{
		{"2019-11-28 22:25:52", `{}`, listOf("4", byCode("0"), record("3", "0"), record("2", "3"), record("1", "1"))},
		{"2019-11-28 22:25:52", `{"page":2,"count":3}`, listOf("4", record("1", "1"))},
		{"2019-11-28 22:25:52", `{"state":0}`, listOf("2", byCode("0"), record("3", "0"))},
		{"2019-11-28 22:25:52", `{"state":"1"}`, listOf("1", record("1", "1"))},
		{"2019-11-28 22:25:52", `{"state":2}`, listOf("0")},
		{"2019-11-28 22:25:52", `{"state":3}`, listOf("1", record("2", "3"))},
		{"2019-12-04 23:59:59", `{"state":0}`, listOf("2", byCode("0"), record("3", "0"))},
		{"2019-12-05 00:00:00", `{"state":0}`, listOf("1", byCode("0"))},
		{"2019-12-05 00:00:00", `{"state":2}`, listOf("1", record("3", "2"))},
		{"2019-12-05 00:00:00", `{"state":3}`, listOf("1", record("2", "3"))},
		{"2019-12-25 00:00:00", `{}`, listOf("4", byCode("2"), record("3", "2"), record("2", "3"), record("1", "1"))},
		{"2019-12-25 00:00:00", `{"state":2,"page":3}`, listOf("2")},
	} {
		g.Clock.Advance(time.Duration(handlerstest.At(t, c.now)-g.Clock.Now().Unix()) * time.Second)
		g.Call("coupon/mine", bobToken, c.data).WantData(t, c.want)
	}
	g.Call("coupon/mine", adminToken, `{}`).WantData(t, listOf("0"))
}

// Ten wrong codes of a user within an hour are the last, whoever the address is; right
// ones do not count.
func TestCouponGuesses(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	addCoupon(g, aliceToken, "code", `"Summer2019"`, "per_user", "10")
	addCoupon(g, aliceToken, "code", `"Closed2019"`, "coupon_status", "1")
	for i := range 10 {
		if i < 5 {
			g.OK("coupon/take", bobToken, codeData("Summer2019"))
		}
		g.Call("coupon/take", bobToken, codeData("Closed2019")).WantRaw(t, notIn)
		g.Call("coupon/take", bobToken, takeData("99")).WantRaw(t, notExist) // no code
		g.Call("coupon/take", bobToken, codeData("x")).Want(t, -204, "Arg's value error")
		g.Call("coupon/take", bobToken, codeData(fmt.Sprint("wrong", i))).WantRaw(t, notExist)
		g.Clock.Advance(time.Minute)
	}
	for _, code := range []string{"wrong11", "Summer2019"} {
		before := g.Stored()
		a := g.Call("coupon/take", bobToken, codeData(code)).Want(t, -302, "Too many requests")
		if a.HTTP != 429 || a.Header.Get("Retry-After") != "3000" || g.Stored() != before {
			t.Errorf("HTTP %d, Retry-After %s", a.HTTP, a.Header.Get("Retry-After"))
		}
	}
	g.OK("coupon/take", bobToken, takeData("1")) // without a code
	g.OK("coupon/take", aliceToken, codeData("Summer2019"))
	g.Clock.Advance(50 * time.Minute) // the first wrong one was an hour ago
	g.OK("coupon/take", bobToken, codeData("Summer2019"))
	g.Call("coupon/take", bobToken, codeData("wrong12")).WantRaw(t, notExist)
	g.Call("coupon/take", bobToken, codeData("wrong13")).Want(t, -302, "Too many requests")
}

// What is learnt by making coupons is not more than by taking them.
func TestCouponGuessesByMaking(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	addCoupon(g, adminToken, "shop_id", "", "code", `"Summer2019"`)
	for i := range 10 {
		addCoupon(g, aliceToken, "code", fmt.Sprintf(`"another%d"`, i))
		g.Call("coupon/creat", aliceToken, couponFields("code", `"Summer2019"`).String()).Want(t, 105, "The code was used")
	}
	g.Refuses("coupon/creat", aliceToken, couponFields("code", `"Summer2019"`).String(), -302, "Too many requests")
	g.Refuses("coupon/creat", aliceToken, couponFields("code", `"another10"`).String(), -302, "Too many requests")
	g.Refuses("coupon/take", aliceToken, codeData("Summer2019"), -302, "Too many requests")
	addCoupon(g, aliceToken)
}

// No number of calls at once passes the limit.
func TestCouponGuessesTogether(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	answers := handlerstest.Together(30, func(i int) handlerstest.Answer {
		return g.Call("coupon/take", bobToken, codeData(fmt.Sprint("wrong", i)))
	})
	if got, want := handlerstest.Count(answers), map[string]int{"100 Coupon not exist": 10, "-302 Too many requests": 20}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A call that is sent again with its request_key gets its answer again, also past the
// limit of wrong codes.
func TestCouponOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	keyed := func(data string) string { return strings.TrimSuffix(data, "}") + `,"request_key":"key-0001"}` }
	create := keyed(couponFields("code", `"Summer2019"`).String())
	made := g.OK("coupon/creat", aliceToken, create)
	g.Call("coupon/creat", aliceToken, create).WantRaw(t, made.Raw)
	g.Call("coupon/creat", aliceToken, keyed(couponFields("quantity", "5").String())).Want(t, -303, "Repeated request")
	take := keyed(codeData("Summer2019"))
	answers := handlerstest.Together(8, func(int) handlerstest.Answer { return g.Call("coupon/take", bobToken, take) })
	for _, a := range answers {
		a.WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"record_id":1}}`)
	}
	for i := range 10 {
		g.Call("coupon/take", bobToken, codeData(fmt.Sprint("wrong", i))).WantRaw(t, notExist)
	}
	g.Call("coupon/take", bobToken, codeData("Summer2019")).Want(t, -302, "Too many requests")
	g.Call("coupon/take", bobToken, take).WantRaw(t, answers[0].Raw)
	g.Call("coupon/take", bobToken, codeData("Summer2019")).Want(t, -302, "Too many requests")
	if got := g.OK("coupon/mine", bobToken, `{}`).Field("num"); got != "1" {
		t.Errorf("%s records, want 1", got)
	}
}

// Of 64 users at once 10 get one of the 10 that are left, and a user no more than allowed.
func TestCouponTakeTogether(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	few, own := addCoupon(g, aliceToken, "quantity", "10"), addCoupon(g, aliceToken, "per_user", "3")
	for i := range 64 {
		handlerstest.Must(t, g.DB.InsertUser(t.Context(), storage.User{ID: strconv.Itoa(i + 2), Name: "码三秃"}))
		handlerstest.Must(t, g.DB.InsertToken(t.Context(), fmt.Sprint("token-", i), strconv.Itoa(i+2)))
	}
	took := make([]time.Duration, 64)
	answers := handlerstest.Together(64, func(i int) handlerstest.Answer {
		began := time.Now()
		defer func() { took[i] = time.Since(began) }()
		return g.Call("coupon/take", fmt.Sprint("token-", i), takeData(few))
	})
	if got, want := handlerstest.Count(answers), map[string]int{"0 successful": 10, "103 None left": 54}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	t.Logf("the longest of 64 calls: %s", slices.Max(took))
	answers = handlerstest.Together(48, func(i int) handlerstest.Answer {
		return g.Call("coupon/take", fmt.Sprint("token-", i%6), takeData(own))
	})
	if got, want := handlerstest.Count(answers), map[string]int{"0 successful": 18, "104 Already taken": 30}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	ids := map[string]bool{}
	for _, a := range answers {
		if a.Status == 0 {
			ids[a.Field("record_id")] = true
		}
	}
	stored := map[string]int{}
	for i := range 6 {
		for id := range strings.FieldsSeq(g.OK("coupon/mine", fmt.Sprint("token-", i), `{}`).Rows(t, "coupon_id")) {
			stored[id]++
		}
	}
	taken := g.OK("coupon/list", "", `{"count":1}`).Rows(t, "taken")
	if stored[own] != 18 || len(ids) != 18 || taken != "18" || stored[few] > 6 {
		t.Errorf("%v are stored, %d ids were answered, %s are counted", stored, len(ids), taken)
	}
}
