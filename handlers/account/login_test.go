package account_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	g, id, _ := registered(t)
	tokens := map[string]bool{}
	for _, data := range []string{
		login(handlerstest.Password, ""),
		`{"user_name":"码三秃","password":"correct horse"}`,
		`{"phone":"` + phone + `","sms_hash":"` + g.SMSHash(phone) + `"}`,
	} {
		a := g.OK("user/login", "", data)
		token := a.Field("token")
		a.WantData(t, `{"user_id":`+id+`,"user_name":"码三秃","token":"`+token+`","expire_time":"2019-12-05 22:26:23"}`)
		if got := g.OK("user/info", token, `{}`).Field("user_id"); got != id {
			t.Errorf("the token is %s's", got)
		}
		tokens[token] = true
	}
	if len(tokens) != 3 {
		t.Errorf("3 logins gave %d tokens", len(tokens))
	}
}

func TestLoginFields(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t)
	for data, want := range map[string]string{
		`{}`:                           "phone, user_name: both missing",
		`{"password":"correct horse"}`: "phone, user_name: both missing",
		`{"phone":"` + phone + `"}`:    "password, sms_hash: both missing",
		`{"user_name":"码三秃"}`:          "password, sms_hash: both missing",
		`{"user_name":"码三秃","sms_hash":"900150983cd24fb0d6963f"}`: "phone: missing",
	} {
		if a := g.Refuses("user/login", "", data, -3, "Error data key"); a.Detail != want {
			t.Errorf("%s: %s, want %s", data, a.Detail, want)
		}
	}
	for _, key := range []string{"phone", "user_name", "password", "sms_hash", "hash"} {
		g.RefusesValue("user/login", "", handlerstest.Fields{"phone": `"1"`, "password": `"2"`}.With(key, `""`), key, -201)
		g.RefusesValue("user/login", "", handlerstest.Fields{"phone": `"1"`, "password": `"2"`}.With(key, "5"), key, -203)
	}
}

// An unknown account and a wrong password have one answer, to the byte.
func TestLoginIsWrong(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t)
	const want = `{"id":1,"status":103,"message":"Phone or password is wrong","data":{}}`
	for i, data := range []string{
		login("correct horse ", ""),
		login("Correct horse", ""),
		`{"phone":"13700007011","password":"correct horse"}`,
		`{"user_name":"码三","password":"correct horse"}`,
		`{"user_name":"` + phone + `","password":"correct horse"}`,
		`{"phone":"码三秃","password":"correct horse"}`,
	} {
		g.Do("POST", "/account", handlerstest.Envelope("user/login", data), "X-Real-IP", fmt.Sprintf("198.51.100.%d", i)).WantRaw(t, want)
	}
	g.Clock.Advance(time.Minute)
	g.Refuses("user/login", "", `{"phone":"`+phone+`","sms_hash":"0123456789abcdef0123456789abcdef"}`, 102, wrongCode)
	g.Refuses("user/login", "", `{"phone":"`+otherPhone+`","sms_hash":"`+g.SMSHash(otherPhone)+`"}`, 103, wrongLogin)
}

// From the third failure on a picture's hash is needed, and used up; from the tenth on
// the account rests for that address, and for that address alone.
func TestLoginFailures(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t, func(o *handlerstest.Options) { o.Settings.GuessesPerMinute = 0 })
	from := func(address, data string) handlerstest.Answer { return g.CallFrom(address, "user/login", data) }
	const address, stranger = "198.51.100.7", "203.0.113.9"
	for range 3 {
		from(address, login("wrong one", "")).Want(t, 103, wrongLogin)
	}
	from(address, login(handlerstest.Password, "")).Want(t, 104, captchaNeeded)
	from(address, login(handlerstest.Password, `,"hash":"0123456789abcdef0123456789abcdef"`)).Want(t, 104, captchaNeeded)
	// The account's failures count from everywhere, the address's for every account.
	from(stranger, login(handlerstest.Password, "")).Want(t, 104, captchaNeeded)
	from(address, `{"user_name":"nobody","password":"wrong one"}`).Want(t, 104, captchaNeeded)
	used := g.CaptchaHash()
	from(address, login("wrong one", `,"hash":"`+used+`"`)).Want(t, 103, wrongLogin)
	from(address, login(handlerstest.Password, `,"hash":"`+used+`"`)).Want(t, 104, captchaNeeded)
	from(address, login(handlerstest.Password, `,"hash":"`+g.SMSHash(otherPhone)+`"`)).Want(t, 104, captchaNeeded)
	from(address, login(handlerstest.Password, `,"hash":"`+strings.ToUpper(g.CaptchaHash())+`"`)).Want(t, 0, "successful")

	for range 6 { // with the four before, ten
		from(address, login("wrong one", `,"hash":"`+g.CaptchaHash()+`"`)).Want(t, 103, wrongLogin)
	}
	a := from(address, login(handlerstest.Password, `,"hash":"`+g.CaptchaHash()+`"`)).Want(t, -302, "Too many requests")
	if a.HTTP != 429 || a.Header.Get("Retry-After") != "900" {
		t.Errorf("HTTP %d, Retry-After %s", a.HTTP, a.Header.Get("Retry-After"))
	}
	from(stranger, login(handlerstest.Password, `,"hash":"`+g.CaptchaHash()+`"`)).Want(t, 0, "successful")

	g.Clock.Advance(15 * time.Minute)
	from(address, login(handlerstest.Password, "")).Want(t, 0, "successful")
}

