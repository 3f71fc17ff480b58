package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/captcha"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/handlers/handlerstest"
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
	t.Parallel()
	payloads, stride, sent, fieldCount := handlerstest.Payloads(t, "sql.txt"), 32, 0, 0
	if handlerstest.Torture() {
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

// sqlAttack attacks one call of a gateway of its own, as alice or an admin.
type sqlAttack struct {
	*rehearsal
	call    referenceCall
	token   string
	hash    string // of a live captcha
	notice  string // alice's own
	address string // alice's own
	before  map[string]any
	sent    int
	made    int // rows that the call has added
}

func newSQLAttack(t *testing.T, call referenceCall) *sqlAttack {
	t.Helper()
	var codes captcha.Store
	g := handlerstest.Start(t, handlerstest.ManyShops, handlerstest.ByMail(mailtest.Start(t, "none")), func(o *handlerstest.Options) {
		o.Settings.GuessesPerMinute, codes = 0, o.Captchas
	})
	g.Document()
	g.AddFoundNotices()
	hide(g)
	if strings.HasPrefix(call.name, "product/") {
		g.SecondHand()
	}
	a := &sqlAttack{
		rehearsal: rehearse(g, codes, call.name), call: call, token: handlerstest.TokenFor(call.name), hash: g.CaptchaHash(), notice: g.AddNotice(handlerstest.Notice()),
		address: g.OK("address/creat", aliceToken, handlerstest.NewAddress().String()).Field("address_id"),
	}
	a.before = a.EveryRow()
	return a
}

// hide stores what is bob's.
func hide(g *handlerstest.Gateway) {
	g.T.Helper()
	ctx, now := g.T.Context(), g.Clock.Now().Unix()
	_, err := g.DB.InsertProperty(ctx, storage.Property{Type: 1, Lab: secret, Title: secret, Content: secret, UserID: bob, PublishTime: now, UpdateTime: now})
	handlerstest.Must(g.T, err)
	handlerstest.Must(g.T, g.DB.InsertShop(ctx, storage.Shop{ShopID: 100000001, ShopName: "50%_off!", UserID: bob, CreatTime: now}))
	handlerstest.Must(g.T, g.DB.InsertProduct(ctx, storage.Product{
		ProductID: 1000001, ProductName: secret, ProductKey: secret, ProductPrice: 100, ShopID: 100000001, ProductStatus: 2,
	}))
	handlerstest.Must(g.T, g.DB.InsertProduct(ctx, storage.Product{
		ProductID: 1000002, ProductName: `'a'_b%\`, ProductKey: "!'", ProductPrice: 100, ShopID: 100000001, ProductStatus: 1,
	}))
	handlerstest.Must(g.T, g.DB.InsertPurchase(ctx, storage.Purchase{
		PurchaseID: "10000000000000001", PurchaseState: storage.PurchasePaying, UserID: bob, PurchasePrice: 100,
		ProductID: 1000002, ProductNum: 1, ProductUnitprice: 100, ProductTotalprice: 100,
	}))
}

// honest is data that the call takes.
func (a *sqlAttack) honest() handlerstest.Fields {
	a.T.Helper()
	var example map[string]json.RawMessage
	if a.call.example != "" {
		handlerstest.Must(a.T, json.Unmarshal([]byte(a.call.example), &example))
	}
	data := handlerstest.Fields{}
	for key, value := range example {
		data[key] = string(value)
	}
	switch a.call.name {
	case "sms/generate":
		return data.With("hash", handlerstest.Quoted(a.hash))
	case "property/add":
		return data.With("pic_num", "3").With("pic_url1", `"./1"`).With("pic_url2", `"./2"`).With("pic_url3", `"./3"`)
	case "property/update", "property/delete":
		return data.With("id", a.notice)
	case "address/update", "address/delete", "address/default":
		return data.With("address_id", a.address)
	case "address/creat":
		return data.With("is_default", "0")
	case "category/creat":
		return data.With("category_name", handlerstest.Quoted(fmt.Sprint("category ", a.sent)))
	case "GET property":
		return handlerstest.Fields{"type": "2"}
	case "shop/creat":
		return data.With("shop_name", handlerstest.Quoted(fmt.Sprint("shop ", a.sent)))
	case "shop/list":
		return handlerstest.Fields{}
	case "shop/info":
		return handlerstest.Fields{"shop_name": `"小码三秃"`}
	case "product/list":
		return handlerstest.Fields{"type": `"all"`}
	case "user/review": // who was refused may be reviewed again
		data = data.With("pass", "0")
	case "product/info":
		return data.With("product_id", strconv.Itoa(handlerstest.DocumentProduct))
	}
	return a.ready(a.call.name, data)
}

// ask sends the call.
func (a *sqlAttack) ask(data handlerstest.Fields) handlerstest.Answer {
	if a.call.name != "GET property" {
		return a.Call(a.call.name, a.token, data.String())
	}
	query := url.Values{"token": {aliceToken}}
	for key, value := range data {
		query.Set(key, value)
	}
	return a.Do(http.MethodGet, "/get/property?"+query.Encode(), "")
}

func (a *sqlAttack) send(field referenceField, payload string) {
	a.T.Helper()
	if field.key == "request_key" && requestKey.MatchString(payload) {
		return // as good as any
	}
	a.sent++
	data := a.honest()
	if a.call.name == "shop/info" {
		data = handlerstest.Fields{}
	}
	switch key, place, within := cutPlace(field.key); {
	case a.call.name == "GET property":
		data = data.With(field.key, payload)
	case within:
		var value any
		if data[key] != "" {
			handlerstest.Must(a.T, json.Unmarshal([]byte(data[key]), &value))
		}
		text, err := json.Marshal(replaced(value, place, json.RawMessage(handlerstest.JSONText(payload))))
		handlerstest.Must(a.T, err)
		data = data.With(key, string(text))
	default:
		data = data.With(field.key, handlerstest.JSONText(payload))
	}
	got := a.ask(data)
	said := strings.NewReplacer(payload, "", strings.Trim(handlerstest.JSONText(payload), `"`), "").Replace(got.Raw)
	notOwn := got.Status == -200 && got.Detail == "id: no such notice, or another user's"
	switch {
	case !slices.Contains(a.call.statuses, fmt.Sprint(got.Status, " ", got.Message)), got.HTTP != http.StatusOK,
		got.Status == -200 && !notOwn, got.Status == -404, got.Status == -500:
		a.T.Errorf("%s %q: HTTP %d %s", field.key, payload, got.HTTP, got.Raw)
	case strings.Contains(said, secret), strings.Contains(said, bobToken):
		a.T.Errorf("%s %q: discloses %s", field.key, payload, got.Raw)
	case got.Status == 0 && !a.takes(field):
		a.T.Errorf("%s %q: is taken: %s", field.key, payload, got.Raw)
	case got.Status == 0 || got.Status == 1:
		a.check(field, payload, got)
	}
}

// requestKey is a request_key that is taken.
var requestKey = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// cutPlace parts a field of an object or of a list's objects, such as items[].x, into
// the key of data and the place below it.
func cutPlace(field string) (key, place string, within bool) {
	if i := strings.IndexAny(field, ".["); i > 0 {
		return field[:i], field[i:], true
	}
	return field, "", false
}

// replaced is a JSON value with another at a place below it, of a list in each element.
func replaced(value any, place string, with json.RawMessage) any {
	if place == "" {
		return with
	}
	if rest, ok := strings.CutPrefix(place, "[]"); ok {
		elements, _ := value.([]any)
		if len(elements) == 0 {
			elements = []any{nil}
		}
		for i := range elements {
			elements[i] = replaced(elements[i], rest, with)
		}
		return elements
	}
	key, rest, _ := cutPlace(strings.TrimPrefix(place, "."))
	object, _ := value.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	object[key] = replaced(object[key], rest, with)
	return object
}

func TestReplaced(t *testing.T) {
	for _, test := range []struct{ value, place, want string }{
		{`{"a":1,"b":2}`, ".a", `{"a":"x","b":2}`},
		{`[{"a":1},{"a":2,"b":3}]`, "[].a", `[{"a":"x"},{"a":"x","b":3}]`},
		{`{"a":[{"b":{"c":1}}]}`, ".a[].b.c", `{"a":[{"b":{"c":"x"}}]}`},
		{`null`, "[].a", `[{"a":"x"}]`},
	} {
		var value any
		handlerstest.Must(t, json.Unmarshal([]byte(test.value), &value))
		got, err := json.Marshal(replaced(value, test.place, json.RawMessage(`"x"`)))
		handlerstest.Must(t, err)
		if string(got) != test.want {
			t.Errorf("%s of %s: got %s, want %s", test.place, test.value, got, test.want)
		}
	}
}

// takes reports whether the field may be any text: it is no number or time, and not
// one of few words, and there is no row that it has to name.
func (a *sqlAttack) takes(field referenceField) bool {
	return strings.HasPrefix(field.kind, "text") && field.rule != "YYYY-MM-DD HH:MM:SS" && !strings.HasPrefix(field.rule, "one of") &&
		!slices.Contains([]string{"order", "purchase_id", "method", "hash", "phone", "id", "old"}, field.key) && a.call.name != "shop/info" ||
		field.key == "hash" && a.call.name == "user/login" || // it is looked at after failures only
		field.key == "phone" && (a.call.name == "order/list" || a.call.name == "credit/cards") // of the lists of admins alone
}

// TestAttackSQLOutsideOfData sends every payload where a request has no field: as
// the token, in either place, as type, subtype and id, and as the name of a key.
func TestAttackSQLOutsideOfData(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	hide(g)
	payloads, stride, sent, before := handlerstest.Payloads(t, "sql.txt"), 4, 0, g.EveryRow()
	if handlerstest.Torture() {
		stride = 1
	}
	for i := 0; i < len(payloads); i += stride {
		payload := payloads[i]
		text, escaped := handlerstest.JSONText(payload), url.QueryEscape(payload)
		named := map[bool]int{true: 0, false: -100}[payload == "_"] // the name that keeps caches away
		list := handlerstest.Envelope("shop/list", `{}`)
		for name, c := range map[string]struct {
			answer handlerstest.Answer
			status int
		}{
			"token":         {g.Post("/get/shop", escaped, list), -101},
			"query token":   {g.Do(http.MethodGet, "/get/property?type=1&token="+escaped, ""), -105},
			"type":          {g.Post("", aliceToken, `{"id":1,"status":0,"type":`+text+`,"subtype":"list","data":{}}`), -2},
			"subtype":       {g.Post("/get/shop", aliceToken, `{"id":1,"status":0,"type":"shop","subtype":`+text+`,"data":{}}`), -2},
			"id":            {g.Post("/get/shop", aliceToken, `{"id":`+text+`,"status":0,"type":"shop","subtype":"list","data":{}}`), 0},
			"key":           {g.Call("shop/list", aliceToken, `{`+text+`:1}`), 0},
			"query's name":  {g.Notices("type=1&" + escaped + "=1"), named},
			"a path's part": {g.Do(http.MethodPost, "/get/shop/"+url.PathEscape(payload), list), -2},
		} {
			sent++
			said := strings.ReplaceAll(c.answer.Raw, payload, "") // a detail names the key
			if c.answer.Status != c.status || strings.Contains(said, bobToken) || c.status != 0 && strings.Contains(said, secret) {
				t.Errorf("%s %q: %s, want %d", name, payload, c.answer.Raw, c.status)
			}
		}
		if printable(payload) && payload == strings.TrimSpace(payload) {
			sent++
			g.Do(http.MethodPost, "/get/shop", list, "Authorization", "Bearer "+payload).Want(t, -101, "Error token")
		}
	}
	if diff := cmp.Diff(before, g.EveryRow()); diff != "" {
		t.Errorf("rows are changed: %s", diff)
	}
	if strings.Contains(g.Log.String(), "level=ERROR") {
		t.Errorf("logged %s", g.Log)
	}
	t.Logf("%d payloads, %d requests", len(payloads), sent)
}

// printable reports whether a header may hold the text.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
