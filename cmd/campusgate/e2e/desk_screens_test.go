package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

// Nobody is shut out of the desk: axe finds nothing on any page of it, in either language and
// colour, from a phone to a large screen.
func TestDeskAccessibility(t *testing.T) {
	t.Parallel()
	script := axe(t)
	large := screen{name: "large", width: 3840, height: 2160}
	for _, chromium := range []*browser{english, chinese} {
		for _, s := range []screen{screens[0], screens[1], large} {
			t.Run(chromium.language+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				d := deskServer(t)
				d.tab = chromium.open(t, s, d.r.URL("/desk"))
				d.do("axe", chromedp.Evaluate[chromedp.Void](script))
				d.see(d.say("Log in as 演示管理员"))
				d.accessible("login")
				d.press(d.say("Log in as 演示管理员"))
				for _, open := range []struct{ queue, row string }{
					{"Reviews", "Desk lamp"}, {"Reports", "头秃生发水"}, {"Identities", "演示卖家"}, {"Appeals", "校徽帆布袋"},
				} {
					d.queue(open.queue)
					d.until(row(open.row) + ` !== undefined`)
					d.accessible("queue-" + open.queue)
					d.openRow(open.row)
					d.accessible("open-" + open.queue)
				}
				d.press(d.say("Decide"))
				d.until(`document.querySelector("article .decision .wrong")?.textContent !== ""`)
				d.fill(d.say("A note for both sides"), "One can see it")
				d.press(d.say("Decide"))
				d.until(`document.querySelector("dialog[open]") !== null`)
				d.accessible("dialog")
				d.key(kb.Escape)
				d.until(`document.querySelector("dialog") === null`)
				d.buy()
				d.search("演示买家", "users")
				d.openRow("演示买家")
				d.accessible("account")
				d.do("unfold all", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`))
				d.accessible("unfolded")
				for _, page := range []string{"ship/orders/batch-0", "market/categories", "market/coupons/newcoupon-0", "numbers", "audit"} {
					d.do("go to "+page, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = %q`, page)))
					ready := map[string]string{"numbers": `document.querySelectorAll(".plot canvas").length === 3`, "audit": row("1180310088") + ` !== undefined`}[page]
					if ready == "" {
						ready = `document.querySelector("article form") !== null || document.querySelector(".rows a[href]") !== null`
					}
					d.until(ready)
					d.accessible(strings.ReplaceAll(page, "/", "-"))
				}
			})
		}
	}
}

// Ten thousand rows are a list as any other: what is in sight is drawn, wherever one goes.
func TestDeskLongList(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	token := campusgatetest.AddUser(t, environ, "102", "张三丰", "0")
	campusgatetest.Run(t, environ, "role", "grant", "--user", "102", "--role", "admin").Want(t, exitOK)
	db := campusgatetest.OpenEmbedded(t, folder)
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error { return audits(t.Context(), tx, 10_000) }))
	r := campusgatetest.Start(t, t.TempDir(), environ)
	p := english.open(t, screens[0], r.URL("/desk#audit"))
	p.press("Use a token of your own")
	p.fill("Token", token)
	p.press("Use it")
	p.until(row("number 9999") + ` !== undefined`)
	if got := evaluate[int](p, `document.querySelector(".scroll").scrollHeight / document.querySelector(".rows li").offsetHeight`); got < 9_999 {
		t.Errorf("the list is %d rows long", got)
	}
	p.do("to the list", chromedp.Evaluate[chromedp.Void](`document.querySelector(".rows a").focus()`), chromedp.KeyEvent(kb.End))
	p.until(row("number 2") + ` !== undefined && document.activeElement.closest(".rows") !== null`)
	p.do("to its middle", chromedp.Evaluate[chromedp.Void](`document.querySelector(".scroll").scrollTop = 5000 * 72`))
	p.until(row("number 49") + ` !== undefined`)
	// Scrolled through at once, it draws no more than a few screens' rows at a time.
	most := evaluate[int](p, `(async () => {
		const box = document.querySelector(".scroll");
		let most = 0;
		for (let top = 0; top < box.scrollHeight; top += 7200) {
			box.scrollTop = top;
			await new Promise(requestAnimationFrame);
			await new Promise(requestAnimationFrame);
			most = Math.max(most, box.querySelectorAll("li").length);
		}
		return most;
	})()`)
	if most > 60 {
		t.Errorf("%d rows were drawn at a time", most)
	}
}

