package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// A stage is a market where alice buys of bob, for tests that need an order in a given state,
// with everything that an order can have: shares of a coupon, beli, debt, stock.
type stage struct {
	*handlerstest.Gateway

	address int64 // alice's
	keys    int   // request_keys, so far
}

const (
	stageShop   = 21
	stageGoods  = 2001 // 10.00
	stageCredit = 2002 // 50.00, 20.00 of it at once
	stageCourse = 2003 // 10.00
	stageFace   = 2004 // 5.00, face to face
	stageStock  = 100_000
)

func startStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{Gateway: handlerstest.Start(t, func(o *handlerstest.Options) {
		p := &o.Settings.Trade.Periods // short ones, so that coupons and debts outlive many orders
		p.PayWithin, p.ShipWithin, p.ConfirmWithin, p.SettleAfter = time.Minute, time.Minute, time.Minute, time.Minute
		p.AnswerWithin, p.ReturnWithin, p.ReceiveWithin, p.ArbitrateWithin = time.Minute, time.Minute, time.Minute, time.Minute
		p.CreditWithin = 3650 * 24 * time.Hour
	})}
	ctx, now := t.Context(), s.Clock.Now().Unix()
	must := func(err error) { t.Helper(); handlerstest.Must(t, err) }
	must(s.DB.InsertShop(ctx, storage.Shop{ShopID: stageShop, ShopName: "bob's", UserID: handlerstest.Bob, CreatTime: now}))
	for id, price := range map[int64]int64{stageGoods: 10_00, stageCredit: 50_00, stageFace: 5_00} {
		must(s.DB.InsertProduct(ctx, storage.Product{ProductID: id, ProductName: "goods", ProductPrice: price, ShopID: stageShop, CreatTime: now, UpdateTime: now, ProductStatus: 1}))
	}
	must(s.DB.InTx(ctx, func(tx *storage.Tx) error {
		for id, terms := range map[int64]storage.ProductTerms{
			stageGoods: {Stock: new(int64(stageStock)), ShipPrice: new(int64(3_00))}, stageCredit: {FirstPrice: new(int64(20_00))}, stageFace: {SellMethod: new(int64(1))},
		} {
			if err := tx.SetProductTerms(ctx, id, terms); err != nil {
				return err
			}
		}
		if err := tx.InsertCourse(ctx, storage.Course{ProductID: stageCourse, Name: "course", PicURL: "./1", ShopID: stageShop, Status: storage.ProductUp}, now); err != nil {
			return err
		}
		return tx.SetPricePolicies(ctx, stageCourse, []storage.PricePolicy{{ValidPeriod: 7, Price: 10_00, Default: true}})
	}))
	s.OK("wallet/grant", adminToken, `{"user_id":"`+handlerstest.Alice+`","currency":"cny","amount":900000}`)
	s.OK("credit/set", adminToken, `{"user_id":"`+handlerstest.Alice+`","inc_amount":900000}`)
	_, err := fmt.Sscan(s.OK("address/creat", handlerstest.AliceToken, handlerstest.NewAddress().String()).Field("address_id"), &s.address)
	must(err)
	s.OK("address/creat", handlerstest.BobToken, handlerstest.NewAddress().String())
	return s
}

// all wishes for everything that an order can have.
func (s *stage) all() string {
	s.T.Helper()
	s.OK("wallet/grant", adminToken, `{"user_id":"`+handlerstest.Alice+`","currency":"beli","amount":5}`)
	coupon := s.OK("coupon/creat", adminToken,
		`{"coupon_name":"coupon","coupon_type":0,"coupon_value":3,"quantity":1,"open_time":"2019-01-01 00:00:00","close_time":"2029-01-01 00:00:00","valid_days":365}`).Field("coupon_id")
	record := s.OK("coupon/take", handlerstest.AliceToken, `{"coupon_id":`+coupon+`}`).Field("record_id")
	return fmt.Sprintf(`{"items":[{"product_id":%d,"product_num":2},{"product_id":%d,"first_price":20}],"record_id":%s,"use_beli":true,"deliver":"express","address_id":%d`,
		stageGoods, stageCredit, record, s.address)
}

