package trade_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const (
	askMoney  = `"kind":"money","reason":"不想要了"`
	askReturn = `"kind":"return","reason":"不想要了"`
	because   = `"reason":"商品完好"`
)

// TestRefundKind: a return only after shipping, and a kind that there is.
func TestRefundKind(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	sent, byHand := f.paid(twoTeas).OrderIDs[0], f.paid(oneLamp).OrderIDs[0]
	f.refused("order/refund", orderData(sent, askReturn), 204, "kind: return only after shipping")
	f.refused("order/refund", orderData(sent, `"kind":"all","reason":"x"`), -204, "kind: must be one of money, return")
	f.ok("confirm", aliceToken, byHand) // finished, and never shipped
	f.refused("order/refund", orderData(byHand, askReturn), 204, "kind: return only after shipping")
	f.ok("ship", bobToken, sent, shipping)
	f.ok("refund", aliceToken, sent, askReturn)
}

// TestRefundRequests: at most three an order, those that were revoked or refused too.
func TestRefundRequests(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(oneLamp).OrderIDs[0]
	f.ok("refund", aliceToken, id, askMoney)
	f.refused("order/refund", orderData(id, askMoney), 204, "") // one is open
	f.ok("revoke", aliceToken, id)
	f.ok("refund", aliceToken, id, askMoney)
	f.ok("refuse", bobToken, id, because)
	f.ok("refund", aliceToken, id, `"kind":"money","amount":1,"reason":"一元"`)
	f.ok("agree", bobToken, id)
	f.refused("order/refund", orderData(id, askMoney), 204, "")
	f.wantStates(commitment{OrderIDs: []string{id}}, "paid")
}

// TestRefundFrom: an order is refunded that is paid, shipped, or finished and not settled.
func TestRefundFrom(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	unpaid, cancelled, declined, settled := f.commit(oneLamp), f.commit(oneLamp), f.paid(oneLamp).OrderIDs[0], f.paid(oneLamp).OrderIDs[0]
	f.ok("cancel", aliceToken, cancelled.OrderIDs[0])
	f.ok("decline", bobToken, declined, because)
	f.ok("confirm", aliceToken, settled)
	f.Clock.Advance(7 * dayLong)
	f.RunJobs()
	f.refused("order/refund", orderData(unpaid.OrderIDs[0], askMoney), 204, "") // which is overtime by now
	f.refused("order/refund", orderData(cancelled.OrderIDs[0], askMoney), 204, "")
	f.refused("order/refund", orderData(declined, askMoney), 204, "")
	f.refused("order/refund", orderData(settled, askMoney), 204, "")
}

// TestRefundPics: up to three pictures that were uploaded, and texts without refused words.
func TestRefundPics(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(oneLamp).OrderIDs[0]
	for data, want := range map[string]string{
		`"pics":["a","b","c","d"]`:                           "pics: must be 0 to 3 items",
		`"pics":["./lamp.png"]`:                              "pics[0]: must be a URL that pic/upload has answered",
		`"pics":["./api/external/get/pic/product/none.png"]`: "pics[0]: no such picture",
	} {
		f.refused("order/refund", orderData(id, askMoney, data), -204, want)
	}
	f.refused("order/refund", orderData(id, `"kind":"money","reason":"`+handlerstest.RefusedWord+`"`), -305, "reason: has a refused word")
	f.ok("refund", aliceToken, id, askMoney, `"pics":[]`)
	for _, call := range []string{"refuse", "decline"} {
		f.refusedAs(bobToken, "order/"+call, orderData(id, `"reason":"`+handlerstest.RefusedWord+`"`), -305, "reason: has a refused word")
	}
	f.refusedAs(handlerstest.AdminToken, "order/arbitrate", orderData(id, `"amount":0,"note":"`+handlerstest.RefusedWord+`"`), -305, "note: has a refused word")
}

// refundSteps are the calls that take a step of a refund, with their data, and who may take
// each in which of these states of an order; and by which title the others are told.
var refundSteps = []refundStep{
	{"refund", askMoney, "alice", "paid refused shipped finish", 204, "买家申请退款"},
	{"agree", "", "bob admin", "refunding appealed", 205, "退款申请已通过"},
	{"refuse", because, "bob", "refunding returned", 205, "卖家已拒绝退款申请"},
	{"appeal", because, "alice", "refused", 204, "买家已申诉，等待平台裁决"},
	{"revoke", "", "alice", "refunding appealed returning", 205, "买家已撤销退款申请"},
	{"return", shipping, "alice", "returning", 205, "买家已寄回商品"},
	{"receive", "", "bob admin", "returned", 205, "卖家已收到退货，退款已完成"},
	{"arbitrate", `"amount":1,"note":"退"`, "admin", "refunding appealed returning returned", 205, "平台已裁决退款申请"},
	{"arbitrate", `"amount":0,"note":"不退"`, "admin", "refunding appealed returning returned", 205, "平台已裁决退款申请"},
	{"decline", because, "bob admin", "paid refused", 202, "订单已被取消并全额退款"},
}

