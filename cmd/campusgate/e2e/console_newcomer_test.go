package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"campusgate/cmd/campusgate/campusgatetest"
)

// inHand is where the step in hand is on the screen.
const inHand = `document.querySelector(".steps > .now h3").getBoundingClientRect()`

// On a phone the cards make way for the steps, what is done is one line that says what
// happened, and the page follows to the step in hand. A line can be opened, what went over the
// wire is below it, and one can go back.
func TestConsoleFoldsWhatIsDone(t *testing.T) {
	t.Parallel()
	low := screens[1]
	low.height = 420 // as above a phone's keyboard
	p := english.open(t, low, consoleServer(t).URL("/console"))
	inSight := func(what string) {
		t.Helper()
		p.until(fmt.Sprintf(`document.querySelector(".stepper [aria-current]")?.textContent.endsWith(%q)`, what))
		p.until(fmt.Sprintf(`%[1]s.top >= 0 && %[1]s.bottom <= innerHeight`, inHand))
	}
	p.press("Buy a product")
	inSight("What is on sale?")
	if evaluate[bool](p, `document.querySelector(".card") !== null`) {
		t.Error("the cards are still there")
	}
	p.press("What is on sale?")
	p.until(`document.querySelectorAll(".goods img").length === 5 && [...document.querySelectorAll(".goods img")].every((i) => i.naturalWidth === 480)`)
	p.shoot("goods")
	p.until(`(({ top }) => top >= 0 && top < innerHeight)(document.querySelector(".goods").getBoundingClientRect())`)
	if got := evaluate[string](p, `[...document.querySelectorAll(".goods button")].find((b) => b.innerText.includes("明信片")).innerText`); got != "校园明信片\n¥12.00" {
		t.Errorf("a card says %q", got)
	}
	p.press("校园明信片")
	inSight("Order it")
	p.press("Order it")
	inSight("Pay from the wallet")
	p.press("Pay from the wallet")
	inSight("See the order and the wallet")
	p.see("Paid ¥12.00 · ¥988.00 left in the wallet")
	if got := evaluate[float64](p, `Math.max(...[...document.querySelectorAll(".taken")].map((e) => e.offsetHeight))`); got > 80 {
		t.Errorf("a step that is done is %v pixels high", got)
	}
	if got := evaluate[int](p, `document.querySelectorAll(".stepper .done").length`); got != 3 {
		t.Errorf("%d steps are done, want 3", got)
	}
	p.press("✓\nPaid") // as one line it is a button
	p.press("What went over the wire: purchase/pay")
	p.see(`"method": "wallet"`)
	p.see(`"status": 0`)
	p.shoot("opened")
	p.do("look elsewhere", chromedp.Evaluate[chromedp.Void](`location.hash = "live"`))
	p.until(`document.querySelector(".steps") === null`)
	p.press("Try it")
	p.until(`document.querySelectorAll(".taken").length === 3 && location.hash === "#journeys/buy"`)
	p.press("← All journeys")
	p.see("Fill a cart")
	if got := evaluate[string](p, `document.activeElement.id`); got != "journey-buy" {
		t.Errorf("the focus is on %q", got)
	}
	p.press("Fill a cart")
	p.reach("Choose what to buy")
	p.do("back, as by the phone's own button", chromedp.Evaluate[chromedp.Void](`history.back()`))
	p.see("Report a lost card")
}

// A step that is done again begins the rest again.
func TestConsoleTakesAStepAgain(t *testing.T) {
	t.Parallel()
	p := english.open(t, screens[2], consoleServer(t).URL("/console"))
	p.press("Buy a product")
	p.press("What is on sale?")
	p.press("校园明信片")
	p.step("Order it")
	p.press("✓\nYou chose")
	p.press("头秃生发水")
	p.see("You chose 头秃生发水 · ¥101.50")
	p.until(`document.querySelectorAll(".steps > li").length === 2 && document.querySelector(".now h3").innerText === "Order it"`)
}

