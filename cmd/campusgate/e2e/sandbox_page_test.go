package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// A person pays on the sandbox's page, in either language and on every screen, and comes
// back to another origin, as the page's policy lets only this payment.
func TestSandboxPage(t *testing.T) {
	t.Parallel()
	for _, words := range []struct {
		chromium                            *browser
		sign, pay, fail, others, late, back string
	}{
		{english, "no money moves", "Pay", "Fail", "Other ways", "Pay, and notify after the end", "Back"},
		{chinese, "不动用真钱", "付款", "付款失败", "其他情形", "付款，结束后才通知", "返回"},
	} {
		for _, s := range screens {
			t.Run(words.chromium.language+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				arrived := make(chan struct{}, 1)
				shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
					if referer := request.Referer(); referer != "" {
						t.Errorf("the shop hears of %s", referer)
					}
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					_, _ = w.Write([]byte(`<link rel="icon" href="data:,"><p>the shop</p>`))
					arrived <- struct{}{}
				}))
				t.Cleanup(shop.Close)
				atShop := func() {
					t.Helper()
					select {
					case <-arrived:
					case <-time.After(campusgatetest.Patience):
						t.Fatal("the browser does not come back to the shop")
					}
				}
				r := consoleServer(t)
				buyer := r.DemoToken(t, campusgatetest.DemoBuyer)
				recharge := func(amount string) (payURL string) {
					return r.Call(t, "/wallet?token="+buyer, "wallet/recharge",
						`{"amount":`+amount+`,"method":"sandbox","return_url":"`+shop.URL+`/paid"}`).Field("pay_url")
				}
				payURL := recharge("12.34")
				p := words.chromium.open(t, s, payURL)
				p.see(words.sign)
				p.see("12.34")
				p.fits()
				p.shoot("open")
				p.press(words.others)
				p.see(words.late)
				p.fits()
				p.shoot("others")
				p.pressAt(result("paid", words.pay))
				atShop()
				if balance := r.Call(t, "/wallet?token="+buyer, "wallet/info", `{}`).Field("balance"); balance != "1012.34" {
					t.Errorf("the wallet has %s", balance)
				}
				p = words.chromium.open(t, s, payURL)
				p.see(words.back)
				p.fits()
				p.shoot("paid")
				p.press(words.back)
				atShop()
				p = words.chromium.open(t, s, recharge("1"))
				p.pressAt(result("failed", words.fail))
				atShop()
				if balance := r.Call(t, "/wallet?token="+buyer, "wallet/info", `{}`).Field("balance"); balance != "1012.34" {
					t.Errorf("the wallet has %s", balance)
				}
			})
		}
	}
}

// result finds the button of a result, by its text.
func result(value, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("button[value=%s]")].find((b) => b.innerText === %q)`, value, text)
}
