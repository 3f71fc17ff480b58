package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// consoleServer is a demo that writes its captchas' codes to the log.
func consoleServer(t *testing.T) *campusgatetest.Process {
	t.Helper()
	r := campusgatetest.Start(t, t.TempDir(), campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_CAPTCHA_LOG_CODES=true"), "--demo")
	r.Stdout.Await(t, `/console\n`)
	return r
}

// journeysChinese are the Chinese words of the journeys that have no table of their own.
var journeysChinese = map[string]string{
	"Try it": "试一试", "Every step was a real call": "每一步都是真实的调用",
	"Buy a product": "买一件商品", "What is on sale?": "有什么在卖？", "Order it": "下单", "Pay from the wallet": "用余额支付",
	"See the order and the wallet": "查看订单和余额", "The wallet went from ¥1000.00 to ¥797.00.": "余额从 ¥1000.00 变为 ¥797.00。",
	"The wallet went from ¥1000.00 to ¥979.50.": "余额从 ¥1000.00 变为 ¥979.50。",
	"演示买家 · wallet ¥797.00":                     "演示买家 · 余额 ¥797.00", "演示买家 · wallet ¥1000.00": "演示买家 · 余额 ¥1000.00", "演示卖家 · wallet ¥596.50": "演示卖家 · 余额 ¥596.50",
	"Fill a cart": "装满购物车", "Choose what to buy": "挑一件商品", "Put it into the cart": "放进购物车", "Make a coupon for the shop": "为店铺发一张优惠券",
	"Which coupons are there?": "有哪些优惠券？", "Take the coupon": "领取优惠券", "See the price": "看价格",
	"¥203.00 for the goods − ¥5.00 by coupons − ¥10.00 by beli + ¥0.00 for shipping = ¥188.00": "商品 ¥203.00 − 优惠券 ¥5.00 − 贝里 ¥10.00 + 运费 ¥0.00 = ¥188.00",
	"Captcha and SMS code": "图片验证码与短信验证码", "Draw a captcha": "生成图片验证码", "Characters in the picture": "图片上的字符", "Check the hash": "哈希对不对？",
	"Send a code by SMS": "发送短信验证码", "Code from the SMS": "短信验证码", "Confirm the SMS code": "验证短信验证码",
	"Report a lost card": "挂失校园卡", "Use a sample picture": "用示例图片", "Upload a picture of the card": "上传卡片的图片", "Publish the notice": "发布启事",
	"Find it by a word": "按关键词查找", "The card came back": "卡找回来了：结束启事",
	"Open a shop and sell": "开店卖东西", "Open a shop": "开一家店", "Upload a picture of the product": "上传商品图片", "Put a product on sale": "上架商品",
	"Find it as the other account": "用另一个账号找到它", "Send": "发送",
}

// in picks the words of the tab's language.
func in[W any](p *tab, ofEnglish, ofChinese W) W {
	if p.browser == chinese {
		return ofChinese
	}
	return ofEnglish
}

// Each journey works as a newcomer goes through it, on every screen, and in Chinese by keys and
// by touch, in the other theme.
func TestConsoleJourneys(t *testing.T) {
	t.Parallel()
	for _, journey := range []struct {
		name string
		take func(*testing.T, *campusgatetest.Process, *tab)
	}{
		{"buy", func(_ *testing.T, _ *campusgatetest.Process, p *tab) {
			p.press("Buy a product")
			p.press("What is on sale?")
			p.press("头秃生发水")
			p.fill("product_num", "2")
			p.press("Order it")
			p.press("Pay from the wallet")
			p.press("See the order and the wallet")
			p.see("The wallet went from ¥1000.00 to ¥797.00.")
			p.see("Every step was a real call")
			p.actsAs("演示买家 · wallet ¥797.00")
		}},
		{"cart", func(_ *testing.T, _ *campusgatetest.Process, p *tab) {
			p.press("Fill a cart")
			p.press("Choose what to buy")
			p.press("头秃生发水")
			p.fill("product_num", "2")
			p.press("Put it into the cart")
			p.fill("coupon_name", "Autumn & <b>more</b>")
			p.fill("minimum_consume", "203")
			p.press("Make a coupon for the shop")
			p.press("Which coupons are there?")
			p.press("Autumn & <b>more</b>")
			p.press("Take the coupon")
			p.press("See the price")
			p.see("¥203.00 for the goods − ¥5.00 by coupons − ¥10.00 by beli + ¥0.00 for shipping = ¥188.00")
			p.see("Every step was a real call")
		}},
		{"account", func(t *testing.T, r *campusgatetest.Process, p *tab) {
			p.openAccount(r, in(p, openAccountEnglish, openAccountChinese))
			p.actsAs("newcomer")
			if shown := evaluate[string](p, `document.body.innerText`); strings.Contains(shown, newPassword) || regexp.MustCompile(`cg_\w`).MatchString(shown) {
				t.Errorf("the password or a token is shown:\n%s", shown)
			}
			p.choose("演示买家 · wallet ¥1000.00")
			p.goTo("calls/notice/count")
			p.press("Send")
			p.see(`"unread": 0`)
		}},
		{"captcha", func(t *testing.T, r *campusgatetest.Process, p *tab) {
			p.press("Captcha and SMS code")
			p.press("Draw a captcha")
			code := r.Stderr.Await(t, `captcha rand=\w+ code=(\w+)`)[1]
			p.fill("Characters in the picture", strings.ToUpper(code))
			p.press("Check the hash")
			p.press("Send a code by SMS")
			p.fill("Code from the SMS", r.Stderr.Await(t, `sms phone=137\d{8} code=(\d+)`)[1])
			p.press("Confirm the SMS code")
			p.see("Every step was a real call")
		}},
		{"lost", func(_ *testing.T, _ *campusgatetest.Process, p *tab) {
			p.press("Report a lost card")
			p.press("Use a sample picture")
			p.press("Upload a picture of the card")
			p.fill("title", "A blue card")
			p.press("Publish the notice")
			p.fill("key", "blue")
			p.press("Find it by a word")
			p.until(`[...document.images].some((i) => i.src.includes("/get/pic/property/") && i.naturalWidth === 320)`)
			p.press("The card came back")
			p.see("Every step was a real call")
		}},
		{"sell", func(_ *testing.T, _ *campusgatetest.Process, p *tab) {
			p.press("Open a shop and sell")
			p.fill("shop_name", "Tea & <b>more</b>")
			p.press("Open a shop")
			p.press("Use a sample picture")
			p.press("Upload a picture of the product")
			p.fill("product_name", "<img src=x onerror=alert(1)>")
			p.fill("product_price", "20.5")
			p.press("Put a product on sale")
			p.press("Find it as the other account")
			p.press("<img src=x onerror=alert(1)>")
			p.press("Order it")
			p.press("Pay from the wallet")
			p.press("See the order and the wallet")
			p.see("The wallet went from ¥1000.00 to ¥979.50.")
		}},
		{"two-sellers", func(_ *testing.T, _ *campusgatetest.Process, p *tab) {
			p.buyFromTwo(in(p, buyFromTwoEnglish, buyFromTwoChinese), func(*tab, string) {})
			p.actsAs("演示卖家 · wallet ¥596.50")
		}},
		{"send-back", func(_ *testing.T, _ *campusgatetest.Process, p *tab) {
			p.sendBack(in(p, sendBackEnglish, sendBackChinese))
			p.actsAs("演示买家 · wallet ¥1000.00")
		}},
		{"learn", func(_ *testing.T, _ *campusgatetest.Process, p *tab) { p.learn(in(p, learnEnglish, learnChinese)) }},
		{"ask", func(_ *testing.T, _ *campusgatetest.Process, p *tab) { p.askSeller(in(p, askEnglish, askChinese)) }},
		{"second-hand", func(_ *testing.T, _ *campusgatetest.Process, p *tab) {
			p.sellUsed(in(p, sellUsedEnglish, sellUsedChinese))
		}},
	} {
		for chromium, screens := range map[*browser][]screen{english: screens, chinese: screens[1:]} {
			for _, s := range screens {
				t.Run(journey.name+"/"+chromium.language+"/"+s.name, func(t *testing.T) {
					t.Parallel()
					r := consoleServer(t)
					s.dark = s.dark != (chromium == chinese)
					p := chromium.open(t, s, r.URL("/console"))
					p.words = in(p, nil, journeysChinese)
					p.see("Try it")
					journey.take(t, r, p)
					p.fits()
					p.hides(r.DemoToken(t, campusgatetest.DemoBuyer))
				})
			}
		}
	}
}

// openAccountWords are the labels of the journey that opens an account.
type openAccountWords struct {
	journey, draw, characters, send, code, use, register, wrong, refused, acts, logIn, address, notices, welcome, read, done string
}

var (
	openAccountEnglish = openAccountWords{
		"Open an account", "Draw a captcha", "Characters in the picture", "Send a code by SMS", "Code from the SMS", "Use the code ",
		"Register", "102 Error SMS code", "User name: must be 2 to 20 letters, digits, _ or -", "The page acts as newcomer now", "Log in", "Add an address", "Read your notices",
		"注册成功: 欢迎使用校园平台。送您 100 贝里", "Mark it as read", "Every step was a real call",
	}
	openAccountChinese = openAccountWords{
		"开个账号", "生成图片验证码", "图片上的字符", "发送短信验证码", "短信验证码", "填入验证码 ",
		"注册", "102 短信验证码不对", "用户名：必须是 2 到 20 个字母（含汉字）、数字、_ 或 -", "页面现在以“newcomer”的身份操作", "登录", "添加地址", "看看通知",
		"注册成功：欢迎使用校园平台。送您 100 贝里", "标为已读", "每一步都是真实的调用",
	}
)

// sellUsedWords are the labels of the journey that sells something second-hand.
type sellUsedWords struct {
	journey, take, sample, upload, another, enough, release, refused, told, mend, look, seen, report, queue, row, decide, verdict, takenDown, edit, back, done string
}

var (
	sellUsedEnglish = sellUsedWords{
		"Sell something second-hand", "Take a photo", "Use a sample picture", "Upload a picture", "Another picture", "That is enough", "Offer it",
		"商品未通过审核: 您发布的商品“Desk lamp, with 兼职刷单”未通过审核，修改后会重新审核。说明：product_name: has a refused word",
		"See what the review says", "Mend the name", "Look at it as the other account", "It has passed its review", "Report it",
		"See what the admin has to decide", "Desk lamp, as good as new · The picture", "Decide about it", "See what the admin says", "说明：Say how old it is", "Edit it", "See whether it is back", "Every step was a real call",
	}
	sellUsedChinese = sellUsedWords{
		"卖一件二手", "拍照", "用示例图片", "上传图片", "再来一张", "够了", "发布",
		"商品未通过审核：您发布的商品“台灯，送兼职刷单”未通过审核，修改后会重新审核。说明：商品名称：有不允许的词",
		"看审核结果", "修改名称", "用另一个账号看它", "审核通过，所有人都能看到它", "举报",
		"看管理员要处理什么", "九成新台灯 · 图片上", "处理", "看管理员怎么说", "说明：请写明购买时间", "再修改一次", "看看它回来没有", "每一步都是真实的调用",
	}
)

// sellUsed goes through the journey, with a photo that is as large as a phone's.
func (p *tab) sellUsed(words sellUsedWords) {
	p.t.Helper()
	p.begin(words.journey)
	p.see(words.upload)
	if p.screen.phone {
		p.photograph(words.take)
	} else {
		p.press(words.sample)
	}
	p.press(words.upload)
	p.shoot("picture")
	p.press(words.another)
	p.press(words.sample)
	p.press(words.upload)
	p.until(`document.querySelectorAll(".choice").length === 2`) // until then it is that of the step above
	p.press(words.enough)
	p.press(words.release)
	p.press(words.told)
	p.see(words.refused)
	p.shoot("refused")
	p.press(words.mend)
	p.press(words.look)
	p.see(words.seen)
	p.until(`[...document.querySelectorAll(".taken > .pictures .stored")].filter((i) => i.naturalWidth > 0).length === 2`)
	p.shoot("seen")
	p.press(words.report)
	p.press(words.queue)
	p.press(words.row)
	p.press(words.decide)
	p.press(words.verdict)
	p.see(words.takenDown)
	p.press(words.edit)
	p.press(words.back)
	p.see(words.done)
}

// photograph takes a photo of 12 megapixels, as if with the camera.
func (p *tab) photograph(button string) {
	p.t.Helper()
	p.reach(button)
	evaluate[bool](p, `(async () => {
		const canvas = new OffscreenCanvas(4000, 3000);
		const draw = canvas.getContext("2d");
		const noise = draw.createImageData(4000, 3000);
		for (let i = 0; i < noise.data.length; i += 65536) crypto.getRandomValues(noise.data.subarray(i, i + 65536));
		draw.putImageData(noise, 0, 0);
		const photo = new File([await canvas.convertToBlob({ type: "image/jpeg" })], "IMG_0001.jpg", { type: "image/jpeg" });
		const files = new DataTransfer();
		files.items.add(photo);
		const camera = document.querySelector("input[capture]");
		camera.files = files.files;
		camera.dispatchEvent(new Event("change"));
		return true;
	})()`)
	p.until(`document.querySelector(".preview").naturalWidth === 1600`)
}

const newPassword = "correct horse"

// openAccount goes through the journey: the codes stand in the log, and a code or a name
// that is refused can be corrected.
func (p *tab) openAccount(r *campusgatetest.Process, words openAccountWords) {
	p.t.Helper()
	p.begin(words.journey)
	p.press(words.draw)
	p.fill(words.characters, r.Stderr.Await(p.t, `captcha rand=\w+ code=(\w+)`)[1])
	p.press(words.send)
	code := r.Stderr.Await(p.t, `sms phone=137\d{8} code=(\d+)`)[1]
	p.reach(words.use + code)
	p.shoot("code")
	p.fill(words.code, code[:5]+string('0'+(code[5]-'0'+1)%10))
	p.fill("user_name", "newcomer")
	p.fill("password", newPassword)
	p.press(words.register)
	p.see(words.wrong)
	p.press(words.use + code)
	p.fill("user_name", "<b>newcomer")
	p.press(words.register)
	p.see(words.refused)
	p.fill("user_name", "newcomer")
	p.press(words.register)
	p.see(words.acts)
	for _, step := range []string{words.logIn, words.address, words.notices, words.welcome, words.read} {
		p.press(step)
	}
	p.see(words.done)
}

// begin chooses a journey, in place of the one that is open.
func (p *tab) begin(journey string) {
	p.t.Helper()
	if evaluate[bool](p, `document.querySelector(".journey") !== null`) {
		p.pressAt(`document.querySelector(".journeys > p button")`)
	}
	p.press(journey)
}

// actsAs waits until the page acts as an account, which the choice shows so.
func (p *tab) actsAs(account string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector(".account select").selectedOptions[0].text === %q`, p.said(account)))
}

// hides tells of a token that is shown, stands in an address, or was kept without
// being asked to.
func (p *tab) hides(token string) {
	p.t.Helper()
	for _, place := range []string{
		`document.body.innerText`, `performance.getEntriesByType("resource").map((e) => e.name).join()`,
		`location.href`, `JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + document.cookie`,
	} {
		if strings.Contains(evaluate[string](p, place), token) {
			p.t.Errorf("the token is in %s", place)
		}
	}
}

// fits tells of a page that is wider than its screen.
func (p *tab) fits() {
	p.t.Helper()
	if wide := evaluate[int64](p, `document.documentElement.scrollWidth`); wide > p.screen.width {
		p.t.Errorf("the page is %d pixels wide, the screen %d", wide, p.screen.width)
	}
}

// An account that may open no more shops goes on with one that it has; one that
// nothing is found for may ask again.
func TestConsoleJourneyTakesAnotherWay(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	for _, name := range []string{"one", "two"} {
		r.Call(t, "/shop?token="+r.DemoToken(t, campusgatetest.DemoSeller), "shop/creat", `{"shop_name":"`+name+`"}`)
	}
	p := english.open(t, screens[0], r.URL("/console"))
	p.press("Open a shop and sell")
	p.reach("shop_name") // until then the journey's own card begins with the next label
	p.press("Open a shop")
	p.see("The number of shops has been capped (101)")
	p.press("Use a shop that you have")
	p.press("two")
	p.press("Use a sample picture")
	p.press("Upload a picture of the product")
	p.fill("product_name", "Black tea")
	p.press("Put a product on sale")
	p.reach("Find it as the other account") // until then product_name is the field above
	p.fill("product_name", "Red tea")
	p.press("Find it as the other account")
	p.see("Nothing was found")
	p.fill("product_name", "Black")
	p.press("Find it as the other account")
	p.press("Black tea")
	p.reach("Order it")
}

// Where there is an account service, no account can be opened here.
func TestConsoleOffersOnlyWhatTheServerHas(t *testing.T) {
	t.Parallel()
	r := campusgatetest.Start(t, t.TempDir(), campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_ACCOUNTS_OWN=false"), "--demo")
	p := english.open(t, screens[0], r.URL("/console"))
	p.see("Buy a product")
	if evaluate[bool](p, `document.body.innerText.includes("Open an account")`) {
		t.Error("an account can be opened")
	}
	if got := evaluate[string](p, `document.querySelector(".account select").selectedOptions[0].text`); got != "演示买家 · wallet ¥1000.00" {
		t.Errorf("the page begins as %s", got)
	}
}

// A code may be typed before the page has read the wallets again.
func TestConsoleJourneyTakesAnEarlyCode(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	var held atomic.Bool
	read := make(chan struct{})
	release := sync.OnceFunc(func() { close(read) })
	gateway := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: r.Address})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if held.Load() && strings.HasSuffix(request.URL.Path, "/demo.json") {
			<-read
		}
		gateway.ServeHTTP(w, request)
	}))
	t.Cleanup(proxy.Close)
	t.Cleanup(release)

	p := english.open(t, screens[0], proxy.URL+"/api/external/console")
	p.press("Captcha and SMS code")
	held.Store(true)
	p.press("Draw a captcha")
	p.fill("Characters in the picture", r.Stderr.Await(t, `captcha rand=\w+ code=(\w+)`)[1])
	p.see("It is kept for the calls that need it")
	release()
	p.press("Check the hash")
	p.reach("Send a code by SMS")

	// Who comes too late with it draws another picture.
	evaluate[bool](p, `import("./console/session.js").then(({ keepHash }) => { keepHash("img", "0".repeat(32)); return true; })`)
	p.press("Send a code by SMS")
	p.see("the picture is too old")
	p.press("✓\nThe picture is read")
	p.press("Draw a captcha")
	p.until(`document.querySelectorAll(".steps > li").length === 1 && document.querySelector(".captcha img") !== null`)
}
