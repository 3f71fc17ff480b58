package e2e

import "fmt"

// buyFromTwoWords are the labels of the journey that buys from two sellers.
type buyFromTwoWords struct {
	journey, first, second, cart, coupon, take, address, price, quote, commit, committed, pay, link, paid, paidNow,
	ship, shipSecond, confirm, confirmSecond, waiting, held, week, settled, came, done string
}

var (
	buyFromTwoEnglish = buyFromTwoWords{
		"Buy from two sellers", "What does the first seller have?", "What does the second seller have?", "Put it into the cart",
		"Make a coupon for the shop", "Take the coupon", "Choose an address", "See the price",
		"¥149.50 for the goods − ¥5.00 by coupons − ¥10.00 by beli + ¥6.00 for shipping = ¥140.50",
		"Order it", "2 orders, one for each seller, and one payment: pay ¥140.50 by ", "Pay in the sandbox", "Open the payment page", "See whether it is paid", "¥140.50 are paid",
		"Send the parcel", "Send the second parcel", "Say that the parcel has come", "Say that the second parcel has come", "What has the first seller got?", "¥96.50 wait", "Let a week pass",
		"Has the seller got the money?", "The wallet went from ¥500.00 to ¥596.50.", "Every step was a real call",
	}
	buyFromTwoChinese = buyFromTwoWords{
		"向两位卖家买东西", "第一位卖家有什么？", "第二位卖家有什么？", "放进购物车",
		"为店铺发一张优惠券", "领取优惠券", "选收货地址", "看价格",
		"商品 ¥149.50 − 优惠券 ¥5.00 − 贝里 ¥10.00 + 运费 ¥6.00 = ¥140.50",
		"下单", "2 个订单（每位卖家一个），一次付清", "用模拟支付付款", "打开付款页面", "付好了吗？", "已付 ¥140.50",
		"发货", "第二位卖家发货", "确认收货", "确认收到第二个包裹", "第一位卖家收到钱了吗？", "还有 ¥96.50 待结算", "过一个星期",
		"卖家到账了吗？", "余额从 ¥500.00 变为 ¥596.50。", "每一步都是真实的调用",
	}
)

// buyFromTwo goes through the journey. The page on which the sandbox is paid is shown to look.
func (p *tab) buyFromTwo(words buyFromTwoWords, look func(page *tab, name string)) {
	p.t.Helper()
	p.begin(words.journey)
	p.choosing(words.first, "头秃生发水")
	p.step(words.cart)
	p.choosing(words.second, "校徽帆布袋")
	for _, step := range []string{words.cart, words.coupon, words.take} {
		p.step(step)
	}
	p.choosing(words.address, "演示买家")
	p.step(words.price)
	p.see(words.quote)
	p.step(words.commit)
	p.see(words.committed)
	p.step(words.pay)
	p.shoot("link")
	p.paySandbox(words.link, look)
	p.step(words.paid)
	p.see(words.paidNow)
	for _, step := range []string{words.ship, words.shipSecond, words.confirm, words.confirmSecond, words.waiting} {
		p.step(step)
	}
	p.see(words.held)
	p.step(words.week)
	p.step(words.settled)
	p.see(words.came)
	p.see(words.done)
}

// paySandbox pays on the page to which a link leads, in another tab as the link has it.
func (p *tab) paySandbox(link string, look func(page *tab, name string)) {
	p.t.Helper()
	at := p.reach(link)
	if target := evaluate[string](p, at+".target"); target != "_blank" {
		p.t.Errorf("the link opens in %q", target)
	}
	page := p.browser.open(p.t, p.screen, evaluate[string](p, at+".href"))
	page.until(`document.querySelector("a.go") !== null`)
	look(page, "cashier")
	page.fits()
	page.leave(`document.querySelector("a.go")`)
	page.see("¥")
	look(page, "sandbox")
	page.fits()
	page.leave(`document.querySelector("button[value=paid]")`)
	page.until(`document.querySelector(".told.good") !== null`)
	look(page, "cashier-paid")
}

// sendBackWords are the labels of the journey that sends something back.
type sendBackWords struct {
	journey, look, address, price, commit, pay, ship, ask, refuse, appeal, agree, send, dispute, queue, decide, see, came, done string
}

var (
	sendBackEnglish = sendBackWords{
		"Send something back", "What does the seller have?", "Choose an address", "See the price", "Order it", "Pay from the wallet", "Send the parcel",
		"Ask for the money back", "Refuse it", "Appeal", "Agree after all", "Send the parcel back", "Refuse what came back", "See what the admin has to decide", "Decide",
		"Has the buyer got the money?", "The wallet went from ¥946.00 to ¥1000.00.", "Every step was a real call",
	}
	sendBackChinese = sendBackWords{
		"退货", "卖家有什么？", "选收货地址", "看价格", "下单", "用余额支付", "发货",
		"申请退款", "拒绝", "申诉", "还是同意了", "寄回商品", "拒收退货", "看管理员要裁决什么", "裁决",
		"买家拿到钱了吗？", "余额从 ¥946.00 变为 ¥1000.00。", "每一步都是真实的调用",
	}
)

// sendBack goes through the journey.
func (p *tab) sendBack(words sendBackWords) {
	p.t.Helper()
	p.begin(words.journey)
	p.choosing(words.look, "校徽帆布袋")
	p.choosing(words.address, "演示买家")
	for _, step := range []string{
		words.price, words.commit, words.pay, words.ship, words.ask, words.refuse, words.appeal, words.agree, words.send, words.dispute,
	} {
		p.step(step)
	}
	p.choosing(words.queue, "校徽帆布袋")
	p.step(words.decide)
	p.step(words.see)
	p.see(words.came)
	p.see(words.done)
}

const stepsShown = `document.querySelectorAll(".steps > li").length`

// step takes the step of a journey that comes last, and waits for the one behind it.
func (p *tab) step(label string) {
	p.t.Helper()
	p.goesOn(func() { p.press(label) })
}

// choosing takes a step, and goes on with a row of its answer.
func (p *tab) choosing(label, row string) {
	p.t.Helper()
	p.press(label)
	p.until(`document.querySelector(".steps > li:last-child .choice") !== null`)
	p.goesOn(func() { p.press(row) })
}

func (p *tab) goesOn(press func()) {
	p.t.Helper()
	shown := evaluate[int64](p, stepsShown)
	press()
	p.until(fmt.Sprintf("%s === %d", stepsShown, shown+1))
}
