package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// own has replicas keep accounts themselves.
func own(environ []string) []string {
	return append(environ, "CAMPUSGATE_ACCOUNTS_OWN=true", "CAMPUSGATE_ACCOUNTS_SECRET="+strings.Repeat("0123456789abcdef", 4))
}

// account posts a call of user that needs no token.
func account(t *testing.T, b *campusgatetest.Process, subtype, data string) campusgatetest.Reply {
	t.Helper()
	return campusgatetest.Request(t, http.MethodPost, b.URL("/account"), campusgatetest.Envelope("user/"+subtype, data), "X-Real-IP", "198.51.100.7")
}

// What one replica has registered, the other one knows: an account and its tokens, until
// they end; codes, and how often they were guessed; and failures of a login.
func TestReplicasShareAccounts(t *testing.T) {
	t.Parallel()
	const phone, other = "13700000000", "13700000001"
	replicas := startTwo(t, own(campusgatetest.Shared(t)))
	one, two := replicas[0], replicas[1]
	register := func(b *campusgatetest.Process, phone, hash, name string) campusgatetest.Reply {
		return account(t, b, "register", `{"phone":"`+phone+`","sms_hash":"`+hash+`","password":"correct horse","user_name":"`+name+`"}`)
	}
	status := func(b *campusgatetest.Process, token string) int {
		t.Helper()
		return campusgatetest.Request(t, http.MethodPost, b.URL("/user?token="+token), campusgatetest.Envelope("user/info", `{}`)).Status
	}
	registered := register(two, phone, one.SMSHash(t, phone), "码三秃")
	first := registered.Field("token")
	if got := [2]int{status(one, first), status(two, first)}; got != [2]int{} {
		t.Fatalf("the token of %s is %v", registered.Raw, got)
	}

	login := `{"phone":"` + phone + `","password":"correct horse"}`
	second := account(t, one, "login", login).Field("token")
	two.Call(t, "/user?token="+second, "user/password", `{"old":"correct horse","new":"battery staple"}`)
	if got := [2]int{status(one, first), status(one, second)}; got != [2]int{-101, 0} {
		t.Errorf("after a new password the tokens are %v", got)
	}
	one.Call(t, "/user?token="+second, "user/logout", `{"all":true}`)
	if got := status(two, second); got != -101 {
		t.Errorf("after a logout the token is %d", got)
	}
	// Failures count over both: those below are the first three, and then 104.
	for i, want := range []int{103, 103, 103, 104, 104} {
		if got := account(t, replicas[i%2], "login", login); got.Status != want {
			t.Errorf("login %d: %s, want %d", i+1, got.Raw, want)
		}
	}
	hash := one.SMSHash(t, other)
	for i := range 5 {
		if got := register(replicas[i%2], other, fmt.Sprintf("%032d", i), "other"); got.Status != 102 {
			t.Errorf("guess %d: %s", i+1, got.Raw)
		}
	}
	if got := register(two, other, hash, "other"); got.Status != 102 {
		t.Errorf("a code that has ended: %s", got.Raw)
	}
}
