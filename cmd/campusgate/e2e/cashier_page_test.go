package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"campusgate/cmd/campusgate/campusgatetest"
)

// A person pays on the cashier's page, in either language and on every screen, comes back to
// it from the channel, and sees in another window that it is paid.
func TestCashierPage(t *testing.T) {
	t.Parallel()
	script := axe(t)
	for _, words := range []struct {
		chromium                                               *browser
		pay, method, goOn, failed, again, paid, ended, unheard string
	}{
		{english, "Pay 演示卖家", "Sandbox", "Go on and pay", "did not succeed", "How do you want to pay?", "Paid", "This link pays nothing", "cannot be reached"},
		{chinese, "付款给 演示卖家", "模拟支付", "去付款", "上一次付款没有成功", "选择付款方式", "付款成功", "这个付款链接不能用", "连接不上服务器"},
	} {
		for _, s := range screens {
			t.Run(words.chromium.language+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				r := consoleServer(t)
				place := "/wallet?token=" + r.DemoToken(t, campusgatetest.DemoBuyer)
				cashier := r.Call(t, place, "wallet/recharge", `{"amount":1234.5,"method":"sandbox"}`).Field("cashier_url")
				look := func(p *tab, name string) {
					t.Helper()
					p.do("axe", chromedp.Evaluate[chromedp.Void](script))
					p.accessible(name)
				}
				p := words.chromium.open(t, s, cashier)
				p.see("1234.50")
				look(p, "chosen")
				p.leave(fmt.Sprintf(control, words.goOn))
				p.leave(`document.querySelector("button[value=failed]")`)
				p.see(words.failed)
				look(p, "failed")
				p.see(words.again)
				p.leave(fmt.Sprintf(control, words.method))
				other := words.chromium.open(t, s, cashier)
				other.see(words.goOn)
				p.leave(fmt.Sprintf(control, words.goOn))
				p.leave(`document.querySelector("button[value=paid]")`)
				p.see(words.paid)
				look(p, "paid")
				if at := evaluate[string](p, "location.href"); strings.Contains(at, "key=") {
					t.Errorf("the channel was told the key: %s", at)
				}
				other.becomes(words.paid)
				if balance := r.Call(t, place, "wallet/info", `{}`).Field("balance"); balance != "2234.5" {
					t.Errorf("the wallet has %s", balance)
				}
				p = words.chromium.open(t, s, cashier+"x")
				p.see(words.ended)
				look(p, "ended")
				p.complaints() // Chromium notes the 404
				waiting := r.Call(t, place, "wallet/recharge", `{"amount":1,"method":"sandbox"}`).Field("cashier_url")
				p = words.chromium.open(t, s, waiting)
				p.see(words.goOn)
				r.Kill(t)
				p.see(words.unheard)
				look(p, "unheard")
				p.do("leave", chromedp.Navigate("about:blank"))
				p.complaints() // and that the server is away
			})
		}
	}
}

// becomes waits until the page, which loads itself again meanwhile, shows a text.
func (p *tab) becomes(text string) {
	p.t.Helper()
	shows := fmt.Sprintf(`document.body.innerText.includes(%q)`, text)
	ctx, cancel := context.WithTimeout(p.ctx, campusgatetest.Patience)
	defer cancel()
	for {
		shown, err := chromedp.Run(ctx, chromedp.Evaluate[bool](shows))
		if err == nil && shown {
			return
		}
		if ctx.Err() != nil {
			p.failed("wait for "+text, err)
		}
		time.Sleep(100 * time.Millisecond) // while it is loaded there is nothing to wait at
	}
}
