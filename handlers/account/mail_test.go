package account_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/handlers/handlerstest"
)

// mailedCode runs the job that mails a code, and reads the code in the mail.
func mailedCode(t *testing.T, g *handlerstest.Gateway, server *mailtest.Server) string {
	t.Helper()
	g.RunJobs()
	messages := server.Messages()
	if len(messages) == 0 {
		t.Fatal("no mail came")
	}
	last := messages[len(messages)-1]
	code := regexp.MustCompile(`验证码 ([0-9]{6})，10 分钟内有效`).FindStringSubmatch(last.Body(t))
	if code == nil {
		t.Fatalf("no code in %s", last.Body(t))
	}
	return code[1]
}

func TestMailCode(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "none")
	g, _, token := registered(t, handlerstest.ByMail(server))
	g.Refuses("user/mail", token, `{}`, -3, "Error data key")
	for _, bad := range []string{`"x"`, `"a@b"`, `"a@example.org\r\nBcc: b@example.org"`, `"<a@example.org>"`, `"a b@example.org"`} {
		g.Refuses("user/mail", token, `{"email":`+bad+`}`, -204, "Arg's value error")
	}
	const address = "student@example.org"
	salt := g.OK("user/mail", token, `{"email":"`+address+`"}`).Field("rand")
	hash := handlerstest.MD5(mailedCode(t, g, server) + salt)
	g.Refuses("user/contact", token, `{"email":"other@example.org","hash":"`+hash+`"}`, 102, wrongCode)
	// A code by mail does no other code's work.
	g.Call("sms/validate", "", `{"hash":"`+hash+`"}`).Want(t, -4, "Error Hash")
	g.Call("img/validate", "", `{"hash":"`+hash+`"}`).Want(t, -1, "验证码hash值不匹配")
	g.Clock.Advance(10*time.Minute - time.Second)
	g.OK("user/contact", token, `{"email":"`+address+`","hash":"`+hash+`"}`)
	if got := g.OK("user/info", token, `{}`).Field("email"); got != address {
		t.Errorf("the email is %s", got)
	}
	g.Call("user/contact", token, `{"email":"`+address+`","hash":"`+hash+`"}`).Want(t, 102, wrongCode) // used up

	salt = g.OK("user/mail", token, `{"email":"`+address+`"}`).Field("rand")
	hash = handlerstest.MD5(mailedCode(t, g, server) + salt)
	g.Clock.Advance(10 * time.Minute)
	g.Call("user/contact", token, `{"email":"`+address+`","hash":"`+hash+`"}`).Want(t, 102, wrongCode) // expired
	g.OK("user/mail", token, `{"email":"`+address+`"}`)
	if a := g.Call("user/mail", token, `{"email":"other@example.org"}`).Want(t, -302, "Too many requests"); a.Header.Get("Retry-After") == "1" {
		t.Errorf("Retry-After %s", a.Header.Get("Retry-After"))
	}
	// An address is spared by all users together.
	g.Call("user/mail", aliceToken, `{"email":"STUDENT@example.org"}`).Want(t, -302, "Too many requests")
}

func TestMailIsNotConfigured(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Refuses("user/mail", aliceToken, `{"email":"student@example.org"}`, -503, "Channel not configured")
}

// Five wrong guesses end the code of a mail.
func TestMailGuesses(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "none")
	g, _, token := registered(t, handlerstest.ByMail(server))
	const address = "student@example.org"
	salt := g.OK("user/mail", token, `{"email":"`+address+`"}`).Field("rand")
	for i := range 5 {
		g.Call("user/contact", token, fmt.Sprintf(`{"email":"%s","hash":"%032d"}`, address, i)).Want(t, 102, wrongCode)
	}
	hash := handlerstest.MD5(mailedCode(t, g, server) + salt)
	g.Call("user/contact", token, `{"email":"`+address+`","hash":"`+hash+`"}`).Want(t, 102, wrongCode)
}
