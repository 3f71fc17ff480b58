package trade_test

import (
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// buyBike has alice buy a bike for 60.00 now and 240.00 from her credit, and returns the
// order.
func (f *fair) buyBike() (order string) {
	f.T.Helper()
	a := f.OK("order/commit", aliceToken, `{"items":[{"product_id":1003,"product_num":1,"first_price":60,"deliver":"face"}],"pay_price":60}`)
	f.OK("order/pay", aliceToken, `{"pay_id":"`+a.Field("pay_id")+`","method":"wallet"}`)
	return handlerstest.OrderOf(a.Field("pay_id"))
}

// repay pays an order's debt back from the wallet.
func (f *fair) repay(order string) {
	f.T.Helper()
	f.OK("credit/pay", aliceToken, `{"order_id":"`+order+`","method":"wallet"}`)
}

// What orders owe is listed until it is paid back, and is overdue after the day on which it
// is due.
func TestCredit(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	state := func(want string) {
		t.Helper()
		f.Call("credit/info", aliceToken, `{}`).WantData(t, want)
	}
	state(`{"credit_amount":0,"credit_remain":0,"debt":0,"overdue":0,"next_due":""}`)
	f.OK("credit/set", adminToken, `{"user_id":"`+alice+`","inc_amount":500,"note":"新生"}`)
	first := f.buyBike()
	state(`{"credit_amount":500,"credit_remain":260,"debt":240,"overdue":0,"next_due":"2020-01-27 23:59:59"}`)
	f.Clock.Advance(24 * time.Hour)
	held := f.OK("order/commit", aliceToken, `{"items":[{"product_id":1003,"product_num":1,"first_price":100,"deliver":"face"}],"pay_price":100}`).Field("pay_id")
	state(`{"credit_amount":500,"credit_remain":60,"debt":240,"overdue":0,"next_due":"2020-01-27 23:59:59"}`)
	f.Call("credit/set", adminToken, `{"user_id":"`+alice+`","inc_amount":-60.01}`).Want(t, 104, "Amount error")
	f.OK("order/pay", aliceToken, `{"pay_id":"`+held+`","method":"wallet"}`)
	second := handlerstest.OrderOf(held)

	row := func(order, debt, paid, due, state string) string {
		return `{"order_id":"` + order + `","debt":` + debt + `,"paid":` + paid + `,"due_time":"` + due + ` 23:59:59","state":"` + state + `"}`
	}
	owes, owesMore := row(first, "240", "0", "2020-01-27", "need_pay"), row(second, "200", "0", "2020-01-28", "need_pay")
	list := func(data, want string) {
		t.Helper()
		f.Call("credit/list", aliceToken, data).WantData(t, want)
	}
	list(`{}`, listOf("2", owesMore, owes))
	list(`{"type":"all","page":2,"count":1}`, listOf("2", owes))
	list(`{"type":"need_pay"}`, listOf("2", owesMore, owes))
	list(`{"type":"over_time"}`, listOf("0"))
	list(`{"type":"has_pay"}`, listOf("0"))
	f.Call("credit/list", bobToken, `{}`).WantData(t, listOf("0"))
	f.RefusesValue("credit/list", aliceToken, handlerstest.Fields{"type": `"none"`}, "type", -204)

	f.Clock.Advance(time.Unix(handlerstest.At(t, "2020-01-27 23:59:59"), 0).Sub(f.Clock.Now()))
	list(`{"type":"over_time"}`, listOf("0"))
	f.Clock.Advance(time.Second)
	late := row(first, "240", "0", "2020-01-27", "over_time")
	list(`{"type":"over_time"}`, listOf("1", late))
	list(`{"type":"need_pay"}`, listOf("2", owesMore, late))
	state(`{"credit_amount":500,"credit_remain":60,"debt":440,"overdue":240,"next_due":"2020-01-27 23:59:59"}`)

	f.repay(first)
	list(`{"type":"has_pay"}`, listOf("1", row(first, "0", "240", "2020-01-27", "has_pay")))
	list(`{"type":"need_pay"}`, listOf("1", owesMore))
	state(`{"credit_amount":500,"credit_remain":300,"debt":200,"overdue":0,"next_due":"2020-01-28 23:59:59"}`)

	change := func(id, amount, balance, note, time string) string {
		return `{"ledger_id":` + id + `,"inc_amount":` + amount + `,"balance":` + balance + `,"note":"` + note + `","creat_time":"` + time + `"}`
	}
	f.OK("credit/set", adminToken, `{"user_id":"`+alice+`","inc_amount":-0.5}`)
	f.Call("credit/card", adminToken, `{"user_id":"`+alice+`"}`).WantData(t, `{"user_id":`+alice+`,"user_name":"王凌超",`+
		`"credit_amount":499.5,"credit_remain":299.5,"debt":200,"overdue":0,"next_due":"2020-01-28 23:59:59","num":2,"list":[`+
		change("9", "-0.5", "299.5", "", "2020-01-28 00:00:00")+","+change("3", "500", "500", "新生", "2019-11-28 22:25:52")+`]}`)
	f.Call("credit/card", adminToken, `{"user_id":"`+bob+`","page":2}`).WantData(t, `{"user_id":`+bob+`,"user_name":"码三秃",`+
		`"credit_amount":0,"credit_remain":0,"debt":0,"overdue":0,"next_due":"","num":0,"list":[]}`)
	f.Refuses("credit/card", adminToken, `{"user_id":"1"}`, 106, "User not exist")
	f.Refuses("credit/card", aliceToken, `{"user_id":"`+alice+`"}`, -103, "No permission to operate")
}

// What a commit holds is free no more: beli at once, credit as what remains; the balance is
// whole until it is paid. What is cancelled is free again.
func TestWalletWhileHeld(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 50, 500_00)
	wallet := func(want, credit string) {
		t.Helper()
		f.OK("wallet/info", aliceToken, `{}`).WantData(t, want)
		f.OK("credit/info", aliceToken, `{}`).WantData(t, credit)
	}
	const (
		free = `{"balance":500,"beli":50,"credit_amount":500,"credit_remain":500,"income_waiting":0}`
		none = `{"credit_amount":500,"credit_remain":500,"debt":0,"overdue":0,"next_due":""}`
		held = `{"balance":500,"beli":0,"credit_amount":500,"credit_remain":260,"income_waiting":0}`
	)
	wallet(free, none)
	wish := items(byHand+`,"use_beli":true`, item(bike, `,"first_price":60`), item(cup, ""))
	made := f.commit(wish)
	wallet(held, `{"credit_amount":500,"credit_remain":260,"debt":0,"overdue":0,"next_due":""}`)
	f.ok("cancel", aliceToken, made.OrderIDs[0])
	wallet(free, none)
	f.paid(wish)
	wallet(`{"balance":437,"beli":0,"credit_amount":500,"credit_remain":260,"income_waiting":0}`,
		`{"credit_amount":500,"credit_remain":260,"debt":240,"overdue":0,"next_due":"2020-01-27 23:59:59"}`)
}

// The seller sees what the sales hold until they are settled.
func TestIncomeWaiting(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 0, 500_00)
	waiting := func(want string) {
		t.Helper()
		if got := f.OK("wallet/info", bobToken, `{}`).Field("income_waiting"); got != want {
			t.Errorf("waiting are %s, want %s", got, want)
		}
	}
	waiting("0")
	order := f.buyBike()
	waiting("300")
	f.OK("order/confirm", aliceToken, `{"order_id":"`+order+`"}`)
	waiting("300")
	f.Clock.Advance(8 * 24 * time.Hour)
	f.RunJobs()
	waiting("0")
	f.Call("wallet/info", bobToken, `{}`).WantData(t, `{"balance":1300,"beli":0,"credit_amount":0,"credit_remain":0,"income_waiting":0}`)
}
