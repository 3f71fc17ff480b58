package trade

import (
	"slices"

	"campusgate/dispatch"
	"campusgate/storage"
)

// This is the life of an order, and nothing else in the code knows a transition: calls,
// callbacks and clocks take these steps ([Deps.take]); order/states, the actions in info
// and list, docs/orders.md and the tests are made from them.
var steps = []step{
	{name: "commit", who: buyer, to: to(statePaying), does: holds, told: "新订单，等待买家付款"},
	{name: "pay", who: buyer, from: on(statePaying), to: to(statePaid), does: charges, refusal: orderNotPaying, told: "买家已付款"},
	{name: "open", who: clock, from: by(course, statePaid), to: to(stateFinish), does: opens, refusal: orderNotPaid, told: "课程已开通"},
	{name: "cancel", who: buyer, from: on(statePaying), to: to(stateCancel), does: givesBack, refusal: orderNotPaying, told: "买家已取消订单"},
	{name: payWithin, who: clock, from: on(statePaying), to: to(stateOvertime), does: givesBack, refusal: orderNotPaying, told: "订单超时未付款，已关闭"},

	{name: "address", who: buyer, from: by(express, statePaid), refusal: orderNotPaid, wrongWay: orderNoDelivery, while: addressUnchanged, told: "买家已修改收货地址"},
	{name: "ship", who: seller | admin, from: by(express, statePaid), to: to(stateShipped), refusal: orderNotPaid, wrongWay: orderNoDelivery, told: "卖家已发货"},
	{name: "ship", who: seller | admin, from: on(stateShipped), refusal: orderNotPaid, while: shipsLeft, told: "卖家已更正物流信息"},
	{name: shipWithin, who: clock, from: by(express, statePaid), to: to(stateRefunded), does: refunds, refusal: orderNotPaid, told: "卖家超时未发货，订单已全额退款"},
	{name: "decline", who: seller | admin, from: on(statePaid), to: to(stateRefunded), does: refunds, refusal: orderNotPaid, told: "订单已被取消并全额退款"},

	{name: "confirm", who: buyer, from: slices.Concat(on(stateShipped), by(face, statePaid)), to: to(stateFinish), refusal: orderNotShipped, told: "买家已确认收货"},
	{name: confirmWithin, who: clock, from: slices.Concat(on(stateShipped), by(face, statePaid)), to: to(stateFinish), refusal: orderNotShipped, told: "订单已自动确认收货"},
	{name: "extend", who: buyer, from: on(stateShipped), refusal: orderNotShipped, while: notExtended, told: "买家已延长收货时间"},
	{name: settleAfter, who: clock, from: on(stateFinish), to: to(stateSettled), does: paysOut, refusal: orderNotRefundable, told: "订单已结算"},

	{name: "refund", who: buyer, from: on(statePaid, stateShipped, stateFinish), to: to(stateRefunding), refusal: orderNotRefundable, while: requestsLeft, told: "买家申请退款"},
	{name: "agree", who: seller | admin, from: on(stateRefunding, stateAppealed), to: to(stateRefunded, stateFormer, stateReturning), does: refunds, refusal: orderNotRefunding, told: "退款申请已通过"},
	{name: answerWithin, who: clock, from: on(stateRefunding), to: to(stateRefunded, stateFormer, stateReturning), does: refunds, refusal: orderNotRefunding, told: "卖家超时未处理，退款申请已通过"},
	{name: "refuse", who: seller, from: on(stateRefunding), to: to(stateFormer), refusal: orderNotRefunding, told: "卖家已拒绝退款申请"},
	{name: "refuse", who: seller, from: on(stateReturned), to: to(stateAppealed), refusal: orderNotRefunding, told: "卖家已拒绝退货，等待平台裁决"},
	{name: "appeal", who: buyer, from: on(statePaid, stateShipped, stateFinish), to: to(stateAppealed), refusal: orderNotRefundable, while: canAppeal, told: "买家已申诉，等待平台裁决"},
	{name: "revoke", who: buyer, from: on(stateRefunding, stateAppealed, stateReturning), to: to(stateFormer), refusal: orderNotRefunding, told: "买家已撤销退款申请"},
	{name: "return", who: buyer, from: on(stateReturning), to: to(stateReturned), refusal: orderNotRefunding, told: "买家已寄回商品"},
	{name: returnWithin, who: clock, from: on(stateReturning), to: to(stateFormer), refusal: orderNotRefunding, told: "买家超时未寄回商品，退款申请已关闭"},
	{name: "receive", who: seller | admin, from: on(stateReturned), to: to(stateRefunded, stateFormer), does: refunds, refusal: orderNotRefunding, told: "卖家已收到退货，退款已完成"},
	{name: receiveWithin, who: clock, from: on(stateReturned), to: to(stateRefunded, stateFormer), does: refunds, refusal: orderNotRefunding, told: "卖家超时未确认退货，退款已完成"},
	{name: "arbitrate", who: admin, from: on(stateRefunding, stateAppealed, stateReturning, stateReturned), to: to(stateRefunded, stateFormer), does: refunds, refusal: orderNotRefunding, told: "平台已裁决退款申请"},
	{name: arbitrateWithin, who: clock, from: on(stateAppealed), to: to(stateFormer), refusal: orderNotRefunding, told: "平台未支持申诉，退款申请已关闭"},

	{name: "delete", who: buyer | seller, from: on(stateCancel, stateOvertime, stateRefunded, stateSettled, stateFinish), refusal: orderNotDeletable},
	{name: "note", who: admin, from: on(allStates()...)},
}

