package handlers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
)

// check compares what a call stored or found with what was sent.
func (a *sqlAttack) check(field referenceField, payload string, got handlerstest.Answer) {
	a.T.Helper()
	switch a.call.name {
	case "GET property", "shop/list", "product/list":
		a.wantFound(field.key, payload, got)
	case "pic/upload":
		if want := "./api/external/get/pic/property/" + payload; got.Field("url") != want {
			a.T.Errorf("%q: stored as %s", payload, got.Field("url"))
		}
	case "property/add":
		a.made++
		a.wantKept(field.key, payload, a.Notices("type=1&id="+got.Field("uid")))
	case "property/update":
		a.wantKept(field.key, payload, a.Notices("type=1&id="+a.notice))
	case "shop/creat":
		a.made++
		a.wantKept(field.key, payload, a.Call("shop/info", aliceToken, `{"shop_id":`+got.Field("shop_id")+`}`))
		if field.key == "shop_name" { // what is stored is looked up
			a.wantKept(field.key, payload, a.Call("shop/info", aliceToken, `{"shop_name":`+handlerstest.JSONText(payload)+`}`))
		}
	case "shop/update":
		a.wantKept(field.key, payload, a.Call("shop/info", aliceToken, `{"shop_id":811729970}`))
	case "product/creat":
		a.made++
		a.wantKept(field.key, payload, a.Call("product/info", aliceToken, `{"product_id":`+got.Field("product_id")+`}`))
	case "product/release": // a product, its review, and the job
		a.made += 3
		a.wantKept(field.key, payload, a.Call("product/detail", aliceToken, `{"product_id":`+got.Field("product_id")+`}`))
	case "product/edit": // a newer version, which those that follow replace, and the job
		a.made = 2
		a.wantKept(field.key, payload, a.Call("product/detail", aliceToken, fmt.Sprintf(`{"product_id":%d}`, handlerstest.DocumentSecondHand)))
	case "product/report", "product/review": // what an admin may decide; a notice, one at a time
		a.made = 1
	case "message/upload": // the job that removes it
		a.made++
	case "message/send": // a message; once both sides of the conversation
		a.made = max(a.made, 2) + 1
		a.wantListed("message/conversations", field.key, payload)
	case "message/block": // a profile
		a.made = 1
	case "user/register", "user/mail": // an account, and a job
		a.made++
	case "user/freeze":
		a.made = 1 // a notice: those that follow change nothing
	case "user/verify":
		a.made = 1 // an identity, which those that follow replace
	case "user/review":
		a.made = max(a.made, 1) + 1 // a notice, and once a job
	case "address/creat":
		a.wantListed("address/list", field.key, payload)
		a.OK("address/delete", aliceToken, `{"address_id":`+got.Field("address_id")+`}`) // of which there may be few
	case "address/update":
		a.wantListed("address/list", field.key, payload)
	case "category/creat":
		a.wantListed("category/list", field.key, payload)
		a.OK("category/delete", handlerstest.AdminToken, `{"category_id":`+got.Field("category_id")+`}`) // a list shows few
	case "category/update":
		a.wantListed("category/list", field.key, payload)
	case "coupon/creat":
		a.made++
		if field.key == "coupon_name" {
			a.wantListed("coupon/list", field.key, payload)
		}
	case "wallet/grant", "credit/set":
		a.made = 1 // a notice: those that follow are of the same moment
	case "coupon/take": // by a request_key that is one
		a.made++
	case "coupon/update":
		a.wantListed("coupon/list", field.key, payload)
	case "cart/add":
		a.made = 1 // a line, to which those that follow add
	case "product/update":
		a.wantKept(field.key, payload, a.Call("product/info", aliceToken, `{"product_id":4517733}`))
	}
}

// wantKept checks that the row has the text as it was sent; HTML is cleaned.
func (a *sqlAttack) wantKept(key, payload string, got handlerstest.Answer) {
	a.T.Helper()
	row := strings.TrimSuffix(strings.TrimPrefix(string(got.Data), "["), "]")
	var kept map[string]any
	handlerstest.Must(a.T, json.Unmarshal([]byte(row), &kept))
	if cleaned := key == "product_content" && strings.Contains(payload, "<"); !cleaned && kept[key] != payload {
		a.T.Errorf("%s: sent %q, kept %q", key, payload, kept[key])
	}
}

// wantListed checks that a list of the market has a row with the text as it was sent.
func (a *sqlAttack) wantListed(list, key, payload string) {
	a.T.Helper()
	var kept struct{ List []map[string]any }
	handlerstest.Must(a.T, json.Unmarshal(a.OK(list, aliceToken, `{"count":100}`).Data, &kept))
	if !slices.ContainsFunc(kept.List, func(row map[string]any) bool { return row[key] == payload }) {
		a.T.Errorf("%s: sent %q, kept %v", key, payload, kept.List)
	}
}

