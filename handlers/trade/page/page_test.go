package page_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"campusgate/dispatch"
	"campusgate/handlers/trade/page"
)

func header(a dispatch.PlainAnswer, name string) string {
	for _, h := range a.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// What is not the page's own stays text, whatever it is.
func TestEscaped(t *testing.T) {
	t.Parallel()
	p := page.New(page.English, page.Text{"收银台", "Cashier"}, "")
	p.Printf(`<p title="%s">%s %s %d</p>`, `"><script>`, page.Text{"<b>是</b>", "<b>yes</b>"}, page.HTML("<i>"), 7)
	body := string(p.Answer(200, "").Body)
	for _, want := range []string{`<html lang="en">`, "<title>Cashier</title>", `<p title="&#34;&gt;&lt;script&gt;"><b>yes</b> <i> 7</p>`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(body, "<script>") {
		t.Error("it has a script")
	}
}

// A browser runs the page's own style and script, by their hashes, and nothing else.
func TestPolicy(t *testing.T) {
	t.Parallel()
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	for _, p := range []struct{ script, redirectsTo, want string }{
		{"", "", "default-src 'none'; style-src STYLE; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"},
		{
			"alert(1)", "https://shop.example:8443/paid?a=1",
			"default-src 'none'; style-src STYLE; img-src data:; script-src " + hash("alert(1)") + "; connect-src 'self'; " +
				"base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://shop.example:8443",
		},
		{"", "https://a;script-src *", "default-src 'none'; style-src STYLE; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"},
		{"", "/cashier/1", "default-src 'none'; style-src STYLE; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"},
	} {
		answer := page.New(page.Chinese, page.Text{}, p.script).Answer(200, p.redirectsTo)
		style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindSubmatch(answer.Body)
		want := strings.ReplaceAll(p.want, "STYLE", hash(string(style[1])))
		if got := header(answer, "Content-Security-Policy"); got != want {
			t.Errorf("%q, %q: %s\nwant %s", p.script, p.redirectsTo, got, want)
		}
		if answer.CacheControl != "no-store" || header(answer, "Referrer-Policy") != "no-referrer" {
			t.Errorf("%+v", answer.Headers)
		}
	}
}