// A step is one that is taken of an order.
type step struct {
	name string // the call's subtype, or the clock's name
	who  actors // who takes it: to others there is no such order
	from []place
	to   []storage.OrderState // none: the order stays as it is; of several the step says which
	does effect
	// refusal is the status in any other place, and wrongWay that where only the way of
	// delivery is another.
	refusal, wrongWay dispatch.Status
	// while says why the step cannot be taken in its place, [dispatch.OK] where it can.
	while func(o *storage.Order, now int64) dispatch.Status
	told  string // the title of the notice to the sides that have not taken it; "" is none
}

// The states of an order, as they are stored.
const (
	statePaying    storage.OrderState = "paying"
	statePaid      storage.OrderState = "paid"
	stateShipped   storage.OrderState = "shipped"
	stateFinish    storage.OrderState = "finish"
	stateSettled   storage.OrderState = "settled" // the wire's finish, for good
	stateCancel    storage.OrderState = "cancel"
	stateOvertime  storage.OrderState = "overtime"
	stateRefunding storage.OrderState = "refunding"
	stateAppealed  storage.OrderState = storage.OrderAppealed // the wire's refunding, which an admin decides
	stateReturning storage.OrderState = "returning"
	stateReturned  storage.OrderState = "returned"
	stateRefunded  storage.OrderState = "refunded"

	// stateFormer stands for that in which a refund was asked for.
	stateFormer storage.OrderState = "former"
)

// states are all of them, as they are shown.
var states = []orderState{
	{name: statePaying, list: "need_pay", chinese: "待付款", english: "To be paid"},
	{name: statePaid, list: "need_send", chinese: "待发货", english: "Paid", sold: true},
	{name: stateShipped, list: "need_receive", chinese: "待收货", english: "Shipped", sold: true},
	{name: stateFinish, list: "complete", chinese: "已完成", english: "Finished", sold: true},
	{name: stateCancel, list: "cancel", chinese: "已取消", english: "Cancelled", closed: true},
	{name: stateOvertime, list: "overtime", chinese: "超时关闭", english: "Not paid in time", closed: true},
	{name: stateRefunding, list: "refund", chinese: "退款中", english: "Refund asked for", sold: true, refund: true},
	{name: stateReturning, list: "refund", chinese: "待退货", english: "To be sent back", sold: true, refund: true},
	{name: stateReturned, list: "refund", chinese: "退货中", english: "Sent back", sold: true, refund: true},
	{name: stateRefunded, list: "refund", chinese: "已退款", english: "Refunded", closed: true},
	{name: stateSettled, list: "complete", wire: stateFinish, sold: true, closed: true},
	{name: stateAppealed, list: "refund", wire: stateRefunding, sold: true, refund: true},
}

type orderState struct {
	name             storage.OrderState
	wire             storage.OrderState // as which it is shown; "" is name
	list             string             // the list in which it is
	chinese, english string
	sold             bool // its pieces are sold
	refund           bool // a refund is asked for: the former clock stands still
	closed           bool // nothing can happen any more
}

// stateOf is what is known of a state; of none, before the commit, nothing is.
func stateOf(name storage.OrderState) *orderState {
	i := slices.IndexFunc(states, func(s orderState) bool { return s.name == name })
	if i < 0 {
		return &orderState{}
	}
	return &states[i]
}

