package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
)

// secret stands in rows that no honest request of these tests shows.
const secret = "SECRET-OF-BOB"

// TestAttackSQL sends every payload as every field of every call of the reference.
// No answer may be one that the call does not document, or be a failure of the
// database; a list shows what an honest search for the same text shows; stored
// text comes back as it was sent; and no other row changes. In the short form a
// field gets every 32nd payload, the next one others.
func TestAttackSQL(t *testing.T) {
	payloads, stride, sent, fieldCount := attackPayloads(t, "sql.txt"), 32, 0, 0
	if torture() {
		stride = 1
	}
	calls := reference(t)
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			attack := newSQLAttack(t, call)
			for i, field := range call.fields {
				for j := (fieldCount + i) % stride; j < len(payloads); j += stride {
					attack.send(field, payloads[j])
				}
			}
			attack.finish()
			sent, fieldCount = sent+attack.sent, fieldCount+len(call.fields)
		})
	}
	t.Logf("%d payloads, %d fields of %d calls, %d requests", len(payloads), fieldCount, len(calls), sent)
}

// attackPayloads reads a list of payloads, one a line. A line that is a string of
// Go stands for what it says: for bytes that a line of text cannot hold.
func attackPayloads(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.ReadFile("testdata/attacks/" + file)
	must(t, err)
	payloads := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	for i, line := range payloads {
		if said, err := strconv.Unquote(line); err == nil && line[0] == '"' {
			payloads[i] = said
		}
	}
	return payloads
}

// torture asks for the long forms.
func torture() bool { return os.Getenv("TORTURE") != "" }

// sqlAttack attacks one call of a gateway of its own, as alice.
type sqlAttack struct {
	*gateway
	call   referenceCall
	hash   string // of a live captcha
	notice string // alice's own
	before map[string]any
	sent   int
	made   int // rows that the call has added
}

func newSQLAttack(t *testing.T, call referenceCall) *sqlAttack {
	t.Helper()
	g := start(t, manyShops, func(o *options) { o.settings.GuessesPerMinute = 0 })
	g.document()
	g.found()
	g.hide()
	a := &sqlAttack{gateway: g, call: call, hash: g.captchaHash(), notice: g.addNotice(notice())}
	a.before = a.everyRow()
	return a
}

