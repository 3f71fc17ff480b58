package trade_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// grantData is the reference's example of wallet/grant, with changes, which are keys and
// JSON values in turn.
func grantData(changes ...string) string {
	data := handlerstest.Fields{"user_id": `"` + bob + `"`, "currency": `"beli"`, "amount": "50", "note": `"活动奖励"`}
	for i := 0; i < len(changes); i += 2 {
		data = data.With(changes[i], changes[i+1])
	}
	return data.String()
}

// notices are what a user was told, the newest first.
func notices(g *handlerstest.Gateway, user string) (told []string) {
	g.T.Helper()
	all, _, err := g.DB.Notices(g.T.Context(), user, false, storage.Page{})
	handlerstest.Must(g.T, err)
	for _, n := range all {
		told = append(told, n.Kind+" "+n.Title+" "+n.Content)
	}
	return told
}

// What is given and spent is seen as the caller's, the newest first, with the balance behind
// each row.
func TestWallet(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	const none = `{"id":1,"status":0,"message":"successful","data":{"balance":1000,"beli":0,"credit_amount":0,"credit_remain":0,"income_waiting":0}}`
	g.Call("wallet/info", bobToken, `{}`).WantRaw(t, none)
	for _, data := range []string{
		grantData(), grantData("amount", "-20", "note", `""`), grantData("currency", `"cny"`, "amount", "12.5"), grantData("currency", `"cny"`, "amount", `"-0.01"`),
	} {
		g.Call("wallet/grant", adminToken, data).WantRaw(t, nothing)
	}
	g.OK("credit/set", adminToken, `{"user_id":"`+bob+`","inc_amount":300}`)
	g.OK("credit/set", adminToken, `{"user_id":"`+bob+`","inc_amount":-100.5,"note":"降低"}`)
	order := g.OK("purchase/apply", bobToken, handlerstest.NewOrder().String()).Field("purchase_id")
	g.OK("purchase/pay", bobToken, handlerstest.PayData(order))

	g.Call("wallet/info", bobToken, `{}`).WantData(t, `{"balance":910.99,"beli":30,"credit_amount":199.5,"credit_remain":199.5,"income_waiting":0}`)
	row := func(id, kind, amount, balance, order, note string) string {
		return handlerstest.Object([]string{
			"ledger_id", id, "kind", `"` + kind + `"`, "amount", amount, "balance", balance, "order_id", `"` + order + `"`, "pay_id", `""`,
			"note", `"` + note + `"`, "creat_time", `"2019-11-28 22:25:52"`,
		}, nil)
	}
	for _, c := range []struct{ data, want string }{
		{`{"currency":"cny"}`, listOf("4", row("9", "purchase", "-101.5", "910.99", order, ""), row("6", "grant", "-0.01", "1012.49", "", "活动奖励"),
			row("5", "grant", "12.5", "1012.5", "", "活动奖励"), row("2", "opening", "1000", "1000", "", ""))},
		{`{"currency":"beli"}`, listOf("2", row("4", "grant", "-20", "30", "", ""), row("3", "grant", "50", "50", "", "活动奖励"))},
		{`{"currency":"credit"}`, listOf("2", row("8", "credit", "-100.5", "199.5", "", "降低"), row("7", "credit", "300", "300", "", ""))},
		{`{"currency":"cny","page":2,"count":3}`, listOf("4", row("2", "opening", "1000", "1000", "", ""))},
		{`{"currency":"credit","page":3}`, listOf("2")},
	} {
		g.Call("wallet/list", bobToken, c.data).WantData(t, c.want)
	}
	g.Call("wallet/list", adminToken, `{"currency":"cny"}`).WantData(t, `{"num":0,"list":[]}`)
	for _, one := range []struct{ call, data string }{{"wallet/info", "{"}, {"wallet/list", `{"currency":"cny",`}, {"wallet/list", `{"currency":"beli","count":1,`}, {"wallet/list", `{"currency":"credit",`}} {
		own := strings.Replace(one.data+"}", ",}", "}", 1)
		his := string(g.OK(one.call, bobToken, own).Data)
		g.OK(one.call, adminToken, one.data+`"user_id":`+bob+`}`).WantData(t, his)
		g.OK(one.call, bobToken, one.data+`"user_id":"`+alice+`"}`).WantData(t, his) // who is no admin
		g.OK(one.call, adminToken, one.data+`"user_id":"`+handlerstest.Admin+`"}`).WantData(t, string(g.OK(one.call, adminToken, own).Data))
		g.Refuses(one.call, adminToken, one.data+`"user_id":"1"}`, 100, "User not exist")
		g.SetProfile(handlerstest.Admin, func(p *storage.Profile) { p.State = storage.ProfileFrozen })
		g.Refuses(one.call, adminToken, one.data+`"user_id":"`+bob+`"}`, -301, "Account is frozen")
		g.SetProfile(handlerstest.Admin, func(p *storage.Profile) { p.State = storage.ProfileActive })
	}
	g.RefusesValue("wallet/list", bobToken, handlerstest.Fields{"currency": `"usd"`}, "currency", -204)
	g.Refuses("wallet/list", bobToken, `{}`, -3, "Error data key")

	if diff := cmp.Diff([]string{
		"wallet 额度变动 管理员调整了您的额度：-100.5 元。说明：降低",
		"wallet 额度变动 管理员调整了您的额度：+300 元。",
		"wallet 钱包变动 管理员调整了您的余额：-0.01 元。说明：活动奖励",
		"wallet 钱包变动 管理员调整了您的余额：+12.5 元。说明：活动奖励",
		"wallet 钱包变动 管理员调整了您的贝里：-20。",
		"wallet 钱包变动 管理员调整了您的贝里：+50。说明：活动奖励",
	}, notices(g, bob)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	now := g.Clock.Now().Unix()
	var got []string
	for _, a := range audits(g) {
		if a.UserID != handlerstest.Admin || a.Time != now || a.Target != "user "+bob || a.Before != "" {
			t.Errorf("%+v", a)
		}
		got = append(got, a.Call+": "+a.After)
	}
	if diff := cmp.Diff([]string{
		"wallet/grant: beli 50 活动奖励", "wallet/grant: beli -20 ", "wallet/grant: cny 12.5 活动奖励", "wallet/grant: cny -0.01 活动奖励",
		"credit/set: 300 ", "credit/set: -100.5 降低", "wallet/info: ", "wallet/list: ", "wallet/list: ", "wallet/list: ",
	}, got); diff != "" {
		t.Errorf("audits (-want +got):\n%s", diff)
	}
}

func TestWalletGrantRefusals(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("wallet/grant", adminToken, grantData("amount", "10"))
	for _, c := range []struct {
		token, data string
		status      int
		text        string
	}{
		{adminToken, grantData("user_id", `"`+handlerstest.Admin+`"`), -103, "No permission to operate"},
		{aliceToken, grantData(), -103, "No permission to operate"},
		{adminToken, grantData("user_id", `"1"`), 100, "User not exist"},
		{adminToken, grantData("amount", "-11"), 102, "Balance is not enough"},
		{adminToken, grantData("currency", `"cny"`, "amount", "-1000.01"), 102, "Balance is not enough"},
		{adminToken, grantData("amount", "0"), -204, "Arg's value error"},
		{adminToken, grantData("amount", "0.5"), -204, "Arg's value error"},
		{adminToken, grantData("note", `"`+handlerstest.RefusedWord+`"`), -305, "Content refused"},
	} {
		g.Refuses("wallet/grant", c.token, c.data, c.status, c.text)
	}
	for _, currency := range []string{`"credit"`, `"usd"`, `" "`} {
		g.RefusesValue("wallet/grant", adminToken, handlerstest.Fields{"user_id": `"` + bob + `"`, "currency": currency, "amount": "1"}, "currency", -204)
	}
	g.FieldTable("wallet/grant", adminToken, handlerstest.Fields{"user_id": `"` + bob + `"`, "currency": `"cny"`, "amount": "1"}, []handlerstest.FieldRow{
		{Key: "amount", Absent: -3, Empty: -201, Kind: handlerstest.Price, Good: []string{"0.01", `"-0.02"`, "999999.99"}, Bad: []string{"0.001", "1000000", "-1000000"}},
		{Key: "note", Kind: handlerstest.Text, Limit: 200},
	})
}

// A grant that is sent twice is given once.
func TestWalletGrantOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for range 3 {
		g.Call("wallet/grant", adminToken, grantData("request_key", `"k-12345678"`)).WantRaw(t, nothing)
		g.Call("credit/set", adminToken, `{"user_id":"`+bob+`","inc_amount":5,"request_key":"k-12345678"}`).WantRaw(t, nothing)
		g.Clock.Advance(2 * 24 * 3600 * 1e9)
	}
	g.Call("wallet/grant", adminToken, grantData("amount", "51", "request_key", `"k-12345678"`)).Want(t, -303, "Repeated request")
	g.Call("wallet/info", bobToken, `{}`).WantData(t, `{"balance":1000,"beli":50,"credit_amount":5,"credit_remain":5,"income_waiting":0}`)
}

