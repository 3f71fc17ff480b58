package handlers_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/captcha"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// Whoever lacks what a call needs, or does not send what it needs, is told so, whatever the
// rest is, and nothing changes.
func TestNeedsOfEveryCall(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, user := range []string{alice, handlerstest.Admin} {
		g.SetProfile(user, func(p *storage.Profile) { p.State = storage.ProfileFrozen })
	}
	for _, e := range handlerstest.Calls() {
		if e.Kind != dispatch.EnvelopeEndpoint {
			continue
		}
		token, example := handlerstest.TokenFor(e.Name()), cmp.Or(e.Reference.Example, `{}`)
		if slices.ContainsFunc(e.Fields, func(f dispatch.Field) bool { return f.Required && f.When == "" }) {
			missing := e.Statuses()[0]
			if a := g.Refuses(e.Name(), token, `{}`, missing.Number, missing.Text); !strings.HasSuffix(a.Detail, ": missing") {
				t.Errorf("%s: %s", e.Name(), a.Raw)
			}
		}
		if e.Need.Role != "" {
			g.Refuses(e.Name(), bobToken, example, dispatch.NoPermission.Number, dispatch.NoPermission.Text)
		}
		if e.Need.Active {
			g.Refuses(e.Name(), token, example, dispatch.AccountFrozen.Number, dispatch.AccountFrozen.Text)
		}
	}
}

// Every call that may be sent again has its effect once: another one with its key is told
// to retry while the first runs, and refused afterwards.
func TestOnceOfEveryCall(t *testing.T) {
	t.Parallel()
	for _, e := range handlerstest.Calls() {
		if e.Need.Once == 0 {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			var codes captcha.Store
			g := handlerstest.Start(t, func(o *handlerstest.Options) {
				o.Server.WriteTimeout, codes = 3*time.Second, o.Captchas // it ends the second call's wait
			})
			g.Document()
			if strings.HasPrefix(e.Name(), "product/") {
				g.SecondHand()
			}
			example := exampleData(t, json.RawMessage(`{"data":`+e.Reference.Example+`}`))
			token, user := aliceToken, alice
			if e.Need.Role != "" {
				token, user = handlerstest.AdminToken, handlerstest.Admin
			}
			r := rehearse(g, codes, e.Name())
			keyed := func(key string) string {
				return r.ready(e.Name(), example).With("request_key", handlerstest.Quoted(key)).String()
			}
			data := keyed("taken-by-another")
			first := storage.RequestKey{UserID: user, Call: e.Name(), Key: "taken-by-another"}
			handlerstest.Must(t, g.DB.Within(time.Minute).InTx(t.Context(), func(tx *storage.Tx) error {
				if err := tx.TakeRequestKey(t.Context(), first, []byte("other data"), g.Clock.Now().Add(time.Hour).Unix()); err != nil {
					return err
				}
				g.Post(e.Path.Pattern, token, handlerstest.Envelope(e.Name(), data)).Want(t, dispatch.StateChanged.Number, dispatch.StateChanged.Text)
				return nil
			}))
			g.Refuses(e.Name(), token, data, dispatch.RepeatedRequest.Number, dispatch.RepeatedRequest.Text)

			data = keyed("of-our-own")
			answer, after := g.OK(e.Name(), token, data), g.Stored()
			if again := g.OK(e.Name(), token, data); again.Raw != answer.Raw || g.Stored() != after {
				t.Errorf("the first time %s, then %s", answer.Raw, again.Raw)
			}
		})
	}
}
