package trade_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// A place is where an order is: in a stored state, delivered in a way.
type place struct{ state, deliver string }

// places are all in which an order can be.
var places = func() (all []place) {
	for _, state := range []string{
		"paying", "paid", "shipped", "finish", "settled", "cancel", "overtime", "refunding", "appealed", "returning", "returned", "refunded",
	} {
		for _, deliver := range []string{"face", "express"} {
			if state != "shipped" || deliver == "express" {
				all = append(all, place{state, deliver})
			}
		}
	}
	return all
}()

// A rule is what the contract says of a call, in words of its own: who takes the step, and
// in which places; the status elsewhere, and of orders that go another way.
type rule struct {
	call, data string
	who        string // buyer, seller, admin
	in         string // states, with /face or /express where only one goes
	status     int
	wrongWay   int
	to         string // as stored; "" stays
	title      string // of the notice to the sides that have not taken it; "" is none
}

var rules = []rule{
	{call: "cancel", who: "buyer", in: "paying", status: 201, to: "cancel", title: "买家已取消订单"},
	{call: "address", data: `"address_id":1`, who: "buyer", in: "paid/express", status: 202, wrongWay: 116, title: "买家已修改收货地址"},
	{call: "ship", data: shipping, who: "seller admin", in: "paid/express shipped", status: 202, wrongWay: 116, to: "shipped", title: "卖家已发货"},
	{call: "confirm", who: "buyer", in: "shipped paid/face", status: 203, to: "finish", title: "买家已确认收货"},
	{call: "extend", who: "buyer", in: "shipped", status: 203, title: "买家已延长收货时间"},
	{call: "delete", who: "buyer seller", in: "cancel overtime refunded settled finish", status: 207},
	{call: "note", data: `"admin_note":"n"`, who: "admin", in: "paying paid shipped finish settled cancel overtime refunding appealed returning returned refunded"},
}

// more is what stands beside the order's id.
func (r rule) more() []string {
	if r.data == "" {
		return nil
	}
	return []string{r.data}
}

// wants is the status that a rule has for a side in a place.
func (r rule) wants(side string, p place) int {
	switch {
	case side == "stranger":
		if r.call == "note" {
			return -103 // the call is the admins'
		}
		return 100
	case strings.HasPrefix(side, "admin as "):
		as := strings.TrimPrefix(side, "admin as ")
		switch {
		case strings.Contains(r.who, as): // an admin has sides too
		case strings.Contains(r.who, "admin"):
			return -103
		default:
			return 100
		}
	case !strings.Contains(r.who, side):
		if r.call == "note" {
			return -103
		}
		return 100
	}
	for in := range strings.FieldsSeq(r.in) {
		state, way, _ := strings.Cut(in, "/")
		switch {
		case state != p.state:
		case way == "" || way == p.deliver:
			return 0
		case r.wrongWay != 0:
			return r.wrongWay
		}
	}
	return r.status
}

// sides are who tries each step: alice buys and bob sells; orders of the admin as the buyer
// or the seller are there too.
var sides = []struct{ name, token string }{
	{"buyer", aliceToken},
	{"seller", bobToken},
	{"admin", adminToken},
	{"admin as buyer", adminToken},
	{"admin as seller", adminToken},
	{"stranger", "token-of-carol"},
}

// newcomer adds a user.
func (f *fair) newcomer(id, name string) (token string) {
	f.T.Helper()
	handlerstest.Must(f.T, f.DB.InsertUser(f.T.Context(), storage.User{ID: id, Name: name}))
	handlerstest.Must(f.T, f.DB.InsertToken(f.T.Context(), "token-of-"+name, id))
	return "token-of-" + name
}

// TestEveryStepInEveryState tries every step by every side in every place: what the table
// has happens, and anything else is refused and changes nothing.
func TestEveryStepInEveryState(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.newcomer("7", "carol")
	adminsAddress := f.OK("address/creat", adminToken, handlerstest.NewAddress().String()).Field("address_id")
	taken, refused := 0, 0
	var told []string
	for i, side := range sides {
		for j, p := range places {
			for k, rule := range rules {
				id := f.addOrder(fmt.Sprintf("1574951152%02d%02d%d", i, j, k)+"00", p, side.name)
				before := f.orderText(id)
				if side.name != "stranger" {
					if told := slices.Contains(f.actionsOf(side.token, id), rule.call); told != (rule.wants(side.name, p) == 0) {
						t.Errorf("%s by %s in %s is among the actions: %t", rule.call, side.name, p, told)
					}
				}
				if side.name == "admin as buyer" {
					rule.data = strings.Replace(rule.data, `"address_id":1`, `"address_id":`+adminsAddress, 1)
				}
				a := f.step(rule.call, side.token, id, rule.more()...)
				if want := rule.wants(side.name, p); a.Status != want {
					t.Errorf("%s by %s in %s: %s, want %d", rule.call, side.name, p, a.Raw, want)
				}
				state := p.state
				if a.Status == 0 && rule.to != "" {
					state = rule.to
				}
				if got := string(f.Order(id).State); got != state {
					t.Errorf("%s by %s in %s: the order is %s, want %s", rule.call, side.name, p, got, state)
				}
				if changed := f.orderText(id) != before; changed != (a.Status == 0) {
					t.Errorf("%s by %s in %s: status %d, changed %t", rule.call, side.name, p, a.Status, changed)
				}
				if a.Status == 0 {
					taken++
					told = append(told, rule.tells(side.name, p, f.Order(id))...)
				} else {
					refused++
				}
			}
		}
	}
	t.Logf("%d steps taken, %d refused", taken, refused)
	f.RunJobs()
	f.wantNotices(told)
}

