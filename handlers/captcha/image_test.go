package captcha_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/captcha"
	"campusgate/handlers/handlerstest"
	"campusgate/handlers/wire"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

const mismatch = "验证码hash值不匹配"

// hashData is {"hash": hash} with more fields behind it.
func hashData(hash string, more ...string) string {
	return `{"hash":"` + hash + `"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

func TestCaptchaGenerate(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	a := g.OK("img/generate", "", `{}`)
	form := regexp.MustCompile(`^\{"id":1,"status":0,"message":"successful",` +
		`"data":\{"imgdata":"iVBOR[A-Za-z0-9+/]+={0,2}","rand":"[A-Za-z0-9]{5}"\}\}$`)
	if !form.MatchString(a.Raw) {
		t.Errorf("answered %s", a.Raw)
	}
	imgdata, err := base64.StdEncoding.DecodeString(a.Field("imgdata"))
	handlerstest.Must(t, err)
	picture, err := png.Decode(bytes.NewReader(imgdata))
	handlerstest.Must(t, err)
	if size := picture.Bounds().Size(); size.X != 120 || size.Y != 30 {
		t.Errorf("a picture of %v, want 120 × 30", size)
	}

	code, _ := g.Captcha()
	if !regexp.MustCompile(`^[2-9A-HJKMNP-Z]{5}$`).MatchString(code) {
		t.Errorf("code %q: want 5 letters or digits that nobody confuses", code)
	}
}

func TestCaptchaCodeStaysInside(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	a := g.OK("img/generate", "", `{}`)
	_, line, _ := strings.Cut(g.Log.String(), "captcha rand="+a.Field("rand")+" code=")
	imgdata, err := base64.StdEncoding.DecodeString(a.Field("imgdata"))
	handlerstest.Must(t, err)
	rest := strings.ReplaceAll(a.Raw, a.Field("imgdata"), "")
	if code := line[:5]; strings.Contains(strings.ToUpper(rest), code) || bytes.Contains(imgdata, []byte(code)) {
		t.Errorf("the code %s is in the answer %s", code, rest)
	}

	g = handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Captcha.LogCodes = false })
	if salt := g.OK("img/generate", "", `{}`).Field("rand"); strings.Contains(g.Log.String(), salt) {
		t.Errorf("captcha.log_codes is off: %s", g.Log)
	}
}

func TestCaptchaValidate(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	code, salt := g.Captcha()
	hash := handlerstest.MD5(strings.ToLower(code) + salt)
	for _, test := range []struct{ name, data string }{
		{"as the page sends it", hashData(hash)},
		{"again: it is not consumed", hashData(hash)},
		{"in capitals", hashData(strings.ToUpper(hash))},
		{"consume false", hashData(hash, `"consume":false`)},
		{"consume null", hashData(hash, `"consume":null`)},
		{"a key that it does not know", hashData(hash, `"code":"CST43"`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			g.Call("img/validate", "", test.data).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{}}`)
		})
	}
	for _, test := range []denial{
		{"absent", `{}`, -3, "Error data key", "hash"},
		{"null", `{"hash":null}`, -3, "Error data key", "hash"},
		{"absent, and a consume of the wrong type", `{"consume":1}`, -3, "Error data key", "hash"},
		{"empty", `{"hash":""}`, -201, "Necessary key-value can't be empty", "hash"},
		{"number", `{"hash":123456}`, -203, "Arg's value type error", "hash"},
		{"boolean", `{"hash":true}`, -203, "Arg's value type error", "hash"},
		{"object", `{"hash":{}}`, -203, "Arg's value type error", "hash"},
		{"NUL", `{"hash":"a\u0000b"}`, -204, "Arg's value error", "hash"},
		{"the document's example", `{"hash":"asddwfw……"}`, -1, mismatch, "hash"},
		{"blank", `{"hash":" "}`, -1, mismatch, "hash"},
		{"nothing is trimmed", hashData(hash + " "), -1, mismatch, "hash"},
		{"the code in capitals", hashData(handlerstest.MD5(code + salt)), -1, mismatch, "hash"},
		{"the code itself", hashData(code), -1, mismatch, "hash"},
		{"consume 1", hashData(hash, `"consume":1`), -203, "Arg's value type error", "consume"},
		{"consume as text", hashData(hash, `"consume":"true"`), -203, "Arg's value type error", "consume"},
		{"consume empty", hashData(hash, `"consume":""`), -203, "Arg's value type error", "consume"},
		{"consume list", hashData(hash, `"consume":[]`), -203, "Arg's value type error", "consume"},
	} {
		t.Run(test.name, func(t *testing.T) { test.check(t, g.Call("img/validate", "", test.data)) })
	}
	g.OK("img/validate", "", hashData(hash)) // none of these has touched it
}

func TestCaptchaConsumedOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	hash := g.CaptchaHash()
	got := handlerstest.Count(handlerstest.Together(16, func(int) handlerstest.Answer { return g.Call("img/validate", "", hashData(hash, `"consume":true`)) }))
	if diff := cmp.Diff(map[string]int{"0 successful": 1, "-1 " + mismatch: 15}, got); diff != "" {
		t.Error(diff)
	}
	g.Call("img/validate", "", hashData(hash)).Want(t, -1, mismatch)
}

func TestCaptchaLifetime(t *testing.T) {
	t.Parallel()
	every100 := []int{100, 200, 300, 400, 500, 600, 700, 800}
	for _, test := range []struct {
		name      string
		validated []int // ages in seconds
		age       int
		status    int
	}{
		{"180 s, up to the last", nil, 179, 0},
		{"180 s and no more", nil, 180, -1},
		{"renewed", []int{179}, 179 + 179, 0},
		{"renewed by 180 s", []int{179}, 179 + 180, -1},
		{"renewed to 15 minutes", every100, 899, 0},
		{"15 minutes and no more", append(every100, 899), 900, -1},
	} {
		// Each success of img/validate renews, and each sms/generate whose hash was
		// right, even where the phone is not.
		for call, data := range map[string]string{
			"img/validate": `{"hash":"%s"}`, "sms/generate": `{"hash":"%s","phone":"110"}`,
		} {
			t.Run(test.name+" by "+call, func(t *testing.T) {
				t.Parallel()
				g := handlerstest.Start(t)
				hash, age := g.CaptchaHash(), 0
				for _, at := range test.validated {
					g.Clock.Advance(time.Duration(at-age) * time.Second)
					age = at
					if a := g.Call(call, "", fmt.Sprintf(data, hash)); a.Status != 0 && a.Status != 1016 {
						t.Fatalf("at %d s: %s", at, a.Raw)
					}
				}
				g.Clock.Advance(time.Duration(test.age-age) * time.Second)
				if a := g.Call("img/validate", "", hashData(hash)); a.Status != test.status {
					t.Errorf("at %d s: %s", test.age, a.Raw)
				}
			})
		}
	}
}

func TestCaptchaGuesses(t *testing.T) {
	t.Parallel()
	const client, other = "10.0.0.7", "10.0.0.8"
	wrong := func(g *handlerstest.Gateway, times int, call string) {
		g.T.Helper()
		for range times {
			if a := g.CallFrom(client, call, `{"hash":"wrong","phone":"13700000000"}`); a.Status != -1 && a.Status != -4 {
				g.T.Fatalf("%s: %s", call, a.Raw)
			}
		}
	}
	t.Run("the 31st is not looked at", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t)
		hash := g.CaptchaHash()
		wrong(g, 30, "img/validate")
		a := g.CallFrom(client, "img/validate", hashData(hash, `"consume":true`)).Want(t, -1, mismatch)
		if a.HTTP != http.StatusOK {
			t.Errorf("HTTP %d", a.HTTP)
		}
		g.CallFrom(client, "sms/generate", hashData(hash, `"phone":"13700000000"`)).Want(t, -4, "Error Hash")
		g.CallFrom(client, "sms/validate", hashData(hash)).Want(t, -4, "Error Hash")
		g.CallFrom(other, "img/validate", hashData(hash)).Want(t, 0, "successful")
		g.Clock.Advance(time.Minute)
		g.CallFrom(client, "img/validate", hashData(hash)).Want(t, 0, "successful")
	})
	for _, call := range []string{"img/validate", "sms/generate", "sms/validate"} {
		t.Run(call+" counts", func(t *testing.T) {
			t.Parallel()
			g := handlerstest.Start(t)
			hash := g.CaptchaHash()
			wrong(g, 29, "img/validate")
			g.CallFrom(client, "img/validate", hashData(hash)).Want(t, 0, "successful")
			wrong(g, 1, call)
			g.CallFrom(client, "img/validate", hashData(hash)).Want(t, -1, mismatch)
		})
	}
	t.Run("right guesses cost nothing", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t)
		hash := g.CaptchaHash()
		wrong(g, 29, "img/validate")
		for range 40 {
			g.CallFrom(client, "img/validate", hashData(hash)).Want(t, 0, "successful")
		}
	})
	t.Run("neither do calls that guess nothing", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t)
		for range 40 {
			g.CallFrom(client, "img/validate", `{"hash":""}`).Want(t, -201, "Necessary key-value can't be empty")
		}
		g.CallFrom(client, "img/validate", hashData(g.CaptchaHash())).Want(t, 0, "successful")
	})
	t.Run("trusted callers are exempt", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t, func(o *handlerstest.Options) {
			o.Server.TrustedCallers = []netip.Prefix{netip.MustParsePrefix(client + "/32")}
		})
		wrong(g, 31, "img/validate")
		g.CallFrom(client, "img/validate", hashData(g.CaptchaHash())).Want(t, 0, "successful")
	})
	t.Run("0 is off", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.GuessesPerMinute = 0 })
		wrong(g, 31, "img/validate")
		g.CallFrom(client, "img/validate", hashData(g.CaptchaHash())).Want(t, 0, "successful")
	})
}

