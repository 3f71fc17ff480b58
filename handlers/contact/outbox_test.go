package contact_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/contact"
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/handlers/handlerstest"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/storagetest"
)

const aliceEmail = "wang.lingchao@example.org"

// startMailing runs a gateway that mails by a server, and knows alice's email.
func startMailing(t *testing.T) (*handlerstest.Gateway, *mailtest.Server) {
	t.Helper()
	server := mailtest.Start(t, "starttls")
	g := handlerstest.Start(t, handlerstest.ByMail(server))
	g.SetProfile(alice, func(p *storage.Profile) { p.Email = aliceEmail })
	return g, server
}

// wantMails compares the subjects and texts of all mails that the server took.
func wantMails(t *testing.T, server *mailtest.Server, want ...string) {
	t.Helper()
	got := []string{}
	for _, message := range server.Messages() {
		if message.To != aliceEmail {
			t.Errorf("a mail to %s", message.To)
		}
		got = append(got, message.Header(t, "Subject")+"\n"+message.Body(t))
	}
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// mailOf is the mail of these notices of [handlerstest.Gateway.Tell], the newest first,
// each with its time.
func mailOf(eventsAndTimes ...string) string {
	parts := []string{"订单已发货\n"}
	if count := len(eventsAndTimes) / 2; count > 1 {
		parts[0] = fmt.Sprintf("您有 %d 条新通知\n", count)
	}
	for i := 0; i < len(eventsAndTimes); i += 2 {
		parts = append(parts, fmt.Sprintf("订单已发货\n2019-11-28 %s\n%s\n\n", eventsAndTimes[i+1], eventsAndTimes[i]))
	}
	return strings.Join(parts, "")
}

// left are the jobs that wait or are dead.
func left(g *handlerstest.Gateway) []storage.Job {
	g.T.Helper()
	waiting, err := g.DB.Jobs(g.T.Context(), storage.JobFilter{Kind: storage.MailJob})
	handlerstest.Must(g.T, err)
	return waiting
}

// wantJobs compares how many jobs wait.
func wantJobs(g *handlerstest.Gateway, want int) {
	g.T.Helper()
	if waiting := left(g); len(waiting) != want {
		g.T.Errorf("%d jobs wait, want %d: %+v", len(waiting), want, waiting)
	}
}

// A notice is mailed at once, and what comes within 5 minutes after that in the next mail.
func TestNoticesAreMailed(t *testing.T) {
	t.Parallel()
	g, server := startMailing(t)
	g.Tell(alice, "first")
	g.Tell(bob, "his") // who has no email
	g.RunJobs()
	first := mailOf("first", "22:25:52")
	wantMails(t, server, first)
	wantJobs(g, 0)

	g.Clock.Advance(time.Minute)
	g.Tell(alice, "second")
	g.Tell(alice, "first") // is told already
	g.RunJobs()
	g.Clock.Advance(4*time.Minute - time.Second)
	g.Tell(alice, "third")
	g.RunJobs()
	wantMails(t, server, first)
	wantJobs(g, 1)
	g.Clock.Advance(time.Second)
	g.RunJobs()
	second := mailOf("third", "22:30:51", "second", "22:26:52")
	wantMails(t, server, first, second)
	wantJobs(g, 0)

	// Long after, at once again.
	g.Clock.Advance(time.Hour)
	g.Tell(alice, "fourth")
	g.RunJobs()
	wantMails(t, server, first, second, mailOf("fourth", "23:30:52"))
	messages := server.Messages()
	if one, other := messages[0].Header(t, "Message-Id"), messages[1].Header(t, "Message-Id"); one == other {
		t.Errorf("two mails have the id %s", one)
	}
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":4}`)
}

// A mail shows 50 notices, and says how many more there are.
func TestMailIsBounded(t *testing.T) {
	t.Parallel()
	g, server := startMailing(t)
	for i := range 53 {
		g.Tell(alice, fmt.Sprintf("event %02d", i))
	}
	g.RunJobs()
	messages := server.Messages()
	if len(messages) != 1 || messages[0].Header(t, "Subject") != "您有 53 条新通知" {
		t.Fatalf("%+v", messages)
	}
	body := messages[0].Body(t)
	if shown := strings.Count(body, "event "); shown != 50 || strings.Contains(body, "event 02") || !strings.HasSuffix(body, "\n\n另有 3 条通知，请登录后查看。\n") {
		t.Errorf("%d are shown:\n%s", shown, body)
	}
	g.Clock.Advance(time.Hour)
	g.RunJobs()
	wantJobs(g, 0)
	if len(server.Messages()) != 1 {
		t.Error("what was counted is mailed too")
	}
}

// Without a server, an email or an account there is no mail, and none later for what was
// told meanwhile.
func TestNobodyToMail(t *testing.T) {
	t.Parallel()
	silent := handlerstest.Start(t)
	silent.SetProfile(alice, func(p *storage.Profile) { p.Email = aliceEmail })
	silent.Tell(alice, "nobody sends it")
	wantJobs(silent, 0)

	g, server := startMailing(t)
	g.SetProfile(alice, func(p *storage.Profile) { p.State = storage.ProfileDeleted })
	g.Tell(alice, "of a deleted account")
	g.SetProfile(alice, func(p *storage.Profile) { p.State, p.Email = storage.ProfileActive, "" })
	g.Tell(alice, "without an email")
	wantJobs(g, 0)
	for _, gone := range []func(*storage.Profile){
		func(p *storage.Profile) { p.State = storage.ProfileDeleted },
		func(p *storage.Profile) { p.Email = "" },
	} {
		g.SetProfile(alice, func(p *storage.Profile) { p.State, p.Email = storage.ProfileActive, aliceEmail })
		g.Tell(alice, fmt.Sprint("before it was gone ", g.Clock.Now()))
		g.SetProfile(alice, gone)
		g.RunJobs()
		wantJobs(g, 0)
		g.Clock.Advance(time.Hour)
	}
	g.SetProfile(alice, func(p *storage.Profile) { p.State, p.Email = storage.ProfileFrozen, aliceEmail })
	g.RunJobs()
	wantMails(t, server)
	g.Tell(alice, "frozen")
	g.RunJobs()
	wantMails(t, server, strings.Replace(mailOf("frozen", "00:25:52"), "28", "29", 1))
}

// While the server is dead, or does not take mails now, notices are kept, and the job is
// tried after its own pauses; then they go out in one mail.
func TestMailServerFails(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*mailtest.Server){
		"dead":    (*mailtest.Server).Stop,
		"busy":    func(s *mailtest.Server) { s.Answer("greeting", "421 4.7.0 busy") },
		"later":   func(s *mailtest.Server) { s.RefuseAddress(aliceEmail, "451 4.7.1 greylisted") },
		"account": func(s *mailtest.Server) { s.Answer("AUTH", "535 5.7.8 no") },
		"sender":  func(s *mailtest.Server) { s.Answer("MAIL", "550 5.7.1 not your address") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, server := startMailing(t)
			fail(server)
			g.Tell(alice, "first")
			g.RunJobs()
			g.Tell(alice, "second")
			g.RunJobs()
			wantMails(t, server)
			if waiting := left(g); len(waiting) != 1 || waiting[0].Tries != 1 || waiting[0].LastError == "" || strings.Contains(waiting[0].LastError, "wang") {
				t.Errorf("%+v", waiting)
			}
			if name == "dead" {
				server.Restart()
			}
			server.Take()
			g.Clock.Advance(20 * time.Second) // two pauses, and not the user's next turn
			g.RunJobs()
			wantMails(t, server, mailOf("second", "22:25:52", "first", "22:25:52"))
			wantJobs(g, 0)
			if log := g.Log.String(); strings.Contains(log, aliceEmail) || strings.Contains(log, mailtest.Password) || strings.Contains(log, "订单") {
				t.Errorf("logged %s", log)
			}
		})
	}
}