type refundStep struct {
	call, data, who string
	in              string
	status          int // elsewhere
	title           string
}

// otherCalls are those about an order that are no steps of a refund.
var otherCalls = map[string]string{
	"cancel": "", "address": `"address_id":1`, "ship": shipping, "confirm": "", "extend": "", "delete": "", "info": "", "note": `"admin_note":"n"`,
}

// refundPlaces bring an order of two teas that is paid to a state.
var refundPlaces = map[string][]string{
	"paid":      nil,
	"shipped":   {shipIt},
	"finish":    {shipIt, "alice confirm"},
	"refunding": {asked},
	"refused":   {asked, refusal},
	"appealed":  {asked, refusal, plea},
	"returning": {shipIt, askBack, "bob agree"},
	"returned":  {shipIt, askBack, "bob agree", sendIt},
	"refunded":  {`bob decline {"reason":"没货"}`},
	"settled":   {shipIt, "alice confirm", "clock settle_after"},
}

// TestRefundStepsFromEverywhere takes every step of refunds in every state by everybody: of
// the other side, or of no side, there is no such order, also of who sells another one of the
// payment; elsewhere than the table says it is the step's status; and what is refused changes
// nothing, what is taken is told to the others.
func TestRefundStepsFromEverywhere(t *testing.T) {
	t.Parallel()
	for place, steps := range refundPlaces {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			f := startFair(t)
			hat := f.sells("carol", "hat", 5_00)
			still := tellTo(t, f, strings.Replace(twoTeas, "}]", "},{"+item(hat, `,"deliver":"face"`)+"}]", 1), "28", steps)
			if carols := f.Order(strings.TrimSuffix(still.order, "1") + "2"); carols.SellerID != newcomers["carol"] || carols.State != "paid" {
				t.Fatalf("the other order of the payment: %+v", carols)
			}
			for _, who := range []string{"carol", "dave"} {
				for call, data := range otherCalls {
					still.wantStep(call, f.token(who), data, map[bool]int{true: -103, false: 100}[call == "note"])
				}
			}
			for who, token := range tokens {
				still.wantUntil(who, token)
			}
			for _, step := range refundSteps {
				for _, who := range []string{"alice", "bob", "admin", "carol", "dave"} {
					switch status := step.statusIn(place, who); status {
					case 0:
						told := toldTo(t, place, steps)
						if actions := told.actionsOf(tokens[who], told.order); !slices.Contains(actions, step.call) {
							t.Errorf("%s by %s is not among the actions %s", step.call, who, actions)
						}
						told.wantStep(step.call, tokens[who], step.data, 0)
						told.wantTitle(who, step.titleIn(place))
					default:
						still.wantStep(step.call, f.token(who), step.data, status)
						if tokens[who] == "" {
							continue
						}
						if actions := still.actionsOf(tokens[who], still.order); slices.Contains(actions, step.call) {
							t.Errorf("%s by %s is among the actions %s", step.call, who, actions)
						}
					}
				}
			}
		})
	}
}

// titleIn is the title by which a step is told that is taken in a place.
func (s *refundStep) titleIn(place string) string {
	if s.call == "refuse" && place == "returned" {
		return "卖家已拒绝退货，等待平台裁决"
	}
	return s.title
}

// newcomers are users that a test adds: who sells something else, and nobody.
var newcomers = map[string]string{"carol": "7", "dave": "8"}

// token is somebody's, who is added when first named.
func (f *fair) token(who string) string {
	f.T.Helper()
	if token := tokens[who]; token != "" {
		return token
	}
	if _, err := f.DB.User(f.T.Context(), newcomers[who]); err != nil {
		return f.newcomer(newcomers[who], who)
	}
	return "token-of-" + who
}

// sells has somebody sell something in a shop.
func (f *fair) sells(who, name string, price int64) (product int64) {
	f.T.Helper()
	shop := f.OpenShop(f.token(who), who+"'s")
	product, err := strconv.ParseInt(f.OK("product/creat", f.token(who), fmt.Sprintf(`{"product_name":%q,"product_price":%d,"product_status":1,"shop_id":%s}`, name, price/100, shop)).Field("product_id"), 10, 64)
	handlerstest.Must(f.T, err)
	return product
}