func TestCreditSet(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	set := func(user, amount string) string { return `{"user_id":"` + user + `","inc_amount":` + amount + `}` }
	g.OK("credit/set", adminToken, set(bob, "100"))
	hold := func(change func(tx *storage.Tx, ctx context.Context, user string, fen int64) error) {
		t.Helper()
		handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error { return change(tx, t.Context(), bob, 40_00) }))
	}
	hold((*storage.Tx).HoldCredit)
	for _, c := range []struct {
		token, data string
		status      int
		text        string
	}{
		{adminToken, set(handlerstest.Admin, "1"), -103, "No permission to operate"},
		{bobToken, set(alice, "1"), -103, "No permission to operate"},
		{adminToken, set("1", "1"), 106, "User not exist"},
		{adminToken, set(bob, "-60.01"), 104, "Amount error"}, // 40 are held
		{adminToken, set(alice, "-1"), 104, "Amount error"},
		{adminToken, set(bob, "0"), -204, "Arg's value error"},
		{adminToken, set(bob, `1,"note":"`+handlerstest.RefusedWord+`"`), -305, "Content refused"},
	} {
		g.Refuses("credit/set", c.token, c.data, c.status, c.text)
	}
	g.OK("credit/set", adminToken, set(bob, "-60"))
	hold((*storage.Tx).FreeCredit)
	g.FieldTable("credit/set", adminToken, handlerstest.Fields{"user_id": `"` + bob + `"`, "inc_amount": "1"}, []handlerstest.FieldRow{
		{Key: "inc_amount", Absent: -3, Empty: -201, Kind: handlerstest.Price, Good: []string{"0.01", `"-0.01"`, "999999.99"}, Bad: []string{"0.001", "1000000", "-1000000"}},
		{Key: "note", Kind: handlerstest.Text, Limit: 200},
	})
}

