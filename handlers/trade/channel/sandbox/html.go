package sandbox

import (
	"net/http"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/page"
	"campusgate/storage"
)

// begin begins a page, which says at its head that it is no real one.
func begin(request dispatch.PlainRequest) *page.Page {
	p := page.New(page.LanguageOf(request.Header("Accept-Language")), page.Text{"模拟支付", "Sandbox payment"}, "")
	p.Printf(`<p class="sign">%s</p>`, page.Text{"模拟支付，不动用真钱。", "This is a sandbox: no money moves."})
	return p
}

// none answers that there is no such payment.
func none(request dispatch.PlainRequest) dispatch.PlainAnswer {
	p := begin(request)
	p.Printf("<h1>%s</h1>", page.Text{"没有这笔支付", "No such payment"})
	return p.Answer(http.StatusNotFound, "")
}

// show answers the page of a trade.
func (c *Channel) show(request dispatch.PlainRequest, status int, t storage.SandboxTrade) dispatch.PlainAnswer {
	p := begin(request)
	p.Printf("<h1>%s</h1>", t.Subject)
	p.Printf(`<p class="amount"><span class="yuan">¥</span>%s</p>`, channel.FormatYuan(t.Amount))
	p.Printf(`<p class="quiet">%s %s</p>`, page.Text{"编号", "Number"}, t.AttemptID)
	switch {
	case t.Result != "":
		showEnd(p, t, told[t.Result])
	case c.expired(t):
		showEnd(p, t, page.Text{"已过期", "Expired"})
	default:
		showForm(p)
	}
	return p.Answer(status, t.ReturnURL)
}

func showEnd(p *page.Page, t storage.SandboxTrade, told page.Text) {
	p.Printf(`<p class="told" role="status">%s</p>`, told)
	if t.ReturnURL != "" { // of http or https: order/pay takes no other
		p.Printf(`<p><a href="%s">%s</a></p>`, t.ReturnURL, page.Text{"返回", "Back"})
	}
}

func showForm(p *page.Page) {
	p.Printf(`<form method="post">`)
	buttons(p, ways)
	p.Printf("<details>\n<summary>%s</summary>", page.Text{"其他情形", "Other ways"})
	buttons(p, otherWays)
	p.Printf("</details>\n</form>")
}

func buttons(p *page.Page, ways []way) {
	for _, w := range ways {
		p.Printf(`<button name="result" value="%s" class="%s">%s</button>`, w.Result, w.Class, w.Text)
	}
}