// wantTitle wants the sides of the order, but for who has taken the step, told of it last, and
// that side not.
func (s *saga) wantTitle(who, title string) {
	s.T.Helper()
	s.RunJobs()
	for side, user := range map[string]string{"alice": alice, "bob": bob} {
		last, _, _ := strings.Cut(s.told(user), " ")
		if told := last == title; told == (side == who) {
			s.T.Errorf("%s took %q: %s was told last of %q", who, title, side, last)
		}
	}
}

// wantUntil checks how long what somebody may do can be done: as long as the order stays where
// it is by its clock, an appeal as long as the refusal can be appealed, and what never ends
// always.
func (s *saga) wantUntil(who, token string) {
	s.T.Helper()
	o := s.Order(s.order)
	at := func(unix int64) string {
		return time.Unix(unix, 0).In(s.Clock.Now().Location()).Format(time.DateTime)
	}
	for _, action := range s.detail(token, s.order).Actions {
		want := at(o.ClockEnd)
		switch action.Subtype {
		case "appeal":
			want = at(o.AppealEnd)
		case "delete", "note":
			want = ""
		}
		if action.Until != want {
			s.T.Errorf("%s may %s until %q, want %q", who, action.Subtype, action.Until, want)
		}
	}
}

// TestRefundClocksAreTold: what a clock does is told to both sides.
func TestRefundClocksAreTold(t *testing.T) {
	t.Parallel()
	for clock, c := range map[string]struct{ place, title string }{
		"ship_within":      {"paid", "卖家超时未发货，订单已全额退款"},
		"confirm_within":   {"shipped", "订单已自动确认收货"},
		"settle_after":     {"finish", "订单已结算"},
		"answer_within":    {"refunding", "卖家超时未处理，退款申请已通过"},
		"return_within":    {"returning", "买家超时未寄回商品，退款申请已关闭"},
		"receive_within":   {"returned", "卖家超时未确认退货，退款已完成"},
		"arbitrate_within": {"appealed", "平台未支持申诉，退款申请已关闭"},
	} {
		t.Run(clock, func(t *testing.T) {
			t.Parallel()
			told := toldTo(t, c.place, refundPlaces[c.place])
			told.take("clock " + clock)
			told.wantTitle("clock", c.title)
		})
	}
}

// statusIn is the status of a step that somebody takes of an order in a place.
func (s *refundStep) statusIn(place, who string) int {
	switch {
	case strings.Contains(s.who, who) && strings.Contains(" "+s.in+" ", " "+place+" "):
		return 0
	case strings.Contains(s.who, who):
		return s.status
	case s.call == "arbitrate":
		return -103 // whatever the order
	}
	return 100
}

// toldTo is an order of two teas after some steps.
func toldTo(t *testing.T, name string, steps []string) *saga {
	t.Helper()
	told := tellTo(t, startFair(t), twoTeas, "23", steps)
	if t.Failed() {
		t.Fatal(name)
	}
	return told
}

// tellTo buys and takes some steps of the first order.
func tellTo(t *testing.T, f *fair, buy, price string, steps []string) *saga {
	t.Helper()
	f.OK("address/creat", bobToken, `{"name":"码三秃","phone":"13800000000","address":"留和路 318 号"}`)
	told := &saga{fair: f, before: f.figures("")}
	told.buy(buy, price, "wallet")
	for _, step := range steps {
		if !told.take(step) {
			t.Fatal(step)
		}
	}
	return told
}

// wantStep takes a step, and of one that is refused wants that nothing changes.
func (s *saga) wantStep(call, token, data string, status int) {
	s.T.Helper()
	before := s.Stored()
	more := []string{data}
	if data == "" {
		more = nil
	}
	a := s.step(call, token, s.order, more...)
	if a.Status != status {
		s.T.Errorf("%s in %s: %s, want %d", call, s.Order(s.order).State, a.Raw, status)
	}
	if status != 0 && s.Stored() != before {
		s.T.Errorf("%s changed what is stored", call)
	}
}