var errStoreDown = errors.New("dial tcp 10.1.2.3:6379: connection refused")

// failingCaptchas fail in the named method and keep hashes in the others.
type failingCaptchas struct {
	captcha.Store
	failing string
}

func (f *failingCaptchas) Add(ctx context.Context, hash string, code captchas.Code) error {
	if f.failing == "Add" {
		return errStoreDown
	}
	return f.Store.Add(ctx, hash, code)
}

func (f *failingCaptchas) Check(ctx context.Context, query captchas.Query) (bool, error) {
	if f.failing == "Check" {
		return false, errStoreDown
	}
	return f.Store.Check(ctx, query)
}

func (f *failingCaptchas) Reserve(ctx context.Context, hash, phone string) (bool, error) {
	if f.failing == "Reserve" {
		return false, errStoreDown
	}
	return f.Store.Reserve(ctx, hash, phone)
}

// failingLimiter fails to count what begins with failing.
type failingLimiter struct {
	wire.Limiter
	failing string
}

func (f *failingLimiter) Take(ctx context.Context, key string, windows []limits.Window) (int, time.Duration, error) {
	if f.failing != "" && strings.HasPrefix(key, f.failing) {
		return 0, 0, errStoreDown
	}
	return f.Limiter.Take(ctx, key, windows)
}

func TestCaptchaStoreFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ call, store, limiter string }{
		{"img/generate", "Add", ""},
		{"img/validate", "Check", ""},
		{"img/validate", "", "guess:"},
		{"sms/generate", "Check", ""},
		{"sms/generate", "Reserve", ""},
		{"sms/generate", "Add", ""},
		{"sms/generate", "", "guess:"},
		{"sms/generate", "", "sms:"},
		{"sms/validate", "Check", ""},
	} {
		t.Run(test.call+" "+test.store+test.limiter, func(t *testing.T) {
			t.Parallel()
			var store *failingCaptchas
			var limiter *failingLimiter
			g := handlerstest.Start(t, func(o *handlerstest.Options) {
				store, limiter = &failingCaptchas{Store: o.Captchas}, &failingLimiter{Limiter: o.Limiter}
				o.Captchas, o.Limiter = store, limiter
			})
			hash := g.CaptchaHash()
			store.failing, limiter.failing = test.store, test.limiter
			g.Call(test.call, "", hashData(hash, `"phone":"13700000000"`)).
				WantRaw(t, `{"id":1,"status":-404,"message":"Unknown Error","data":{}}`)
			if !strings.Contains(g.Log.String(), errStoreDown.Error()) {
				t.Error("the cause is not in the log")
			}
		})
	}
	t.Run("a failed look is no failed guess", func(t *testing.T) {
		t.Parallel()
		var store *failingCaptchas
		g := handlerstest.Start(t, func(o *handlerstest.Options) {
			store = &failingCaptchas{Store: o.Captchas}
			o.Captchas = store
		})
		hash := g.CaptchaHash()
		store.failing = "Check"
		for range 31 {
			g.Call("img/validate", "", hashData(hash)).Want(t, -404, "Unknown Error")
		}
		store.failing = ""
		g.OK("img/validate", "", hashData(hash))
	})
}