// commit commits to a wish, and returns the payment and its first order.
func (s *stage) commit(wish string) (payID, orderID string) {
	s.T.Helper()
	a := s.OK("order/commit", handlerstest.AliceToken, s.priced(wish))
	payID = a.Field("pay_id")
	return payID, handlerstest.OrderOf(payID)
}

// priced is a wish with what it costs.
func (s *stage) priced(wish string) string {
	s.T.Helper()
	return wish + `,"pay_price":` + s.OK("order/prepare", handlerstest.AliceToken, wish+"}").Field("pay_price") + "}"
}

// ways are the calls that bring a paid order to a state: who takes which step.
var ways = map[string]string{
	"paid": "", "shipped": "ship", "finish": "ship confirm", "refunding": "ship refund", "returning": "ship refund agree", "returned": "ship refund agree return",
	"appealed": "ship refund refuse appeal", "refused": "ship refund refuse", "refunded": "decline",
}

// at is a new order in a state: paying, settled, cancel, overtime, one of [ways], or face,
// which is paid and handed over.
func (s *stage) at(state string) (orderID string) {
	s.T.Helper()
	wish := s.all()
	if state == "face" {
		wish = fmt.Sprintf(`{"items":[{"product_id":%d}],"deliver":"face"`, stageFace)
	}
	payID, id := s.commit(wish)
	switch state {
	case "paying":
		return id
	case "cancel":
		s.must("cancel", id)
		return id
	case "overtime":
		s.endClock(id)
		return id
	}
	s.OK("order/pay", handlerstest.AliceToken, `{"pay_id":"`+payID+`","method":"wallet"}`)
	way := ways[state]
	if state == "settled" {
		way = ways["finish"]
	}
	for step := range strings.FieldsSeq(way) {
		s.must(step, id)
	}
	if state == "settled" {
		s.endClock(id)
	}
	return id
}

// endClock has the clock of an order end.
func (s *stage) endClock(id string) {
	s.T.Helper()
	s.toEnd(id)
	handlerstest.Must(s.T, s.clockOf(id)())
}

// toEnd lets time pass until an order's clock ends.
func (s *stage) toEnd(id string) {
	s.T.Helper()
	s.Clock.Advance(time.Duration(max(0, s.Order(id).ClockEnd-s.Clock.Now().Unix())) * time.Second)
}

// clockOf runs the job of the clock that an order has now.
func (s *stage) clockOf(id string) (run func() error) {
	s.T.Helper()
	o := s.Order(id)
	if o.State == storage.OrderPaying {
		return func() error { return s.RunJob(storage.PaymentExpireJob, o.PayID, "") }
	}
	return func() error { return s.RunJob(storage.OrderClockJob, o.ClockKey(), "") }
}

func (s *stage) must(step, id string) {
	s.T.Helper()
	if a := s.take(step, id); a.Status != 0 {
		s.T.Fatalf("%s: %s", step, a.Raw)
	}
}

// take has who can take a step of an order.
func (s *stage) take(step, id string) handlerstest.Answer {
	s.T.Helper()
	token := handlerstest.AliceToken
	switch step {
	case "ship", "decline", "agree", "refuse", "receive":
		token = handlerstest.BobToken
	case "arbitrate", "note":
		token = adminToken
	case "pay":
		return s.Call("order/pay", token, `{"pay_id":"`+id[:len(id)-2]+`00","method":"wallet"}`)
	case "repay":
		return s.Call("credit/pay", token, `{"order_id":"`+id+`","method":"wallet"}`)
	}
	return s.Call("order/"+step, token, `{"order_id":"`+id+`"`+s.beside(step)+"}")
}

// beside is what a step is sent beside the order.
func (s *stage) beside(step string) string {
	return map[string]string{
		"address": fmt.Sprintf(`,"address_id":%d`, s.address), "ship": `,"logistics":"顺丰","logistics_id":"SF1"`, "return": `,"logistics":"顺丰","logistics_id":"SF2"`,
		"decline": `,"reason":"没货"`, "refuse": `,"reason":"完好"`, "appeal": `,"reason":"有划痕"`, "note": `,"admin_note":"n"`,
		"arbitrate": `,"amount":7,"note":"各承担一半"`, "refund": `,"kind":"return","reason":"有划痕","items":[{"line":0,"product_num":1}]`,
	}[step]
}