// pieces is how often an order in the state has sold its pieces: once or not.
func (s *orderState) pieces() int64 {
	if s.sold {
		return 1
	}
	return 0
}

// wireState is a state as it is shown.
func wireState(name storage.OrderState) storage.OrderState {
	if wire := stateOf(name).wire; wire != "" {
		return wire
	}
	return name
}

// StateName is a state in Chinese, as order/states has it.
func StateName(name storage.OrderState) string { return stateOf(wireState(name)).chinese }

func allStates() (names []storage.OrderState) {
	for _, s := range states {
		names = append(names, s.name)
	}
	return names
}

// actors are who takes a step.
type actors uint8

const (
	buyer actors = 1 << iota
	seller
	admin // of an order that is not the admin's own
	clock // nobody: a clock of the order, or what follows at once
)

var actorNames = map[actors]string{buyer: "buyer", seller: "seller", admin: "admin", clock: "clock"}

// names are those of the actors, the buyer first.
func (a actors) names() (names []string) {
	for one := buyer; one <= clock; one <<= 1 {
		if a&one != 0 {
			names = append(names, actorNames[one])
		}
	}
	return names
}

// A place is where an order is: in a state, by a way of delivery.
type place struct {
	state storage.OrderState
	way   way
}

// A way is how an order is delivered.
type way string

const (
	anyWay  way = ""
	face    way = "face"
	express way = "express"
	course  way = "course" // not at all
)

// wayOf is that of an order.
func wayOf(o *storage.Order) way {
	if o.Course {
		return course
	}
	return way(o.Deliver)
}

// on are places of any way of delivery.
func on(names ...storage.OrderState) []place { return by(anyWay, names...) }

func by(w way, names ...storage.OrderState) (places []place) {
	for _, name := range names {
		places = append(places, place{name, w})
	}
	return places
}

func to(names ...storage.OrderState) []storage.OrderState { return names }

// has reports whether an order is in one of the places.
func (s *step) has(o *storage.Order) bool {
	return slices.ContainsFunc(s.from, func(p place) bool { return p.state == o.State && (p.way == anyWay || p.way == wayOf(o)) })
}

// refuses is the status with which the step cannot be taken of an order now,
// [dispatch.OK] where it can.
func (s *step) refuses(o *storage.Order, now int64) dispatch.Status {
	switch {
	case s.has(o) && s.while != nil:
		return s.while(o, now)
	case s.has(o), len(s.from) == 0:
		return dispatch.OK
	case s.wrongWay.Number != 0 && slices.ContainsFunc(s.from, func(p place) bool { return p.state == o.State }):
		return s.wrongWay
	}
	return s.refusal
}

// stepOf is the row of a name for an order: that of its place, else the first.
func stepOf(name string, o *storage.Order) *step {
	first := -1
	for i := range steps {
		if steps[i].name != name {
			continue
		}
		if steps[i].has(o) {
			return &steps[i]
		}
		if first < 0 {
			first = i
		}
	}
	return &steps[first]
}

// What holds beside the place.

func addressUnchanged(o *storage.Order, _ int64) dispatch.Status {
	return allowedIf(!o.AddressChanged, orderNotPaid)
}

// maxShips is how often the way of a shipped order is given: three times it is corrected.
const maxShips = 1 + 3

func shipsLeft(o *storage.Order, _ int64) dispatch.Status {
	return allowedIf(o.Ships < maxShips, orderNotPaid)
}

func notExtended(o *storage.Order, _ int64) dispatch.Status {
	return allowedIf(!o.Extended, orderNotShipped)
}

// maxRequests is how often the buyer asks for a refund of an order.
const maxRequests = 3

func requestsLeft(o *storage.Order, _ int64) dispatch.Status {
	return allowedIf(o.Requests < maxRequests, orderNotRefundable)
}

// canAppeal: once an order, and in time after a refusal.
func canAppeal(o *storage.Order, now int64) dispatch.Status {
	if o.Appealed || o.AppealEnd == 0 {
		return orderNotRefundable
	}
	return allowedIf(now < o.AppealEnd, orderExpired)
}

func allowedIf(allowed bool, refusal dispatch.Status) dispatch.Status {
	if allowed {
		return dispatch.OK
	}
	return refusal
}
