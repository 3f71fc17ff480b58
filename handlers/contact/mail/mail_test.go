package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/contact/mail"
	"campusgate/handlers/contact/mail/mailtest"
)

const alice = "alice@example.org"

func newSender(t *testing.T, options mail.Options) *mail.Sender {
	t.Helper()
	sender, err := mail.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// A mail arrives as it was given, however the connection is secured, and is logged in for.
func TestSend(t *testing.T) {
	t.Parallel()
	for _, secure := range []string{"starttls", "tls", "none"} {
		t.Run(secure, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, secure)
			sender := newSender(t, server.Options())
			if err := sender.Send(t.Context(), alice, "订单已发货", "你好\n.\n再见", "notice-7-1"); err != nil {
				t.Fatal(err)
			}
			messages := server.Messages()
			if len(messages) != 1 {
				t.Fatalf("%d mails", len(messages))
			}
			head, body, _ := strings.Cut(messages[0].Text, "\r\n\r\n")
			lines := strings.Split(head, "\r\n")
			dated := strings.HasPrefix(lines[1], "Date: ")
			lines[1] = "Date: now"
			want := []string{
				"Auto-Submitted: auto-generated", "Date: now", "MIME-Version: 1.0", "Message-ID: <notice-7-1@example.org>",
				"Subject: =?UTF-8?b?6K6i5Y2V5bey5Y+R6LSn?=", "From: =?utf-8?q?=E6=A0=A1=E5=9B=AD=E5=B9=B3=E5=8F=B0?=", " <campus@example.org>",
				"To: <alice@example.org>", "Content-Transfer-Encoding: base64", "Content-Type: text/plain; charset=UTF-8",
			}
			if diff := cmp.Diff(want, lines); diff != "" || !dated {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\r\n", "")); err != nil || string(text) != "你好\r\n.\r\n再见" {
				t.Errorf("text %q, %v", text, err)
			}
			if messages[0].From != "campus@example.org" || messages[0].To != alice {
				t.Errorf("envelope %+v", messages[0])
			}
			server.Await(t.Context(), func() bool { return server.Open() == 0 })
			if got, want := sender.Stats(), (mail.Stats{Sent: 1}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

// What a server answers decides whether a mail is done, may be tried again, or is never
// taken. No error shows the address or the password, and no connection stays.
func TestSendOutcomes(t *testing.T) {
	t.Parallel()
	const refused, failed, unconfirmed = "refused", "failed", "unconfirmed"
	for _, c := range []struct {
		name    string
		change  func(*mailtest.Server)
		outcome string
		text    string
		taken   int
	}{
		{"taken", func(*mailtest.Server) {}, "", "", 1},
		{"no such mailbox", func(s *mailtest.Server) { s.RefuseAddress(alice, "550 5.1.1 <"+alice+">: no such user") }, refused, "mail refused: 550 5.1.1", 0},
		{"refused without an enhanced code", func(s *mailtest.Server) { s.RefuseAddress(alice, "550 "+alice+" unknown") }, refused, "mail refused: 550", 0},
		{"later", func(s *mailtest.Server) { s.RefuseAddress(alice, "451 4.7.1 "+alice+" is greylisted") }, failed, "recipient: the server answers 451 4.7.1", 0},
		{"another's address refused", func(s *mailtest.Server) { s.RefuseAddress("bob@example.org", "550 no") }, "", "", 1},
		{"text refused", func(s *mailtest.Server) { s.Answer(".", "554 5.7.1 spam for "+alice) }, refused, "mail refused: 554 5.7.1", 0},
		{"text not taken now", func(s *mailtest.Server) { s.Answer(".", "452 4.3.1 disk full") }, failed, "mail: the server answers 452 4.3.1", 0},
		{"data not taken now", func(s *mailtest.Server) { s.Answer("DATA", "451 4.3.0 no") }, failed, "mail: the server answers 451 4.3.0", 0},
		{"data refused", func(s *mailtest.Server) { s.Answer("DATA", "554 5.5.1 no valid recipients") }, refused, "mail refused: 554 5.5.1", 0},
		{"not logged in", func(s *mailtest.Server) { s.RefuseAddress(alice, "530 5.7.0 log in first") }, failed, "recipient: the server answers 530 5.7.0", 0},
		{"command refused", func(s *mailtest.Server) { s.RefuseAddress(alice, "503 5.5.1 bad sequence") }, failed, "recipient: the server answers 503 5.5.1", 0},
		{"sender refused", func(s *mailtest.Server) { s.Answer("MAIL", "553 5.7.1 not your address") }, failed, "sender: 553 5.7.1 not your address", 0},
		{"not greeted", func(s *mailtest.Server) { s.Answer("greeting", "554 go away") }, failed, "connection: 554 go away", 0},
		{"busy", func(s *mailtest.Server) { s.Answer("greeting", "421 4.7.0 too many connections") }, failed, "connection: 421 4.7.0 too many connections", 0},
		{"account refused", func(s *mailtest.Server) { s.Answer("AUTH", "535 5.7.8 no "+mailtest.Password) }, failed, "connection: the server refuses the account: 535 5.7.8 no ***", 0},
		{"no answer to the mail", (*mailtest.Server).Mute, unconfirmed, "the mail was sent, and not confirmed: mail: EOF", 1},
		{"no goodbye", func(s *mailtest.Server) { s.Hang("QUIT") }, "", "", 1},
		{"dead", (*mailtest.Server).Stop, failed, "connection: dial tcp 127.0.0.1:*: connect: connection refused", 0},
		{"endless", func(s *mailtest.Server) { s.Answer("greeting", strings.Repeat("220-x\r\n", 1<<16)+"220 x") }, failed, "connection: the server talks without an end", 0},
		{"signs in the answer", func(s *mailtest.Server) { s.Answer("MAIL", "451-a\x1b[2J\r\n451 b\x00"+strings.Repeat("c", 300)) }, failed, "sender: 451 a [2J b " + strings.Repeat("c", 192), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, "starttls")
			_, port := server.HostPort()
			c.change(server)
			sender := newSender(t, server.Options())
			err := sender.Send(t.Context(), alice, "a", "b", "c")
			text, refusal := "", (*mail.RefusedError)(nil)
			if err != nil {
				text = strings.ReplaceAll(err.Error(), fmt.Sprintf(":%d:", port), ":*:")
			}
			outcome, counted := "", mail.Stats{Sent: 1}
			switch {
			case errors.As(err, &refusal):
				outcome, counted = refused, mail.Stats{Refused: 1}
			case errors.Is(err, mail.ErrUnconfirmed):
				outcome, counted = unconfirmed, mail.Stats{Failed: 1}
			case err != nil:
				outcome, counted = failed, mail.Stats{Failed: 1}
			}
			if outcome != c.outcome || text != c.text {
				t.Errorf("%s: %s, want %s: %s", outcome, text, c.outcome, c.text)
			}
			if errors.Is(err, mail.ErrDenied) != (c.name == "account refused") {
				t.Errorf("the account: %v", err)
			}
			if got := len(server.Messages()); got != c.taken {
				t.Errorf("%d mails were taken, want %d", got, c.taken)
			}
			if got := sender.Stats(); got != counted {
				t.Errorf("counted %+v, want %+v", got, counted)
			}
			server.Await(t.Context(), func() bool { return server.Open() == 0 })
		})
	}
}

// A server that is silent at any step holds a mail no longer than its time-out, and not at
// all where nobody waits any more.
func TestSendToASilentServer(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "."} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, "starttls")
			server.Hang(command)
			options := server.Options()
			options.Timeout, options.AnswerTimeout = 100*time.Millisecond, time.Millisecond
			if command == "." { // what comes before may take its time
				options.Timeout = 30 * time.Second
			}
			began := time.Now()
			err := newSender(t, options).Send(t.Context(), alice, "a", "b", "c")
			if took := time.Since(began); err == nil || errors.Is(err, mail.ErrUnconfirmed) != (command == ".") || took > 30*time.Second {
				t.Errorf("timed out after %s: %v", took, err)
			}
			before := server.Calls()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- newSender(t, server.Options()).Send(ctx, alice, "a", "b", "c") }()
			server.Await(t.Context(), func() bool { return server.Calls() > before })
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			server.Await(t.Context(), func() bool { return server.Open() == 0 })
		})
	}
}