// A mail that the server refuses for good is over. The log shows the address masked.
func TestMailRefused(t *testing.T) {
	t.Parallel()
	g, server := startMailing(t)
	server.RefuseAddress(aliceEmail, "550 5.1.1 <"+aliceEmail+">: no such user")
	g.Tell(alice, "first")
	g.RunJobs()
	wantJobs(g, 0)
	log := g.Log.String()
	if want := `level=WARN msg="a mail of notices was refused for good" user=1180310086 address=w***@example.org error="mail refused: 550 5.1.1"`; strings.Count(log, want) != 1 || strings.Contains(log, aliceEmail) {
		t.Errorf("logged %s, want %s", log, want)
	}
	server.Take()
	g.Clock.Advance(24 * time.Hour)
	g.RunJobs()
	wantMails(t, server)
	g.Tell(alice, "second")
	g.RunJobs()
	wantMails(t, server, strings.Replace(mailOf("second", "22:25:52"), "28", "29", 1))
}

// A mail that was not answered may have arrived: it is sent again, the same one, so that
// it can be recognised. What came meanwhile is another.
func TestMailNotConfirmed(t *testing.T) {
	t.Parallel()
	g, server := startMailing(t)
	server.Mute()
	g.Tell(alice, "first")
	g.RunJobs()
	g.Tell(alice, "second")
	server.Take()
	g.Clock.Advance(5*time.Minute - time.Second)
	g.RunJobs()
	first := mailOf("first", "22:25:52")
	wantMails(t, server, first)
	g.Clock.Advance(time.Second)
	g.RunJobs()
	wantMails(t, server, first, first)
	messages := server.Messages()
	if one, other := messages[0].Header(t, "Message-Id"), messages[1].Header(t, "Message-Id"); one != other {
		t.Errorf("the same mail has the ids %s and %s", one, other)
	}
	wantJobs(g, 1)
	g.Clock.Advance(5 * time.Minute)
	g.RunJobs()
	wantMails(t, server, first, first, mailOf("second", "22:25:52"))
	wantJobs(g, 0)
}