// TestRefundByOwnAdmin: an admin's step on an order of the admin's own is -103, but for the
// steps that the admin takes as its seller.
func TestRefundByOwnAdmin(t *testing.T) {
	t.Parallel()
	for user, token := range map[string]string{alice: aliceToken, bob: bobToken} {
		for _, step := range refundSteps {
			place := strings.Fields(step.in)[0]
			if !strings.Contains(step.who, "admin") {
				continue
			}
			told := toldTo(t, place, refundPlaces[place])
			told.SetProfile(user, func(p *storage.Profile) { p.Role = storage.RoleAdmin })
			told.Clock.Advance(time.Minute) // roles are cached
			if user == bob && strings.Contains(step.who, "bob") {
				told.wantStep(step.call, token, step.data, 0)
				continue
			}
			data := strings.Replace(orderData(told.order, step.data), ",}", "}", 1)
			told.refusedAs(token, "order/"+step.call, data, -103, "order_id: your own order")
		}
	}
}

// TestAdminsStepsAreAudited: of every step that an admin takes of an order there is a row, in
// the same transaction, with what it was before and is now; of the sides' steps there is none.
func TestAdminsStepsAreAudited(t *testing.T) {
	t.Parallel()
	steps := append(slices.Clone(refundSteps), refundStep{"ship", shipping, "bob admin", "paid", 0, ""}, refundStep{"note", `"admin_note":"n"`, "admin", "paid", 0, ""})
	for _, step := range steps {
		place := strings.Fields(step.in)[0]
		for who := range strings.FieldsSeq(step.who) {
			told := toldTo(t, place, refundPlaces[place])
			before := told.Order(told.order).State
			told.wantStep(step.call, tokens[who], step.data, 0)
			var got []string
			for _, a := range audits(told.Gateway) {
				got = append(got, fmt.Sprintf("%s %s %s: %s → %s", a.UserID, a.Call, a.Target, a.Before, strings.Fields(a.After)[0]))
			}
			var want []string
			if who == "admin" {
				want = []string{fmt.Sprintf("%s order/%s order %s: %s → %s", handlerstest.Admin, step.call, told.order, before, told.Order(told.order).State)}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s by %s: %q, want %q", step.call, who, got, want)
			}
		}
	}
}

// TestRefundAddress: what is to be returned is sent to an address of the seller's.
func TestRefundAddress(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(twoTeas).OrderIDs[0]
	f.ok("ship", bobToken, id, shipping)
	f.ok("refund", aliceToken, id, askReturn)
	for _, data := range []string{"", `"address_id":1`, `"address_id":99`} {
		f.refusedAs(bobToken, "order/agree", strings.Replace(orderData(id, data), ",}", "}", 1), 108, "address_id: not the seller's, or the seller has none")
	}
	f.OK("address/creat", bobToken, `{"name":"甲","phone":"13800000000","address":"甲路"}`)
	second := f.OK("address/creat", bobToken, `{"name":"乙","phone":"13800000001","address":"乙路"}`).Field("address_id")
	f.ok("agree", handlerstest.AdminToken, id, `"address_id":`+second) // an admin names the seller's too
	got := f.refund(id)
	if to := got.AddressName + got.AddressPhone + got.Address; to != "乙13800000001乙路" {
		t.Errorf("returned to %s", to)
	}
}

// refund is the last refund of an order.
func (f *fair) refund(id string) storage.OrderRefund {
	f.T.Helper()
	refunds, err := f.DB.OrderRefunds(f.T.Context(), id)
	handlerstest.Must(f.T, err)
	return refunds[len(refunds)-1]
}

// TestAppeal: within appeal_within of a refusal, once an order.
func TestAppeal(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(oneLamp).OrderIDs[0]
	f.refused("order/appeal", orderData(id, because), 204, "") // without a refusal
	f.ok("refund", aliceToken, id, askMoney)
	f.ok("refuse", bobToken, id, because)
	f.Clock.Advance(7*dayLong - time.Second)
	f.ok("appeal", aliceToken, id, because)
	f.refusedAs(bobToken, "order/refuse", orderData(id, because), 205, "") // appealed
	f.ok("arbitrate", handlerstest.AdminToken, id, `"amount":0,"note":"不支持"`)
	f.refused("order/appeal", orderData(id, because), 204, "") // again
	f.ok("refund", aliceToken, id, askMoney)
	f.ok("refuse", bobToken, id, because)
	f.refused("order/appeal", orderData(id, because), 204, "") // once an order

	late := f.paid(oneLamp).OrderIDs[0]
	f.ok("refund", aliceToken, late, askMoney)
	f.ok("refuse", bobToken, late, because)
	f.Clock.Advance(7 * dayLong)
	f.refused("order/appeal", orderData(late, because), 206, "")
}

