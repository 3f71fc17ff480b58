package trade_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A story is an order that alice buys of bob and gets refunded, in whole or in part, worked
// out by hand. It is told in steps:
//
//	bob decline {"reason":"没货"}    who, the order's call, and its data but order_id
//	alice refund {…} = 204         the status of a step that is refused
//	clock ship_within              the order's clock, which must be that one, ends
//	repay wallet                   alice pays what is open of the debt by a method
//	repay wallet = 201             the status of a repayment that is refused
//	page paid                      her answer on the page of the sandbox that was opened last
//	jobs                           those that are due run
//	: paid: alice -23.00 …         how the order stands, and what is other than before it
//
// was bought. What is not named is as it was.
type story struct {
	name  string
	has   func(f *fair) // what alice has before
	buy   string        // order/commit but pay_price
	price string        // of it, and perhaps "by sandbox", else she pays from the wallet
	steps []string
}

// A saga is a story that is being told.
type saga struct {
	*fair

	order  string
	page   string // of the sandbox
	before figures
}

var tokens = map[string]string{"alice": aliceToken, "bob": bobToken, "admin": handlerstest.AdminToken}

// tell buys and pays, and takes the steps. The balances are what the ledger
// says after each.
func (s story) tell(t *testing.T) {
	t.Helper()
	f := startFair(t)
	f.OK("address/creat", bobToken, `{"name":"码三秃","phone":"13800000000","address":"留和路 318 号"}`)
	if s.has != nil {
		s.has(f)
	}
	told := &saga{fair: f, before: f.figures("")}
	price, method, _ := strings.Cut(s.price, " by ")
	told.buy(s.buy, price, cmp.Or(method, "wallet"))
	for i, step := range s.steps {
		if !told.take(step) {
			t.Fatalf("at step %d: %s", i, step)
		}
		storagetest.CheckLedger(t, f.DB)
	}
}

// buy commits and pays an order.
func (s *saga) buy(data, price, method string) {
	s.T.Helper()
	var made commitment
	answer := s.OK("order/commit", aliceToken, strings.TrimSuffix(data, "}")+`,"pay_price":`+price+`}`)
	handlerstest.Must(s.T, json.Unmarshal(answer.Data, &made))
	s.order = made.OrderIDs[0]
	if price != "0" {
		s.pay("order/pay", `{"pay_id":"`+made.PayID+`","method":"`+method+`"}`, method, 0)
	}
	if method != "wallet" {
		s.answer(s.page, "paid")
	}
	s.RunJobs()
}

// pay pays, or opens the page on which she pays, and reports whether the status is this.
func (s *saga) pay(call, data, method string, status int) bool {
	s.T.Helper()
	if method != "wallet" {
		data = strings.TrimSuffix(data, "}") + `,"client":"pc"}`
	}
	a := s.Call(call, aliceToken, data)
	if a.Status != status {
		s.T.Errorf("%s: %s", call, a.Raw)
	}
	if method != "wallet" && a.Status == 0 {
		s.page = pageOf(a)
	}
	return a.Status == status
}

// answer is her answer on the sandbox's page of an attempt.
func (f *fair) answer(page, result string) {
	f.T.Helper()
	request, err := http.NewRequestWithContext(f.T.Context(), http.MethodPost, f.URL+"/sandbox/"+page, strings.NewReader("result="+result))
	handlerstest.Must(f.T, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request)
	handlerstest.Must(f.T, err)
	handlerstest.Must(f.T, response.Body.Close())
	if response.StatusCode != http.StatusSeeOther {
		f.T.Errorf("the page answers %d", response.StatusCode)
	}
}

// pageOf is the sandbox's page that an answer opens.
func pageOf(a handlerstest.Answer) string {
	_, page, _ := strings.Cut(a.Field("pay_url"), "/sandbox/")
	return page
}

// take takes a step, and reports whether it went as told.
func (s *saga) take(step string) bool {
	s.T.Helper()
	if want, ok := strings.CutPrefix(step, ": "); ok {
		s.RunJobs() // which count what is sold
		got := s.figures(s.order).since(s.before)
		if got != want {
			s.T.Errorf("got  %s\nwant %s", got, want)
		}
		return got == want
	}
	step, status := withStatus(s.T, step)
	who, rest, _ := strings.Cut(step, " ")
	switch who {
	case "clock":
		return s.end(rest)
	case "repay":
		return s.pay("credit/pay", `{"order_id":"`+s.order+`","method":"`+rest+`"}`, rest, status)
	case "page":
		s.answer(s.page, rest)
		return !s.T.Failed()
	case "jobs":
		s.RunJobs()
		return true
	}
	call, data, _ := strings.Cut(rest, " ")
	whole := `{"order_id":"` + s.order + `"` + strings.Replace(strings.TrimSuffix(data, "}"), "{", ",", 1) + "}"
	a := s.Call("order/"+call, tokens[who], whole)
	if a.Status != status {
		s.T.Errorf("%s: %s", step, a.Raw)
	}
	return a.Status == status
}

