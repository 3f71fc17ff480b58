package cashier

import (
	"strings"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/page"
)

// An Offer is a way to pay that a page shows.
type Offer struct {
	Method string // a channel
	Client string // as in [channel.Attempt]
}

// ID names an offer in a page's form.
func (o Offer) ID() string { return o.Method + "-" + o.Client }

// Offers are the ways to pay by the channels that are set up, on a computer or on a phone,
// the best known first.
func Offers(set channel.Set, phone bool) (offers []Offer) {
	browser := channel.PC
	if phone {
		browser = channel.WAP
	}
	for _, o := range []Offer{
		{channel.Alipay, browser},
		{channel.WeChat, channel.Native},
		{channel.Pingpp, browser},
		{channel.Pingpp, channel.Native},
		{channel.Sandbox, browser},
	} {
		if set[o.Method] != nil {
			offers = append(offers, o)
		}
	}
	return offers
}

// OnPhone reports whether a browser is a phone's, by its header User-Agent.
func OnPhone(userAgent string) bool {
	return strings.Contains(userAgent, "Mobile") || strings.Contains(userAgent, "Android")
}

// like reports whether two offers are the same to who pays, on whatever device.
func (o Offer) like(other Offer) bool {
	return o.Method == other.Method && o.wechat() == other.wechat()
}

func (o Offer) wechat() bool {
	return o.Method == channel.WeChat || o.Method == channel.Pingpp && o.Client == channel.Native
}

func (o Offer) name() page.Text {
	name := page.Text{"支付宝", "Alipay"}
	switch {
	case o.Method == channel.Sandbox:
		return page.Text{"模拟支付", "Sandbox"}
	case o.wechat():
		name = page.Text{"微信支付（扫码）", "WeChat Pay (QR code)"}
	}
	if o.Method == channel.Pingpp {
		name[0], name[1] = name[0]+" · Ping++", name[1]+" · Ping++"
	}
	return name
}

// The marks are the project's own drawings, 24 × 24: a coin in blue, a bubble in green,
// and a flask.
var (
	alipayMark  = svg(`<rect width="24" height="24" rx="6" fill="#1677ff"/><circle cx="12" cy="12" r="7" fill="none" stroke="#fff" stroke-width="2"/><path d="M9 8.5l3 3.5 3-3.5M12 12v4.5M9.3 13h5.4" fill="none" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/>`)
	wechatMark  = svg(`<rect width="24" height="24" rx="6" fill="#16a34a"/><path d="M12 5.5c-4.1 0-7 2.5-7 5.8 0 1.9 1 3.5 2.7 4.5l-.6 2.2 2.6-1.2c.7.2 1.5.3 2.3.3 4.1 0 7-2.5 7-5.8s-2.9-5.8-7-5.8z" fill="#fff"/><path d="M9 11.3l2.2 2.2 4-4" fill="none" stroke="#16a34a" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`)
	sandboxMark = svg(`<rect x="1" y="1" width="22" height="22" rx="6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="3 2"/><path d="M10 6h4M10.8 6v4.5L7.5 17c-.4.7.1 1.5.9 1.5h7.2c.8 0 1.3-.8.9-1.5l-3.3-6.5V6M9.3 14h5.4" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>`)
)

func svg(shapes page.HTML) page.HTML {
	return `<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">` + shapes + `</svg>`
}

func (o Offer) mark() page.HTML {
	switch {
	case o.Method == channel.Sandbox:
		return sandboxMark
	case o.wechat():
		return wechatMark
	}
	return alipayMark
}
