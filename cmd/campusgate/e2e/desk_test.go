package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"campusgate/cmd/campusgate/campusgatetest"
)

// deskDay is one day of an operator at the desk, on one screen and in one language.
type deskDay struct {
	*tab
	t *testing.T
	r *campusgatetest.Process
}

// deskChinese are the texts of the desk in Chinese that the tasks see and press.
var deskChinese = map[string]string{
	"Log in as 演示管理员": "以“演示管理员”登录", "Waiting": "待办", "Reviews": "审核", "Reports": "举报", "Identities": "实名", "Appeals": "申诉",
	"Pass": "通过", "Refuse": "拒绝", "Take down": "下架", "Decide": "裁决", "Back to the list": "返回列表", "Log out": "退出",
	"A note for the seller": "给卖家的说明", "A note for both sides": "给双方的说明", "What goes back to the buyer (yuan)": "退给买家的金额（元）",
	"Passed: ": "已通过：", "Refused: ": "已拒绝：", "Decided: ": "已裁决：", "Nothing waits.": "没有待办。",
	"Ship": "发货", "Market": "市场", "Numbers": "数据", "Audit": "审计", "Search users, orders and products": "搜索用户、订单和商品",
	"Ship many at once": "批量发货", "Carrier": "快递公司", "Orders and parcels": "订单与包裹", "Ship 2 orders": "发货 2 个订单", "Ship 1 order": "发货 1 个订单", "Nothing waits to be sent.": "没有待发货的订单。",
	"wallet": "余额", "The market holds it.": "由平台保管。", "Give money or beli": "发放余额或贝里", "Amount": "数额", "Give": "发放", "演示卖家二 will get ¥12.50.": "“演示卖家二”将得到 ¥12.50", "Done: 演示卖家二 is told.": "已完成，并已通知“演示卖家二”。",
	"Freeze": "冻结", "End the freeze": "解除冻结", "A note for the account's owner": "给账号主人的说明", "演示卖家二 will be able to read": "“演示卖家二”将只能浏览", "演示卖家二 is frozen.": "“演示卖家二”已冻结。",
	"演示卖家二 will be able to do everything again.": "“演示卖家二”将恢复所有功能。", "演示卖家二 is not frozen any more.": "“演示卖家二”已解除冻结。",
	"New category": "添加分类", "New coupon": "发优惠券", "Name": "名称", "Add": "添加", "Added.": "已添加。", "How much off (yuan)": "减多少（元）", "100 coupons “Five off”": "将发放 100 张“Five off”",
	"Look at the wallet": "查看钱包", "Switch it off": "停用", "off": "停用", "“Five off” can be taken no more.": "“Five off”将不能再领取", "Done.": "已完成。",
	"Keep the orders as a table (CSV)": "下载订单表（CSV）", "Gave or took money": "发放或扣除",
	"Dead jobs": "失败任务", "Money does not go back by its channel": "渠道退款未完成", "Try it again": "重试任务", "It is tried again now.": "正在重试。",
	"The channel is asked again to give the money back to the buyer": "将再次请渠道把钱退给买家", "Try again": "重试", "The server does not answer. What you typed is still here.": "服务器没有回应。已填写的内容都还在。",
	"¥30.00 will go back to 演示买家": "¥30.00 将退给“演示买家”", "Is this 演示卖家?": "这是“演示卖家”本人吗？", "Reported once": "被举报 1 次", "Say why": "请写明原因",
}

// say is an English text of the desk in the language of the day.
func (d *deskDay) say(text string) string {
	if d.browser == english {
		return text
	}
	words, known := deskChinese[text]
	if !known {
		d.t.Fatalf("the test has no Chinese for %q", text)
	}
	return words
}

// as makes a call as one of the demo's accounts, which must succeed.
func (d *deskDay) as(user, call, data string) campusgatetest.Reply {
	d.t.Helper()
	path := "/" + strings.Split(call, "/")[0]
	return d.r.Call(d.t, path+"?token="+d.r.DemoToken(d.t, user), call, data)
}

const (
	deskSeller = campusgatetest.DemoSeller
	deskBuyer  = campusgatetest.DemoBuyer
	deskSecond = campusgatetest.DemoSecond
	deskAdmin  = campusgatetest.DemoAdmin
)