// end has the order's clock end.
func (s *saga) end(clock string) bool {
	s.T.Helper()
	order, err := s.DB.Order(s.T.Context(), s.order)
	handlerstest.Must(s.T, err)
	if order.Clock != clock {
		s.T.Errorf("the clock is %q", order.Clock)
		return false
	}
	s.Clock.Advance(time.Unix(order.ClockEnd-1, 0).Sub(s.Clock.Now()))
	s.RunJobs()
	early, err := s.DB.Order(s.T.Context(), s.order)
	handlerstest.Must(s.T, err)
	if early.State != order.State {
		s.T.Errorf("it ended a second before")
	}
	s.Clock.Advance(time.Second)
	s.RunJobs()
	return early.State == order.State
}

// withStatus takes the status off a step, 0 where it has none.
func withStatus(t testing.TB, step string) (string, int) {
	t.Helper()
	told, want, refused := strings.Cut(step, " = ")
	if !refused {
		return step, 0
	}
	status, err := strconv.Atoi(want)
	handlerstest.Must(t, err)
	return told, status
}

// figures are all that a story moves: fen, beli and pieces by name.
type figures struct {
	state string
	by    map[string]int64
}

// moneyNames are those of figures in fen, pieceNames of others, as they are shown.
var (
	moneyNames = []string{"alice", "debt", "bob", "market", "promotion", "channel", "escrow"}
	pieceNames = []string{"beli", "tea", "sold", "records"}
)

func (f *fair) figures(order string) figures {
	f.T.Helper()
	ctx := f.T.Context()
	all := figures{by: map[string]int64{}}
	for name, user := range map[string]string{"alice": alice, "bob": bob} {
		u, err := f.DB.User(ctx, user)
		handlerstest.Must(f.T, err)
		all.by[name] = u.Wealth
	}
	for name, account := range map[string]storage.Account{
		"market": storage.MarketAccount, "promotion": storage.PromotionAccount, "channel": storage.ChannelAccount("sandbox"),
	} {
		rows, _, err := f.DB.AccountLedger(ctx, account, storage.CNY, "", storage.Page{Limit: 1000})
		handlerstest.Must(f.T, err)
		for _, row := range rows {
			amount, _ := row.Seen(account)
			all.by[name] += amount
		}
	}
	profile, err := f.DB.Profile(ctx, alice)
	handlerstest.Must(f.T, err)
	all.by["beli"], all.by["debt"] = profile.Beli, profile.CreditDebt
	for _, product := range f.Products() {
		if product.ProductID == tea {
			all.by["tea"] = *product.Stock
		}
		if product.ShopID == bobShop {
			all.by["sold"] += product.Sale
		}
	}
	records, _, err := f.DB.CouponRecords(ctx, alice, new(int64(storage.RecordUsable)), 0, storage.Page{})
	handlerstest.Must(f.T, err)
	all.by["records"] = int64(len(records))
	if order != "" {
		o, err := f.DB.Order(ctx, order)
		handlerstest.Must(f.T, err)
		all.state, all.by["escrow"] = string(o.State), o.Escrow
		if o.Debt != profile.CreditDebt {
			f.T.Errorf("the order's debt is %d, of the profile's %d", o.Debt, profile.CreditDebt)
		}
	}
	return all
}

// since writes what is other than before.
func (f figures) since(before figures) string {
	var text strings.Builder
	text.WriteString(f.state + ":")
	for _, name := range slices.Concat(moneyNames, pieceNames) {
		change := f.by[name] - before.by[name]
		switch {
		case change == 0:
		case slices.Contains(pieceNames, name):
			fmt.Fprintf(&text, " %s %+d", name, change)
		default:
			sign := "+"
			if change < 0 {
				sign, change = "-", -change
			}
			fmt.Fprintf(&text, " %s %s%d.%02d", name, sign, change/100, change%100)
		}
	}
	return text.String()
}