// A server that is back takes mails again, with nothing to do for it.
func TestSendToAServerThatIsBack(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "tls")
	sender := newSender(t, server.Options())
	server.Stop()
	if err := sender.Send(t.Context(), alice, "a", "b", "c"); err == nil {
		t.Error("sent to nobody")
	}
	server.Restart()
	if err := sender.Send(t.Context(), alice, "a", "b", "c"); err != nil {
		t.Error(err)
	}
}

// The password is told to nobody but a server that is known and secured as it was asked.
func TestSendSecured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ server, client string }{{"none", "starttls"}, {"none", "tls"}, {"starttls", "tls"}, {"tls", "starttls"}, {"starttls", "none"}} {
		server := mailtest.Start(t, c.server)
		options := server.Options()
		options.TLS, options.Timeout = c.client, time.Second
		if err := newSender(t, options).Send(t.Context(), alice, "a", "b", "c"); err == nil || len(server.Messages()) > 0 {
			t.Errorf("%s at a server with %s: %v", c.client, c.server, err)
		}
		server.Await(t.Context(), func() bool { return server.Open() == 0 })
	}
	for _, secure := range []string{"starttls", "tls"} {
		options := mailtest.Start(t, secure).Options()
		options.RootCAs = nil
		if err := newSender(t, options).Send(t.Context(), alice, "a", "b", "c"); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s to a server that nobody vouches for: %v", secure, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "starttls")
	if err := newSender(t, server.Options()).Check(t.Context()); err != nil {
		t.Error(err)
	}
	wrong := server.Options()
	wrong.Password = "a-wrong-word"
	err := newSender(t, wrong).Check(t.Context())
	if want := "connection: the server refuses the account: 535 5.7.8 wrong: ***"; !errors.Is(err, mail.ErrDenied) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got := server.Messages(); len(got) != 0 {
		t.Errorf("a check sent %v", got)
	}
}