// Everything that is touched is 44 pixels high on a phone, on every page and in the menu; the
// header is one row.
func TestConsoleTouch(t *testing.T) {
	t.Parallel()
	for _, b := range []*browser{english, chinese} {
		t.Run(b.language, func(t *testing.T) {
			t.Parallel()
			r := consoleServer(t)
			p := b.open(t, screens[1], r.URL("/console"))
			p.until(`document.querySelector(".card") !== null`)
			p.touchable("journeys")
			if got := evaluate[float64](p, `document.querySelector("header").offsetHeight`); got > 64 {
				t.Errorf("the header is %v pixels high", got)
			}
			p.pressAt(`document.querySelector(".opener")`)
			p.until(`document.querySelector(".account select").checkVisibility()`)
			p.touchable("menu")
			p.shoot("menu")
			p.do("close the menu", chromedp.Evaluate[chromedp.Void](`document.querySelector("#menu").hidePopover()`))
			p.pressAt(`document.querySelector("#journey-buy")`)
			p.pressAt(`document.querySelector(".now button[type=submit]")`)
			p.until(`document.querySelector(".goods button") !== null`)
			p.touchable("choice")
			p.pressAt(`document.querySelector(".goods button")`)
			p.until(`document.querySelector(".taken summary") !== null`)
			p.do("open all", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`))
			p.touchable("steps")
			p.pressAt(`document.querySelector(".journeys > p button")`)
			p.pressAt(`document.querySelector("#journey-lost")`)
			p.until(`document.querySelector("input[type=file]") !== null`)
			p.touchable("picture")
			for _, page := range []string{"messages", "calls/pic/upload", "calls/user/register", "calls/get/property", "live"} {
				if page == "messages" {
					p.do("go to messages", chromedp.Evaluate[chromedp.Void](`location.hash = "messages"`))
					p.until(`document.querySelector(".conversations button") !== null`)
				} else {
					p.goTo(page)
				}
				p.touchable(page)
			}
		})
	}
}

// touchable fails for each control in sight that is lower than a finger; a link within a
// sentence is as high as its line.
func (p *tab) touchable(name string) {
	p.t.Helper()
	low := evaluate[[]string](p, `[...document.querySelectorAll("a, button, input, select, textarea, summary")]
		.filter((e) => e.checkVisibility() && e.getClientRects().length > 0 && !e.matches("p a:not(.button)"))
		.map((e) => [e.type === "checkbox" ? e.closest("label") ?? e : e, e])
		.filter(([e]) => e.getBoundingClientRect().height < 43.5)
		.map(([box, e]) => box.getBoundingClientRect().height + " " + e.outerHTML.slice(0, 120))`)
	for _, control := range low {
		p.t.Errorf("%s: %s", name, control)
	}
}

// What is no picture is refused before it is sent, what is chosen once more is taken, and no
// progress is shown for what is not on its way.
func TestConsoleRefusesWhatIsNoPicture(t *testing.T) {
	t.Parallel()
	p := english.open(t, screens[1], consoleServer(t).URL("/console"))
	p.press("Report a lost card")
	p.press("Upload a picture of the card")
	p.see("Choose a picture first")
	p.reach("Take a photo")
	choose := func(make string) {
		t.Helper()
		evaluate[bool](p, `(async () => {
			const files = new DataTransfer();
			files.items.add(`+make+`);
			const control = document.querySelector("input[type=file]");
			control.files = files.files;
			control.dispatchEvent(new Event("change"));
			return true;
		})()`)
	}
	choose(`new File(["no picture"], "card.png", { type: "image/png" })`)
	p.see("This is no picture that the browser can read.")
	if evaluate[bool](p, `document.querySelector(".preview").checkVisibility() || document.querySelector("progress").checkVisibility()`) {
		t.Error("it is shown, or as sent")
	}
	p.shoot("refused")
	choose(`await (async () => {
		const canvas = new OffscreenCanvas(64, 48);
		canvas.getContext("2d").fillRect(0, 0, 32, 24);
		return new File([await canvas.convertToBlob()], "card.png", { type: "image/png" });
	})()`)
	p.until(`document.querySelector(".preview").naturalWidth === 64`)
	p.reach("Choose a picture")
	if evaluate[bool](p, `document.body.innerText.includes("no picture that")`) {
		t.Error("the refusal stays")
	}
	p.press("Upload a picture of the card")
	p.see("The picture is stored")
	if evaluate[bool](p, `[...document.querySelectorAll("progress")].some((e) => !e.hidden)`) {
		t.Error("a bar is left")
	}
}

// A server that is down for a moment loses nothing that was typed, nor the steps before.
func TestConsoleJourneyOutlivesTheServer(t *testing.T) {
	t.Parallel()
	between, fault := faultyProxy(t, consoleServer(t))
	p := english.open(t, screens[1], between+"/api/external/console")
	p.press("Report a lost card")
	p.press("Use a sample picture")
	fault.Store("down")
	p.press("Upload a picture of the card")
	p.see("The server does not answer")
	if !evaluate[bool](p, `document.querySelector(".preview").naturalWidth === 320 && document.querySelector("progress").hidden`) {
		t.Error("the picture is gone, or a bar is left")
	}
	fault.Store("")
	p.press("Retry")
	p.fill("title", "A card of mine")
	fault.Store("foreign")
	p.press("Publish the notice")
	p.see("not an answer of this server (HTTP 502)")
	p.shoot("down")
	fault.Store("")
	p.press("Retry")
	p.see("Published: A card of mine")
	p.complaints()
}

// A token of one's own, once entered, buys in the journeys, and the demo's sellers sell: a coupon
// comes from the one whose product was chosen.
func TestConsoleJourneyTakesOnesOwnToken(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir())
	first := campusgatetest.Start(t, t.TempDir(), environ, "--demo")
	first.Stdout.Await(t, `/console\n`)
	first.Stop()
	token := campusgatetest.AddUser(t, environ, "1180310001", "王凌超", "200")
	r := campusgatetest.Start(t, t.TempDir(), environ, "--demo")
	r.Stdout.Await(t, `/console\n`)
	p := english.open(t, screens[0], r.URL("/console"))
	p.until(`document.querySelector(".card") !== null`)
	p.do("a token of one's own", chromedp.SetValue(".account select", "own"), chromedp.Evaluate[chromedp.Void](
		`document.querySelector(".account select").dispatchEvent(new Event("change"))`))
	p.fill("Token", token)
	p.press("Fill a cart")
	p.press("Choose what to buy")
	p.press("校徽帆布袋")
	p.press("Put it into the cart")
	p.see("In the cart: 1 × 校徽帆布袋")
	p.press("Make a coupon for the shop")
	p.see("The shop gives a coupon")
	p.press("Which coupons are there?")
	p.press("¥5 off")
	p.press("Take the coupon")
	p.press("See the price")
	p.see("Every step was a real call")
	if lines := r.Call(t, "/cart?token="+token, "cart/list", `{}`).Raw; !strings.Contains(lines, "校徽帆布袋") {
		t.Errorf("the cart has %s", lines)
	}
}

// Where there are no accounts to try it with, the page says why, and how to get one.
func TestConsoleSaysWhyThereIsNoDemo(t *testing.T) {
	t.Parallel()
	r := campusgatetest.Start(t, t.TempDir(), campusgatetest.Embedded(t.TempDir()))
	p := english.open(t, screens[0], r.URL("/console"))
	p.see("This server has no demo accounts")
	p.press("Log in")
	p.until(`location.hash === "#calls/user/login"`)
	chinese.open(t, screens[1], r.URL("/console")).see("这个服务器没有演示账号")
}