// hide stores what is bob's.
func (g *gateway) hide() {
	g.t.Helper()
	ctx, now := g.t.Context(), g.clock.Now().Unix()
	_, err := g.db.InsertProperty(ctx, storage.Property{Type: 1, Lab: secret, Title: secret, Content: secret, UserID: bob, PublishTime: now, UpdateTime: now})
	must(g.t, err)
	must(g.t, g.db.InsertShop(ctx, storage.Shop{ShopID: 100000001, ShopName: "50%_off!", UserID: bob, CreatTime: now}))
	must(g.t, g.db.InsertProduct(ctx, storage.Product{
		ProductID: 1000001, ProductName: secret, ProductKey: secret, ProductPrice: 100, ShopID: 100000001, ProductStatus: 2,
	}))
	must(g.t, g.db.InsertProduct(ctx, storage.Product{
		ProductID: 1000002, ProductName: `'a'_b%\`, ProductKey: "!'", ProductPrice: 100, ShopID: 100000001, ProductStatus: 1,
	}))
	must(g.t, g.db.InsertPurchase(ctx, storage.Purchase{
		PurchaseID: "10000000000000001", PurchaseState: storage.PurchasePaying, UserID: bob, PurchasePrice: 100,
		ProductID: 1000002, ProductNum: 1, ProductUnitprice: 100, ProductTotalprice: 100,
	}))
}

// honest is data that the call takes.
func (a *sqlAttack) honest() fields {
	a.t.Helper()
	var example map[string]json.RawMessage
	if a.call.example != "" {
		must(a.t, json.Unmarshal([]byte(a.call.example), &example))
	}
	data := fields{}
	for key, value := range example {
		data[key] = string(value)
	}
	switch a.call.name {
	case "sms/generate":
		return data.with("hash", quoted(a.hash))
	case "property/add":
		return data.with("pic_num", "3").with("pic_url1", `"./1"`).with("pic_url2", `"./2"`).with("pic_url3", `"./3"`)
	case "property/update", "property/delete":
		return data.with("id", a.notice)
	case "GET property":
		return fields{"type": "2"}
	case "shop/creat":
		return data.with("shop_name", quoted(fmt.Sprint("shop ", a.sent)))
	case "shop/list":
		return fields{}
	case "shop/info":
		return fields{"shop_name": `"小码三秃"`}
	case "product/list":
		return fields{"type": `"all"`}
	case "product/info":
		return data.with("product_id", strconv.Itoa(documentProduct))
	}
	return data
}

// ask sends the call.
func (a *sqlAttack) ask(data fields) answer {
	if a.call.name != "GET property" {
		return a.gateway.call(a.call.name, aliceToken, data.String())
	}
	query := url.Values{"token": {aliceToken}}
	for key, value := range data {
		query.Set(key, value)
	}
	return a.do(http.MethodGet, "/get/property?"+query.Encode(), "")
}

func (a *sqlAttack) send(field referenceField, payload string) {
	a.t.Helper()
	a.sent++
	data := a.honest()
	if a.call.name == "shop/info" {
		data = fields{}
	}
	if a.call.name == "GET property" {
		data = data.with(field.key, payload)
	} else {
		data = data.with(field.key, jsonText(payload))
	}
	got := a.ask(data)
	notOwn := got.Status == -200 && got.Detail == "id: no such notice of this user"
	switch {
	case !slices.Contains(a.call.statuses, fmt.Sprint(got.Status, " ", got.Message)), got.HTTP != http.StatusOK,
		got.Status == -200 && !notOwn, got.Status == -404, got.Status == -500:
		a.t.Errorf("%s %q: HTTP %d %s", field.key, payload, got.HTTP, got.Raw)
	case strings.Contains(got.Raw, secret), strings.Contains(got.Raw, bobToken):
		a.t.Errorf("%s %q: discloses %s", field.key, payload, got.Raw)
	case got.Status == 0 && !a.takes(field):
		a.t.Errorf("%s %q: is taken: %s", field.key, payload, got.Raw)
	case got.Status == 0 || got.Status == 1:
		a.check(field, payload, got)
	}
}

// takes tells whether the field may be any text: it is no number or time, and not
// one of few words, and there is no row that it has to name.
func (a *sqlAttack) takes(field referenceField) bool {
	return strings.HasPrefix(field.kind, "text") && field.rule != "YYYY-MM-DD HH:MM:SS" && !strings.HasPrefix(field.rule, "one of") &&
		!slices.Contains([]string{"order", "purchase_id", "method", "hash", "phone", "id"}, field.key) && a.call.name != "shop/info"
}

// jsonText is a JSON text of any bytes, as a client sends them that does not care
// for UTF-8.
func jsonText(text string) string {
	var quotedText strings.Builder
	quotedText.WriteByte('"')
	for _, b := range []byte(text) {
		if b < ' ' || b == '"' || b == '\\' {
			fmt.Fprintf(&quotedText, `\u%04x`, b)
		} else {
			quotedText.WriteByte(b)
		}
	}
	quotedText.WriteByte('"')
	return quotedText.String()
}

// TestAttackSQLOutsideOfData sends every payload where a request has no field: as
// the token, in either place, as type, subtype and id, and as the name of a key.
func TestAttackSQLOutsideOfData(t *testing.T) {
	g := start(t)
	g.document()
	g.hide()
	payloads, stride, sent, before := attackPayloads(t, "sql.txt"), 4, 0, g.everyRow()
	if torture() {
		stride = 1
	}
	for i := 0; i < len(payloads); i += stride {
		payload := payloads[i]
		text, escaped := jsonText(payload), url.QueryEscape(payload)
		list := envelope("shop/list", `{}`)
		for name, c := range map[string]struct {
			answer answer
			status int
		}{
			"token":         {g.post("/get/shop", escaped, list), -101},
			"query token":   {g.do(http.MethodGet, "/get/property?type=1&token="+escaped, ""), -105},
			"type":          {g.post("", aliceToken, `{"id":1,"status":0,"type":`+text+`,"subtype":"list","data":{}}`), -2},
			"subtype":       {g.post("/get/shop", aliceToken, `{"id":1,"status":0,"type":"shop","subtype":`+text+`,"data":{}}`), -2},
			"id":            {g.post("/get/shop", aliceToken, `{"id":`+text+`,"status":0,"type":"shop","subtype":"list","data":{}}`), 0},
			"key":           {g.call("shop/list", aliceToken, `{`+text+`:1}`), 0},
			"query's name":  {g.notices("type=1&" + escaped + "=1"), -100},
			"a path's part": {g.do(http.MethodPost, "/get/shop/"+url.PathEscape(payload), list), -2},
		} {
			sent++
			said := strings.ReplaceAll(c.answer.Raw, payload, "") // a detail names the key
			if c.answer.Status != c.status || strings.Contains(said, bobToken) || strings.Contains(said, secret) {
				t.Errorf("%s %q: %s, want %d", name, payload, c.answer.Raw, c.status)
			}
		}
		if printable(payload) && payload == strings.TrimSpace(payload) {
			sent++
			g.do(http.MethodPost, "/get/shop", list, "Authorization", "Bearer "+payload).want(t, -101, "Error token")
		}
	}
	if diff := cmp.Diff(before, g.everyRow()); diff != "" {
		t.Errorf("rows are changed: %s", diff)
	}
	if strings.Contains(g.log.String(), "level=ERROR") {
		t.Errorf("logged %s", g.log)
	}
	t.Logf("%d payloads, %d requests", len(payloads), sent)
}

// printable tells whether a header may hold the text.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
