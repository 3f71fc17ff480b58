package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade"
	"campusgate/storage"
)

// playJobs plays a job of every kind. They run in a gateway in this process, because its clock
// can be moved, and no other runner takes them first.
func playJobs(t *testing.T, e scaleEffort, driver string, few, many *scaleSide, table *scaleTable) {
	t.Helper()
	mails := mailtest.Start(t, "none")
	for _, s := range []*scaleSide{few, many} {
		s.t = t
		s.gateway = handlerstest.On(t, s.db, handlerstest.ByMail(mails), func(o *handlerstest.Options) {
			o.Text = func(context.Context, string, ...string) error { return nil }
		})
		s.begun = s.gateway.Clock.Now()
		base, err := url.Parse(s.gateway.URL)
		must(t, err)
		s.connection = campusgatetest.Dial(t, []string{base.Host}, 1)[0]
		s.picture = s.upload("pic/upload", `"from":"product",`) // pictures are in a folder of the gateway's own
	}
	rows := jobRows()
	for _, kind := range few.gateway.Kinds() {
		if !slices.ContainsFunc(rows, func(r scaleRow) bool { return r.name == kind }) {
			t.Errorf("jobs of the kind %s have no row", kind)
		}
	}
	for _, s := range []*scaleSide{few, many} { // what has gathered is another row's
		for _, kind := range []string{"sessions", "request_keys", trade.StepsJob} {
			must(t, s.gateway.RunJob(kind, "", ""))
		}
	}
	for i := range rows {
		rows[i].name = "job " + rows[i].name
	}
	table.play(t, e, driver, rows, few, many)
}

// job is one of a kind that needs something new each time. prepare returns its key, and what
// has to be otherwise when it is done, nil for nothing; it is due after a time.
func job(kind, note string, due time.Duration, prepare func(*scaleSide) (key string, done func() error)) scaleRow {
	return scaleRow{name: kind, note: note, ready: func(s *scaleSide) func() error {
		clock := s.gateway.Clock
		clock.Advance(s.begun.Add(time.Since(s.begun)).Sub(clock.Now()))
		key, done := prepare(s)
		s.after = done
		clock.Advance(due)
		return func() error { return s.run(kind, key) }
	}}
}

// recurring is a kind whose job recurs.
func recurring(kind, note string) scaleRow {
	return scaleRow{name: kind, note: note, again: true, ready: func(s *scaleSide) func() error {
		return func() error { return s.run(kind, "") }
	}}
}

// run runs a job, which may be put off afterwards.
func (s *scaleSide) run(kind, key string) error {
	data := ""
	if kind == storage.MailCodeJob || kind == "payment.close" {
		key, data = s.newest(kind)
	}
	err := s.gateway.RunJob(kind, key, data)
	if err != nil && strings.HasPrefix(err.Error(), "later, at ") {
		return nil
	}
	return err
}

// newest is the last job of a kind, of which few wait.
func (s *scaleSide) newest(kind string) (key, data string) {
	s.t.Helper()
	list, err := s.db.Jobs(context.Background(), storage.JobFilter{Kind: kind})
	must(s.t, err)
	if len(list) == 0 {
		s.t.Fatalf("no job of the kind %s waits", kind)
	}
	last := slices.MaxFunc(list, func(a, b storage.Job) int { return int(a.ID - b.ID) })
	return last.Key, last.Data
}

// clocked is an order whose clock ends.
func clocked(kind, clock string, due time.Duration, order func(*scaleSide, actor) string) scaleRow {
	note := "of " + clock
	return job(kind, note, due, func(s *scaleSide) (string, func() error) {
		id := order(s, s.actor())
		stored := s.gateway.Order(id)
		if stored.Clock != clock {
			s.t.Fatalf("the order has the clock %q, want %q", stored.Clock, clock)
		}
		key := stored.ClockKey()
		return key, func() error {
			if changed := s.gateway.Order(id); kind == storage.OrderClockJob && changed.ClockKey() == key {
				return errors.New("the order is as before")
			}
			return nil
		}
	})
}