// An admin finds credits by name, phone and time; each look is in the audit, without a
// whole phone.
func TestCreditCards(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("user/contact", aliceToken, `{"phone":"13700007010","sms_hash":"`+g.SMSHash("13700007010")+`"}`)
	g.OK("credit/set", adminToken, `{"user_id":"`+alice+`","inc_amount":100}`)
	g.Clock.Advance(3600 * 1e9)
	g.OK("credit/set", adminToken, `{"user_id":"`+bob+`","inc_amount":30}`)
	g.OK("wallet/grant", adminToken, grantData("user_id", `"`+bob+`"`))
	card := func(id, name, phone, amount, time string) string {
		return handlerstest.Object([]string{
			"user_id", id, "user_name", `"` + name + `"`, "phone", `"` + phone + `"`, "credit_amount", amount, "credit_remain", amount, "debt", "0",
			"change_time", `"2019-11-28 ` + time + `"`,
		}, nil)
	}
	at := strings.Split(g.Clock.Now().Format("15:04:05"), " ")[0]
	before := g.Clock.Now().Add(-3600 * 1e9).Format("15:04:05")
	alices, bobs := card(alice, "王凌超", "13700007010", "100", before), card(bob, "码三秃", "", "30", at)
	for _, c := range []struct{ data, want string }{
		{`{}`, listOf("2", bobs, alices)},
		{`{"count":1,"page":2}`, listOf("2", alices)},
		{`{"user_name":"凌"}`, listOf("1", alices)},
		{`{"phone":"7010"}`, listOf("1", alices)},
		{`{"phone":"7010","user_name":"秃"}`, listOf("0")},
		{`{"time_begin":"2019-11-28 ` + at + `"}`, listOf("1", bobs)},
		{`{"time_end":"2019-11-28 ` + at + `"}`, listOf("1", alices)},
		{`{"time_begin":"2019-11-28 00:00:00","time_end":"2019-11-29 00:00:00","phone":"","user_name":""}`, listOf("2", bobs, alices)},
		{`{"phone":"13700007010"}`, listOf("1", alices)},
	} {
		g.Call("credit/cards", adminToken, c.data).WantData(t, c.want)
	}
	rows := audits(g)
	if last := rows[len(rows)-1]; len(rows) != 3+9 || last.Call != "credit/cards" || last.Target != "user_name , phone 137****7010" {
		t.Errorf("%d audits, the last %+v", len(rows), last)
	}
	g.Refuses("credit/cards", aliceToken, `{}`, -103, "No permission to operate")
	g.RefusesValue("credit/cards", adminToken, handlerstest.Fields{"time_begin": `"yesterday"`}, "time_begin", -204)
}
