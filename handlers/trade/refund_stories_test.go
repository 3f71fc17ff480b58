package trade_test

import (
	"testing"

	"campusgate/storage"
)

// Whole refunds, worked out by hand. Tea is 10.00 with a stock and 3.00 of shipping, a cup
// 8.00 without, a lamp 35.00 from hand to hand, a bike 300.00 of which 60.00 or more at once.
const (
	byExpress = `,"deliver":"express","address_id":1`
	byHand    = `,"deliver":"face"`
)

var (
	twoTeas = items(byExpress, item(tea, `,"product_num":2`)) // 2 × 10.00 + 3.00
	oneLamp = items(byHand, item(lamp, ``))
	oneBike = items(byHand, item(bike, `,"first_price":100`)) // 100.00 and a debt of 200.00

	shipIt  = `bob ship {"logistics":"顺丰","logistics_id":"SF1"}`
	sendIt  = `alice return {"logistics":"顺丰","logistics_id":"SF2"}`
	asked   = `alice refund {"kind":"money","reason":"不想要了"}`
	askBack = `alice refund {"kind":"return","reason":"不想要了"}`
	refusal = `bob refuse {"reason":"商品完好"}`
	plea    = `alice appeal {"reason":"照片里看得到"}`
)

// part asks a part back.
func part(amount string) string {
	return `alice refund {"kind":"money","amount":` + amount + `,"reason":"有划痕"}`
}

func hasRecord(c storage.Coupon) func(f *fair) { return func(f *fair) { f.take(alice, c) } }

