package sandbox_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const attemptNo = "1764998400000010001"

var (
	now     = time.Unix(1_764_998_400, 0)
	attempt = channel.Attempt{
		No: attemptNo, Amount: 10_00, Subject: "茶", Client: channel.PC, PageURL: "http://127.0.0.1/sandbox/" + attemptNo,
		CreatTime: now.Unix(), ExpireTime: now.Unix() + 1800,
	}
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start is a sandbox that knows the attempt, as the gateway does.
func start(t *testing.T, db *storage.DB) *sandbox.Channel {
	t.Helper()
	c := sandbox.New(db, func() time.Time { return now })
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.InsertAttempt(t.Context(), storage.Attempt{
			AttemptID: attemptNo, PayID: "1", Channel: channel.Sandbox, State: storage.AttemptOpen, Amount: attempt.Amount,
		})
	}))
	for range 2 { // again it is the same
		action, err := c.Create(t.Context(), attempt)
		if want := (channel.Action{PayURL: attempt.PageURL}); err != nil || action != want {
			t.Fatalf("%+v, %v", action, err)
		}
	}
	return c
}

// What a query and a close tell after each result.
func TestResults(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		paid := channel.Trade{State: channel.Paid, TradeNo: "sandbox" + attemptNo, Amount: 10_00}
		wrong := paid
		wrong.Amount = 10_01
		closed, waiting := channel.Trade{State: channel.Closed}, channel.Trade{State: channel.Waiting}
		c := start(t, db)
		for _, r := range []struct {
			result          string
			queried, closed channel.Trade
		}{
			{"", waiting, closed},
			{"paid", paid, paid},
			{"twice", paid, paid},
			{"silent", paid, paid},
			{"failed", closed, closed},
			{"wrong", wrong, wrong},
			{"late", waiting, waiting},
		} {
			a := attempt
			a.No += "-" + r.result
			must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
				return errors.Join(
					tx.InsertPayment(t.Context(), storage.Payment{PayID: "1" + r.result, Purpose: storage.PayRecharge, UserID: "1"}),
					tx.InsertAttempt(t.Context(), storage.Attempt{AttemptID: a.No, PayID: "1" + r.result, Channel: "sandbox"}),
					tx.AddSandboxTrade(t.Context(), storage.SandboxTrade{AttemptID: a.No, Amount: a.Amount, ExpireTime: a.ExpireTime}),
				)
			}))
			if r.result != "" {
				must(t, db.EndSandboxTrade(t.Context(), a.No, r.result))
			}
			for _, ask := range []struct {
				name string
				want channel.Trade
				ask  func() (channel.Trade, error)
			}{
				{"query", r.queried, func() (channel.Trade, error) { return c.Query(t.Context(), a) }},
				{"close", r.closed, func() (channel.Trade, error) { return c.Close(t.Context(), a) }},
			} {
				if ask.want.TradeNo != "" {
					ask.want.TradeNo = "sandbox" + a.No
				}
				if got, err := ask.ask(); err != nil || got != ask.want {
					t.Errorf("%s of %q: %+v, %v; want %+v", ask.name, r.result, got, err, ask.want)
				}
			}
		}
	})
}

func TestUnknownAndExpired(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	c := start(t, db)
	if got, err := c.Query(t.Context(), channel.Attempt{No: "1"}); err != nil || got != (channel.Trade{}) {
		t.Errorf("%+v, %v", got, err)
	}
	later := sandbox.New(db, func() time.Time { return now.Add(30 * time.Minute) })
	if got, err := later.Query(t.Context(), attempt); err != nil || got.State != channel.Closed {
		t.Errorf("%+v, %v", got, err)
	}
	must(t, db.Close())
	if _, err := c.Query(t.Context(), attempt); !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("without a database: %v", err)
	}
}

// A refund is done once, and never more than was paid is given back.
func TestRefunds(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c := start(t, db)
		must(t, db.EndSandboxTrade(t.Context(), attemptNo, "paid"))
		for _, r := range []struct {
			no     string
			amount int64
			want   channel.RefundState
			err    error
		}{
			{"R1", 4_00, channel.RefundDone, nil},
			{"R1", 4_00, channel.RefundDone, nil},
			{"R2", 6_01, channel.RefundFailed, channel.ErrRefused},
			{"R3", 6_00, channel.RefundDone, nil},
			{"R4", 1, channel.RefundFailed, channel.ErrRefused},
		} {
			refund := channel.Refund{No: r.no, Attempt: attempt, Amount: r.amount}
			if got, err := c.Refund(t.Context(), refund); got != r.want || !errors.Is(err, r.err) {
				t.Errorf("%s: %s, %v", r.no, got, err)
			}
			asked := channel.RefundDone
			if r.err != nil {
				asked = channel.RefundPending
			}
			if got, err := c.QueryRefund(t.Context(), refund); got != asked || err != nil {
				t.Errorf("%s is %s, %v", r.no, got, err)
			}
		}
		want := channel.Trade{State: channel.Refunded, TradeNo: "sandbox" + attemptNo, Amount: 10_00, Refunded: 10_00}
		if got, err := c.Query(t.Context(), attempt); err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// Only what the sandbox has signed is its notification.
func TestSignature(t *testing.T) {
	t.Parallel()
	c, other := sandbox.New(nil, time.Now), sandbox.New(nil, time.Now)
	trade := channel.Trade{State: channel.Paid, TradeNo: "T", Amount: 10_00}
	body, signature := c.Notification(attemptNo, c.Merchant(), trade)
	header := func(signature string) func(string) string {
		return func(name string) string {
			if name != sandbox.SignatureHeader {
				return ""
			}
			return signature
		}
	}
	got, err := c.Notify(header(signature), body, now)
	if want := (channel.Event{AttemptNo: attemptNo, Merchant: c.Merchant(), Currency: channel.Yuan, Trade: trade}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	_, others := other.Notification(attemptNo, c.Merchant(), trade)
	changed := []byte(strings.Replace(string(body), "1000", "1", 1))
	for name, n := range map[string]struct {
		signature string
		body      []byte
	}{
		"none":            {"", body},
		"no hexadecimal":  {"zz", body},
		"cut":             {signature[:32], body},
		"another's":       {others, body},
		"of another body": {signature, changed},
		"no body":         {signature, nil},
	} {
		if got, err := c.Notify(header(n.signature), n.body, now); !errors.Is(err, channel.ErrUnverified) || got != (channel.Event{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for err, want := range map[error]int{nil: http.StatusOK, channel.ErrUnknown: http.StatusInternalServerError} {
		if status, _, _ := c.Answer(err); status != want {
			t.Errorf("%v is answered %d", err, status)
		}
	}
}