// wantFound checks that a list has those rows of the whole list that hold the text,
// the case of A–Z aside.
func (a *sqlAttack) wantFound(key, payload string, got handlerstest.Answer) {
	a.T.Helper()
	var all, want []map[string]any
	var found []map[string]any
	handlerstest.Must(a.T, json.Unmarshal(a.ask(a.honest()).Data, &all))
	handlerstest.Must(a.T, json.Unmarshal(got.Data, &found))
	lower := func(text any) string {
		return strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
			return r
		}, fmt.Sprint(text))
	}
	for _, row := range all {
		matched := strings.Contains(lower(row[key]), lower(payload))
		if key == "key" {
			matched = fmt.Sprint(row["id"]) == payload || row["user_id"] == payload ||
				slices.ContainsFunc([]string{"lab", "title", "content"}, func(part string) bool {
					return strings.Contains(lower(row[part]), lower(payload))
				})
		}
		if matched {
			want = append(want, row)
		}
	}
	if len(want)+len(found) > 0 && !cmp.Equal(want, found) {
		a.T.Errorf("%s %q: found %s, want %v", key, payload, got.Raw, want)
	}
}

// accounts are the profiles of accounts of our own, and those whose passwords the attack
// sets.
func (a *sqlAttack) accounts() (keys []string) {
	for key := range a.before {
		if strings.HasPrefix(key, "profile ") && key != "profile "+bob {
			keys = append(keys, key)
		}
	}
	return keys
}

// withoutLedger are the rows but those of the ledger, which are a call's beside its own.
func withoutLedger(rows map[string]any) map[string]any {
	others := maps.Clone(rows)
	maps.DeleteFunc(others, func(key string, _ any) bool { return strings.HasPrefix(key, "ledger ") })
	return others
}

// finish checks what is left after the attack: every other row as it was, no word
// of the database in the log, and the honest call working.
func (a *sqlAttack) finish() {
	a.T.Helper()
	after := a.EveryRow()
	courseProduct, courseRow := fmt.Sprint("product ", handlerstest.DocumentCourse), fmt.Sprint("course ", handlerstest.DocumentCourse)
	targets := map[string][]string{
		"property/update": {"notice " + a.notice}, "shop/update": {fmt.Sprint("shop ", handlerstest.DocumentShop)},
		"product/update": {fmt.Sprint("product ", handlerstest.DocumentProduct)},
		"address/update": {"address " + a.address}, "category/update": {"category 9"},
		"product/report": {"favourites and reports of " + alice}, "product/review": {fmt.Sprint("product ", handlerstest.DocumentProduct)},
		"coupon/update": {fmt.Sprint("coupon ", handlerstest.DocumentCoupon)}, "coupon/take": {fmt.Sprint("coupon ", handlerstest.DocumentCoupon)},
		"cart/update": {"cart line 1"}, "cart/delete": {"cart line 1"},
		"user/login": a.accounts(), "user/reset": a.accounts(), "user/password": {"profile " + alice},
		"user/update": { // what shows her name
			"profile " + alice, "user " + alice, fmt.Sprint("shop ", handlerstest.DocumentShop), fmt.Sprint("product ", handlerstest.DocumentProduct),
		}, "user/freeze": {"profile " + bob},
		"user/delete": {"profile " + alice}, "user/verify": {"profile " + alice, "identity " + alice},
		"user/review": {"profile " + bob, "identity " + bob}, "wallet/grant": {"profile " + bob}, "credit/set": {"profile " + bob},
		"order/decline": {"user " + bob}, "order/agree": {"user " + bob}, "order/receive": {"user " + bob}, "order/arbitrate": {"user " + alice},
		"course/update": {courseProduct, courseRow}, "course/chapters": {courseRow}, "course/policies": {courseProduct, courseRow},
		"course/progress": {"courses of " + alice}, "course/enrol": {"courses of " + alice, fmt.Sprint("course ", handlerstest.FreeCourse)},
		"credit/pay": {"profile " + alice, "user " + alice}, "pay/settle": {"user " + alice},
	}[a.call.name]
	ofOrders := strings.HasPrefix(a.call.name, "order/") || isPayment(a.call.name) // they make orders, history, jobs and more
	if ofOrders || a.call.name == "course/creat" || a.call.name == "course/policies" {
		a.made = len(withoutLedger(after)) - len(withoutLedger(a.before))
	}
	for key, row := range a.before {
		if diff := cmp.Diff(row, after[key]); diff != "" && !slices.Contains(targets, key) && (!ofOrders || !ofTrade(key)) {
			a.T.Errorf("%s is changed: %s", key, diff)
		}
	}
	if got, before := len(withoutLedger(after)), len(withoutLedger(a.before)); got != before+a.made {
		a.T.Errorf("%d rows after %d calls that made one; there were %d", got, a.made, before)
	}
	for line := range strings.Lines(a.Log.String()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "level=WARN") {
			a.T.Errorf("logged %s", line)
		}
	}
	a.sent++
	want := map[string]int{"img/validate": -1, "sms/validate": -4}[a.call.name] // of the reference's hash
	if got := a.ask(a.honest()); got.Status != want {
		a.T.Errorf("the honest call: %s", got.Raw)
	}
}

// ofTrade reports whether a row is one that alice's and bob's trade with each other changes.
func ofTrade(key string) bool {
	return slices.ContainsFunc([]string{"order 157495115", "payment 157495115", fmt.Sprint("product ", handlerstest.DocumentTextbook), fmt.Sprint("product ", handlerstest.DocumentProduct)},
		func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}
