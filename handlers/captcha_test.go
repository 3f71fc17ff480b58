package handlers_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
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

	"campusgate/handlers"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

const mismatch = "验证码hash值不匹配"

// md5Hex is the protocol's hash of a code and its rand, and a picture's name.
func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// captcha draws a captcha and reads its code in the log, as a person reads the
// picture.
func (g *gateway) captcha() (code, salt string) {
	g.t.Helper()
	salt = g.ok("img/generate", "", `{}`).field("rand")
	_, line, found := strings.Cut(g.log.String(), "captcha rand="+salt+" code=")
	if !found {
		g.t.Fatalf("no line of the captcha %q in the log", salt)
	}
	return line[:5], salt
}

// captchaHash is the hash of a fresh captcha.
func (g *gateway) captchaHash() string {
	g.t.Helper()
	code, salt := g.captcha()
	return md5Hex(strings.ToLower(code) + salt)
}

// callFrom is call from a client's address.
func (g *gateway) callFrom(address, call, data string) answer {
	g.t.Helper()
	return g.do(http.MethodPost, paths[call], envelope(call, data), "X-Real-IP", address)
}

// hashData is {"hash": hash} with more fields behind it.
func hashData(hash string, more ...string) string {
	return `{"hash":"` + hash + `"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

// denial is a row of a field table: data that a call refuses.
type denial struct {
	name, data string
	status     int
	message    string
	key        string // that the detail names
}

// want checks the whole answer: no data, and a detail that names the key and
// repeats no value.
func (d denial) want(t *testing.T, a answer) {
	t.Helper()
	a.want(t, d.status, d.message)
	envelope := fmt.Sprintf(`{"id":1,"status":%d,"message":"%s","data":{}`, d.status, d.message)
	if detail := `,"detail":"` + d.key + ": "; !strings.HasPrefix(a.Raw, envelope+detail) {
		t.Errorf("answered %s, want %s%s…", a.Raw, envelope, detail)
	}
	if a.HTTP != http.StatusOK {
		t.Errorf("HTTP %d", a.HTTP)
	}
	var sent map[string]any
	if err := json.Unmarshal([]byte(d.data), &sent); err != nil {
		t.Fatalf("the case's data: %v", err)
	}
	for key, value := range sent {
		if text := fmt.Sprint(value); len(text) > 3 && text != key && strings.Contains(a.Detail, text) {
			t.Errorf("the detail %q repeats what was sent as %s", a.Detail, key)
		}
	}
}

func TestCaptchaGenerate(t *testing.T) {
	g := start(t)
	a := g.ok("img/generate", "", `{}`)
	form := regexp.MustCompile(`^\{"id":1,"status":0,"message":"successful",` +
		`"data":\{"imgdata":"iVBOR[A-Za-z0-9+/]+={0,2}","rand":"[A-Za-z0-9]{5}"\}\}$`)
	if !form.MatchString(a.Raw) {
		t.Errorf("answered %s", a.Raw)
	}
	imgdata, err := base64.StdEncoding.DecodeString(a.field("imgdata"))
	must(t, err)
	picture, err := png.Decode(bytes.NewReader(imgdata))
	must(t, err)
	if size := picture.Bounds().Size(); size.X != 120 || size.Y != 30 {
		t.Errorf("a picture of %v, want 120 × 30", size)
	}

	code, _ := g.captcha()
	if !regexp.MustCompile(`^[2-9A-HJKMNP-Z]{5}$`).MatchString(code) {
		t.Errorf("code %q: want 5 letters or digits that nobody confuses", code)
	}
}

func TestCaptchaCodeStaysInside(t *testing.T) {
	g := start(t)
	a := g.ok("img/generate", "", `{}`)
	_, line, _ := strings.Cut(g.log.String(), "captcha rand="+a.field("rand")+" code=")
	imgdata, err := base64.StdEncoding.DecodeString(a.field("imgdata"))
	must(t, err)
	rest := strings.ReplaceAll(a.Raw, a.field("imgdata"), "")
	if code := line[:5]; strings.Contains(strings.ToUpper(rest), code) || bytes.Contains(imgdata, []byte(code)) {
		t.Errorf("the code %s is in the answer %s", code, rest)
	}

	g = start(t, func(o *options) { o.settings.LogCodes = false })
	if salt := g.ok("img/generate", "", `{}`).field("rand"); strings.Contains(g.log.String(), salt) {
		t.Errorf("captcha.log_codes is off: %s", g.log)
	}
}

