package account_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/account"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// TestExport: whole, and nothing of anybody else.
func TestExport(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.OK("user/verify", token, claim(t, idCode).String())
	g.OK("address/creat", token, `{"name":"王凌超","phone":"13700007010","address":"东和公寓 <3>"}`)
	g.OK("pic/upload", token, handlerstest.PicData("shop", handlerstest.PNG(t, 7), `"name":"mine"`))
	own := g.OK("property/add", token, handlerstest.Notice().With("user_phone", `"13700007010"`).String()).Field("uid")
	g.OK("property/update", token, `{"id":`+own+`,"user2_id":"`+handlerstest.Bob+`","user2_name":"Bob","user2_phone":"13800009999","user2_qq":"999999"}`)
	answered := g.AddNotice(handlerstest.Notice().With("user_phone", `"13800009999"`))
	g.OK("property/update", aliceToken, `{"id":`+answered+`,"user2_id":"`+id+`","user2_name":"Wang","user2_phone":"13700007010","user2_qq":"893721708"}`)
	shop := g.OpenShop(token, "mine")
	product := g.OK("product/creat", token, `{"product_name":"tea","product_price":2,"shop_id":`+shop+`,"product_status":1,"product_content":"<b>green</b>"}`).Field("product_id")
	const price = `,"product_num":1,"product_unitprice":2,"product_totalprice":2}`
	order := g.OK("purchase/apply", token, `{"product_id":`+product+price).Field("purchase_id")
	g.OK("purchase/apply", bobToken, `{"product_id":`+product+price)
	g.SecondHand()
	lamp := g.OK("product/release", token, handlerstest.NewSecondHand().String()).Field("product_id")
	g.OK("product/edit", token, `{"product_id":`+lamp+`,"product_price":30}`)
	g.OK("product/collect", token, `{"product_id":6000001,"collected":1}`)
	g.OK("product/report", token, `{"product_id":6000001,"reason":"贵"}`)
	g.OK("product/collect", bobToken, `{"product_id":6000001,"collected":1}`)
	message := g.OK("message/send", token, `{"user_id":"`+handlerstest.Bob+`","product_id":`+product+`,"content":"还在吗？"}`).Field("message_id")
	g.OK("message/send", bobToken, `{"user_id":"`+id+`","content":"bob's answer"}`)
	g.OK("message/block", token, `{"user_id":"`+handlerstest.Bob+`","state":1}`)
	g.Courses()
	for _, one := range []string{token, bobToken} {
		g.OK("course/enrol", one, fmt.Sprintf(`{"product_id":%d}`, handlerstest.FreeCourse))
		g.OK("course/progress", one, fmt.Sprintf(`{"product_id":%d,"section_id":4,"seconds":30}`, handlerstest.FreeCourse))
	}
	bobs := g.OpenShop(bobToken, "bob's")
	g.OK("coupon/creat", token, handlerstest.NewCoupon().With("shop_id", shop).With("code", `"Summer2019"`).String())
	g.OK("coupon/creat", bobToken, handlerstest.NewCoupon().With("shop_id", bobs).String())
	g.OK("coupon/take", token, `{"code":"Summer2019"}`)
	g.OK("coupon/take", bobToken, `{"code":"Summer2019"}`)
	committed := func(token string) handlerstest.Answer {
		return g.OK("order/commit", token, `{"items":[{"product_id":6000001,"product_num":1,"deliver":"face"}],"pay_price":35}`)
	}
	g.SQL("UPDATE products SET product_stock = 2 WHERE product_id = 6000001")
	payment := committed(token).Field("pay_id")
	committed(bobToken)

	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		for _, user := range []string{id, handlerstest.Bob} {
			if _, err := tx.InsertCartLine(t.Context(), storage.CartLine{UserID: user, ProductID: 6000001, Pieces: 1, AddedPrice: 35_00}); err != nil {
				return err
			}
		}
		return nil
	}))

	a := g.OK("user/export", token, `{}`)
	record := g.OK("coupon/mine", token, `{}`).Data
	var mine struct{ List []map[string]json.RawMessage }
	handlerstest.Must(t, json.Unmarshal(record, &mine))
	const now = `"2019-11-28 22:26:23"`
	info := string(g.OK("order/info", token, `{"order_id":"`+handlerstest.OrderOf(payment)+`"}`).Data)
	info = regexp.MustCompile(`"(user|seller|shop)_name":"[^"]*"`).ReplaceAllString(info, `"${1}_name":""`)
	info = regexp.MustCompile(`"actions":\[[^\]]*\]`).ReplaceAllString(info, `"actions":[]`)
	want := map[string]string{
		"coupons":        `[` + strings.TrimSuffix(string(mine.List[0]["coupon"]), "}") + `,"code":"Summer2019"}]`,
		"ledger":         `[{"currency":"beli","ledger_id":3,"kind":"welcome","amount":100,"balance":100,"order_id":"","pay_id":"","note":"","creat_time":"2019-11-28 22:25:52"}]`,
		"coupon_records": strings.TrimSuffix(string(record[strings.Index(string(record), "["):]), "}"),
		"users":          `[{"user_id":` + id + `,"user_name":"码三秃","wealth":0}]`,
		"profiles": `[{"user_id":` + id + `,"user_name":"码三秃","phone":"13700007010","email":"","sex":0,"role":"","state":0,"verify_state":1,"verify_note":"",` +
			`"head_img":"./api/external/get/portrait/` + id + `","creat_time":"2019-11-28 22:25:52","beli":100,"credit_amount":0}]`,
		"identities":          `[{"real_name":"王**","id_code":"1****************X","verify_note":"","creat_time":` + now + `,"decided_time":""}]`,
		"sessions":            `[{"creat_time":"2019-11-28 22:25:52","used_time":"2019-11-28 22:25:52"}]`,
		"addresses":           `[{"address_id":1,"name":"王凌超","phone":"13700007010","address":"东和公寓 \u003c3\u003e","is_default":1}]`,
		"properties_answered": `[{"id":` + answered + `,"user2_name":"Wang","user2_phone":"13700007010","user2_qq":"893721708"}]`,
		"shops":               `[{"shop_id":` + shop + `,"shop_name":"mine","shop_content":"","user_id":` + id + `,"user_name":"码三秃","creat_time":` + now + `,"pic_url":""}]`,
		"pictures":            `[{"from":"shop","name":"mine"}]`,
		"purchases":           `[` + string(g.OK("purchase/info", token, `{"purchase_id":"`+order+`"}`).Data) + `]`,
		"products": `[` + string(g.OK("product/info", bobToken, `{"product_id":`+product+`}`).Data) + `,` +
			string(g.OK("product/detail", token, `{"product_id":`+lamp+`}`).Data) + `]`,
		"payments": `[{"pay_id":"` + payment + `","purpose":"order","order_id":"","pay_state":"waiting","pay_price":35,"method":"",` +
			`"expire_time":"2019-11-28 22:56:23","creat_time":` + now + `,"pay_time":""}]`,
		"orders":          `[` + info + `]`,
		"favourites":      `[{"product_id":6000001}]`,
		"cart_lines":      `[{"cart_id":1,"product_id":6000001,"price_policy_id":0,"product_num":1,"first_price":null,"added_price":35}]`,
		"product_reports": `[{"product_id":6000001,"reason":"贵","report_time":` + now + `}]`,
		"messages":        `[{"message_id":` + message + `,"user_id":` + id + `,"content":"还在吗？","pic_url":"","creat_time":` + now + `,"receiver_id":` + handlerstest.Bob + `,"product_id":` + product + `}]`,
		"course_owners":   `[{"product_id":5000002,"begin_time":` + now + `,"end_time":"2019-12-28 22:26:23"}]`,
		"course_grants":   `[{"product_id":5000002,"order_id":"","days":30,"begin_time":` + now + `,"end_time":"2019-12-28 22:26:23"}]`,
		"course_progress": `[{"product_id":5000002,"section_id":4,"seconds":30,"percent":10}]`,
		"blocks":          `[{"user_id":` + handlerstest.Bob + `}]`,
	}
	var got map[string]json.RawMessage
	handlerstest.Must(t, json.Unmarshal(a.Data, &got))
	for name, rows := range want {
		found := strings.ReplaceAll(string(got[name]), "\n", "")
		if found != rows {
			t.Errorf("%s\ngot  %s\nwant %s", name, found, rows)
		}
	}
	for _, name := range []string{"properties", "notices"} {
		var rows []map[string]any
		handlerstest.Must(t, json.Unmarshal(got[name], &rows))
		if len(rows) != 1 {
			t.Errorf("%s: %s", name, got[name])
		}
	}
	if len(got) != len(want)+2 {
		t.Errorf("the tables are %q", slices.Sorted(maps.Keys(got)))
	}
	for _, others := range []string{"13800009999", "999999", "Bob", "bob", idCode, "<", token, bobToken} {
		if strings.Contains(a.Raw, others) {
			t.Errorf("%q is exported", others)
		}
	}
}

