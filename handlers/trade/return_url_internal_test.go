package trade

import (
	"net/url"
	"strings"
	"testing"
)

var allowedHosts = []string{"shop.example", "*.campus.example"}

// A browser returns to the hosts that are allowed and to the gateway's own, by https or on
// the loopback, and nowhere else however the URL is written.
func TestReturnURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"":                                       true,
		"https://shop.example":                   true,
		"https://SHOP.example/paid?a=b#c":        true,
		"https://shop.example:8443/":             true,
		"https://www.campus.example/":            true,
		"https://a.b.campus.example/":            true,
		"https://gate.example:444/":              true, // the request's own
		"https://shop.example/支付":                true,
		"http://shop.example/":                   false,
		"https://campus.example/":                false,
		"https://evilcampus.example/":            false,
		"https://shop.example.evil.org/":         false,
		"https://shop.example./":                 false,
		"https://evil.org/":                      false,
		"https://evil.org/?https://shop.example": false,
		"https://shop.example@evil.org/":         false,
		"https://a:b@shop.example/":              false,
		"https://@shop.example/":                 false,
		`https://evil.org\@shop.example/`:        false,
		`https:\\shop.example/`:                  false,
		`https://shop.example\.evil.org/`:        false,
		"https:///shop.example":                  false,
		"https:shop.example":                     false,
		"//shop.example/":                        false,
		"/paid":                                  false,
		"shop.example":                           false,
		"javascript:alert(1)":                    false,
		"javascript://shop.example/%0aalert()":   false,
		"ftp://shop.example/":                    false,
		"https://shop.example/a b":               false,
		"https://shop.example/\u3000":            false,
		"https://shop.example/\r\nSet-Cookie:a":  false,
		"https://shop.example/\x7f":              false,
		" https://shop.example/":                 false,
		"https://shop.example:port/":             false,
		"https://127.0.0.1/":                     false,
	} {
		if got := mayReturn(text, "gate.example:444", allowedHosts); text != "" && got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
		if err := checkReturnURL(text, "gate.example:444", allowedHosts); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, own := range []string{"127.0.0.1:4081", "localhost:4081", "[::1]:4081", "127.0.0.1"} {
		text := "http://" + own + "/paid"
		if !mayReturn(text, own, nil) || !mayReturn(strings.Replace(text, "4081", "3000", 1), own, nil) {
			t.Errorf("%s is the request's own", text)
		}
		if mayReturn("http://127.0.0.2/", own, nil) || mayReturn("http://evil.org/", own, nil) {
			t.Errorf("not of %s", own)
		}
	}
	if mayReturn("http://evil.org/", "evil.org", nil) || mayReturn("https://x/", "", nil) {
		t.Error("http or no own host")
	}
}

// What is let pass is on one of the hosts as browsers read it too.
func FuzzReturnURL(f *testing.F) {
	for _, text := range []string{
		"https://shop.example/a?b#c", "https://a@shop.example", `https://shop.example\@evil.org`, "http://127.0.0.1:1/", "https://[::1]/", "https://shop.example:443\u3000",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !mayReturn(text, "127.0.0.1:4081", allowedHosts) {
			return
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		host := strings.ToLower(u.Hostname())
		if host != "shop.example" && host != "127.0.0.1" && !strings.HasSuffix(host, ".campus.example") {
			t.Errorf("%q leads to %s", text, host)
		}
		if strings.ContainsAny(text, "\r\n\t \\") || strings.Contains(u.Host, "@") {
			t.Errorf("%q is read in two ways", text)
		}
	})
}
