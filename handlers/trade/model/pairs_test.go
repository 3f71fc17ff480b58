package model_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage/storagetest"
)

// TestPairs takes each two steps of one order at once, as two browsers do, in every state: at
// least one of them can be taken there. What has happened is what could have happened one
// after the other, and what was answered has happened once.
func TestPairs(t *testing.T) {
	t.Parallel()
	s := startStage(t)
	c := &crowd{world: &world{Gateway: s.Gateway, calls: newTally()}, taken: map[string]int{}}
	steps := []string{"pay", "repay", "clock"}
	for _, r := range rules {
		steps = append(steps, r.call)
	}
	pairs, both := 0, 0
	for _, state := range []string{"paying", "face", "paid", "shipped", "finish", "refused", "refunding", "appealed", "returning", "returned"} {
		can := s.allowed(state)
		for i, one := range steps {
			for _, other := range steps[i:] {
				if !slices.Contains(can, one) && !slices.Contains(can, other) || testing.Short() && pairs%4 != 0 {
					continue
				}
				pairs++
				if s.pair(c, state, one, other) == 2 {
					both++
				}
			}
		}
		storagetest.Audit(t, s.DB, 0)
		if len(c.wrong) > 0 {
			t.Fatal(strings.Join(c.wrong, "\n"))
		}
	}
	t.Logf("%d pairs, in %d both were taken", pairs, both)
}

// allowed are the steps that can be taken in a state.
func (s *stage) allowed(state string) []string {
	o := s.Order(s.at(state))
	d := &deal{state: string(o.State), deliver: o.Deliver, requests: int(o.Requests), appealEnd: o.AppealEnd, ships: int(o.Ships)}
	can := []string{"clock"}
	for _, r := range rules {
		if r.refuses(d, s.Clock.Now().Unix()) == 0 && r.call != "note" {
			can = append(can, r.call)
		}
	}
	if state == "paying" {
		can = append(can, "pay")
	}
	if o.Debt > 0 && !inRefund(d.state) {
		can = append(can, "repay")
	}
	return can
}

// pair takes two steps at once, and returns how many have happened.
func (s *stage) pair(c *crowd, state, one, other string) (done int) {
	s.T.Helper()
	id := s.at(state)
	before, err := s.DB.OrderHistory(s.T.Context(), id)
	handlerstest.Must(s.T, err)
	for _, h := range before {
		if h.Who != "clock" {
			c.taken[id+" "+h.Step]++
		}
	}
	if one == "clock" || other == "clock" {
		s.toEnd(id)
	}
	clock, answers := s.clockOf(id), make([]handlerstest.Answer, 2)
	var wait sync.WaitGroup
	start := make(chan struct{})
	for n, step := range []string{one, other} {
		wait.Go(func() {
			<-start
			if step == "clock" {
				if clock() != nil {
					answers[n].Status = -304 // its job is tried again
				}
				return
			}
			answers[n] = s.take(step, id)
		})
	}
	close(start)
	wait.Wait()
	for n, step := range []string{one, other} {
		a := answers[n]
		c.expect(a.Status >= 0 || a.Status == -304, "%s and %s in %s: %s", one, other, state, a.Raw)
		if a.Status == 0 {
			done++
		}
		if a.Status == 0 && step != "clock" && step != "repay" {
			c.taken[id+" "+step]++
		}
	}
	c.checkHistory(s.Order(id))
	if one == other && done == 2 && !slices.Contains([]string{"note", "delete", "clock", "ship"}, one) {
		c.expect(false, "%s in %s was taken twice", one, state)
	}
	return done
}
