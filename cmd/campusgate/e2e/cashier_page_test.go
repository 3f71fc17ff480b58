package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/wechat/wechattest"
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

// A person pays by each method: on Alipay's page, also by Ping++, which sends the browser back
// to the shop, and by the codes of WeChat Pay and Ping++, where the page hears by itself that it
// is paid.
func TestCashierMethods(t *testing.T) {
	t.Parallel()
	script := axe(t)
	for _, words := range []struct {
		chromium                                         *browser
		alipay, wechat, pingpp, goOn, scan, silent, paid string
	}{
		{english, "Alipay", "WeChat Pay (QR code)", "WeChat Pay (QR code) · Ping++", "Go on and pay", "Scan it with WeChat", "does not answer", "✓ Paid"},
		{chinese, "支付宝", "微信支付（扫码）", "微信支付（扫码） · Ping++", "去付款", "请用微信扫一扫", "没有应答", "✓ 付款成功"},
	} {
		for _, s := range screens {
			t.Run(words.chromium.language+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				c := campusgatetest.StartChannels(t)
				r := campusgatetest.Start(t, t.TempDir(), campusgatetest.Embedded(t.TempDir(), c.Environ...), "--demo")
				r.Stdout.Await(t, `/console\n`)
				place := "/wallet?token=" + r.DemoToken(t, campusgatetest.DemoBuyer)
				begin := func(method string) (cashier, attempt string) {
					answer := r.Call(t, place, "wallet/recharge", `{"amount":88.8,"method":"`+method+`"}`)
					return answer.Field("cashier_url"), answer.Field("pay_id")
				}
				button := func(value string) string { return fmt.Sprintf(`document.querySelector("button[value^=%s]")`, value) }
				look := func(p *tab, name string) {
					t.Helper()
					p.do("axe", chromedp.Evaluate[chromedp.Void](script))
					p.accessible(name)
				}

				cashier, _ := begin("wechat")
				p := words.chromium.open(t, s, cashier)
				p.see(words.scan)
				look(p, "wechat")
				p.leave(button("alipay"))
				p.see(words.goOn)
				look(p, "alipay")
				p.leave(fmt.Sprintf(control, words.goOn))
				p.leave(`document.querySelector("button")`) // at Alipay
				p.becomes(words.paid)
				look(p, "alipay-paid")

				cashier, payID := begin("alipay")
				p = words.chromium.open(t, s, cashier)
				p.see(words.goOn)
				c.WeChat.Fail(wechattest.Create, wechattest.Busy)
				p.leave(button("wechat"))
				p.see(words.silent)
				look(p, "silent")
				p.complaints() // Chromium notes the 502
				c.WeChat.Fail(wechattest.Create, wechattest.None)
				p.leave(button("wechat"))
				p.see(words.scan)
				if !c.WeChat.Pay(payID + "02") {
					t.Fatal("it cannot be paid")
				}
				told := c.WeChat.Paid(t, payID+"02", nil)
				if status, err := c.Notify(t, channel.WeChat, told.Body, told.Headers()...); err != nil || status != http.StatusNoContent {
					t.Errorf("the notification is answered %d, %v", status, err)
				}
				p.becomes(words.paid)

				cashier, payID = begin("alipay")
				p = words.chromium.open(t, s, cashier)
				p.leave(button("pingpp-native"))
				p.see(words.pingpp)
				p.see(words.scan)
				look(p, "pingpp")
				if !c.Pingpp.Pay(payID + "02") {
					t.Fatal("it cannot be paid")
				}
				p.becomes(words.paid) // no notification comes: the page has it asked

				c.Pingpp.ServePages(t)
				cashier, _ = begin("wechat")
				p = words.chromium.open(t, s, cashier)
				p.leave(`document.querySelector("button[value^=pingpp]:not([value$=native])")`)
				p.see(words.goOn)
				look(p, "pingpp-alipay")
				p.do("take the certificate", perform(security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}))
				p.leave(fmt.Sprintf(control, words.goOn))
				p.leave(`document.querySelector("button")`) // at Alipay
				p.becomes(words.paid)
				look(p, "pingpp-paid")

				if balance := r.Call(t, place, "wallet/info", `{}`).Field("balance"); balance != "1355.2" {
					t.Errorf("the wallet has %s", balance)
				}
			})
		}
	}
}