// audits adds so many rows to the audit.
func audits(ctx context.Context, tx *storage.Tx, count int) error {
	for i := range count {
		if err := tx.AddAudit(ctx, storage.Audit{Time: int64(1574951152 + i), UserID: "102", Call: "order/note", Target: fmt.Sprintf("number %d.", i)}); err != nil {
			return err
		}
	}
	return nil
}

// Who is no admin does not come in, and who has failed thrice solves a captcha; a login that has
// ended is asked for again where one was.
func TestDeskLogin(t *testing.T) {
	t.Parallel()
	for _, s := range screens {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_CAPTCHA_LOG_CODES=true")
			r := campusgatetest.Start(t, t.TempDir(), environ)
			const phone = "13700000321"
			id := r.Call(t, "/account", "user/register", `{"phone":"`+phone+`","sms_hash":"`+r.SMSHash(t, phone)+`","password":"`+newPassword+`","user_name":"operator"}`).Field("user_id")
			p := english.open(t, s, r.URL("/desk"))
			logIn := func(name, password string) {
				p.fill("User name or phone", name)
				p.fill("Password", password)
				p.pressAt(`document.querySelector("form button[type=submit]")`)
			}
			logIn("operator", newPassword)
			p.see("operator is no admin.")
			campusgatetest.Run(t, environ, "role", "grant", "--user", id, "--role", "admin").Want(t, exitOK)
			for range 3 {
				logIn(phone, "wrong horse")
				p.see("Name or password is wrong.")
			}
			logIn("operator", newPassword)
			p.see("Type the characters in the picture too.")
			p.until(`document.querySelector(".captcha img") !== null`)
			p.fill("Characters in the picture", lastCode(t, r))
			p.pressAt(`document.querySelector("form button[type=submit]")`)
			p.until(`document.querySelector("header nav a[aria-current]")?.innerText.startsWith("Waiting")`)
			token := evaluate[string](p, `import(new URL("desk/session.js", location.href.split("#")[0].replace(/desk$/, ""))).then(({ session }) => session.token)`)
			p.do("find", chromedp.Evaluate[chromedp.Void](`location.hash = "find/users"`))
			p.until(row("operator") + ` !== undefined`)
			r.Call(t, "/user?token="+token, "user/logout", `{}`)
			p.see("Your login has ended.")
		})
	}
}

// Thirty mixed cases are cleared one after the other without the list: each is a key, and words
// where somebody is told why.
func TestDeskMixedQueue(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	_, picture := campusgatetest.Noise(t, 30)
	url := d.as(deskSecond, "pic/upload", `{"from":"product","base64":"`+picture+`"}`).Field("url")
	category := d.as(deskAdmin, "category/creat", `{"category_name":"书","kind":1}`).Field("category_id")
	for i := range 25 {
		d.as(deskSecond, "product/release", fmt.Sprintf(`{"product_name":"Book %d","product_content":"Read it once.","product_price":5,"original_price":9,"sell_method":1,"ship_price":0,"category_id":%s,"pics":[%q]}`, i, category, url))
	}
	d.tab = english.open(t, screens[2], d.r.URL("/desk"))
	d.press("Log in as 演示管理员")
	d.counts("All", 30)
	d.key("j")
	d.key(kb.Enter)
	for left := 30; left > 0; left-- {
		d.until(`document.querySelector("article .decision button:not(:disabled)") !== null && !document.querySelector("article").dataset.done`)
		switch title := evaluate[string](d.tab, `document.querySelector("article").innerText`); {
		case strings.Contains(title, "Decide the refund"):
			d.fill("A note for both sides", "One can see it")
			d.still()
			d.key("d")
			d.until(`document.querySelector("dialog[open]") !== null`)
			d.mark()
			d.key(kb.Enter)
		case strings.Contains(title, "Reported once"):
			d.fill("A note for the seller", "It does nothing")
			d.still()
			d.mark()
			d.key("x")
		default:
			d.mark()
			d.key("p")
		}
		d.counts("All", left-1)
	}
	d.see("Nothing waits.")
	if got := d.as(deskSecond, "product/mine", `{"count":100}`); strings.Count(got.Raw, `"state":"on_sale"`) < 25 {
		t.Errorf("the seller has %s", got.Raw)
	}
}