func TestCaptchaValidate(t *testing.T) {
	g := start(t)
	code, salt := g.captcha()
	hash := md5Hex(strings.ToLower(code) + salt)
	for _, test := range []struct{ name, data string }{
		{"as the page sends it", hashData(hash)},
		{"again: it is not consumed", hashData(hash)},
		{"in capitals", hashData(strings.ToUpper(hash))},
		{"consume false", hashData(hash, `"consume":false`)},
		{"consume null", hashData(hash, `"consume":null`)},
		{"a key that it does not know", hashData(hash, `"code":"CST43"`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			g.call("img/validate", "", test.data).wantRaw(t, `{"id":1,"status":0,"message":"successful","data":{}}`)
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
		{"the code in capitals", hashData(md5Hex(code + salt)), -1, mismatch, "hash"},
		{"the code itself", hashData(code), -1, mismatch, "hash"},
		{"consume 1", hashData(hash, `"consume":1`), -203, "Arg's value type error", "consume"},
		{"consume as text", hashData(hash, `"consume":"true"`), -203, "Arg's value type error", "consume"},
		{"consume empty", hashData(hash, `"consume":""`), -203, "Arg's value type error", "consume"},
		{"consume list", hashData(hash, `"consume":[]`), -203, "Arg's value type error", "consume"},
	} {
		t.Run(test.name, func(t *testing.T) { test.want(t, g.call("img/validate", "", test.data)) })
	}
	g.ok("img/validate", "", hashData(hash)) // none of these has touched it
}

func TestCaptchaConsumedOnce(t *testing.T) {
	g := start(t)
	hash := g.captchaHash()
	got := count(together(16, func(int) answer { return g.call("img/validate", "", hashData(hash, `"consume":true`)) }))
	if diff := cmp.Diff(map[string]int{"0 successful": 1, "-1 " + mismatch: 15}, got); diff != "" {
		t.Error(diff)
	}
	g.call("img/validate", "", hashData(hash)).want(t, -1, mismatch)
}

func TestCaptchaLifetime(t *testing.T) {
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
				g := start(t)
				hash, age := g.captchaHash(), 0
				for _, at := range test.validated {
					g.clock.advance(time.Duration(at-age) * time.Second)
					age = at
					if a := g.call(call, "", fmt.Sprintf(data, hash)); a.Status != 0 && a.Status != 1016 {
						t.Fatalf("at %d s: %s", at, a.Raw)
					}
				}
				g.clock.advance(time.Duration(test.age-age) * time.Second)
				if a := g.call("img/validate", "", hashData(hash)); a.Status != test.status {
					t.Errorf("at %d s: %s", test.age, a.Raw)
				}
			})
		}
	}
}