// An account of an account service is exported too, also where nothing is known of it.
func TestExportOfLittle(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	a := g.OK("user/export", aliceToken, `{}`)
	want := `{"users":[{"user_id":1180310086,"user_name":"王凌超","wealth":500}],"profiles":[],"identities":[],"sessions":[],"addresses":[],` +
		`"properties":[],"properties_answered":[],"shops":[],"products":[],"favourites":[],"product_reports":[],"purchases":[],"coupons":[],"coupon_records":[],"payments":[],"orders":[],"cart_lines":[],"ledger":[{"currency":"cny","ledger_id":1,"kind":"opening","amount":500,"balance":500,"order_id":"","pay_id":"","note":"","creat_time":"2019-11-28 22:25:52"}],"course_owners":[],"course_grants":[],"course_progress":[],"pictures":[],"notices":[],"messages":[],"blocks":[]}`
	if got := strings.ReplaceAll(string(a.Data), "\n", ""); len(got) != len(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

var (
	tablesMade  = regexp.MustCompile(`(?s)CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\)`)
	columnAdded = regexp.MustCompile(`(?s)ALTER TABLE (\w+)[^;]*ADD COLUMN (\w+)`)
	userColumn  = regexp.MustCompile(`(?m)^\s+\w*(?:user|buyer|seller|owner|account)\w*\s`)
)

// TestExportHasEveryTable: a table with something of a user is in the export, or is left
// out for a reason.
func TestExportHasEveryTable(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	var exported map[string]any
	handlerstest.Must(t, json.Unmarshal(g.OK("user/export", aliceToken, `{}`).Data, &exported))
	files, err := filepath.Glob("../../storage/migrations/*/*.sql")
	handlerstest.Must(t, err)
	found := map[string]bool{"users": true} // whose id it is
	for _, file := range files {
		text, err := os.ReadFile(file)
		handlerstest.Must(t, err)
		for _, made := range tablesMade.FindAllStringSubmatch(string(text), -1) {
			found[made[1]] = found[made[1]] || userColumn.MatchString(made[2])
		}
		for _, added := range columnAdded.FindAllStringSubmatch(string(text), -1) {
			found[added[1]] = found[added[1]] || userColumn.MatchString("\n "+added[2]+" ")
		}
	}
	for table, ofUsers := range found {
		reason, left := account.NotExported[table]
		_, in := exported[table]
		switch {
		case ofUsers && !in && reason == "":
			t.Errorf("table %s has something of users: export it (handlers.All), or give the reason in account.NotExported", table)
		case in && left, left && !ofUsers:
			t.Errorf("table %s is in the export or has nothing of users: take it out of account.NotExported", table)
		}
	}
	if len(found) < 20 {
		t.Errorf("only %d tables are found", len(found))
	}
}
