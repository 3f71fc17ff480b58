package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// set chooses a language ("zh", "en") or a theme ("light", "dark") at the top of the page.
func (p *tab) set(value string) {
	p.t.Helper()
	choice := fmt.Sprintf(`[...document.querySelectorAll(".settings select")].find((s) => [...s.options].some((o) => o.value === %q))`, value)
	p.do("set "+value, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const choice = %s;
		choice.value = %q;
		choice.dispatchEvent(new Event("change"));
	})()`, choice, value)))
	p.until(fmt.Sprintf(`document.documentElement.lang.slice(0, 2) === %[1]q || document.documentElement.dataset.theme === %[1]q`, value))
}

// holds waits until a field has a value.
func (p *tab) holds(name, value string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`[...document.querySelectorAll("[name=%s]")].at(-1)?.value === %q`, name, value))
}

// Another language, or theme, begins nothing anew: a journey stays at its step, with its past in
// the other words, and what was typed is still there.
func TestConsoleLanguageKeepsAJourney(t *testing.T) {
	t.Parallel()
	p := english.open(t, screens[0], consoleServer(t).URL("/console"))
	p.press("Fill a cart")
	p.press("Choose what to buy")
	p.press("校徽帆布袋")
	p.fill("product_num", "3")
	p.set("dark")
	p.set("zh")
	p.holds("product_num", "3")
	p.see("选了校徽帆布袋 · ¥")
	p.see("第 2 步，共 6 步：放进购物车")
	if got := evaluate[string](p, `document.documentElement.dataset.theme + document.activeElement.value`); got != "darkzh" {
		t.Errorf("the theme and what has the focus are %q", got)
	}
	p.shoot("chinese")
	p.press("放进购物车")
	p.see("购物车里：校徽帆布袋 × 3")
	p.see("优惠金额") // a field's name
	p.press("为店铺发一张优惠券")
	p.press("有哪些优惠券？")
	p.reach("满10减5")
	p.set("en") // what is to be chosen is there as well
	p.see("In the cart: 3 × 校徽帆布袋")
	p.press("满10减5")
	p.press("✓\nIn the cart") // a step of before can be taken again
	p.fill("product_num", "2")
	p.press("Put it into the cart")
	p.see("In the cart: 2 × 校徽帆布袋")
	p.until(`document.querySelectorAll(".taken").length === 2`)
	p.press("Live")
	p.until(`document.querySelector(".plot canvas") !== null`)
	p.set("zh")
	p.see("每秒请求数")
	p.press("试一试")
	p.see("购物车里：校徽帆布袋 × 2")
	p.see("第 3 步，共 6 步")
}

// Who has logged in within a journey is still who acts, and a code is typed under its picture.
func TestConsoleLanguageKeepsAnAccount(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[1], r.URL("/console"))
	p.press("Open an account")
	p.press("Draw a captcha")
	code := r.Stderr.Await(t, `captcha rand=\w+ code=(\w+)`)[1]
	p.fill("Characters in the picture", code[:3])
	p.set("zh")
	p.until(fmt.Sprintf(`document.querySelector(".captcha input").value === %q`, code[:3]))
	p.fill("图片上的字符", code)
	p.press("发送短信验证码")
	p.press("填入验证码 ")
	p.fill("user_name", "newcomer")
	p.fill("password", newPassword)
	p.set("en")
	p.press("Register")
	p.press("Log in")
	p.set("zh")
	p.see("newcomer已登录")
	p.press("添加地址")
	p.see("包裹寄给newcomer")
	p.actsAs("newcomer")
}

// A call's form, what it was answered, what was searched and a message that is being written stay.
func TestConsoleLanguageKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console"))
	p.until(`document.querySelector(".card") !== null`)
	p.goTo("calls/property/add")
	p.fill("title", "A blue card")
	p.fill("Search the calls", "property")
	p.set("zh")
	p.seeCall("property/add")
	p.holds("title", "A blue card")
	p.until(`document.querySelector(".list input").value === "property"`)
	p.press("发送")
	p.see("成功")
	p.set("en")
	p.until(`document.querySelector(".answer.good .verdict")?.innerText.includes("successful") && document.querySelector("article .sent").innerText.includes("A blue card")`)
	p.see("What was sent")
	p.do("go to messages", chromedp.Evaluate[chromedp.Void](`location.hash = "messages"`))
	p.press("Ask about a product")
	p.fill("Product", "帆布袋")
	p.press("Search")
	p.press("校徽帆布袋")
	p.fill("Message", "Is it blue?")
	p.set("zh")
	p.until(`document.querySelector(".compose textarea")?.value === "Is it blue?"`)
}

// Another theme has other colours at once, also in what a canvas shows.
func TestConsoleThemeOfThePlots(t *testing.T) {
	t.Parallel()
	p := english.open(t, screens[0], consoleServer(t).URL("/console"))
	p.until(`document.querySelector(".card") !== null`)
	p.goTo("live")
	has := func(red, green, blue int) string {
		return fmt.Sprintf(`((plot) => {
			const copy = new OffscreenCanvas(plot.width, plot.height).getContext("2d", { willReadFrequently: true });
			copy.drawImage(plot, 0, 0);
			const { data } = copy.getImageData(0, 0, plot.width, plot.height);
			for (let i = 0; i < data.length; i += 4) if (data[i] === %d && data[i + 1] === %d && data[i + 2] === %d && data[i + 3] === 255) return true;
			return false;
		})(document.querySelector(".plot canvas"))`, red, green, blue)
	}
	p.until(has(0x1f, 0x5f, 0xbf)) // --accent
	p.set("dark")
	p.until(has(0x8a, 0xb8, 0xff))
	p.shoot("dark")
}

// Where the server is down the page stays in its language, and says so.
func TestConsoleLanguageWithoutTheServer(t *testing.T) {
	t.Parallel()
	between, fault := faultyProxy(t, consoleServer(t))
	p := english.open(t, screens[0], between+"/api/external/console")
	p.press("Report a lost card")
	fault.Store("down")
	p.do("set zh", chromedp.Evaluate[chromedp.Void](`(() => {
		const choice = document.querySelector(".settings select");
		choice.value = "zh";
		choice.dispatchEvent(new Event("change"));
	})()`))
	p.see("The server does not answer")
	p.until(`document.querySelector(".settings select").value === "en"`)
	fault.Store("")
	p.set("zh")
	p.see("第 1 步，共 4 步：上传卡片的图片")
	p.complaints()
}

// The desk stays where it is and logged in, with what was decided on half, and so does its login.
func TestDeskLanguageKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	d.tab = english.open(t, screens[0], d.r.URL("/desk"))
	d.fill("User name or phone", "somebody")
	d.set("zh")
	d.until(`document.querySelector("input[autocomplete=username]").value === "somebody"`)
	d.set("en")
	d.press("Log in as 演示管理员")
	d.openRow("Desk lamp")
	d.fill("A note for the seller", "Say how old it is")
	d.set("zh")
	d.until(`document.querySelector(".detail article")?.innerText.includes("给卖家的说明")`)
	if got := evaluate[string](d.tab, `[...document.querySelectorAll(".detail input, .detail textarea")].map((e) => e.value).join("|")`); got != "Say how old it is" {
		t.Errorf("the fields have %q", got)
	}
	d.shoot("chinese")
	d.press("审计")
	d.until(`document.querySelector(".side details summary") !== null`)
	d.press(evaluate[string](d.tab, `document.querySelector(".side details summary").innerText`))
	d.fill("接口", "order/list")
	d.set("en")
	d.until(`document.querySelector(".narrow input[list]")?.value === "order/list" && document.querySelector(".narrow").checkVisibility()`)
	if evaluate[bool](d.tab, `document.querySelector(".login") !== null`) {
		t.Error("the admin has to log in again")
	}
}