func TestCaptchaGuesses(t *testing.T) {
	const client, other = "10.0.0.7", "10.0.0.8"
	wrong := func(g *gateway, times int, call string) {
		t.Helper()
		for range times {
			if a := g.callFrom(client, call, `{"hash":"wrong","phone":"13700000000"}`); a.Status != -1 && a.Status != -4 {
				t.Fatalf("%s: %s", call, a.Raw)
			}
		}
	}
	t.Run("the 31st is not looked at", func(t *testing.T) {
		g := start(t)
		hash := g.captchaHash()
		wrong(g, 30, "img/validate")
		a := g.callFrom(client, "img/validate", hashData(hash, `"consume":true`)).want(t, -1, mismatch)
		if a.HTTP != http.StatusOK {
			t.Errorf("HTTP %d", a.HTTP)
		}
		g.callFrom(client, "sms/generate", hashData(hash, `"phone":"13700000000"`)).want(t, -4, "Error Hash")
		g.callFrom(client, "sms/validate", hashData(hash)).want(t, -4, "Error Hash")
		g.callFrom(other, "img/validate", hashData(hash)).want(t, 0, "successful")
		g.clock.advance(time.Minute)
		g.callFrom(client, "img/validate", hashData(hash)).want(t, 0, "successful")
	})
	for _, call := range []string{"img/validate", "sms/generate", "sms/validate"} {
		t.Run(call+" counts", func(t *testing.T) {
			g := start(t)
			hash := g.captchaHash()
			wrong(g, 29, "img/validate")
			g.callFrom(client, "img/validate", hashData(hash)).want(t, 0, "successful")
			wrong(g, 1, call)
			g.callFrom(client, "img/validate", hashData(hash)).want(t, -1, mismatch)
		})
	}
	t.Run("right guesses cost nothing", func(t *testing.T) {
		g := start(t)
		hash := g.captchaHash()
		wrong(g, 29, "img/validate")
		for range 40 {
			g.callFrom(client, "img/validate", hashData(hash)).want(t, 0, "successful")
		}
	})
	t.Run("neither do calls that guess nothing", func(t *testing.T) {
		g := start(t)
		for range 40 {
			g.callFrom(client, "img/validate", `{"hash":""}`).want(t, -201, "Necessary key-value can't be empty")
		}
		g.callFrom(client, "img/validate", hashData(g.captchaHash())).want(t, 0, "successful")
	})
	t.Run("trusted callers are exempt", func(t *testing.T) {
		g := start(t, func(o *options) { o.server.TrustedCallers = []netip.Prefix{netip.MustParsePrefix(client + "/32")} })
		wrong(g, 31, "img/validate")
		g.callFrom(client, "img/validate", hashData(g.captchaHash())).want(t, 0, "successful")
	})
	t.Run("0 is off", func(t *testing.T) {
		g := start(t, func(o *options) { o.settings.GuessesPerMinute = 0 })
		wrong(g, 31, "img/validate")
		g.callFrom(client, "img/validate", hashData(g.captchaHash())).want(t, 0, "successful")
	})
}

var errStoreDown = errors.New("dial tcp 10.1.2.3:6379: connection refused")

// failingCaptchas fail in the named method and keep hashes in the others.
type failingCaptchas struct {
	handlers.Captchas
	failing string
}

func (f *failingCaptchas) Add(ctx context.Context, hash string, code captchas.Code) error {
	if f.failing == "Add" {
		return errStoreDown
	}
	return f.Captchas.Add(ctx, hash, code)
}

func (f *failingCaptchas) Check(ctx context.Context, query captchas.Query) (bool, error) {
	if f.failing == "Check" {
		return false, errStoreDown
	}
	return f.Captchas.Check(ctx, query)
}

func (f *failingCaptchas) Reserve(ctx context.Context, hash, phone string) (bool, error) {
	if f.failing == "Reserve" {
		return false, errStoreDown
	}
	return f.Captchas.Reserve(ctx, hash, phone)
}

// failingLimiter fails to count what begins with failing.
type failingLimiter struct {
	handlers.Limiter
	failing string
}

func (f *failingLimiter) Take(ctx context.Context, key string, windows []limits.Window) (int, time.Duration, error) {
	if f.failing != "" && strings.HasPrefix(key, f.failing) {
		return 0, 0, errStoreDown
	}
	return f.Limiter.Take(ctx, key, windows)
}

func TestCaptchaStoreFails(t *testing.T) {
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
			var store *failingCaptchas
			var limiter *failingLimiter
			g := start(t, func(o *options) {
				store, limiter = &failingCaptchas{Captchas: o.captchas}, &failingLimiter{Limiter: o.limiter}
				o.captchas, o.limiter = store, limiter
			})
			hash := g.captchaHash()
			store.failing, limiter.failing = test.store, test.limiter
			g.call(test.call, "", hashData(hash, `"phone":"13700000000"`)).
				wantRaw(t, `{"id":1,"status":-404,"message":"Unknown Error","data":{}}`)
			if !strings.Contains(g.log.String(), errStoreDown.Error()) {
				t.Error("the cause is not in the log")
			}
		})
	}
	t.Run("a failed look is no failed guess", func(t *testing.T) {
		var store *failingCaptchas
		g := start(t, func(o *options) {
			store = &failingCaptchas{Captchas: o.captchas}
			o.captchas = store
		})
		hash := g.captchaHash()
		store.failing = "Check"
		for range 31 {
			g.call("img/validate", "", hashData(hash)).want(t, -404, "Unknown Error")
		}
		store.failing = ""
		g.ok("img/validate", "", hashData(hash))
	})
}