// TestAppealOfAnOlderRefusal: a refusal can be appealed as long as nothing is given back and
// no admin has decided since, whatever else was asked for; and it holds up the settling.
func TestAppealOfAnOlderRefusal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps  []string
		status string
	}{
		"asked anew and revoked":              {[]string{asked, "alice revoke"}, ""},
		"asked anew and not sent back":        {[]string{shipIt, askBack, "bob agree", "clock return_within"}, " = 206"},
		"asked anew and revoked when agreed":  {[]string{shipIt, askBack, "bob agree", "alice revoke"}, ""},
		"asked anew and a part is given":      {[]string{part("1"), "bob agree"}, " = 204"},
		"an admin has refused what was asked": {[]string{asked, `admin arbitrate {"amount":0,"note":"不支持"}`}, " = 204"},
		"an admin has refused what was returned": {
			[]string{shipIt, askBack, "bob agree", sendIt, refusal, `admin arbitrate {"amount":0,"note":"不支持"}`}, " = 204",
		},
		"no admin has decided on what was returned": {[]string{shipIt, askBack, "bob agree", sendIt, refusal, "clock arbitrate_within"}, " = 204"},
		"returned, refused, and revoked":            {[]string{shipIt, askBack, "bob agree", sendIt, refusal, "alice revoke"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := append([]string{part("7"), refusal}, c.steps...)
			told := toldTo(t, name, append(steps, plea+c.status))
			if c.status == "" {
				told.take("bob agree")
				if got := told.Order(told.order).Refunded; got != 7_00 {
					t.Errorf("%d fen were given", got)
				}
			}
		})
	}
}

// TestSettledAfterOlderRefusal: what is asked for anew and revoked does not hasten the
// settling, whose clock stands still meanwhile.
func TestSettledAfterOlderRefusal(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(oneLamp).OrderIDs[0]
	f.ok("confirm", aliceToken, id)
	f.Clock.Advance(6 * dayLong)
	f.ok("refund", aliceToken, id, askMoney)
	f.ok("refuse", bobToken, id, because)
	f.wantClock(id, "settle_after", 7*dayLong) // until when it can be appealed
	f.Clock.Advance(dayLong)
	f.ok("refund", aliceToken, id, askMoney)
	f.Clock.Advance(dayLong)
	f.ok("revoke", aliceToken, id)
	f.wantClock(id, "settle_after", 6*dayLong)
	f.Clock.Advance(5*dayLong - time.Second)
	f.ok("appeal", aliceToken, id, because)
}