// A notice that is told while its user's mail is on the way is in the next one.
func TestNoticeWhileMailing(t *testing.T) {
	t.Parallel()
	g, server := startMailing(t)
	var once sync.Once
	server.OnMail(func() { once.Do(func() { g.Tell(alice, "meanwhile") }) })
	g.Tell(alice, "first")
	g.RunJobs()
	wantMails(t, server, mailOf("first", "22:25:52"))
	wantJobs(g, 1)
	g.Clock.Advance(5 * time.Minute)
	g.RunJobs()
	wantMails(t, server, mailOf("first", "22:25:52"), mailOf("meanwhile", "22:25:52"))
	wantJobs(g, 0)
}

// However often the job runs, on how many replicas, the user gets one mail: also where a
// process has died after the mail and before the job was done.
func TestMailedOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx, now := t.Context(), int64(1_600_000_000)
		server := mailtest.Start(t, "starttls")
		sender, err := mail.New(server.Options())
		handlerstest.Must(t, err)
		db.MailNotices()
		handlerstest.Must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			profile, err := tx.LockProfile(ctx, alice, now)
			if err != nil {
				return err
			}
			profile.Email = aliceEmail
			return tx.UpdateProfile(ctx, profile)
		}))
		tell := func(events ...string) {
			for _, event := range events {
				handlerstest.Must(t, db.InTx(ctx, func(tx *storage.Tx) error {
					return tx.AddNotice(ctx, storage.Notice{UserID: alice, Key: event, Title: event, CreatTime: now})
				}))
			}
		}
		run := contact.Jobs(contact.Deps{
			DB: db, Mail: sender, Clock: wire.Clock{Location: time.UTC}, Logger: slog.New(slog.DiscardHandler),
			Now: func(context.Context) (int64, error) { return now, nil },
		})[0].Run
		together := func() (later int) {
			var replicas sync.WaitGroup
			outcomes := make(chan error, 8)
			for range cap(outcomes) {
				replicas.Go(func() { outcomes <- run(ctx, storage.Job{Kind: storage.MailJob, Key: alice}) })
			}
			replicas.Wait()
			close(outcomes)
			for err := range outcomes {
				switch {
				case err == nil:
				case jobs.Later(time.Unix(now+300, 0)).Error() == err.Error():
					later++
				default:
					t.Error(err)
				}
			}
			return later
		}
		tell("a", "b")
		together()
		if later := together(); later != 0 || len(server.Messages()) != 1 {
			t.Errorf("%d mails, %d put off", len(server.Messages()), later)
		}
		tell("c")
		if later := together(); later != 8 || len(server.Messages()) != 1 {
			t.Errorf("%d mails, %d put off", len(server.Messages()), later)
		}
		now += 300
		together()
		if got := len(server.Messages()); got != 2 {
			t.Errorf("%d mails", got)
		}
	})
}