// A server that knows one way to log in is logged in to by that.
func TestLogIn(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "starttls")
	for ways, want := range map[string]string{
		"PLAIN": "", "LOGIN": "", "GSSAPI LOGIN": "", "GSSAPI": "connection: SMTP Auth autodiscover was not able to detect a supported authentication mechanism",
	} {
		server.LogIn(ways)
		got := ""
		if err := newSender(t, server.Options()).Check(t.Context()); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ways, got, want)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for from, ok := range map[string]bool{
		"campus@example.org": true, "校园平台 <campus@example.org>": true, `"a, b" <campus@example.org>`: true,
		"": false, "campus": false, "campus@localhost": false, "a@example.org, b@example.org": false, "a@example.org\r\nBcc: b@example.org": false,
	} {
		if _, err := mail.New(mail.Options{From: from}); (err == nil) != ok {
			t.Errorf("%q: %v", from, err)
		}
	}
}

// What is no address is refused, and nobody is asked.
func TestSendToNoAddress(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "starttls")
	sender := newSender(t, server.Options())
	for _, address := range []string{"", "alice", "alice@example.org\r\nDATA", "<alice@example.org>", "a@example.org,b@example.org"} {
		var refusal *mail.RefusedError
		if err := sender.Send(t.Context(), address, "a", "b", "c"); !errors.As(err, &refusal) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if server.Calls() != 0 {
		t.Error("the server was asked")
	}
}