// Where somebody else was faster, it is said, and the next case comes.
func TestDeskAnotherWasFaster(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	d.tab = english.open(t, screens[0], d.r.URL("/desk#waiting/reviews"))
	d.press("Log in as 演示管理员")
	d.openRow("Desk lamp, as good as new")
	id := evaluate[string](d.tab, `location.hash.split("-").at(-1)`)
	d.as(deskAdmin, "product/review", `{"product_id":`+id+`,"pass":1}`)
	d.press("Pass")
	d.told("It does not wait any more")
	d.until(`document.querySelector("article h2").innerText.includes("A lamp & <b>more</b>")`)
	d.queue("Appeals")
	d.openRow("校徽帆布袋")
	order := evaluate[string](d.tab, `location.hash.split("-").at(-1)`)
	d.as(deskBuyer, "order/revoke", `{"order_id":"`+order+`"}`)
	d.fill("A note for both sides", "One can see it")
	d.press("Decide")
	d.confirm("¥30.00 will go back to 演示买家", "Decide")
	d.told("It does not wait any more")
	d.see("Nothing waits.")
}

// What an address names is opened as by its row, with what only the row tells.
func TestDeskOpensAnAddress(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	d.tab = english.open(t, screens[0], d.r.URL(fmt.Sprintf("/desk#waiting/reports/product-%d", campusgatetest.DemoProduct)))
	d.press("Log in as 演示管理员")
	d.see("Reported once")
	d.press("Leave it up")
	d.told("Passed: 头秃生发水")
	d.counts("Reports", 0)
	d.see("Nothing waits.")
}

// What comes below pictures stands where it stays before they are here: nothing moves under a
// pointer that is about to decide.
func TestDeskPicturesKeepTheirPlace(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	for _, s := range screens[:2] {
		d.tab = english.open(t, s, d.r.URL("/desk#waiting/reviews"))
		d.press("Log in as 演示管理员")
		d.openRow("Desk lamp, as good as new")
		d.until(`[...document.querySelectorAll("article .pictures img")].filter((i) => i.naturalWidth > 0).length === 2`)
		d.shoot("pictures")
		moved := evaluate[float64](d.tab, `(() => {
			const top = () => document.querySelector("article .decision").getBoundingClientRect().top + document.querySelector(".detail").scrollTop;
			const there = top();
			document.querySelectorAll("article .pictures img").forEach((i) => i.removeAttribute("src"));
			return top() - there;
		})()`)
		if moved != 0 {
			t.Errorf("%s: the decision moves by %v pixels", s.name, moved)
		}
	}
}

// With a queue come its rows: what is pressed at once opens in that queue, and the desk goes on
// there.
func TestDeskRowsComeWithTheirQueue(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	d.tab = english.open(t, screens[0], d.r.URL("/desk#waiting/all"))
	d.press("Log in as 演示管理员")
	d.until(row("头秃生发水") + ` !== undefined`)
	d.do("note where rows lead when the queue is shown", chromedp.Evaluate[chromedp.Void](`{
		const rows = () => [...document.querySelectorAll(".rows a")].map((a) => a.getAttribute("href").split("/")[1]).join(" ");
		new MutationObserver(() => { window.led ??= rows(); }).observe(document.querySelector(".tabs"), { subtree: true, attributeFilter: ["aria-current"] });
	}`))
	d.queue("Reviews")
	if got := evaluate[string](d.tab, `window.led`); got != "reviews reviews" {
		t.Errorf("the rows lead into %s", got)
	}
}

