// Package cashier writes the page on which a person chooses how to pay, and sees what
// became of it. It knows a payment by what it is told, and moves nothing.
package cashier

import (
	_ "embed"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/page"
)

// The script asks for the state as it changes, and counts the time down. Without it the
// page says the same when it is loaded again.
//
//go:embed cashier.js
var script string

// A View is what a page shows of a payment.
type View struct {
	Language page.Language
	Title    page.Text // what it is, where there are no sales
	Sales    []Sale
	Amount   int64 // fen
	State    State
	Left     int64 // seconds in which it can be paid
	Offers   []Offer
	// Chosen is the attempt that is open, nil where none is.
	Chosen *Chosen
	// Problem is what stands in the way, nil where nothing does.
	Problem   *page.Text
	ReturnURL string // where the user came from; "" is nowhere
	// Face is [Face] of what is shown: the script loads the page again when it has changed.
	Face string
}

// A Sale is what one seller gets money for.
type Sale struct {
	Seller string
	Goods  []Good
}

// A Good is what is sold.
type Good struct {
	Name   string
	Pieces int64
}

// A Chosen is an attempt to pay, and how its user goes on.
type Chosen struct {
	Offer  Offer
	Action channel.Action
}

// A State is that of a payment.
type State string

// The states of payments.
const (
	Waiting State = "waiting"
	Paid    State = "paid"
	Closed  State = "closed"
)

// Face names what a page shows of a payment: its state, and the attempt that is open.
func Face(state State, attempt string) string {
	return strings.TrimSpace(string(state) + " " + attempt)
}

var title = page.Text{"收银台", "Cashier"}

// None is the answer to a key that is none, or has ended.
func None(l page.Language) dispatch.PlainAnswer {
	p := page.New(l, title, "")
	p.Printf("<h1>%s</h1>\n<p>%s</p>", page.Text{"这个付款链接不能用", "This link pays nothing"},
		page.Text{"它已经结束，或者不完整。付款的结果请在订单里查看。", "It has ended, or a part of it is missing. Your orders tell what became of a payment."})
	return p.Answer(http.StatusNotFound, "")
}

// Down is the answer where nothing can be told now.
func Down(l page.Language) dispatch.PlainAnswer {
	p := page.New(l, title, "")
	p.Printf("<h1>%s</h1>\n<p>%s</p>", page.Text{"暂时打不开", "Not now"},
		page.Text{"请过一会儿再刷新。付过的钱不会丢。", "Load the page again in a moment. What you have paid is not lost."})
	return p.Answer(http.StatusServiceUnavailable, "")
}

// Page is the answer with a page.
func (v View) Page(status int) dispatch.PlainAnswer {
	p := page.New(v.Language, title, script)
	p.Printf(`<div id="cashier" data-face="%s">`, v.Face)
	if v.sandbox() {
		p.Printf(`<p class="sign">%s</p>`, page.Text{"模拟支付，不动用真钱。", "This is a sandbox: no money moves."})
	}
	v.head(p)
	switch v.State {
	case Paid:
		v.end(p, "good", page.Text{"✓ 付款成功", "✓ Paid"})
	case Closed:
		v.end(p, "", page.Text{"已关闭，不能再付款", "Closed: it can be paid no more"})
	default:
		v.methods(p)
	}
	v.what(p)
	p.Printf("</div>")
	return p.Answer(status, "")
}

func (v View) sandbox() bool {
	return slices.ContainsFunc(v.Offers, func(o Offer) bool { return o.Method == channel.Sandbox })
}

// head is how much, from whom, and how long.
func (v View) head(p *page.Page) {
	if len(v.Sales) == 0 {
		p.Printf("<h1>%s</h1>", v.Title)
	} else {
		p.Printf("<h1>%s%s</h1>", page.Text{"付款给 ", "Pay "}, v.sellers())
	}
	p.Printf(`<p class="amount"><span class="yuan">¥</span>%s</p>`, channel.FormatYuan(v.Amount))
	if v.State == Waiting {
		p.Printf(`<p class="quiet">%s <span id="left" role="timer" data-left="%d">%s</span></p>`,
			page.Text{"剩余时间", "Time left"}, v.Left, clock(v.Left))
	}
}

// sellers are the names of all, or of the first two.
func (v View) sellers() string {
	var names []string
	for _, sale := range v.Sales {
		if !slices.Contains(names, sale.Seller) {
			names = append(names, sale.Seller)
		}
	}
	if more := len(names) - 2; more > 0 {
		return strings.Join(names[:2], "、") + fmt.Sprintf(" +%d", more)
	}
	return strings.Join(names, "、")
}