// deskServer is a demo whose second-hand products an admin reviews, and in which somebody
// waits for each decision.
func deskServer(t *testing.T) *deskDay {
	t.Helper()
	folder := t.TempDir()
	r := campusgatetest.Start(t, folder, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_MARKET_REVIEW=manual", "CAMPUSGATE_CAPTCHA_LOG_CODES=true"), "--demo")
	r.Stdout.Await(t, `/console\n`)
	d := &deskDay{t: t, r: r}
	category := d.as(deskAdmin, "category/creat", `{"category_name":"台灯","kind":1}`).Field("category_id")
	for i, name := range []string{"Desk lamp, as good as new", "A lamp & <b>more</b>"} {
		var pics []string
		for side := range 2 {
			_, picture := campusgatetest.Noise(t, 40+10*side)
			pics = append(pics, `"`+d.as(deskSeller, "pic/upload", `{"from":"product","base64":"`+picture+`"}`).Field("url")+`"`)
		}
		d.as(deskSeller, "product/release", fmt.Sprintf(`{"product_name":%q,"product_content":"<p>Used for one term.</p>","product_price":%d,"original_price":99,"sell_method":1,"ship_price":0,"category_id":%s,"pics":[%s]}`,
			name, 30+i, category, strings.Join(pics, ",")))
	}
	d.as(deskBuyer, "product/report", fmt.Sprintf(`{"product_id":%d,"reason":"It does nothing"}`, campusgatetest.DemoProduct))
	_, card := campusgatetest.Noise(t, 60)
	d.as(deskSeller, "user/verify", `{"real_name":"王凌超","id_code":"11010519491231002X","pic_up":"`+card+`","pic_down":"`+card+`"}`)
	d.appeal()
	return d
}

// appeal has an order refused its refund, so that an admin has to decide.
func (d *deskDay) appeal() {
	d.t.Helper()
	order := d.buy()
	d.as(deskSecond, "order/ship", `{"order_id":"`+order+`","logistics":"SF","logistics_id":"SF1023456789"}`)
	d.as(deskBuyer, "order/refund", `{"order_id":"`+order+`","kind":"money","amount":30,"reason":"There is a hole in it"}`)
	d.as(deskSecond, "order/refuse", `{"order_id":"`+order+`","reason":"It was whole"}`)
	d.as(deskBuyer, "order/appeal", `{"order_id":"`+order+`","reason":"The pictures show it"}`)
}

// key presses one.
func (d *deskDay) key(key string) {
	d.t.Helper()
	d.do("key "+key, chromedp.KeyEvent(key))
}

// still leaves the field that is typed in.
func (d *deskDay) still() {
	d.t.Helper()
	if evaluate[bool](d.tab, `document.activeElement.matches("input, textarea, select")`) {
		d.key(kb.Escape)
	}
}

// row is the link of a row whose text has the words.
func row(words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(".rows a")].find((a) => a.innerText.includes(%q))`, words)
}

// openRow opens the row of the list that has the words: by j and Enter, or by a press.
func (d *deskDay) openRow(words string) {
	d.t.Helper()
	at := row(words)
	d.until(at + ` !== undefined`)
	if !d.screen.keys { // the row itself: where it stands may have moved when a pointer gets there
		d.do("open "+words, chromedp.Evaluate[chromedp.Void](at+".click()"))
	} else {
		d.still()
		d.walk(at)
		d.key(kb.Enter)
	}
	d.until(fmt.Sprintf(`document.querySelector(".detail article")?.innerText.includes(%q)`, strings.TrimSuffix(words, "…")))
}

// walk moves by j and k to a row.
func (d *deskDay) walk(at string) {
	d.t.Helper()
	for range 50 {
		if evaluate[bool](d.tab, at+` === document.activeElement`) {
			return
		}
		where := evaluate[int](d.tab, `(() => {
			const of = (a) => Number(a?.parentElement.getAttribute("aria-posinset") ?? 0);
			return document.activeElement.closest(".rows") ? Math.sign(of(`+at+`) - of(document.activeElement)) : 0;
		})()`)
		switch {
		case where < 0:
			d.key("k")
		default:
			d.key("j")
		}
	}
	d.t.Fatalf("j and k do not lead to %s", at)
}

// queue shows one queue.
func (d *deskDay) queue(label string) {
	d.t.Helper()
	d.toList()
	d.pressAt(fmt.Sprintf(`[...document.querySelectorAll(".tabs a")].find((a) => a.innerText.startsWith(%q))`, d.say(label)))
	d.until(fmt.Sprintf(`document.querySelector(".tabs a[aria-current]")?.innerText.startsWith(%q)`, d.say(label)))
}

// toList leaves what is open, where it hides the list.
func (d *deskDay) toList() {
	d.t.Helper()
	switch {
	case !evaluate[bool](d.tab, `document.querySelector(".split.opened") !== null`):
	case d.screen.keys:
		d.still()
		d.key(kb.Escape)
	case d.screen.phone:
		d.press("← " + d.say("Back to the list"))
	}
}

// decide presses a button of what is open, by its key where there is one.
func (d *deskDay) decide(label, key string) {
	d.t.Helper()
	if !d.screen.keys {
		d.press(d.say(label))
		return
	}
	d.still()
	d.key(key)
}

// confirm says yes to a sentence.
func (d *deskDay) confirm(sentence, label string) {
	d.t.Helper()
	d.until(fmt.Sprintf(`document.querySelector("dialog[open]")?.innerText.includes(%q)`, d.say(sentence)))
	d.pressAt(fmt.Sprintf(`[...document.querySelectorAll("dialog[open] button")].find((b) => b.innerText.startsWith(%q))`, d.say(label)))
}

// told waits until the page says what was done.
func (d *deskDay) told(words string) {
	d.t.Helper()
	d.until(fmt.Sprintf(`document.querySelector(".told").textContent.includes(%q)`, words))
}

// counts waits for the number of a queue.
func (d *deskDay) counts(label string, count int) {
	d.t.Helper()
	d.until(fmt.Sprintf(`[...document.querySelectorAll(".tabs a")].some((a) => a.innerText.replace(/\s+/g, " ") === %q)`, fmt.Sprintf("%s %d", d.say(label), count)))
}

// page shows another page: by its number, or by a press.
func (d *deskDay) page(label, key string) {
	d.t.Helper()
	if d.screen.keys {
		d.still()
		d.key(key)
	} else {
		d.pressAt(fmt.Sprintf(`[...document.querySelectorAll("header nav a")].find((a) => a.innerText.startsWith(%q))`, d.say(label)))
	}
	d.until(fmt.Sprintf(`document.querySelector("header nav a[aria-current]")?.innerText.startsWith(%q)`, d.say(label)))
}

// search looks for what an operator has in hand, which is found in a list.
func (d *deskDay) search(words, list string) {
	d.t.Helper()
	if d.screen.keys {
		d.still()
		d.key("/")
		d.do("select", chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`), chromedp.KeyEvent(words))
	} else {
		d.fill(d.say("Search users, orders and products"), words)
	}
	d.key(kb.Enter)
	d.until(fmt.Sprintf(`location.hash.startsWith("#find/%s")`, list)) // not what was found before
}