// Who has gone on while a decision is on its way stays there, and who comes back finds what
// was opened.
func TestDeskStaysWhereOneWent(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	d.tab = english.open(t, screens[0], d.r.URL("/desk#waiting/all"))
	d.press("Log in as 演示管理员")
	d.do("hold answers back", chromedp.Evaluate[chromedp.Void](`{
		const { send } = XMLHttpRequest.prototype;
		XMLHttpRequest.prototype.send = function (body) {
			const { onload } = this;
			if (window.held && body?.includes(window.held)) this.onload = () => { window.answer = onload; };
			send.call(this, body);
		};
	}`))
	hold := func(words string) {
		t.Helper()
		d.do("hold "+words, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`window.held = %q; delete window.answer`, words)))
	}
	answered := func() {
		t.Helper()
		d.until(`window.answer !== undefined`)
	}
	const answer = `window.answer()`
	do := func(what string) {
		t.Helper()
		d.do(what, chromedp.Evaluate[chromedp.Void](what))
	}
	wantAddress := func(want string) {
		t.Helper()
		if got := evaluate[string](d.tab, `location.hash`); got != want {
			t.Errorf("the address is %s, want %s", got, want)
		}
	}

	hold(`"review"`)
	d.openRow("Desk lamp, as good as new")
	d.press("Pass")
	answered()
	d.openRow("演示卖家")
	d.see("Is this 演示卖家?")
	do(answer)
	d.counts("All", 4)
	d.told("Passed: Desk lamp, as good as new")
	d.until(`document.querySelector("article").innerText.includes("Is this 演示卖家?")`)

	hold(`"review"`)
	d.openRow("A lamp & <b>more</b>")
	d.press("Pass")
	answered()
	do(`document.querySelector("header nav a[href='#audit']").click(); ` + answer) // the other page is not here yet
	d.until(`document.querySelector("header nav .count").textContent === "3"`)
	wantAddress("#audit")

	d.page("Waiting", "1")
	hold(`"detail"`)
	d.do("open it", chromedp.Evaluate[chromedp.Void](row("头秃生发水")+".click()"))
	answered()
	d.page("Audit", "6")
	d.until(`document.querySelector("form.narrow") !== null`) // the other page is here
	do(answer)
	d.do("go back", chromedp.Evaluate[chromedp.Void](`history.back()`))
	d.see("Reported once")
}

// What was typed outlives a reload, and ends with the login.
func TestDeskKeepsDrafts(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	d.tab = english.open(t, screens[1], d.r.URL("/desk#waiting/appeals"))
	again := func() string {
		t.Helper()
		d.press("Log in as 演示管理员")
		if !evaluate[bool](d.tab, `location.hash.includes("/order-")`) {
			d.openRow("校徽帆布袋")
		}
		d.until(`document.querySelector("article .decision") !== null`) // the address may name it already
		return evaluate[string](d.tab, `document.querySelector("article .decision input:not(.short)").value`)
	}
	again()
	d.fill("A note for both sides", "Half of it, each")
	d.do("reload", chromedp.Evaluate[chromedp.Void](`document.body.replaceChildren()`), chromedp.Navigate(d.r.URL("/desk?again#waiting/appeals")))
	if got := again(); got != "Half of it, each" {
		t.Errorf("after a reload there is %q", got)
	}
	d.press("演示管理员")
	d.leave(fmt.Sprintf(control, "Log out"))
	d.see("For accounts with the role admin.")
	if got := again(); got != "" {
		t.Errorf("after the logout there is %q", got)
	}
}

// mark marks what is open, so that what comes after it is told from it.
func (d *deskDay) mark() {
	d.t.Helper()
	d.do("mark", chromedp.Evaluate[chromedp.Void](`document.querySelector("article").dataset.done = "true"`))
}

// What a channel says and does not fit is said in words, with what one can do about it.
func TestDeskAnomalies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := campusgatetest.Start(t, t.TempDir(), campusgatetest.Embedded(folder), "--demo")
	r.Stdout.Await(t, `/console\n`)
	db := campusgatetest.OpenEmbedded(t, folder)
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
		for i, kind := range []string{"amount", "refund"} {
			if err := tx.AddAnomaly(t.Context(), storage.Anomaly{
				Channel: "alipay", AttemptID: fmt.Sprintf("157495115200001000%d", i), PayID: "15749511520000100", Kind: kind, Amount: 54_00, CreatTime: int64(1574951152 + i),
			}); err != nil {
				return err
			}
		}
		return nil
	}))
	d := &deskDay{t: t, r: r, tab: english.open(t, screens[0], r.URL("/desk#waiting/anomalies"))}
	d.press("Log in as 演示管理员")
	d.counts("Payments", 2)
	d.openRow("Paid another amount")
	d.see("Nothing was paid here by it.")
	d.openRow("The channel refuses to give back")
	d.press("Give it to the wallet")
	d.confirm("¥54.00 will be in the buyer's wallet", "Give it to the wallet")
	d.see("There is no such payment.") // none was made
}