// clock is seconds as 29:59, or 1:29:59.
func clock(seconds int64) string {
	seconds = max(0, seconds)
	text := fmt.Sprintf("%02d:%02d", seconds/60%60, seconds%60)
	if hours := seconds / 3600; hours > 0 {
		return fmt.Sprintf("%d:%s", hours, text)
	}
	return text
}

// end is how a payment ended, and where its user goes on.
func (v View) end(p *page.Page, class string, told page.Text) {
	p.Printf(`<p class="told %s" role="status">%s</p>`, class, told)
	v.back(p)
}

func (v View) back(p *page.Page) {
	if v.ReturnURL != "" { // of http or https: no call takes another
		p.Printf(`<p><a href="%s">%s</a></p>`, v.ReturnURL, page.Text{"返回", "Back"})
	} else if v.State != Waiting {
		p.Printf("<p>%s</p>", page.Text{"这一页可以关了。", "You can close this page."})
	}
}

// methods are the ways to pay, the chosen one first.
func (v View) methods(p *page.Page) {
	p.Printf(`<p id="away" class="told bad" role="alert" hidden>%s</p>`, page.Text{
		"连接不上服务器，正在重试。付过的钱不会丢。", "The server cannot be reached; trying again. What you have paid is not lost.",
	})
	if v.Problem != nil {
		p.Printf(`<p class="told bad" role="alert">%s</p>`, *v.Problem)
	}
	if v.Chosen != nil {
		v.Chosen.show(p)
	}
	if len(v.Offers) == 0 {
		p.Printf(`<p class="told" role="status">%s</p>`, page.Text{"现在没有可用的付款方式。", "There is no way to pay now."})
		return
	}
	v.form(p)
	v.back(p)
}

// form has a button for each way but the chosen one.
func (v View) form(p *page.Page) {
	heading, others := page.Text{"选择付款方式", "How do you want to pay?"}, v.Offers
	if v.Chosen != nil {
		heading = page.Text{"换一种方式", "Another way"}
		others = slices.DeleteFunc(slices.Clone(others), v.Chosen.Offer.like)
	}
	if len(others) == 0 {
		return
	}
	p.Printf("<h2>%s</h2>\n<form method=\"post\">", heading)
	for _, o := range others {
		p.Printf(`<button class="method" name="method" value="%s">%s<span>%s</span></button>`, o.ID(), o.mark(), o.name())
	}
	p.Printf("</form>")
}

// show tells how the user goes on at the channel.
func (c Chosen) show(p *page.Page) {
	p.Printf(`<section class="chosen"><h2>%s%s</h2>`, c.Offer.mark(), c.Offer.name())
	switch {
	case c.Action.CodeURL != "":
		code, err := qr(c.Action.CodeURL)
		if err != nil {
			p.Printf("<p>%s</p>", page.Text{"二维码太长，请换一种方式。", "The QR code is too long; choose another way."})
			break
		}
		scan := page.Text{"请用手机扫一扫付款。", "Scan it with your phone and pay."}
		if c.Offer.wechat() {
			scan = page.Text{"请用微信扫一扫付款，不能从相册识别。", "Scan it with WeChat; it does not work from the album."}
		}
		p.Printf(`<div class="code" role="img" aria-label="%s">%s</div><p>%s</p>`, page.Text{"付款二维码", "QR code for paying"}, code, scan)
	case c.Action.PayURL != "":
		p.Printf(`<p><a class="go" href="%s" rel="noreferrer">%s</a></p><p class="quiet">%s</p>`, c.Action.PayURL,
			page.Text{"去付款", "Go on and pay"}, page.Text{"付完后回到这里看结果。", "Come back here afterwards to see the result."})
	default:
		p.Printf("<p>%s</p>", page.Text{"请在打开付款的应用里继续。", "Go on in the app in which you began to pay."})
	}
	p.Printf("</section>")
}

// what is paid for, without addresses, phones and notes.
func (v View) what(p *page.Page) {
	if len(v.Sales) == 0 {
		return
	}
	p.Printf("<details open>\n<summary>%s</summary>", page.Text{"付款内容", "What is paid"})
	for _, sale := range v.Sales {
		p.Printf("<h2>%s</h2>\n<ul>", sale.Seller)
		for _, good := range sale.Goods {
			p.Printf(`<li><span>%s</span><span class="quiet">× %d</span></li>`, good.Name, good.Pieces)
		}
		p.Printf("</ul>")
	}
	p.Printf("</details>")
}