// buy has the buyer pay an order that goes by express; it is the order's id.
func (d *deskDay) buy() string {
	d.t.Helper()
	address := d.as(deskBuyer, "address/list", `{}`)
	_, after, _ := strings.Cut(string(address.Data), `"address_id":`)
	id := after[:strings.IndexAny(after, ",}")]
	committed := d.as(deskBuyer, "order/commit", `{"items":[{"product_id":4517743,"product_num":1}],"deliver":"express","address_id":`+id+`,"pay_price":54}`)
	d.as(deskBuyer, "order/pay", `{"pay_id":"`+committed.Field("pay_id")+`","method":"wallet"}`)
	return strings.Trim(committed.Field("order_ids"), `[]"`)
}

// deskTasks are the tasks of an operator's day.
var deskTasks = []struct {
	name string
	do   func(*deskDay)
}{
	{"pass a product by its pictures", func(d *deskDay) {
		d.queue("Reviews")
		d.counts("Reviews", 2)
		d.openRow("Desk lamp, as good as new")
		d.until(`[...document.querySelectorAll("article .pictures img")].filter((i) => i.naturalWidth > 0).length === 2`)
		d.shoot("review")
		d.decide("Pass", "p")
		d.told(d.say("Passed: ") + "Desk lamp, as good as new")
		d.counts("Reviews", 1)
	}},
	{"refuse a product, and say why", func(d *deskDay) {
		d.until(`document.querySelector("article h2")?.innerText.includes("A lamp & <b>more</b>")`) // the next one is open
		d.decide("Refuse", "x")
		d.see(d.say("Say why"))
		d.fill(d.say("A note for the seller"), "The name has a tag")
		if d.screen.keys {
			d.key(kb.Enter) // refuses, as it was about to
		} else {
			d.decide("Refuse", "x")
		}
		d.told(d.say("Refused: "))
		d.counts("Reviews", 0)
		if got := string(d.as(deskSeller, "notice/list", `{}`).Data); !strings.Contains(got, "The name has a tag") {
			d.t.Errorf("the seller reads %s", got)
		}
	}},
	{"take down what was reported", func(d *deskDay) {
		d.queue("Reports")
		d.openRow("头秃生发水")
		d.see(d.say("Reported once"))
		d.fill(d.say("A note for the seller"), "It does nothing")
		d.decide("Take down", "x")
		d.told(d.say("Refused: ") + "头秃生发水")
	}},
	{"verify an identity", func(d *deskDay) {
		d.queue("Identities")
		d.openRow("演示卖家")
		d.see(d.say("Is this 演示卖家?"))
		d.see("11010519491231002X")
		d.until(`[...document.querySelectorAll("article .pictures img")].filter((i) => i.naturalWidth === 60).length === 2`)
		d.shoot("identity")
		d.decide("Pass", "p")
		d.told(d.say("Passed: ") + "演示卖家")
		if got := d.as(deskSeller, "user/info", `{}`); got.Field("verify_state") != "2" {
			d.t.Errorf("the account is %s", got.Raw)
		}
	}},
	{"decide an appeal", func(d *deskDay) {
		d.queue("Appeals")
		d.openRow("校徽帆布袋")
		d.see("The pictures show it")
		d.decide("Decide", "d")
		d.until(`document.activeElement.matches("article .decision input:not(.short)")`) // the note is missing, not the amount
		d.fill(d.say("A note for both sides"), "One can see it")
		d.shoot("appeal")
		d.decide("Decide", "d")
		d.confirm("¥30.00 will go back to 演示买家", "Decide")
		d.told(d.say("Decided: "))
		if got := d.as(deskBuyer, "wallet/info", `{}`); got.Field("balance") != "976" {
			d.t.Errorf("the buyer has %s", got.Raw)
		}
	}},
	{"see a new case come by itself", func(d *deskDay) {
		d.queue("Appeals")
		d.counts("Appeals", 0)
		d.appeal()
		d.counts("Appeals", 1)
		d.openRow("校徽帆布袋")
	}},
	{"lose nothing while the server is down", func(d *deskDay) {
		d.fill(d.say("A note for both sides"), "Half of it, each")
		d.do("stop the server's answers", chromedp.Evaluate[chromedp.Void](`(() => {
			window.reallySend = XMLHttpRequest.prototype.send;
			XMLHttpRequest.prototype.send = function () { setTimeout(() => this.onerror()); };
		})()`))
		d.decide("Decide", "d")
		d.confirm("¥30.00 will go back to 演示买家", "Decide")
		d.see(d.say("The server does not answer. What you typed is still here."))
		d.do("let it answer", chromedp.Evaluate[chromedp.Void](`XMLHttpRequest.prototype.send = window.reallySend`))
		if got := evaluate[string](d.tab, `document.querySelector("article .decision input:not(.short)").value`); got != "Half of it, each" {
			d.t.Errorf("what was typed is %q", got)
		}
		d.decide("Decide", "d")
		d.confirm("¥30.00 will go back to 演示买家", "Decide")
		d.told(d.say("Decided: "))
		d.see(d.say("Nothing waits."))
	}},
	{"ship many orders at once", func(d *deskDay) {
		first, second := d.buy(), d.buy()
		d.page("Ship", "3")
		d.until(row(first) + ` !== undefined`)
		d.press(d.say("Ship many at once"))
		d.fill(d.say("Carrier"), "SF")
		d.do("one line each", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
			const lines = document.querySelector("article textarea");
			lines.value = %q;
			lines.dispatchEvent(new Event("input"));
		})()`, first+" SF1\n"+second+"\t"+strings.Repeat("9", 51)))) // the second is too long
		d.press(d.say("Ship 2 orders"))
		d.until(fmt.Sprintf(`document.querySelector("article textarea").value.startsWith(%q)`, second))
		d.shoot("shipped")
		d.fill(d.say("Orders and parcels"), second+" SF2")
		d.press(d.say("Ship 1 order"))
		d.until(`document.querySelector("article textarea").value === ""`)
		for _, id := range []string{first, second} {
			if got := d.as(deskBuyer, "order/info", `{"order_id":"`+id+`"}`); got.Field("state") != "shipped" {
				d.t.Errorf("the order is %s", got.Raw)
			}
		}
		d.toList()
		d.see(d.say("Nothing waits to be sent."))
	}},
	{"see the whole life of an order by its number", func(d *deskDay) {
		id := d.buy()
		d.search(id, "orders")
		d.openRow("校徽帆布袋")
		d.see("¥54.00 · " + d.say("wallet"))
		d.see(d.say("The market holds it."))
		d.see("红楼文创")
		d.until(`document.querySelectorAll(".life li").length === 2`)
		d.shoot("order")
		d.toList()
	}},
	{"find goods by their name that are not on sale", func(d *deskDay) {
		shop := d.r.Call(d.t, "/browse", "product/detail", `{"product_id":4517743}`).Field("shop_id")
		d.as(deskSecond, "product/creat", `{"product_name":"停售的相框","product_content":"","product_key":"","product_price":12,"shop_id":`+shop+`,"product_status":0}`)
		d.search("停售的", "offSale")
		d.openRow("停售的相框")
		d.see("¥12.00")
		d.toList()
	}},
	{"find an account by its name, and give it money", func(d *deskDay) {
		before := d.as(deskSecond, "wallet/info", `{}`).Field("balance")
		d.search("演示卖家二", "users")
		d.openRow("演示卖家二")
		d.press(d.say("Give money or beli"))
		d.fill(d.say("Amount"), "12.5")
		d.press(d.say("Give"))
		d.confirm("演示卖家二 will get ¥12.50.", "Give")
		d.told(d.say("Done: 演示卖家二 is told."))
		if after := d.as(deskSecond, "wallet/info", `{}`).Field("balance"); before != "200" || after != "212.5" {
			d.t.Errorf("the wallet went from %s to %s", before, after)
		}
		d.press(d.say("Look at the wallet"))
		d.until(`document.querySelector("article details[open] table")?.innerText.includes("¥212.50")`)
		d.shoot("wallet")
	}},
	{"freeze an account, and free it", func(d *deskDay) {
		d.press(d.say("Freeze"))
		d.fill(d.say("A note for the account's owner"), "Sold what is forbidden")
		d.pressAt(fmt.Sprintf(`[...document.querySelectorAll("article details[open] button")].find((b) => b.innerText.startsWith(%q))`, d.say("Freeze")))
		d.confirm("演示卖家二 will be able to read", "Freeze")
		d.told(d.say("演示卖家二 is frozen."))
		d.shoot("frozen")
		d.press(d.say("End the freeze"))
		d.pressAt(fmt.Sprintf(`[...document.querySelectorAll("article details[open] button")].find((b) => b.innerText.startsWith(%q))`, d.say("End the freeze")))
		d.confirm("演示卖家二 will be able to do everything again.", "End the freeze")
		d.told(d.say("演示卖家二 is not frozen any more."))
	}},
	{"add a category and a coupon", func(d *deskDay) {
		d.page("Market", "4")
		d.press(d.say("New category"))
		d.fill(d.say("Name"), "Bicycles")
		d.press(d.say("Add"))
		d.told(d.say("Added."))
		d.until(row("Bicycles") + ` !== undefined`)
		d.press(d.say("New coupon"))
		d.fill(d.say("Name"), "Five off")
		d.fill(d.say("How much off (yuan)"), "5")
		d.press(d.say("Add"))
		d.confirm("100 coupons “Five off”", "Add")
		d.told(d.say("Added."))
		d.until(row("Five off") + ` !== undefined`)
		d.shoot("market")
		d.openRow("Five off")
		d.press(d.say("Switch it off"))
		d.confirm("“Five off” can be taken no more.", "Switch it off")
		d.told(d.say("Done."))
		d.until(row("Five off") + `?.querySelector(".badge").innerText === ` + strconv.Quote(d.say("off"))) // and is still there
	}},
	{"look at the last 30 days, and keep the orders", func(d *deskDay) {
		d.page("Numbers", "5")
		d.until(`document.querySelectorAll(".plot canvas").length === 3`)
		d.until(`document.querySelector(".sum strong").innerText === "5"`) // orders, all of today
		d.shoot("numbers")
		d.press(d.say("Keep the orders as a table (CSV)"))
		d.until(`document.querySelector("a[download]")?.download.endsWith(".csv")`)
	}},
	{"see in the audit what was done", func(d *deskDay) {
		d.page("Audit", "6")
		d.openRow(d.say("Gave or took money"))
		d.see("wallet/grant")
		d.shoot("audit")
		if d.screen.keys {
			d.key("?")
			d.until(`document.querySelector("dialog[open]")?.innerText.includes("Esc")`)
			d.key(kb.Escape)
			d.until(`document.querySelector("dialog") === null`)
		}
	}},
}

// TestDesk: an operator's day, by touch and by keys, in both languages.
func TestDesk(t *testing.T) {
	t.Parallel()
	for _, chromium := range []*browser{english, chinese} {
		for _, s := range screens {
			t.Run(chromium.language+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				d := deskServer(t)
				d.tab = chromium.open(t, s, d.r.URL("/desk"))
				d.press(d.say("Log in as 演示管理员"))
				for _, task := range deskTasks {
					if !t.Run(task.name, func(t *testing.T) {
						d.t, d.tab.t = t, t
						task.do(d)
					}) {
						return
					}
				}
			})
		}
	}
}
