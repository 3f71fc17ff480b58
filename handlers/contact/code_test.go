package contact_test

import (
	"strings"
	"testing"
	"time"

	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/handlers/handlerstest"
)

// A code is mailed once the server takes it, and while it lives; what the server may have
// taken is not sent again.
func TestCodesAreMailed(t *testing.T) {
	t.Parallel()
	const address = "student@example.org"
	nothing := func(*mailtest.Server) {}
	for name, c := range map[string]struct {
		fail func(*mailtest.Server)
		mend func(*mailtest.Server)
		wait time.Duration // before the server works again
		want int           // mails that it has taken in the end
	}{
		"at once":             {nothing, nothing, 0, 1},
		"a server that rests": {func(s *mailtest.Server) { s.Answer("RCPT", "451 4.7.1 later") }, (*mailtest.Server).Take, time.Minute, 1},
		"a dead server":       {(*mailtest.Server).Stop, (*mailtest.Server).Restart, time.Minute, 1},
		"too late":            {(*mailtest.Server).Stop, (*mailtest.Server).Restart, 10 * time.Minute, 0},
		"refused for good":    {func(s *mailtest.Server) { s.RefuseAddress(address, "550 5.1.1 nobody") }, (*mailtest.Server).Take, time.Minute, 0},
		"taken, not answered": {(*mailtest.Server).Mute, (*mailtest.Server).Take, time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, "none")
			g := handlerstest.Start(t, handlerstest.ByMail(server))
			c.fail(server)
			g.OK("user/mail", aliceToken, `{"email":"`+address+`"}`)
			g.RunJobs()
			if c.wait > 0 {
				c.mend(server)
				g.Clock.Advance(c.wait)
				g.RunJobs()
			}
			messages := server.Messages()
			if len(messages) != c.want {
				t.Fatalf("%d mails, want %d", len(messages), c.want)
			}
			for _, message := range messages {
				if message.To != address || message.Header(t, "Subject") != "验证码 / Verification code" {
					t.Errorf("mailed is %+v", message)
				}
			}
			if log := g.Log.String(); strings.Contains(log, address) || strings.Contains(log, "code=") {
				t.Errorf("logged is %s", log)
			}
			g.Clock.Advance(time.Hour)
			g.RunJobs()
			if left := g.Stored(); strings.Contains(left, "mail_code") || len(server.Messages()) != c.want {
				t.Errorf("a job is left, or %d mails", len(server.Messages()))
			}
		})
	}
}