func jobRows() []scaleRow {
	const day = 24 * time.Hour
	confirmed := func(s *scaleSide, a actor) string {
		order := s.shipped(a)
		s.ok(a, "order/confirm", ofOrder(order, ""))
		return order
	}
	return slices.Concat(payJobs(), []scaleRow{
		clocked(storage.OrderClockJob, "ship_within", 8*day, (*scaleSide).paid),
		clocked(storage.OrderClockJob, "confirm_within", 11*day, (*scaleSide).shipped),
		clocked(storage.OrderClockJob, "settle_after", 8*day, confirmed),
		clocked(storage.OrderClockJob, "answer_within", 3*day, func(s *scaleSide, a actor) string { return s.refunding(a, askedMoney) }),
		clocked(storage.OrderClockJob, "return_within", 8*day, (*scaleSide).returning),
		clocked(storage.OrderClockJob, "receive_within", 11*day, (*scaleSide).returned),
		clocked(storage.OrderClockJob, "arbitrate_within", 16*day, (*scaleSide).appealed),
		clocked("order.reminder", "ship_within", 4*day, (*scaleSide).paid),
		job(trade.StepsJob, "of two steps", 0, func(s *scaleSide) (string, func() error) {
			s.paid(s.actor())
			return "", nil
		}),
		recurring(trade.StepsJob, "without any"),
		job("order.erase", "", 200*day, func(s *scaleSide) (string, func() error) {
			a := s.actor()
			_, order := s.committed(a)
			s.ok(a, "order/cancel", ofOrder(order, ""))
			return order, nil
		}),
		job("debt.reminder", "", 61*day, func(s *scaleSide) (string, func() error) { return s.owing(s.actor()), nil }),
		job("debt.text", "", 61*day, func(s *scaleSide) (string, func() error) {
			return s.owing(s.actor()) + "/" + s.begun.Format(time.DateOnly), nil
		}),
		job("product/review", "", 0, func(s *scaleSide) (string, func() error) { return s.released(s.actor()), nil }),
		job("identity_pictures", "", 31*day, func(s *scaleSide) (string, func() error) {
			a := s.actor()
			s.ok(a, "user/verify", s.claim())
			s.ok(s.admin, "user/review", `{"user_id":"`+a.id+`","pass":1}`)
			return a.id, nil
		}),
		job(storage.EraseJob, "after user/delete", time.Hour, func(s *scaleSide) (string, func() error) {
			a := s.actor()
			s.ok(a, "user/delete", `{"password":"`+actorPassword+`","give_up":true}`)
			return a.id, nil
		}),
		job(storage.PortraitJob, "", 0, func(s *scaleSide) (string, func() error) {
			a := s.actor()
			s.ok(a, "portrait/upload", s.portraitOf(a))
			return a.id, nil
		}),
		job("message.picture", "", 25*time.Hour, func(s *scaleSide) (string, func() error) { return s.upload("message/upload", ""), nil }),
		job(storage.MailJob, "of a notice", 0, func(s *scaleSide) (string, func() error) {
			a := s.actor()
			s.gateway.SetProfile(a.id, func(p *storage.Profile) { p.Email = "student@example.org" })
			s.told(a)
			return a.id, nil
		}),
		job(storage.MailCodeJob, "", 0, func(s *scaleSide) (string, func() error) {
			s.ok(s.actor(), "user/mail", fmt.Sprintf(`{"email":"job%d@example.org"}`, s.next()))
			return "", nil
		}),
		recurring("sessions", ""),
		recurring("request_keys", ""),
		recurring("day_summaries", ""),
	})
}

// payJobs are of payments and channels.
func payJobs() []scaleRow {
	// chosen pays an order by the sandbox, with a result.
	chosen := func(s *scaleSide, result string) (order, attempt string) {
		buyer := s.actor()
		payID, order := s.committed(buyer)
		page := below(s.ok(buyer, "order/pay", payment(payID, "sandbox")).Field("pay_url"))
		if result != "" {
			form := "result=" + result
			must(s.t, campusgatetest.Asking(fmt.Appendf(nil, "POST /api/external%s HTTP/1.1\r\nHost: campus\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
				page, len(form), form), http.StatusSeeOther)(s.connection))
		}
		return order, payID + "01"
	}
	return []scaleRow{
		job(storage.PaymentExpireJob, "after order/commit", 31*time.Minute, func(s *scaleSide) (string, func() error) {
			id, order := s.committed(s.actor())
			return id, func() error {
				if s.gateway.Order(order).State == storage.OrderPaying {
					return errors.New("it still waits")
				}
				return nil
			}
		}),
		job("payment.close", "of a repayment", 0, func(s *scaleSide) (string, func() error) {
			a := s.actor()
			order := s.owing(a)
			s.ok(a, "credit/pay", ofOrder(order, `,"method":"sandbox"`))
			s.ok(a, "order/refund", ofOrder(order, askedMoney))
			return "", nil
		}),
		job("payment.ask", "", 61*time.Second, func(s *scaleSide) (string, func() error) {
			_, attempt := chosen(s, "")
			return attempt, nil
		}),
		job("channel.refund", "", 0, func(s *scaleSide) (string, func() error) {
			order, attempt := chosen(s, "paid")
			s.ok(s.seller, "order/decline", ofOrder(order, reason))
			return attempt + "R" + order + "N1", nil
		}),
		job("sandbox.late", "", time.Hour, func(s *scaleSide) (string, func() error) {
			_, attempt := chosen(s, "late")
			return attempt, nil
		}),
	}
}
