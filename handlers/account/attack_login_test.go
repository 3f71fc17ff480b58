package account_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// Five wrong guesses end the codes of a phone, in whichever calls and from whichever
// addresses they are made; a code that is sent later works.
func TestAttackSMSCodes(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"user/register": `{"phone":"%s","sms_hash":"%s","password":"battery staple","user_name":"other"}`,
		"user/login":    `{"phone":"%s","sms_hash":"%s"}`,
		"user/reset":    `{"phone":"%s","sms_hash":"%s","password":"battery staple"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, _, _ := registered(t)
			hash := g.SMSHash(phone)
			calls := []string{"user/register", "user/login", "user/reset"}
			counts := handlerstest.Count(handlerstest.Together(60, func(i int) handlerstest.Answer {
				wrong := fmt.Sprintf(`{"phone":"%s","sms_hash":"%032x","password":"battery staple","user_name":"other"}`, phone, i)
				return g.CallFrom(fmt.Sprintf("198.51.100.%d", i), calls[i%len(calls)], wrong)
			}))
			if counts["102 "+wrongCode] != 60 {
				t.Errorf("wrong codes: %v", counts)
			}
			g.CallFrom("203.0.113.9", name, fmt.Sprintf(data, phone, hash)).Want(t, 102, wrongCode)
			g.Clock.Advance(31 * time.Second)
			want, text := 0, "successful"
			if name == "user/register" {
				want, text = 100, phoneRegistered
			}
			g.CallFrom("203.0.113.9", name, fmt.Sprintf(data, phone, g.SMSHash(phone))).Want(t, want, text)
		})
	}
}

// Who finds a code by the calls that know no phone, which no phone's guesses bound, lets
// nobody in by it.
func TestAttackSMSCodesByTheirHash(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"img/validate", "sms/validate"} {
		g, _, _ := registered(t)
		hash := g.SMSHash(phone)
		g.CallFrom("198.51.100.7", call, `{"hash":"`+hash+`"}`).Want(t, 0, "successful")
		g.Call("user/login", "", `{"phone":"`+phone+`","sms_hash":"`+hash+`"}`).Want(t, 102, wrongCode)
		g.Call("user/reset", "", `{"phone":"`+phone+`","sms_hash":"`+hash+`","password":"battery staple"}`).Want(t, 102, wrongCode)
	}
}

// TestAttackLoginTiming: how long a login takes does not tell whether there is such an
// account. 2,000 logins of each kind follow each other by chance, as every second hash
// leaves more work to the collector; their medians differ by less than a quarter of what
// the times of one kind do among themselves.
func TestAttackLoginTiming(t *testing.T) {
	if !handlerstest.Torture() {
		t.Skip("takes minutes: make torture")
	}
	g, _, _ := registered(t)
	var times [2][]time.Duration
	for range 2000 {
		for _, i := range rand.Perm(2) {
			who := []string{phone, "13700007011"}[i]
			began := time.Now()
			g.Call("user/login", "", `{"phone":"`+who+`","password":"wrong one"}`).Want(t, 103, wrongLogin)
			times[i] = append(times[i], time.Since(began))
		}
		g.Clock.Advance(15 * time.Minute)
	}
	var median, spread [2]time.Duration
	for i := range times {
		slices.Sort(times[i])
		median[i], spread[i] = times[i][1000], times[i][1500]-times[i][500]
	}
	t.Logf("known %s ± %s, unknown %s ± %s", median[0], spread[0], median[1], spread[1])
	if difference := (median[0] - median[1]).Abs(); difference > min(spread[0], spread[1])/4 {
		t.Errorf("the medians differ by %s", difference)
	}
}