// However many are tried at once, few more than the limits let are looked at.
func TestLoginFailuresTogether(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t)
	counts := handlerstest.Count(handlerstest.Together(24, func(i int) handlerstest.Answer {
		return g.CallFrom(fmt.Sprintf("198.51.100.%d", i), "user/login", login(fmt.Sprint("guess no. ", i), ""))
	}))
	// Those that are looked at beside each other are as many as there are cores.
	wrong := counts["103 "+wrongLogin]
	if wrong < 3 || wrong > 2+runtime.GOMAXPROCS(0) || wrong+counts["104 "+captchaNeeded] != 24 {
		t.Errorf("of 24 at once: %v", counts)
	}
}

// Many people behind one address log in at once: only failures ask for a picture.
func TestLoginsTogether(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t)
	counts := handlerstest.Count(handlerstest.Together(25, func(int) handlerstest.Answer {
		return g.CallFrom("198.51.100.7", "user/login", login(handlerstest.Password, ""))
	}))
	if counts["0 successful"] != 25 {
		t.Errorf("of 25 right ones at once: %v", counts)
	}
}

// A failure with a picture's hash counts as one without: it is forgotten after its own 15
// minutes.
func TestLoginFailuresSlide(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t)
	from := func(i int, more string) handlerstest.Answer {
		return g.CallFrom(fmt.Sprintf("198.51.100.%d", i), "user/login", login("wrong one", more))
	}
	for i := range 3 {
		from(i, "").Want(t, 103, wrongLogin)
	}
	g.Clock.Advance(14 * time.Minute)
	for i := range 3 {
		from(i, `,"hash":"`+g.CaptchaHash()+`"`).Want(t, 103, wrongLogin)
	}
	g.Clock.Advance(61 * time.Second)
	from(9, "").Want(t, 104, captchaNeeded)
	g.Clock.Advance(14 * time.Minute)
	from(9, "").Want(t, 103, wrongLogin)
}

// The limits do not tell whether there is an account: what is given beside a phone does
// not change what is counted.
func TestLoginFailuresTellNothing(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t)
	for _, who := range []string{phone, "13700007011"} {
		for i := range 4 {
			want, text := 103, wrongLogin
			if i == 3 {
				want, text = 104, captchaNeeded
			}
			data := fmt.Sprintf(`{"phone":"%s","user_name":"name%d","password":"wrong one"}`, who, i)
			g.CallFrom(fmt.Sprintf("2001:db8:%x:%s::1", i, who[7:]), "user/login", data).Want(t, want, text)
		}
	}
}

// An account has at most ten tokens: the oldest ends.
func TestLoginTokensAreBounded(t *testing.T) {
	t.Parallel()
	g, _, first := registered(t)
	for range 9 {
		g.OK("user/login", "", login(handlerstest.Password, ""))
	}
	g.OK("user/info", first, `{}`)
	last := g.OK("user/login", "", login(handlerstest.Password, "")).Field("token")
	g.Call("user/info", first, `{}`).Want(t, -101, "Error token")
	g.OK("user/info", last, `{}`)
}

// A token ends after a week without use.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	g.Clock.Advance(7*24*time.Hour - 32*time.Second)
	g.OK("user/info", token, `{}`)
	g.Clock.Advance(7*24*time.Hour - time.Second)
	g.OK("user/info", token, `{}`)
	g.Clock.Advance(7 * 24 * time.Hour)
	g.Call("user/info", token, `{}`).Want(t, -101, "Error token")
}

// What has expired is removed in the course of the next hour.
func TestExpiredRowsAreRemoved(t *testing.T) {
	t.Parallel()
	g, id, _ := registered(t)
	key := storage.RequestKey{UserID: id, Call: "user/verify", Key: "key-0001"}
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.TakeRequestKey(t.Context(), key, []byte("hash"), g.Clock.Now().Add(24*time.Hour).Unix())
	}))
	g.RunJobs()
	g.Clock.Advance(24*time.Hour - time.Minute)
	g.RunJobs()
	if _, err := g.DB.KeptAnswer(t.Context(), key); err != nil {
		t.Errorf("before its end: %v", err)
	}
	g.Clock.Advance(7 * 24 * time.Hour)
	g.OK("user/login", "", login(handlerstest.Password, ""))
	g.RunJobs()
	if _, err := g.DB.KeptAnswer(t.Context(), key); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("after its end: %v", err)
	}
	if sessions, err := g.DB.Sessions(t.Context(), id); err != nil || len(sessions) != 1 {
		t.Errorf("left are the sessions %+v, %v", sessions, err)
	}
}

// A login renews a hash that costs less than a new one would.
func TestLoginRenewsWeakHashes(t *testing.T) {
	t.Parallel()
	g, id, _ := registered(t)
	const weak = "$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$" // of handlerstest.Password, completed below
	stored := weakHash(t, weak)
	setPassword := func(hash string) {
		t.Helper()
		handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
			p, err := tx.LockProfile(t.Context(), id, 0)
			if err != nil {
				return err
			}
			p.Password = hash
			return tx.UpdateProfile(t.Context(), p)
		}))
	}
	setPassword(stored)
	g.Call("user/login", "", login("wrong one", "")).Want(t, 103, wrongLogin)
	if p, err := g.DB.Profile(t.Context(), id); err != nil || p.Password != stored {
		t.Errorf("a wrong password renews the hash: %s, %v", p.Password, err)
	}
	g.OK("user/login", "", login(handlerstest.Password, ""))
	p, err := g.DB.Profile(t.Context(), id)
	if err != nil || !strings.HasPrefix(p.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %s, %v", p.Password, err)
	}
	g.OK("user/login", "", login(handlerstest.Password, ""))
}
