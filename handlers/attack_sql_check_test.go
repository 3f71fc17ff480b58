package handlers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
)

// check compares what a call stored or found with what was sent.
func (a *sqlAttack) check(field referenceField, payload string, got answer) {
	a.t.Helper()
	switch a.call.name {
	case "GET property", "shop/list", "product/list":
		a.wantFound(field.key, payload, got)
	case "pic/upload":
		if want := "./api/external/get/pic/property/" + payload; got.field("url") != want {
			a.t.Errorf("%q: stored as %s", payload, got.field("url"))
		}
	case "property/add":
		a.made++
		a.wantKept(field.key, payload, a.notices("type=1&id="+got.field("uid")))
	case "property/update":
		a.wantKept(field.key, payload, a.notices("type=1&id="+a.notice))
	case "shop/creat":
		a.made++
		a.wantKept(field.key, payload, a.gateway.call("shop/info", aliceToken, `{"shop_id":`+got.field("shop_id")+`}`))
		if field.key == "shop_name" { // what is stored is looked up
			a.wantKept(field.key, payload, a.gateway.call("shop/info", aliceToken, `{"shop_name":`+jsonText(payload)+`}`))
		}
	case "shop/update":
		a.wantKept(field.key, payload, a.gateway.call("shop/info", aliceToken, `{"shop_id":811729970}`))
	case "product/creat":
		a.made++
		a.wantKept(field.key, payload, a.gateway.call("product/info", aliceToken, `{"product_id":`+got.field("product_id")+`}`))
	case "product/update":
		a.wantKept(field.key, payload, a.gateway.call("product/info", aliceToken, `{"product_id":4517733}`))
	}
}

// wantKept checks that the row has the text as it was sent; HTML is cleaned.
func (a *sqlAttack) wantKept(key, payload string, got answer) {
	a.t.Helper()
	row := strings.TrimSuffix(strings.TrimPrefix(string(got.Data), "["), "]")
	var kept map[string]any
	must(a.t, json.Unmarshal([]byte(row), &kept))
	if cleaned := key == "product_content" && strings.Contains(payload, "<"); !cleaned && kept[key] != payload {
		a.t.Errorf("%s: sent %q, kept %q", key, payload, kept[key])
	}
}

// wantFound checks that a list has those rows of the whole list that hold the text,
// the case of A–Z aside.
func (a *sqlAttack) wantFound(key, payload string, got answer) {
	a.t.Helper()
	var all, want []map[string]any
	var found []map[string]any
	must(a.t, json.Unmarshal(a.ask(a.honest()).Data, &all))
	must(a.t, json.Unmarshal(got.Data, &found))
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
		a.t.Errorf("%s %q: found %s, want %v", key, payload, got.Raw, want)
	}
}

// finish checks what is left after the attack: every other row as it was, no word
// of the database in the log, and the honest call working.
func (a *sqlAttack) finish() {
	a.t.Helper()
	after := a.everyRow()
	target := map[string]string{
		"property/update": "notice " + a.notice, "shop/update": fmt.Sprint("shop ", documentShop), "product/update": fmt.Sprint("product ", documentProduct),
	}[a.call.name]
	for key, row := range a.before {
		if diff := cmp.Diff(row, after[key]); diff != "" && key != target {
			a.t.Errorf("%s is changed: %s", key, diff)
		}
	}
	if len(after) != len(a.before)+a.made {
		a.t.Errorf("%d rows after %d calls that made one; there were %d", len(after), a.made, len(a.before))
	}
	for line := range strings.Lines(a.log.String()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "level=WARN") {
			a.t.Errorf("logged %s", line)
		}
	}
	a.sent++
	want := map[string]int{"img/validate": -1, "sms/validate": -4}[a.call.name] // of the reference's hash
	if got := a.ask(a.honest()); got.Status != want {
		a.t.Errorf("the honest call: %s", got.Raw)
	}
}

// everyRow is every row of every table that can be listed, by kind and id.
func (g *gateway) everyRow() map[string]any {
	g.t.Helper()
	ctx, all, rows := g.t.Context(), storage.Page{}, map[string]any{}
	for _, typ := range []int64{1, 2} {
		notices, err := g.db.Properties(ctx, storage.PropertyFilter{Type: typ}, all)
		must(g.t, err)
		for _, row := range notices {
			rows[fmt.Sprint("notice ", row.ID)] = row
		}
	}
	shops, err := g.db.Shops(ctx, storage.ShopFilter{}, nil, all)
	must(g.t, err)
	for _, row := range shops {
		rows[fmt.Sprint("shop ", row.ShopID)] = row
	}
	products, err := g.db.Products(ctx, storage.ProductFilter{}, nil, all)
	must(g.t, err)
	for _, row := range products {
		rows[fmt.Sprint("product ", row.ProductID)] = row
	}
	for _, id := range []string{alice, bob} {
		orders, _, err := g.db.Purchases(ctx, id, all)
		must(g.t, err)
		for _, row := range orders {
			rows["order "+row.PurchaseID] = row
		}
		user, err := g.db.User(ctx, id)
		must(g.t, err)
		rows["user "+id] = user
		tokens, err := g.db.Tokens(ctx, id)
		must(g.t, err)
		rows["tokens of "+id] = tokens
	}
	return rows
}
