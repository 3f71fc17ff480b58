package trade_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const hour, dayLong = time.Hour, 24 * time.Hour

// TestOrderLife is the whole life of a purchase of two sellers' goods and a course.
func TestOrderLife(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 50, 0)
	made := f.commit(items(`,"use_beli":true`+express,
		item(tea, `,"product_num":2`), item(cup, `,"deliver":"face"`), item(course, `,"price_policy_id":1`), item(handlerstest.DocumentTextbook, "")))
	f.wantStates(made, "paying paying paying paying")
	f.wantStock(tea, "3 free, 1 open, 0 sold")
	if profile, _ := f.DB.Profile(t.Context(), alice); profile.Beli != 0 || profile.BeliHeld != 50 {
		t.Errorf("%d beli, %d held", profile.Beli, profile.BeliHeld)
	}
	before := f.Wealth(alice)
	f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"wallet"}`).WantData(t, `{"pay_state":"paid"}`)
	f.wantStates(made, "paid paid finish paid")
	if spent := before - f.Wealth(alice); spent != 23_00+8_00+30_00+24_00-5_00 {
		t.Errorf("spent %d", spent)
	}
	f.RunJobs()
	f.wantStock(tea, "3 free, 1 open, 2 sold")
	best, _, err := f.DB.SearchProducts(t.Context(), storage.MarketFilter{Sort: storage.SortSale}, storage.Page{Limit: 1})
	if err != nil || len(best) != 1 || best[0].ProductID != tea {
		t.Errorf("the most sold is %v, %v", best, err)
	}
	f.wantTold(bob, "买家已付款 新订单，等待买家付款 课程已开通 买家已付款 新订单，等待买家付款 买家已付款 新订单，等待买家付款 买家已付款 新订单，等待买家付款")
	f.wantTold(alice, "课程已开通")

	f.ok("ship", bobToken, made.OrderIDs[0], shipping)
	f.ok("confirm", aliceToken, made.OrderIDs[0])
	f.ok("confirm", aliceToken, made.OrderIDs[1])
	f.ok("ship", bobToken, made.OrderIDs[3], shipping)
	f.wantStates(made, "finish finish finish shipped")
	f.Clock.Advance(7 * dayLong)
	bobHad := f.Wealth(bob)
	f.RunJobs()
	f.wantStates(made, "settled settled settled shipped")
	if got := f.Wealth(bob) - bobHad; got != 23_00+8_00+30_00 {
		t.Errorf("bob got %d", got)
	}
	f.wantStock(tea, "3 free, 0 open, 2 sold")
	f.Clock.Advance(3 * dayLong)
	f.RunJobs()
	f.wantStates(made, "settled settled settled finish")
	f.Clock.Advance(7 * dayLong)
	f.RunJobs()
	f.wantStates(made, "settled settled settled settled")

	f.ok("delete", aliceToken, made.OrderIDs[0])
	for token, want := range map[string]bool{aliceToken: true, bobToken: false, handlerstest.AdminToken: true} {
		history := f.OK("order/info", token, `{"order_id":"`+made.OrderIDs[0]+`"}`).Field("history")
		if got := strings.Contains(history, `"step":"delete"`); got != want {
			t.Errorf("who has not deleted it sees %s", history)
		}
	}
	storagetest.Audit(t, f.DB, 0)
}

// TestOrderCancel: all orders of a payment are closed at once, and what they held is back.
func TestOrderCancel(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"cancel", "overtime"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			f := startFair(t)
			f.give(alice, 7, 1000_00)
			record := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 1_00, ProductID: tea})
			made := f.commit(items(`,"use_beli":true,"deliver":"face"`,
				item(tea, fmt.Sprint(`,"product_num":5,"record_id":`, record)), item(bike, `,"first_price":100`), item(handlerstest.DocumentTextbook, "")))
			f.RunJobs()
			f.wantStates(made, "paying paying")
			f.wantStock(tea, "0 free, 1 open, 0 sold")
			f.wantStock(handlerstest.DocumentTextbook, "0 free, 1 open, 0 sold")
			f.refused("order/prepare", items("", item(tea, "")), 105, "items[0]: product_num: more than are left")
			if got := f.OK("coupon/mine", aliceToken, `{"state":3}`).Rows(t, "record_id"); got != strconv.FormatInt(record, 10) {
				t.Errorf("held: %s", got)
			}
			profile, err := f.DB.Profile(t.Context(), alice)
			handlerstest.Must(t, err)
			if profile.BeliHeld != 7 || profile.CreditHeld != 200_00 {
				t.Errorf("%d beli, %d credit held", profile.BeliHeld, profile.CreditHeld)
			}
			if end == "cancel" {
				f.ok("cancel", aliceToken, made.OrderIDs[1], `"reason":"不想要了"`).
					WantData(t, fmt.Sprintf(`{"order_ids":["%s","%s"]}`, made.OrderIDs[0], made.OrderIDs[1]))
			} else {
				f.Clock.Advance(30*time.Minute - time.Second)
				f.RunJobs()
				f.wantStates(made, "paying paying")
				f.Clock.Advance(time.Second)
				f.RunJobs()
			}
			f.wantStates(made, end+" "+end)
			f.wantStock(tea, "5 free, 0 open, 0 sold")
			f.wantStock(handlerstest.DocumentTextbook, "1 free, 0 open, 0 sold")
			if got := f.OK("coupon/mine", aliceToken, `{"state":0}`).Rows(t, "record_id"); got != strconv.FormatInt(record, 10) {
				t.Errorf("usable: %s", got)
			}
			profile, err = f.DB.Profile(t.Context(), alice)
			handlerstest.Must(t, err)
			if profile.Beli != 7 || profile.BeliHeld != 0 || profile.CreditHeld != 0 {
				t.Errorf("%d beli, %d held, %d credit held", profile.Beli, profile.BeliHeld, profile.CreditHeld)
			}
			f.RunJobs()
			f.refusedAs(aliceToken, "order/pay", `{"pay_id":"`+made.PayID+`","method":"wallet"}`, 201, "pay_id: is closed")
			f.refusedAs(aliceToken, "order/cancel", orderData(made.OrderIDs[0]), 201, "")
			want := map[string]string{"cancel": "买家已取消订单", "overtime": "订单超时未付款，已关闭"}[end]
			f.wantTold(bob, want+" "+want+" 新订单，等待买家付款 新订单，等待买家付款")
			storagetest.Audit(t, f.DB, 0)
		})
	}
}