// TestRefundRows: a decline, a clock and an arbitration make rows beside what was asked for.
func TestRefundRows(t *testing.T) {
	t.Parallel()
	for want, steps := range map[string][]string{
		"1 money 23.00 refunded seller 没货":                                   {`bob decline {"reason":"没货"}`},
		"1 money 23.00 refunded clock ":                                      {"clock ship_within"},
		"1 money 23.00 refused buyer 不想要了":                                   {asked, refusal},
		"1 money 23.00 revoked buyer 不想要了":                                   {asked, "alice revoke"},
		"1 money 5.00 refunded buyer 有划痕":                                    {part("5"), "bob agree"},
		"1 return 23.00 expired buyer 不想要了":                                  {shipIt, askBack, "bob agree", "clock return_within"},
		"1 return 23.00 refunded buyer 不想要了":                                 {shipIt, askBack, "bob agree", sendIt, "bob receive"},
		"1 money 23.00 arbitrated buyer 不想要了, 2 money 4.00 refunded admin 退": {asked, `admin arbitrate {"amount":4,"note":"退"}`},
		"1 money 23.00 arbitrated buyer 不想要了, 2 money 0.00 refused admin 不":  {asked, refusal, plea, `admin arbitrate {"amount":0,"note":"不"}`},
		"1 money 23.00 refused buyer 不想要了, 2 money 23.00 open buyer 不想要了":    {asked, refusal, asked},
	} {
		told := toldTo(t, want, steps)
		refunds, err := told.DB.OrderRefunds(t.Context(), told.order)
		handlerstest.Must(t, err)
		var rows []string
		for _, r := range refunds {
			rows = append(rows, fmt.Sprintf("%d %s %d.%02d %s %s %s", r.Number, r.Kind, r.Amount/100, r.Amount%100, r.State, r.Who, r.Reason))
		}
		if got := strings.Join(rows, ", "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// wantClock checks which clock of an order runs, and when it ends, after an hour on that day.
func (f *fair) wantClock(id, clock string, left time.Duration) {
	f.T.Helper()
	o := f.Order(id)
	if got := time.Unix(o.ClockEnd, 0).Sub(f.Clock.Now()); o.Clock != clock || got != left {
		f.T.Errorf("%s ends in %s, want %s in %s", o.Clock, got, clock, left)
	}
}

// TestFormerClockStandsStill while a refund is open, through all its states.
func TestFormerClockStandsStill(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.OK("address/creat", bobToken, `{"name":"甲","phone":"13800000000","address":"甲路"}`)
	id := f.paid(twoTeas).OrderIDs[0]
	f.ok("ship", bobToken, id, shipping)
	f.wantClock(id, "confirm_within", 10*dayLong)
	f.Clock.Advance(4 * dayLong)
	f.ok("refund", aliceToken, id, askReturn)
	f.wantClock(id, "answer_within", 2*dayLong)
	f.Clock.Advance(dayLong)
	f.ok("agree", bobToken, id)
	f.wantClock(id, "return_within", 7*dayLong)
	f.Clock.Advance(6 * dayLong)
	f.ok("return", aliceToken, id, shipping)
	f.wantClock(id, "receive_within", 10*dayLong)
	f.Clock.Advance(9 * dayLong)
	f.ok("refuse", bobToken, id, because)
	f.wantClock(id, "arbitrate_within", 15*dayLong)
	f.Clock.Advance(14 * dayLong)
	f.RunJobs()
	f.ok("arbitrate", handlerstest.AdminToken, id, `"amount":3,"note":"运费"`)
	f.wantClock(id, "confirm_within", 6*dayLong)
	f.Clock.Advance(6 * dayLong)
	f.RunJobs()
	f.wantStates(commitment{OrderIDs: []string{id}}, "finish")
	storagetest.Audit(t, f.DB, 0)
}

// TestNothingIsSettledThatCanBeAppealed: after a refusal the order is settled when its time
// to appeal is over, and not before.
func TestNothingIsSettledThatCanBeAppealed(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(oneLamp).OrderIDs[0]
	f.ok("confirm", aliceToken, id)
	f.Clock.Advance(6 * dayLong) // one is left
	f.ok("refund", aliceToken, id, askMoney)
	f.Clock.Advance(dayLong)
	f.ok("refuse", bobToken, id, because)
	f.wantClock(id, "settle_after", 7*dayLong)

	// A refusal before the order is finished holds it up too.
	second := f.paid(oneLamp).OrderIDs[0]
	f.ok("refund", aliceToken, second, askMoney)
	f.ok("refuse", bobToken, second, because)
	f.ok("confirm", aliceToken, second)
	f.wantClock(second, "settle_after", 7*dayLong)

	// Once it was appealed it is final: the one day that was left.
	f.Clock.Advance(7*dayLong - time.Second)
	f.ok("appeal", aliceToken, id, because)
	f.ok("arbitrate", handlerstest.AdminToken, id, `"amount":0,"note":"不支持"`)
	f.wantClock(id, "settle_after", time.Second)
	f.ok("refund", aliceToken, id, askMoney)
	f.ok("refuse", bobToken, id, because) // which cannot be appealed any more
	f.wantClock(id, "settle_after", time.Second)
	f.Clock.Advance(time.Second)
	f.RunJobs()
	f.wantStates(commitment{OrderIDs: []string{id, second}}, "settled settled")
}

// TestRecordOfTwoOrders: a record comes back when every order with a share of it was
// refunded before shipping and before finish, and it is still in time.
func TestRecordOfTwoOrders(t *testing.T) {
	t.Parallel()
	both := items(`,"record_id":1`+express, item(tea, `,"product_num":2`), item(lamp, `,"deliver":"face"`))
	for name, c := range map[string]struct {
		before func(f *fair, made commitment)
		want   string // records that are usable after the first and the second are declined
	}{
		"both":        {nil, " 1"},
		"shipped":     {func(f *fair, made commitment) { f.ok("ship", bobToken, made.OrderIDs[0], shipping) }, " "},
		"out of time": {func(f *fair, _ commitment) { f.Clock.Advance(time.Hour) }, " "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFair(t)
			f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 9_00})
			made := f.paid(both)
			if c.before != nil {
				c.before(f, made)
			}
			var got []string
			for _, id := range []string{made.OrderIDs[1], made.OrderIDs[0]} {
				if f.Order(id).State == "shipped" {
					f.ok("refund", aliceToken, id, askMoney)
					f.ok("agree", bobToken, id)
				} else {
					f.ok("decline", bobToken, id, because)
				}
				got = append(got, f.OK("coupon/mine", aliceToken, `{"state":0}`).Rows(t, "record_id"))
			}
			if used := strings.Join(got, " "); used != c.want {
				t.Errorf("usable: %q, want %q", used, c.want)
			}
			storagetest.Audit(t, f.DB, 0)
		})
	}
}