// tells are the notices that follow where a side has taken the step: to the others, whom an
// order's notice names by the user, the order and its title.
func (r rule) tells(side string, p place, o storage.Order) (notices []string) {
	title := r.title
	if r.call == "ship" && p.state == "shipped" {
		title = "卖家已更正物流信息"
	}
	who := side[strings.LastIndex(side, " ")+1:]
	for as, user := range map[string]string{"buyer": o.UserID, "seller": o.SellerID} {
		if title != "" && as != who {
			notices = append(notices, user+" "+o.OrderID+" "+title)
		}
	}
	return notices
}

// wantNotices checks all notices of orders that there are.
func (f *fair) wantNotices(want []string) {
	f.T.Helper()
	var got []string
	for _, user := range []string{alice, bob, handlerstest.Admin} {
		notices, _, err := f.DB.Notices(f.T.Context(), user, false, storage.Page{})
		handlerstest.Must(f.T, err)
		for _, n := range notices {
			got = append(got, user+" "+n.OrderID+" "+n.Title)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		f.T.Errorf("notices (-want +got):\n%s", diff)
	}
}

// addOrder stores an order in a place, and returns its id.
func (f *fair) addOrder(payID string, p place, side string) string {
	f.T.Helper()
	o := storage.Order{PayID: payID, State: storage.OrderState(p.state), ListState: "complete", Deliver: p.deliver}
	switch p.state {
	case "refunding", "appealed", "returning", "returned":
		o.FormerState, o.FormerClock = "paid", "ship_within"
	}
	switch side {
	case "admin as buyer":
		o.UserID = handlerstest.Admin
	case "admin as seller":
		o.SellerID = handlerstest.Admin
	}
	f.AddOrder(o)
	return handlerstest.OrderOf(payID)
}

// orderText is an order with its history and the jobs that are waiting for it.
func (f *fair) orderText(id string) string {
	f.T.Helper()
	ctx := f.T.Context()
	history, err := f.DB.OrderHistory(ctx, id)
	handlerstest.Must(f.T, err)
	payment, err := f.DB.Payment(ctx, f.Order(id).PayID)
	handlerstest.Must(f.T, err)
	return fmt.Sprintf("%+v %+v %+v", f.Order(id), history, payment)
}

// TestTwoStepsAtOnce takes every pair of steps of one order at once: what happened is what
// could have happened one after the other.
func TestTwoStepsAtOnce(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	try := func(rule rule, id string) handlerstest.Answer {
		token := map[bool]string{true: bobToken, false: aliceToken}[strings.HasPrefix(rule.who, "seller")]
		if rule.who == "admin" {
			token = adminToken
		}
		return f.step(rule.call, token, id, rule.more()...)
	}
	pairs, both := 0, 0
	for i, p := range []place{{"paying", "face"}, {"paid", "face"}, {"paid", "express"}, {"shipped", "express"}, {"finish", "express"}} {
		for j, one := range rules {
			for k, other := range rules {
				id := f.addOrder(fmt.Sprintf("1574951153%02d%02d%d", i, j, k)+"00", p, "")
				var wait sync.WaitGroup
				answers := make([]handlerstest.Answer, 2)
				for n, rule := range []rule{one, other} {
					wait.Go(func() { answers[n] = try(rule, id) })
				}
				wait.Wait()
				pairs++
				history, err := f.DB.OrderHistory(t.Context(), id)
				handlerstest.Must(t, err)
				taken, now := history[1:], p
				for _, a := range answers {
					if a.Status < 0 && a.Status != -304 {
						t.Errorf("%s and %s in %s: %s", one.call, other.call, p, a.Raw)
					}
				}
				var succeeded int
				for _, a := range answers {
					if a.Status == 0 {
						succeeded++
					}
				}
				if succeeded == 2 {
					both++
				}
				if len(taken) != succeeded {
					t.Errorf("%s and %s in %s: %d succeeded, and the history has %d", one.call, other.call, p, succeeded, len(taken))
				}
				for _, step := range taken { // one after the other each was allowed
					for _, rule := range rules {
						if rule.call == step.Step && rule.wants(strings.Fields(rule.who)[0], now) != 0 {
							t.Errorf("%s and %s in %s: %s was taken in %s", one.call, other.call, p, step.Step, now)
						}
					}
					now.state = string(step.State)
				}
				if got := f.Order(id); string(got.State) != now.state || got.Steps != int64(len(history)) {
					t.Errorf("%s and %s in %s: %s after %d steps, the history has %s and %d", one.call, other.call, p, got.State, got.Steps, now.state, len(history))
				}
			}
		}
	}
	t.Logf("%d pairs, in %d both were taken", pairs, both)
}
