package captcha_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/handlers/captcha"
	"campusgate/handlers/handlerstest"
	"campusgate/storage/captchas"
)

// wrongHash is a guess, another one each time.
func wrongHash() string {
	guess := make([]byte, 16)
	_, _ = rand.Read(guess) // never fails
	return hex.EncodeToString(guess)
}

// hashCalls are the calls that take a hash, with the status of a wrong one.
var hashCalls = []struct {
	call   string
	status int
	more   string
}{
	{"img/validate", -1, `"consume":false`},
	{"img/validate", -1, `"consume":true`},
	{"sms/generate", -4, `"phone":"13700000000"`},
	{"sms/validate", -4, `"consume":false`},
	{"sms/validate", -4, `"phone":"13700000000","consume":true`},
}

// right reports whether a hash was taken, whatever else was wrong.
func right(a handlerstest.Answer) bool { return a.Status == 0 || a.Status >= 1000 }

// TestAttackGuesses: an address has 30 failed guesses a minute over all calls that
// take a hash, spread over them in turn or all at once, and then not even the right
// hash is looked at. Guesses are spread over time, and over an IPv6 network too.
func TestAttackGuesses(t *testing.T) {
	t.Parallel()
	guesses := 0
	for name, address := range map[string]func(i int) string{
		"one address":            func(int) string { return "198.51.100.7" },
		"an IPv6 network":        func(i int) string { return fmt.Sprintf("2001:db8:1:2:%x::%x", i, i) },
		"an address in two ways": func(i int) string { return []string{"198.51.100.7", "::ffff:198.51.100.7"}[i%2] },
	} {
		for _, form := range []string{"in turn", "at once"} {
			t.Run(name+" "+form, func(t *testing.T) {
				g := handlerstest.Start(t)
				hash := g.CaptchaHash()
				guess := func(i int) handlerstest.Answer {
					one := hashCalls[i%len(hashCalls)]
					a := g.CallFrom(address(i), one.call, hashData(wrongHash(), one.more))
					if a.Status != one.status || a.HTTP != http.StatusOK {
						t.Errorf("%s: %s", one.call, a.Raw)
					}
					return a
				}
				if form == "in turn" {
					for i := range 30 {
						guess(i)
					}
				} else {
					handlerstest.Together(30, guess)
				}
				guesses += 30
				for i, one := range hashCalls {
					for _, tried := range []string{hash, strings.ToUpper(hash)} {
						if a := g.CallFrom(address(i), one.call, hashData(tried, one.more)); right(a) {
							t.Errorf("guess %d is looked at by %s: %s", 31+i, one.call, a.Raw)
						}
					}
				}
				// A sliding minute: half of it gives nothing back.
				g.Clock.Advance(59 * time.Second)
				if a := g.CallFrom(address(0), "img/validate", hashData(hash)); right(a) {
					t.Errorf("after 59 s: %s", a.Raw)
				}
				g.CallFrom("203.0.113.9", "img/validate", hashData(hash)).Want(t, 0, "successful")
			})
		}
	}
	t.Run("at once, no more are looked at than the limit lets", func(t *testing.T) {
		var store *countingCaptchas
		g := handlerstest.Start(t, func(o *handlerstest.Options) {
			store = &countingCaptchas{Store: o.Captchas}
			o.Captchas = store
		})
		handlerstest.Together(90, func(i int) handlerstest.Answer {
			one := hashCalls[i%len(hashCalls)]
			return g.CallFrom("198.51.100.7", one.call, hashData(wrongHash(), one.more))
		})
		guesses += 90
		if looked := store.looked.Load(); looked != 30 {
			t.Errorf("%d guesses of 90 are looked at, want 30", looked)
		}
	})
	t.Logf("%d guesses", guesses)
}

// countingCaptchas counts the looks at hashes.
type countingCaptchas struct {
	captcha.Store
	looked atomic.Int64
}

func (c *countingCaptchas) Check(ctx context.Context, query captchas.Query) (bool, error) {
	c.looked.Add(1)
	return c.Store.Check(ctx, query)
}

// TestAttackReplay: a hash that was consumed is gone for every call, in every
// writing; and neither kind of hash does the other's work.
func TestAttackReplay(t *testing.T) {
	t.Parallel()
	replays := 0
	for _, test := range []struct{ name, kind, consumer string }{
		{"a picture's", "picture", "img/validate"},
		{"an SMS's by img", "sms", "img/validate"},
		{"an SMS's by sms", "sms", "sms/validate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.GuessesPerMinute = 0 })
			hash := g.CaptchaHash()
			if test.kind == "sms" {
				hash = smsHash(g, phone)
				g.Clock.Advance(31 * time.Second) // the phone's limit hides nothing
			}
			sent := sentSMS(g)
			g.OK(test.consumer, "", hashData(strings.ToUpper(hash), `"consume":true`))
			for _, one := range hashCalls {
				for _, writing := range []string{hash, strings.ToUpper(hash), strings.ToUpper(hash[:16]) + hash[16:], hash + " ", " " + hash, hash + "\u0301"} {
					replays++
					if a := g.Call(one.call, "", hashData(writing, one.more)); right(a) {
						t.Errorf("%s %q: %s", one.call, writing, a.Raw)
					}
				}
			}
			if sentSMS(g) != sent {
				t.Error("an SMS was sent for a consumed hash")
			}
		})
	}
	t.Run("the other kind's work", func(t *testing.T) {
		g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.GuessesPerMinute = 0 })
		picture, message := g.CaptchaHash(), smsHash(g, otherPhone)
		g.Clock.Advance(31 * time.Second)
		sent := sentSMS(g)
		for _, writing := range []func(string) string{strings.ToLower, strings.ToUpper} {
			replays += 3
			sendSMS(g, writing(message), otherPhone).Want(t, -4, "Error Hash")
			g.Call("sms/validate", "", hashData(writing(picture), `"consume":true`)).Want(t, -4, "Error Hash")
			g.Call("sms/validate", "", hashData(writing(message), `"phone":"`+phone+`","consume":true`)).Want(t, -4, "Error Hash")
		}
		if sentSMS(g) != sent {
			t.Error("an SMS was sent for an SMS's hash")
		}
		// None of it has used them up.
		g.OK("img/validate", "", hashData(picture, `"consume":true`))
		g.OK("sms/validate", "", hashData(message, `"consume":true`))
	})
	t.Run("consumed while it is used", func(t *testing.T) {
		g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.GuessesPerMinute = 0 })
		hash := g.CaptchaHash()
		consumed := 0
		for i, a := range handlerstest.Together(24, func(i int) handlerstest.Answer {
			if i%2 == 0 {
				return g.Call("img/validate", "", hashData(hash, `"consume":true`))
			}
			return sendSMS(g, hash, fmt.Sprintf("137000000%02d", i))
		}) {
			if i%2 == 0 && a.Status == 0 {
				consumed++
			}
		}
		if consumed != 1 || sentSMS(g) > 2 {
			t.Errorf("consumed %d times, %d SMS", consumed, sentSMS(g))
		}
	})
	t.Logf("%d replays", replays)
}
