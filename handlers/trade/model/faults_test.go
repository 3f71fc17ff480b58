package model_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage/storagetest"
)

// A moved is a step that a database fails in: of an order in a state, by a call or by its
// clock, or of something else.
type moved struct {
	step, state string
	to          string                                    // the order's state then, "" as before
	do          func(s *stage) func() handlerstest.Answer // in place of the step of an order
}

// call is a moved by a call with the same data each time.
func call(name, token string, data func(s *stage) string) func(s *stage) func() handlerstest.Answer {
	return func(s *stage) func() handlerstest.Answer {
		s.keys++
		sent := strings.TrimSuffix(data(s), "}") + fmt.Sprintf(`,"request_key":"the-same-key-%d"}`, s.keys)
		return func() handlerstest.Answer { return s.Call(name, token, sent) }
	}
}

var moves = []moved{
	{step: "commit", do: call("order/commit", handlerstest.AliceToken, func(s *stage) string { return s.priced(s.all()) })},
	{step: "commit of nothing to pay", do: call("order/commit", handlerstest.AliceToken, func(s *stage) string {
		s.OK("wallet/grant", adminToken, `{"user_id":"`+handlerstest.Alice+`","currency":"beli","amount":50}`)
		return s.priced(fmt.Sprintf(`{"items":[{"product_id":%d}],"deliver":"face","use_beli":true`, stageFace))
	})},
	{step: "pay a course", do: call("order/pay", handlerstest.AliceToken, func(s *stage) string {
		policies, err := s.DB.PricePolicies(s.T.Context(), []int64{stageCourse})
		handlerstest.Must(s.T, err)
		payID, _ := s.commit(fmt.Sprintf(`{"items":[{"product_id":%d,"price_policy_id":%d}]`, stageCourse, policies[0].PolicyID))
		return `{"pay_id":"` + payID + `","method":"wallet"}`
	})},
	{step: "grant", do: call("wallet/grant", adminToken, func(*stage) string {
		return `{"user_id":"` + handlerstest.Alice + `","currency":"cny","amount":5}`
	})},
	{step: "set credit", do: call("credit/set", adminToken, func(*stage) string { return `{"user_id":"` + handlerstest.Alice + `","inc_amount":5}` })},
	{step: "pay", state: "paying", to: "paid"},
	{step: "cancel", state: "paying", to: "cancel"},
	{step: "address", state: "paid"},
	{step: "ship", state: "paid", to: "shipped"},
	{step: "ship", state: "shipped"},
	{step: "decline", state: "paid", to: "refunded"},
	{step: "confirm", state: "shipped", to: "finish"},
	{step: "extend", state: "shipped"},
	{step: "refund", state: "shipped", to: "refunding"},
	{step: "repay", state: "shipped"},
	{step: "agree", state: "refunding", to: "returning"},
	{step: "refuse", state: "refunding", to: "shipped"},
	{step: "refuse", state: "returned", to: "appealed"},
	{step: "appeal", state: "refused", to: "appealed"},
	{step: "revoke", state: "refunding", to: "shipped"},
	{step: "return", state: "returning", to: "returned"},
	{step: "receive", state: "returned", to: "shipped"},
	{step: "arbitrate", state: "appealed", to: "shipped"},
	{step: "delete", state: "finish"},
	{step: "note", state: "paid"},
	{step: "clock", state: "paying", to: "overtime"},
	{step: "clock", state: "paid", to: "refunded"},
	{step: "clock", state: "face", to: "finish"},
	{step: "clock", state: "shipped", to: "finish"},
	{step: "clock", state: "finish", to: "settled"},
	{step: "clock", state: "refunding", to: "returning"},
	{step: "clock", state: "returning", to: "shipped"},
	{step: "clock", state: "returned", to: "shipped"},
	{step: "clock", state: "appealed", to: "shipped"},
}

// prepare makes what a step needs, and returns what takes it, and the order.
func (m moved) prepare(s *stage) (take func() (done bool, told string), orderID string) {
	s.T.Helper()
	asked := func(ask func() handlerstest.Answer) func() (bool, string) {
		return func() (bool, string) { a := ask(); return a.Status == 0, a.Raw }
	}
	if m.do != nil {
		return asked(m.do(s)), ""
	}
	id := s.at(m.state)
	if m.step != "clock" {
		return asked(func() handlerstest.Answer { return s.take(m.step, id) }), id
	}
	s.toEnd(id)
	clock := s.clockOf(id)
	return func() (bool, string) { err := clock(); return err == nil, fmt.Sprint(err) }, id
}

// TestFaults has the database go away, or be slow beyond the deadline, at each statement and
// each commit of every step: all of it happens or nothing.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := startStage(t)
	faults, hits := storagetest.FaultsOf(s.DB), 0
	for i, m := range moves {
		name := m.step + " " + m.state
		take, id := m.prepare(s)
		before := s.EveryRow()
		for n := int64(1); ; n++ {
			fault := storagetest.Fault{At: n}
			if n%2 == 0 {
				fault.Err = context.DeadlineExceeded
			}
			faults.Set(fault)
			done, told := take()
			hit := faults.Hit()
			faults.Set(storagetest.Fault{})
			if hit == "" {
				if !done {
					t.Fatalf("%s: %s", name, told)
				}
				break
			}
			hits++
			if done {
				t.Fatalf("%s: at %q it says that it is done: %s", name, hit, told)
			}
			if diff := cmp.Diff(before, s.EveryRow()); diff != "" {
				t.Fatalf("%s: failed at %q, and changed (-before +after):\n%s", name, hit, diff)
			}
		}
		s.wantAt(name, id, m)
		m.lose(s, faults)
		if i%8 == 0 {
			storagetest.Audit(t, s.DB, 0)
		}
	}
	storagetest.Audit(t, s.DB, 0)
	t.Logf("%d steps, failed %d times", len(moves), hits)
}

// lose has the answer to the commit of a step be lost: all of it has happened, and with the
// same request_key it is told.
func (m moved) lose(s *stage, faults *storagetest.Faults) {
	s.T.Helper()
	name := m.step + " " + m.state + ", answer lost"
	take, id := m.prepare(s)
	faults.Set(storagetest.Fault{At: 1, Lost: true})
	done, told := take()
	hit := faults.Hit()
	faults.Set(storagetest.Fault{})
	if done || hit == "" {
		s.T.Fatalf("%s: %s", name, told)
	}
	s.wantAt(name, id, m)
	if m.do == nil {
		return
	}
	rows := s.EveryRow()
	if done, told = take(); !done {
		s.T.Errorf("%s: the same again: %s", name, told)
	}
	if diff := cmp.Diff(rows, s.EveryRow()); diff != "" {
		s.T.Errorf("%s: happened twice:\n%s", name, diff)
	}
}

// wantAt finds an order where a step leads.
func (s *stage) wantAt(name, id string, m moved) {
	s.T.Helper()
	if id == "" || m.to == "" {
		return
	}
	if got := string(s.Order(id).State); got != m.to {
		s.T.Errorf("%s: the order is %s, want %s", name, got, m.to)
	}
}