func TestRefundStories(t *testing.T) {
	t.Parallel()
	for _, s := range []story{
		// The whole of an order that is paid from the wallet.
		{"declined", nil, twoTeas, "23", []string{
			": paid: alice -23.00 escrow +23.00 tea -2 sold +2",
			`bob decline {"reason":"没货"}`, ": refunded:",
		}},
		{"not shipped in time", nil, twoTeas, "23", []string{"clock ship_within", ": refunded:"}},
		{"agreed before shipping: the stock comes back", nil, twoTeas, "23", []string{asked, ": refunding: alice -23.00 escrow +23.00 tea -2 sold +2", "bob agree", ": refunded:"}},
		{"agreed after shipping: the stock does not come back", nil, twoTeas, "23", []string{shipIt, asked, "bob agree", ": refunded: tea -2"}},
		{"agreed after it was finished", nil, twoTeas, "23", []string{shipIt, "alice confirm", asked, "bob agree", ": refunded: tea -2"}},
		{"handed over and finished: the stock does not come back", nil, items(byHand, item(tea, ``)), "10", []string{"alice confirm", asked, "bob agree", ": refunded: tea -1"}},
		{"returned: the stock comes back", nil, twoTeas, "23", []string{
			shipIt, askBack, "bob agree", ": returning: alice -23.00 escrow +23.00 tea -2 sold +2",
			sendIt, ": returned: alice -23.00 escrow +23.00 tea -2 sold +2", "bob receive", ": refunded:",
		}},
		{"a course is finished at once", nil, items("", item(course, `,"price_policy_id":1`)), "30", []string{": finish: alice -30.00 escrow +30.00 sold +1", asked, "bob agree", ": refunded:"}},

		// Parts: the order goes on, and the seller gets what is left.
		{"a part", nil, twoTeas, "23", []string{
			part("5"), "bob agree", ": paid: alice -18.00 escrow +18.00 tea -2 sold +2",
			shipIt, "alice confirm", "clock settle_after", ": settled: alice -18.00 bob +18.00 tea -2 sold +2",
		}},
		{"parts that make the whole", nil, twoTeas, "23", []string{
			part("5"), "bob agree", part("18.01") + " = 208", part("18"), "bob agree", ": refunded:",
		}},
		{"shipped between parts: the stock stays away", nil, twoTeas, "23", []string{part("5"), "bob agree", shipIt, part("18"), "bob agree", ": refunded: tea -2"}},
		{"an amount is above 0 and at most what is left", nil, twoTeas, "23", []string{
			part("0") + " = 208", part("23.01") + " = 208", part("0.01"), "bob agree", ": paid: alice -22.99 escrow +22.99 tea -2 sold +2",
		}},

		// Items: their share, floor(20.00 × 1 / 3) after a coupon of 10.00, without shipping.
		{
			"items", hasRecord(storage.Coupon{CouponType: storage.CouponOff, CouponValue: 10_00, ProductID: tea, PayerID: bob}),
			items(byExpress, item(tea, `,"product_num":3,"record_id":1`)), "23",
			[]string{
				`alice refund {"kind":"money","items":[{"line":0,"product_num":1}],"amount":6.67,"reason":"破了"} = 208`,
				`alice refund {"kind":"money","items":[{"line":0,"product_num":1}],"reason":"破了"}`,
				"bob agree", ": paid: alice -16.34 escrow +16.34 tea -3 sold +3 records -1",
				`alice refund {"kind":"money","items":[{"line":0,"product_num":3}],"reason":"破了"} = 208`,
				`alice refund {"kind":"money","items":[{"line":0,"product_num":1},{"line":0,"product_num":1}],"reason":"破了"} = 208`,
				`alice refund {"kind":"money","items":[{"line":1,"product_num":1}],"reason":"破了"} = 208`,
				`alice refund {"kind":"money","items":[{"line":0,"product_num":2}],"reason":"破了"}`,
				"bob agree", ": paid: alice -3.01 escrow +3.01 tea -3 sold +3 records -1",
				asked, "bob agree", ": refunded:",
			},
		},
		// 3 × 10.00 + 8.00 + 12.50 of shipping, the dearest.
		{"items returned: their stock comes back", nil, items(byExpress, item(tea, `,"product_num":3`), item(cup, ``)), "50.5", []string{
			shipIt, `alice refund {"kind":"return","items":[{"line":0,"product_num":2}],"reason":"太多"}`, "bob agree", sendIt, "bob receive",
			": shipped: alice -30.50 escrow +30.50 tea -1 sold +4",
			`alice refund {"kind":"return","items":[{"line":0,"product_num":2}],"reason":"太多"} = 208`,
			askBack, "bob agree", sendIt, "bob receive", ": refunded:",
		}},

		// The market coupon's share: 9.00 × 10 / 26 = 3.46…, then 5.54 × 10 / 16 = 3.46…
		{"the market's coupon", hasRecord(storage.Coupon{CouponType: storage.CouponOff, CouponValue: 9_00}), items(byHand+`,"record_id":1`, item(lamp, ``)), "26", []string{
			": paid: alice -26.00 promotion -9.00 escrow +35.00 sold +1 records -1",
			part("10"), "bob agree", ": paid: alice -16.00 promotion -5.54 escrow +21.54 sold +1 records -1",
			part("10"), "bob agree", ": paid: alice -6.00 promotion -2.08 escrow +8.08 sold +1 records -1",
			part("6"), "bob agree", ": refunded:",
		}},
		{"the market's coupon, and the seller gets the rest", hasRecord(storage.Coupon{CouponType: storage.CouponOff, CouponValue: 9_00}), items(byHand+`,"record_id":1`, item(lamp, ``)), "26", []string{
			part("13"), "bob agree", "alice confirm", "clock settle_after", ": settled: alice -13.00 bob +17.50 promotion -4.50 sold +1 records -1",
		}},
		{"a shop's coupon is the seller's own", hasRecord(storage.Coupon{CouponType: storage.CouponOff, CouponValue: 5_00, ShopID: bobShop, PayerID: bob}), items(byHand+`,"shop_records":[1]`, item(lamp, ``)), "30", []string{
			": paid: alice -30.00 escrow +30.00 sold +1 records -1", part("10"), "bob agree", ": paid: alice -20.00 escrow +20.00 sold +1 records -1",
			asked, "bob agree", ": refunded:",
		}},
		{"a record stays used that was shipped", hasRecord(storage.Coupon{CouponType: storage.CouponOff, CouponValue: 9_00}), items(byExpress+`,"record_id":1`, item(tea, `,"product_num":2`)), "14", []string{
			shipIt, asked, "bob agree", ": refunded: tea -2 records -1",
		}},

		// Beli: floor(7 × 3.65 / 7.30) = 3, 10 fen each to the promotion account.
		{"beli", func(f *fair) { f.give(alice, 7, 0) }, items(byHand+`,"use_beli":true`, item(cup, ``)), "7.3", []string{
			": paid: alice -7.30 promotion -0.70 escrow +8.00 beli -7 sold +1",
			part("3.65"), "bob agree", ": paid: alice -3.65 promotion -0.40 escrow +4.05 beli -4 sold +1",
			asked, "bob agree", ": refunded:",
		}},
		{"beli alone: left is 0, and so is the amount", func(f *fair) { f.give(alice, 80, 0) }, items(byHand+`,"use_beli":true`, item(cup, ``)), "0", []string{
			": paid: promotion -8.00 escrow +8.00 beli -80 sold +1", part("0.01") + " = 208", part("0"), "bob agree", ": refunded:",
		}},
		// 35.00 − 9.00 = 26.00; 250 beli of 260. 1.00 is left: half of it is half of all.
		{"a coupon and beli", func(f *fair) {
			f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 9_00})
			f.give(alice, 250, 0)
		}, items(byHand+`,"use_beli":true,"record_id":1`, item(lamp, ``)), "1", []string{
			part("0.5"), "bob agree", ": paid: alice -0.50 promotion -17.00 escrow +17.50 beli -125 sold +1 records -1",
			"alice confirm", asked, "bob agree", ": refunded: records -1",
		}},

		// Debt: 100.00 were paid and 200.00 are owed.
		{"a part lowers the debt first", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			": paid: alice -100.00 debt +200.00 escrow +300.00 sold +1",
			part("50"), "bob agree", ": paid: alice -100.00 debt +150.00 escrow +250.00 sold +1",
			part("160"), "bob agree", ": paid: alice -90.00 escrow +90.00 sold +1",
			part("90.01") + " = 208", "alice confirm", "clock settle_after", ": settled: alice -90.00 bob +90.00 sold +1",
		}},
		{"the whole with its debt", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{`bob decline {"reason":"没货"}`, ": refunded:"}},
		{"repaid, and then a part", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			"repay wallet", ": paid: alice -300.00 escrow +300.00 sold +1",
			part("250"), "bob agree", ": paid: alice -50.00 escrow +50.00 sold +1",
		}},
		{"a part, repaid, and then the whole", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			part("50"), "bob agree", "repay wallet", ": paid: alice -250.00 escrow +250.00 sold +1",
			part("160"), "bob agree", ": paid: alice -90.00 escrow +90.00 sold +1",
			asked, "bob agree", ": refunded:",
		}},
		{"the seller of a debt is paid", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			part("50"), "bob agree", "alice confirm", "clock settle_after", ": settled: alice -100.00 debt +150.00 bob +250.00 sold +1",
		}},

		// By a channel: what goes back there leaves the market at once, and arrives later.
		{"by a channel: the whole", nil, twoTeas, "23 by sandbox", []string{
			": paid: channel -23.00 escrow +23.00 tea -2 sold +2", `bob decline {"reason":"没货"}`, ": refunded:",
		}},
		{"by a channel: parts", nil, twoTeas, "23 by sandbox", []string{
			part("5"), "bob agree", ": paid: channel -18.00 escrow +18.00 tea -2 sold +2", part("17.99"), "bob agree", part("0.01"), "bob agree", ": refunded:",
		}},
		{"by a channel, repaid from the wallet: the latest first", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100 by sandbox", []string{
			"repay wallet", ": paid: alice -200.00 channel -100.00 escrow +300.00 sold +1",
			part("250"), "bob agree", ": paid: channel -50.00 escrow +50.00 sold +1", asked, "bob agree", ": refunded:",
		}},
		{"from the wallet, repaid by a channel: the latest first", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			"repay sandbox", "page paid", ": paid: alice -100.00 channel -200.00 escrow +300.00 sold +1",
			part("150"), "bob agree", ": paid: alice -100.00 channel -50.00 escrow +150.00 sold +1",
			part("51"), "bob agree", ": paid: alice -99.00 escrow +99.00 sold +1", asked, "bob agree", ": refunded:",
		}},
		{"from a wallet that was recharged: back to the wallet", func(f *fair) {
			f.answer(pageOf(f.OK("wallet/recharge", aliceToken, `{"amount":1000,"method":"sandbox","client":"pc"}`)), "paid")
		}, items(byHand, item(bike, `,"product_num":4`)), "1200", []string{": paid: alice -1200.00 escrow +1200.00 sold +4", asked, "bob agree", ": refunded:"}},
		{"a repayment is open: nothing is decided", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			"repay sandbox", asked, "bob agree = -304", `admin arbitrate {"amount":1,"note":"退"} = -304`, "repay wallet = 201",
			"jobs", "bob agree", ": refunded:",
		}},
		{"a repayment is open: an appeal has it closed too", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			asked, refusal, "repay sandbox", plea, "bob agree = -304", "repay wallet = 201", "jobs", "bob agree", ": refunded:",
		}},
		{"a repayment that was open is paid: it counts", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			"repay sandbox", "page silent", asked, "bob agree = -304", "jobs", ": refunding: alice -100.00 channel -200.00 escrow +300.00 sold +1",
			"bob agree", ": refunded:",
		}},
		{"a repayment is open: an order that is declined ends it, and what comes is late", func(f *fair) { f.give(alice, 0, 200_00) }, oneBike, "100", []string{
			"repay sandbox", "page silent", `bob decline {"reason":"没货"}`, "jobs", ": refunded:",
		}},

		// What an admin decides.
		{"arbitrated: a part", nil, oneLamp, "35", []string{
			asked, refusal, plea, ": appealed: alice -35.00 escrow +35.00 sold +1",
			`admin arbitrate {"amount":35.01,"note":"全退"} = 208`,
			`admin arbitrate {"amount":12.34,"note":"各承担一部分"}`, ": paid: alice -22.66 escrow +22.66 sold +1",
		}},
		{"arbitrated: the whole", nil, twoTeas, "23", []string{asked, `admin arbitrate {"amount":23,"note":"全退"}`, ": refunded:"}},
		{"arbitrated: refused", nil, oneLamp, "35", []string{asked, `admin arbitrate {"amount":0,"note":"不支持"}`, ": paid: alice -35.00 escrow +35.00 sold +1", plea + " = 204"}},
		{"arbitrated: what was sent back is in the stock", nil, twoTeas, "23", []string{
			shipIt, askBack, "bob agree", sendIt, refusal, ": appealed: alice -23.00 escrow +23.00 tea -2 sold +2",
			`admin arbitrate {"amount":23,"note":"全退"}`, ": refunded:",
		}},
		{"arbitrated: returning, and nothing is sent back", nil, twoTeas, "23", []string{
			shipIt, askBack, "bob agree", `admin arbitrate {"amount":23,"note":"全退"}`, ": refunded: tea -2",
		}},
		{"the refusal stands", nil, oneLamp, "35", []string{asked, refusal, plea, "clock arbitrate_within", ": paid: alice -35.00 escrow +35.00 sold +1"}},
		{"appealed, and the seller agrees", nil, oneLamp, "35", []string{part("5"), refusal, plea, "bob agree", ": paid: alice -30.00 escrow +30.00 sold +1"}},

		// Clocks.
		{"not answered in time: money", nil, twoTeas, "23", []string{asked, "clock answer_within", ": refunded:"}},
		{"not answered in time: returned", nil, twoTeas, "23", []string{
			shipIt, askBack, "clock answer_within", ": returning: alice -23.00 escrow +23.00 tea -2 sold +2", sendIt, "clock receive_within", ": refunded:",
		}},
		{"not answered in time, and the seller has no address: as money", func(f *fair) { f.OK("address/delete", bobToken, `{"address_id":2}`) }, twoTeas, "23", []string{
			shipIt, askBack, "clock answer_within", ": refunded: tea -2",
		}},
		{"not sent back in time", nil, twoTeas, "23", []string{
			shipIt, askBack, "bob agree", "clock return_within", ": shipped: alice -23.00 escrow +23.00 tea -2 sold +2",
			"clock confirm_within", "clock settle_after", ": settled: alice -23.00 bob +23.00 tea -2 sold +2",
		}},
		{"revoked", nil, oneLamp, "35", []string{asked, "alice revoke", ": paid: alice -35.00 escrow +35.00 sold +1", "clock confirm_within", "clock settle_after", ": settled: alice -35.00 bob +35.00 sold +1"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.tell(t)
		})
	}
}
