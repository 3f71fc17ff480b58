package model_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// A world is a market as the contract says that it is, played beside a gateway. What it
// foretells it has from the contract's words; from the server's code it takes prices and
// parts of refunds alone ([price]), which have judges of their own.
type world struct {
	*handlerstest.Gateway

	random *rand.Rand
	calls  *tally
	trace  []string // the latest calls

	people  []*person
	wares   []*ware
	tickets []*ticket
	slips   []*slip
	bills   []*bill
	deals   []*deal
	focus   *deal // of which the last step was taken
	acted   bool  // something was done
}

// A person buys and sells. Money is fen.
type person struct {
	id, token                string
	wallet, beli, beliHeld   int64
	credit, creditHeld, owes int64
	shop                     int64
	address                  int64 // 0: none
}

// A ware is something on sale.
type ware struct {
	id, shop, kind        int64
	seller                *person
	price                 int64
	reduced, stock, least *int64 // nil: none, unlimited, no credit
	method, ship, status  int64
	policies              []storage.PricePolicy
	sold                  int64
}

// A ticket is a coupon.
type ticket struct {
	id, quantity, perUser, taken, days int64
	terms                              price.Record
	market                             bool // it pays
	takenBy                            map[*person]int64
}

// A slip is a record of a coupon.
type slip struct {
	id     int64
	ticket *ticket
	owner  *person
	held   *bill // which holds or has used it
	used   bool
	end    int64
}

// A bill is a payment, of orders, of a debt or into a wallet.
type bill struct {
	id       string
	user     *person
	price    int64
	state    string // waiting, paid, closed
	method   string
	made     int64
	expire   int64
	due      int64 // when it is tried to be closed next
	over     int64 // since when
	deals    []*deal
	repays   *deal
	attempts []*attempt
}

// An attempt is one to pay by the sandbox.
type attempt struct {
	id, client     string
	open           bool
	result         string // on the sandbox's page
	made           int64
	nextAsk, asked int64
}

// A deal is an order.
type deal struct {
	id            string
	bill          *bill
	buyer, seller *person
	course        bool
	deliver       string
	lines         []*line
	pay, credit   int64
	beliUsed      int64
	slips         []*slip // which have a share in it

	state             string // as it is stored
	end               int64  // of its clock
	former            string
	left              int64
	paidBy            []came
	debt, due         int64
	refunded          int64
	promotion, beli   int64
	requests          int
	appealEnd         int64
	appealed          bool
	ships             int
	extended, moved   bool
	shipped, finished bool
	refunds           []*refund
	hidden            map[string]bool
}

// A line is some pieces of a ware, as they were bought.
type line struct {
	ware          *ware
	pieces, named int64 // named by refunds
	price         int64 // cash and debt
	limited       bool  // out of a stock
}

// A came is a payment of what a buyer gave.
type came struct {
	method string
	amount int64
}

// A refund is one that was asked for.
type refund struct {
	kind, state string
	amount      int64
	items       []price.Item
	sent        bool
}

const day = 24 * 60 * 60

// feePercent is what the market takes.
const feePercent = 3

// newWorld opens a market of three people and an admin on a gateway of its own.
func newWorld(t testing.TB, seed uint64, calls *tally) *world {
	t.Helper()
	w := &world{random: rand.New(rand.NewPCG(seed, 0)), calls: calls}
	w.Gateway = handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Trade.FeePercent = feePercent })
	for i := range 3 {
		w.addPerson(i)
	}
	for _, p := range w.people {
		w.addWares(p)
	}
	for _, p := range w.people {
		w.addTickets(p)
		w.give(p, "beli", w.between(1, 300))
		w.give(p, "credit", w.between(1, 1000_00))
	}
	return w
}

func (w *world) addPerson(number int) {
	p := &person{id: strconv.Itoa(10 + number), token: fmt.Sprintf("token-of-%d", number), wallet: w.between(0, 1000_00), shop: int64(50 + number)}
	ctx, now := w.T.Context(), w.now()
	w.must(w.DB.InsertUser(ctx, storage.User{ID: p.id, Name: "码三秃", Wealth: p.wallet, OpenTime: now}))
	w.must(w.DB.InsertToken(ctx, p.token, p.id))
	w.must(w.DB.InsertShop(ctx, storage.Shop{ShopID: p.shop, ShopName: "shop of " + p.id, UserID: p.id, CreatTime: now}))
	w.people = append(w.people, p)
	if number > 0 { // one has no address
		p.address = w.number(w.OK("address/creat", p.token, handlerstest.NewAddress().String()), "address_id")
	}
}

func (w *world) number(a handlerstest.Answer, field string) (n int64) {
	_, err := fmt.Sscan(a.Field(field), &n)
	w.must(err)
	return n
}

// call posts a call, whose status is foretold.
func (w *world) call(status int, call string, token, data string) handlerstest.Answer {
	a := w.send(call, token, data)
	if a.Status != status {
		w.fail("want status %d", status)
	}
	return a
}

func (w *world) send(call, token, data string) handlerstest.Answer {
	a := w.Post(handlerstest.Paths[call], token, handlerstest.Envelope(call, data))
	w.note(fmt.Sprintf("%s %s %s\n\t\t→ %s", token, call, data, a.Raw))
	w.calls.count(call, a.Status)
	return a
}

func (w *world) note(text string) {
	w.acted = true
	w.trace = append(w.trace[max(0, len(w.trace)-59):], text)
}

// fail ends the test with the latest calls.
func (w *world) fail(format string, values ...any) {
	w.T.Helper()
	w.T.Fatalf("%s\n%s", fmt.Sprintf(format, values...), strings.Join(w.trace, "\n"))
}

func (w *world) must(err error) {
	w.T.Helper()
	handlerstest.Must(w.T, err)
}

func (w *world) inTx(change func(*storage.Tx) error) {
	w.T.Helper()
	w.must(w.DB.InTx(w.T.Context(), change))
}

func (w *world) now() int64 { return w.Clock.Now().Unix() }

// What is drawn.

func (w *world) between(least, most int64) int64 { return least + w.random.Int64N(most-least+1) }

// chance is one in so many.
func (w *world) chance(of int) bool { return w.random.IntN(of) == 0 }

func (w *world) pickNumber(numbers ...int64) int64 { return numbers[w.random.IntN(len(numbers))] }

func (w *world) pick(texts ...string) string { return texts[w.random.IntN(len(texts))] }

func (w *world) anybody() *person { return w.people[w.random.IntN(len(w.people))] }

// someDeal is an order, mostly an open one, and often the one of which the last step was
// taken; nil where there is none.
func (w *world) someDeal() *deal {
	if len(w.deals) == 0 {
		return nil
	}
	if w.focus != nil && !closed(w.focus.state) && !w.chance(3) {
		return w.focus
	}
	open := slices.DeleteFunc(slices.Clone(w.deals), func(d *deal) bool { return closed(d.state) })
	if len(open) == 0 || w.chance(6) {
		open = w.deals
	}
	return open[w.random.IntN(len(open))]
}

func yuan(fen int64) string {
	if fen < 0 {
		return "-" + yuan(-fen)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

// endOfDay is the last second of a time's day.
func (w *world) endOfDay(unix int64) int64 {
	year, month, date := time.Unix(unix, 0).In(handlerstest.Shanghai(w.T)).Date()
	return time.Date(year, month, date+1, 0, 0, 0, 0, handlerstest.Shanghai(w.T)).Unix() - 1
}
