package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"campusgate/cmd/campusgate/campusgatetest"
)

// interrupted is a demo that can be stopped, and started again where it was.
type interrupted struct {
	*campusgatetest.Process

	t       *testing.T
	folder  string
	environ []string
}

func startInterrupted(t *testing.T) *interrupted {
	t.Helper()
	r := &interrupted{t: t, folder: t.TempDir(), environ: campusgatetest.Embedded(t.TempDir())}
	r.Process = campusgatetest.Start(t, r.folder, r.environ, "--demo")
	r.Stdout.Await(t, `/console\n`)
	return r
}

// startAgain has it listen where it did.
func (r *interrupted) startAgain() {
	r.t.Helper()
	r.Process = campusgatetest.Start(r.t, r.folder, append(r.environ, "CAMPUSGATE_SERVER_LISTEN="+r.Address), "--demo")
}

// quit leaves the page and forgets that Chromium noted a server that was away. The server, started
// after the tab, ends before it: a page that asks by itself would note that too.
func (p *tab) quit() {
	p.t.Helper()
	p.do("leave", chromedp.Navigate("about:blank"))
	p.complaints()
}

// What somebody has typed in the console survives a server that is stopped and started again: in a
// journey, in the form of a call, and in a message.
func TestConsoleOutlivesARestart(t *testing.T) {
	t.Parallel()
	r := startInterrupted(t)
	p := english.open(t, screens[1], r.URL("/console"))
	again := func(press, sees string) {
		t.Helper()
		r.Stop()
		p.press(press)
		p.see("The server does not answer")
		p.see("What you typed is still here")
		p.shoot("down")
		r.startAgain()
		p.press(press)
		p.see(sees)
	}
	p.press("Report a lost card")
	p.press("Use a sample picture")
	again("Upload a picture of the card", "The picture is stored")
	p.fill("title", "A card of mine")
	p.fill("content", "It is blue & <b>new</b>")
	again("Publish the notice", "Published: A card of mine")
	p.goTo("calls/shop/creat")
	p.fill("shop_name", "Tea & <b>more</b>")
	again("Send", "0 successful")
	p.do("go to messages", chromedp.Evaluate[chromedp.Void](`location.hash = "messages"`))
	p.press("Ask about a product")
	p.press("Search")
	p.press("校徽帆布袋")
	p.fill("Message", "Is it blue?")
	r.Stop()
	p.press("Send")
	p.see("The server does not answer")
	r.startAgain()
	p.press("Send")
	p.until(`document.querySelector(".messages")?.innerText.includes("Is it blue?") && document.querySelector(".compose textarea").value === ""`)
	p.quit()
}

// So does what is decided on half at the desk, in Chinese too.
func TestDeskOutlivesARestart(t *testing.T) {
	t.Parallel()
	r := startInterrupted(t)
	d := &deskDay{t: t, r: r.Process}
	d.as(deskBuyer, "product/report", fmt.Sprintf(`{"product_id":%d,"reason":"It does nothing"}`, campusgatetest.DemoProduct))
	d.tab = chinese.open(t, screens[0], r.URL("/desk"))
	d.press(d.say("Log in as 演示管理员"))
	d.openRow("头秃生发水")
	d.fill(d.say("A note for the seller"), "Say what it does")
	r.Stop()
	d.press(d.say("Take down"))
	d.see(d.say("The server does not answer. What you typed is still here."))
	d.shoot("down")
	r.startAgain()
	if got := evaluate[string](d.tab, `document.querySelector("article .decision input").value`); got != "Say what it does" {
		t.Errorf("what was typed is %q", got)
	}
	d.press(d.say("Take down"))
	d.see(d.say("Refused: "))
	d.quit()
}

// Who pays stays on the cashier's page while the server is down, and goes on from there.
func TestCashierOutlivesARestart(t *testing.T) {
	t.Parallel()
	r := startInterrupted(t)
	cashier := r.Call(t, "/wallet?token="+r.DemoToken(t, campusgatetest.DemoBuyer), "wallet/recharge", `{"amount":12.5,"method":"sandbox"}`).Field("cashier_url")
	p := english.open(t, screens[1], cashier)
	p.see("Go on and pay")
	r.Stop()
	p.press("Go on and pay")
	p.see("The server cannot be reached")
	p.shoot("down")
	r.startAgain()
	p.leave(fmt.Sprintf(control, "Go on and pay"))
	p.leave(`document.querySelector("button[value=failed]")`)
	p.see("How do you want to pay?")
	r.Stop()
	p.press("Sandbox")
	p.see("The server cannot be reached")
	r.startAgain()
	p.leave(fmt.Sprintf(control, "Sandbox"))
	p.see("Go on and pay")
	p.quit()
}