// TestNoShareKeepsNoRecord: where a record takes nothing off an order, what becomes of that
// order does not matter to it.
func TestNoShareKeepsNoRecord(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 1})
	// A fen off 20.00 and 0.40: all of it is the tea's.
	made := f.paid(items(`,"record_id":1`+express, item(tea, `,"product_num":2`), item(lamp, `,"deliver":"face"`)))
	without := made.OrderIDs[0]
	if len(f.Order(without).Records) != 0 {
		without = made.OrderIDs[1]
	}
	other := made.OrderIDs[0] + made.OrderIDs[1]
	other = strings.Replace(other, without, "", 1)
	if without == made.OrderIDs[0] {
		f.ok("ship", bobToken, without, shipping)
	} else {
		f.ok("confirm", aliceToken, without)
	}
	f.ok("decline", bobToken, other, because)
	if got := f.OK("coupon/mine", aliceToken, `{"state":0}`).Rows(t, "record_id"); got != "1" {
		t.Errorf("usable: %s", got)
	}
}

// TestOneOfTwoByChannel: of a payment for two orders the channel gives back what one has
// cost, and it has arrived when the channel says so.
func TestOneOfTwoByChannel(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	made := f.commit(items(express, item(tea, `,"product_num":2`), item(lamp, `,"deliver":"face"`)))
	f.answer(pageOf(f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"sandbox","client":"pc"}`)), "paid")
	f.ok("decline", bobToken, made.OrderIDs[0], because)
	f.wantStates(made, "refunded paid")
	if got := f.refund(made.OrderIDs[0]); got.Arrived || got.Amount != 23_00 || got.State != "refunded" || got.Who != "seller" {
		t.Errorf("refund %+v", got)
	}
	parts, err := f.DB.ChannelRefundsOfOrder(t.Context(), made.OrderIDs[0])
	handlerstest.Must(t, err)
	if len(parts) != 1 || parts[0].Amount != 23_00 || parts[0].Number != 1 {
		t.Errorf("to the channel %+v", parts)
	}
	f.RunJobs()
	for range 5 { // the channel takes it, and later says that it has arrived
		f.Clock.Advance(time.Minute)
		f.RunJobs()
	}
	if got := f.refund(made.OrderIDs[0]); !got.Arrived {
		t.Error("it has not arrived")
	}
	f.ok("decline", bobToken, made.OrderIDs[1], because)
	storagetest.Audit(t, f.DB, 0)
}

// TestRefundIsOnce: with a request_key a second request is the first one.
func TestRefundIsOnce(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(oneLamp).OrderIDs[0]
	key := `"request_key":"refund-of-the-lamp"`
	f.ok("refund", aliceToken, id, askMoney, key)
	f.ok("refund", aliceToken, id, askMoney, key)
	f.ok("revoke", aliceToken, id)
	f.ok("refund", aliceToken, id, askMoney, key)
	f.wantStates(commitment{OrderIDs: []string{id}}, "paid")
	if o := f.Order(id); o.Requests != 1 {
		t.Errorf("%d requests", o.Requests)
	}
	f.refused("order/refund", orderData(id, `"kind":"money","amount":1,"reason":"不想要了"`, key), -303, "request_key: was used with other data")
}

// TestFrozenBuyerIsRefunded: a frozen account takes every step of its open orders.
func TestFrozenBuyerIsRefunded(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.OK("address/creat", bobToken, `{"name":"甲","phone":"13800000000","address":"甲路"}`)
	id := f.paid(twoTeas).OrderIDs[0]
	f.ok("ship", bobToken, id, shipping)
	for _, user := range []string{alice, bob} {
		f.SetProfile(user, func(p *storage.Profile) { p.State = storage.ProfileFrozen })
	}
	f.ok("refund", aliceToken, id, askReturn)
	f.ok("refuse", bobToken, id, because)
	f.ok("appeal", aliceToken, id, because)
	f.ok("agree", bobToken, id)
	f.ok("return", aliceToken, id, shipping)
	f.ok("receive", bobToken, id)
	f.wantStates(commitment{OrderIDs: []string{id}}, "refunded")
}

// TestRefundsAreTold to the sides that have not taken the step, a clock's to both.
func TestRefundsAreTold(t *testing.T) {
	t.Parallel()
	told := toldTo(t, "", []string{shipIt, askBack, refusal, plea, "bob agree", sendIt, "clock receive_within"})
	told.RunJobs()
	told.wantTold(bob, "卖家超时未确认退货，退款已完成 买家已寄回商品 买家已申诉，等待平台裁决 买家申请退款 买家已付款 新订单，等待买家付款")
	told.wantTold(alice, "卖家超时未确认退货，退款已完成 退款申请已通过 卖家已拒绝退款申请 卖家已发货")
}

// TestAdminsAreToldDaily of an appeal, as long as it is not decided.
func TestAdminsAreToldDaily(t *testing.T) {
	t.Parallel()
	told := toldTo(t, "", []string{asked, refusal, plea})
	for day := range 3 {
		if got := strings.Count(told.told(handlerstest.Admin), "有申诉等待裁决"); got != day {
			t.Errorf("on day %d they were told %d times", day, got)
		}
		told.Clock.Advance(dayLong)
		told.RunJobs()
	}
	told.ok("arbitrate", handlerstest.AdminToken, told.order, `"amount":0,"note":"不支持"`)
	told.Clock.Advance(dayLong)
	told.RunJobs()
	if got := strings.Count(told.told(handlerstest.Admin), "有申诉等待裁决"); got != 3 {
		t.Errorf("they were told %d times", got)
	}
}

// TestRefundAmounts are those of price.Refundable, with what is wrong in detail.
func TestRefundAmounts(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(twoTeas).OrderIDs[0]
	for data, detail := range map[string]string{
		`"amount":23.01`: "amount: must be above 0, and not more than can come back",
		`"amount":-0.01`: "amount: must be above 0, and not more than can come back",
		`"amount":0`:     "amount: must be above 0, and not more than can come back",
		`"items":[{"line":0,"product_num":1}],"amount":10.01`:             "amount: must be above 0, and not more than can come back",
		`"items":[{"line":1,"product_num":1}]`:                            "items[0].line: no such line",
		`"items":[{"line":-1,"product_num":1}]`:                           "items[0].line: no such line",
		`"items":[{"line":0,"product_num":1},{"line":0,"product_num":1}]`: "items[1].line: is there twice",
		`"items":[{"line":0,"product_num":3}]`:                            "items[0].product_num: must be 1 or more, and not more than no refund has named",
		`"items":[{"line":0,"product_num":0}]`:                            "items[0].product_num: must be 1 or more, and not more than no refund has named",
		`"items":[{"line":0,"product_num":9223372036854775807}]`:          "items[0].product_num: must be 1 or more, and not more than no refund has named",
		`"items":[{"line":9223372036854775807,"product_num":1}]`:          "items[0].line: no such line",
		`"items":[{"line":4294967296,"product_num":1}]`:                   "items[0].line: no such line",
	} {
		f.refused("order/refund", orderData(id, askMoney, data), 208, detail)
	}
	f.ok("refund", aliceToken, id, askMoney)
	for _, amount := range []string{"23.01", "99999999999.99", "-0.01"} {
		f.refusedAs(handlerstest.AdminToken, "order/arbitrate", orderData(id, fmt.Sprintf(`"amount":%s,"note":"退"`, amount)), 208, "amount: must be above 0, and not more than can come back")
	}
}

// TestClockWaitsForRepayment: where a clock ends while a repayment is still being closed at
// its channel, its step is taken once that is done.
func TestClockWaitsForRepayment(t *testing.T) {
	t.Parallel()
	f := startFair(t, func(o *handlerstest.Options) { o.Settings.Trade.Periods.AnswerWithin = time.Minute })
	f.give(alice, 0, 200_00)
	id := f.paid(oneBike).OrderIDs[0]
	f.answer(pageOf(f.OK("credit/pay", aliceToken, orderData(id, `"method":"sandbox","client":"pc"`))), "late") // its close is refused
	f.ok("refund", aliceToken, id, askMoney)
	for minute := range 10 {
		if got := f.Order(id).State; got != "refunding" {
			t.Fatalf("after %d minutes it is %s", minute, got)
		}
		f.Clock.Advance(time.Minute)
		f.RunJobs()
	}
	f.Clock.Advance(time.Minute)
	f.RunJobs()
	f.wantStates(commitment{OrderIDs: []string{id}}, "refunded")
	storagetest.Audit(t, f.DB, 0)
}