// What the server has given up is said in words, comes by itself, and is tried again: asked about
// before where it moves money.
func TestDeskJobs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := campusgatetest.Start(t, t.TempDir(), campusgatetest.Embedded(folder), "--demo")
	r.Stdout.Await(t, `/console\n`)
	db := campusgatetest.OpenEmbedded(t, folder)
	bury := func(kind, key string) {
		t.Helper()
		ctx, far := t.Context(), time.Now().Unix()+1_000_000
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.AddJob(ctx, storage.Job{Kind: kind, Key: key, Due: far}) }))
		all, err := db.Jobs(ctx, storage.JobFilter{Kind: kind})
		must(t, err)
		job, err := db.TakeJob(ctx, all[0], "test", far)
		must(t, err)
		job.Due, job.Tries, job.Dead, job.LastError = 1574951152, 12, true, "the channel answers 13700000000 times nothing"
		must(t, db.PutBackJob(ctx, job))
	}
	bury("mail", "1180310086")
	for i, s := range []screen{screens[0], screens[1]} {
		chromium := []*browser{english, chinese}[i]
		d := &deskDay{t: t, r: r, tab: chromium.open(t, s, r.URL("/desk#waiting/jobs"))}
		d.press(d.say("Log in as 演示管理员"))
		d.counts("Dead jobs", 1)
		bury("channel.refund", "157495115200010001R15749511520001001N1")
		d.counts("Dead jobs", 2) // by itself
		d.openRow(d.say("Money does not go back by its channel"))
		d.see("137****0000")
		d.until(`document.querySelector("article dd a[href='#find/orders/order-15749511520001001']") !== null`)
		d.press(d.say("Try it again"))
		d.confirm("The channel is asked again to give the money back to the buyer", "Try it again")
		d.told(d.say("It is tried again now."))
		d.counts("Dead jobs", 1)
	}
}

// Identities that wait are counted again and again, and looked at only where there are others: a
// look is a row of the audit.
func TestDeskCountsWithoutLooking(t *testing.T) {
	t.Parallel()
	d := deskServer(t)
	d.tab = english.open(t, screens[0], d.r.URL("/desk#waiting/verifications"))
	d.press("Log in as 演示管理员")
	looks := func(want int) {
		t.Helper()
		d.until(`(() => { // it has asked twice more
			const asked = performance.getEntriesByType("resource").filter(({ name }) => /\/user(\?|$)/.test(name)).length;
			window.asked ??= asked;
			return asked >= window.asked + 2;
		})()`)
		d.do("count anew", chromedp.Evaluate[chromedp.Void](`delete window.asked`))
		if got := d.as(deskAdmin, "audit/list", `{"call":"user/list"}`).Field("num"); got != strconv.Itoa(want) {
			t.Errorf("accounts were looked at %s times, want %d", got, want)
		}
	}
	d.counts("Identities", 1)
	looks(1)
	_, card := campusgatetest.Noise(t, 60)
	d.as(deskBuyer, "user/verify", `{"real_name":"李雷","id_code":"110105194912310038","pic_up":"`+card+`","pic_down":"`+card+`"}`)
	d.counts("Identities", 2) // by itself
	looks(2)
	d.openRow("演示卖家")
	d.press("Pass")
	d.told("Passed: 演示卖家")
	d.counts("Identities", 1)
	looks(2)
}

// lastCode is that of the captcha that was drawn last.
func lastCode(t *testing.T, r *campusgatetest.Process) string {
	t.Helper()
	all := r.Stderr.Await(t, `(?s).*captcha rand=\w+ code=(\w+)`)
	return all[1]
}
