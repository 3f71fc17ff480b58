package handlers_test

import (
	"encoding/json"
	"fmt"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// refundReady are the steps that lead to where the example of a call about refunds is
// taken, of an order that is paid: who takes each, and its data but order_id.
var refundReady = map[string][]refundStep{
	"order/decline":   nil,
	"order/refund":    nil,
	"order/agree":     {askedMoney},
	"order/refuse":    {askedMoney},
	"order/appeal":    {askedMoney, {"seller", "refuse", `"reason":"商品完好"`}},
	"order/revoke":    {askedMoney},
	"order/return":    {shippedBy, askedReturn, {"seller", "agree", ""}},
	"order/receive":   {shippedBy, askedReturn, {"seller", "agree", ""}, {"buyer", "return", `"logistics":"顺丰","logistics_id":"2"`}},
	"order/arbitrate": {askedMoney},
}

type refundStep struct{ who, call, data string }

var (
	askedMoney  = refundStep{"buyer", "refund", `"kind":"money","reason":"不想要了"`}
	askedReturn = refundStep{"buyer", "refund", `"kind":"return","reason":"不想要了"`}
	shippedBy   = refundStep{"seller", "ship", `"logistics":"顺丰","logistics_id":"1"`}
)

// ofSeller are the calls about refunds that a seller makes.
var ofSeller = map[string]bool{"order/decline": true, "order/agree": true, "order/refuse": true, "order/receive": true}

// refundable stores one more order, of which alice can make a call, as its buyer or seller
// or for an admin, and returns its id.
func (r *rehearsal) refundable(call string) string {
	r.T.Helper()
	o := storage.Order{PayID: fmt.Sprintf("1574951154%05d00", r.count), State: "paid", ListState: "need_send", Deliver: "express", Clock: "ship_within"}
	buyer, seller := aliceToken, bobToken
	if ofSeller[call] {
		o.UserID, buyer, seller = handlerstest.Bob, bobToken, aliceToken
	}
	r.AddOrder(o)
	id := handlerstest.OrderOf(o.PayID)
	for _, step := range refundReady[call] {
		r.OK("order/"+step.call, map[string]string{"buyer": buyer, "seller": seller}[step.who], refundData(id, step.data))
	}
	return id
}

// refundData is the data of a step with the id of its order.
func refundData(id, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"order_id":"` + id + `"` + more + "}"
}

// refundFields are the data of a call about refunds, on a gateway where it can be made.
func refundFields(call, more string) func(*handlerstest.Gateway) handlerstest.Fields {
	return func(g *handlerstest.Gateway) (data handlerstest.Fields) {
		id := rehearse(g, nil, call).refundable(call)
		var fields map[string]json.RawMessage
		handlerstest.Must(g.T, json.Unmarshal([]byte(refundData(id, more)), &fields))
		data = handlerstest.Fields{}
		for key, value := range fields {
			data[key] = string(value)
		}
		return data
	}
}
