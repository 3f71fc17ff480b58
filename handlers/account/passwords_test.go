package account_test

import (
	"encoding/base64"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"campusgate/handlers/handlerstest"
)

// weakHash completes the PHC text of a hash with the key of handlerstest.Password.
func weakHash(t *testing.T, beginning string) string {
	t.Helper()
	key := argon2.IDKey([]byte(handlerstest.Password), []byte("saltsaltsaltsalt"), 1, 1024, 1, 32)
	return beginning + base64.RawStdEncoding.EncodeToString(key)
}

const newPassword = "battery staple"

func TestReset(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	data := handlerstest.Fields{
		"phone": handlerstest.Quoted(phone), "sms_hash": handlerstest.Quoted(g.SMSHash(phone)), "password": handlerstest.Quoted(newPassword),
	}
	for _, key := range []string{"phone", "sms_hash", "password"} {
		g.RefusesValue("user/reset", "", data.With(key, ""), key, -3)
		g.RefusesValue("user/reset", "", data.With(key, `""`), key, -201)
		g.RefusesValue("user/reset", "", data.With(key, "5"), key, -203)
	}
	g.Refuses("user/reset", "", data.With("sms_hash", `"0123456789abcdef0123456789abcdef"`).String(), 102, wrongCode)
	g.Refuses("user/reset", "", data.With("password", handlerstest.Quoted(phone)).String(), 105, passwordNotAllowed)
	g.Refuses("user/reset", "", data.With("phone", handlerstest.Quoted(otherPhone)).With("sms_hash", handlerstest.Quoted(g.SMSHash(otherPhone))).String(), 106, userNotExist)
	g.OK("user/info", token, `{}`)

	g.OK("user/reset", "", data.String()).WantData(t, `{}`)
	g.Call("user/info", token, `{}`).Want(t, -101, "Error token")
	g.Call("user/login", "", login(handlerstest.Password, "")).Want(t, 103, wrongLogin)
	g.OK("user/login", "", login(newPassword, ""))
	g.Refuses("user/reset", "", data.String(), 102, wrongCode) // the code is used up
}

func TestPassword(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	other := g.OK("user/login", "", login(handlerstest.Password, "")).Field("token")
	data := handlerstest.Fields{"old": handlerstest.Quoted(handlerstest.Password), "new": handlerstest.Quoted(newPassword)}
	for _, key := range []string{"old", "new"} {
		g.RefusesValue("user/password", token, data.With(key, ""), key, -3)
		g.RefusesValue("user/password", token, data.With(key, `""`), key, -201)
	}
	g.Refuses("user/password", token, data.With("old", `"wrong one"`).String(), 107, oldPasswordWrong)
	g.Refuses("user/password", token, data.With("new", handlerstest.Quoted(phone)).String(), 105, passwordNotAllowed)
	g.Refuses("user/password", aliceToken, data.String(), 107, oldPasswordWrong) // the account service's has none

	g.OK("user/password", token, data.String())
	g.OK("user/info", token, `{}`)
	g.Call("user/info", other, `{}`).Want(t, -101, "Error token")
	g.OK("user/login", "", login(newPassword, ""))
}

// Who has somebody's token cannot guess the password by it.
// Of two who change a password at once, having given the old one, one does.
func TestPasswordsAtOnce(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	hash := g.SMSHash(phone)
	calls := []struct{ call, token, data string }{
		{"user/password", token, `{"old":"` + handlerstest.Password + `","new":"` + newPassword + `"}`},
		{"user/reset", "", `{"phone":"` + phone + `","sms_hash":"` + hash + `","password":"another staple"}`},
	}
	answers := handlerstest.Count(handlerstest.Together(6, func(i int) handlerstest.Answer {
		one := calls[i%2]
		return g.Call(one.call, one.token, one.data)
	}))
	late := answers["-304 State changed, retry"] + answers["107 Old password is wrong"] + answers["102 Error SMS code"] + answers["-101 Error token"]
	if answers["0 successful"] < 1 || answers["0 successful"] > 2 || answers["0 successful"]+late != 6 {
		t.Errorf("%v", answers)
	}
}

func TestPasswordGuesses(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	const wrong, right = `{"old":"wrong one","new":"battery staple"}`, `{"old":"correct horse","new":"battery staple"}`
	for range 10 {
		g.Call("user/password", token, wrong).Want(t, 107, oldPasswordWrong)
	}
	if a := g.Call("user/password", token, right).Want(t, -302, "Too many requests"); a.Header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After %s", a.Header.Get("Retry-After"))
	}
	g.Clock.Advance(15 * time.Minute)
	g.OK("user/password", token, right)
}

func TestLogout(t *testing.T) {
	t.Parallel()
	g, _, first := registered(t)
	login := func() string { return g.OK("user/login", "", login(handlerstest.Password, "")).Field("token") }
	second, third := login(), login()
	ended := func(token string, want bool) {
		t.Helper()
		if a := g.Call("user/info", token, `{}`); (a.Status == -101) != want {
			t.Errorf("ended is %t, want %t: %s", !want, want, a.Raw)
		}
	}
	g.RefusesValue("user/logout", first, handlerstest.Fields{"all": `"yes"`}, "all", -203)
	g.OK("user/logout", first, `{}`)
	ended(first, true)
	ended(second, false)
	g.OK("user/logout", second, `{"all":true}`)
	ended(second, true)
	ended(third, true)
	// A token that the command line has issued ends too.
	g.OK("user/logout", aliceToken, `{"all":false}`)
	ended(aliceToken, true)
	ended(bobToken, false)
}
