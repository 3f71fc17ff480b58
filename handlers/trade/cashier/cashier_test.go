package cashier

import (
	"bytes"
	"fmt"
	"image"
	imagedraw "image/draw"
	"regexp"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/channeltest"
	"campusgate/handlers/trade/page"
)

// The ways to pay are those of the channels that are set up, in this order.
func TestOffers(t *testing.T) {
	t.Parallel()
	fake := channeltest.New()
	all := channel.Set{channel.Sandbox: fake, channel.Pingpp: fake, channel.WeChat: fake, channel.Alipay: fake}
	for _, o := range []struct {
		set       channel.Set
		userAgent string
		want      string
	}{
		{all, "Mozilla/5.0 (X11; Linux x86_64)", "alipay-pc wechat-native pingpp-pc pingpp-native sandbox-pc"},
		{all, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148", "alipay-wap wechat-native pingpp-wap pingpp-native sandbox-wap"},
		{all, "Mozilla/5.0 (Linux; Android 14; Tablet)", "alipay-wap wechat-native pingpp-wap pingpp-native sandbox-wap"},
		{channel.Set{channel.WeChat: fake}, "", "wechat-native"},
		{nil, "", ""},
	} {
		var got []string
		for _, offer := range Offers(o.set, OnPhone(o.userAgent)) {
			got = append(got, offer.ID())
		}
		if strings.Join(got, " ") != o.want {
			t.Errorf("%s: %v, want %s", o.userAgent, got, o.want)
		}
	}
}

// A QR code is read back as it was written, from its lines as a browser draws them.
func TestQR(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"weixin://wxpay/bizpayurl?pr=abcdefg", "https://pay.example/" + strings.Repeat("ä/", 200)} {
		drawn, err := qr(text)
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(draw(t, string(drawn)))
		if err != nil {
			t.Fatal(err)
		}
		read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
		if err != nil || read.GetText() != text {
			t.Errorf("%.40s is read as %v, %v", text, read, err)
		}
	}
	if _, err := qr(strings.Repeat("长", 4000)); err == nil {
		t.Error("a text that no code holds was drawn")
	}
}

// draw is what a browser draws, 4 pixels for each square.
func draw(t *testing.T, svg string) image.Image {
	t.Helper()
	var size int
	if _, err := fmt.Sscanf(svg, `<svg viewBox="0 0 %d`, &size); err != nil {
		t.Fatal(err)
	}
	picture := image.NewGray(image.Rect(0, 0, 4*size, 4*size))
	imagedraw.Draw(picture, picture.Bounds(), image.White, image.Point{}, imagedraw.Src)
	for _, groups := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1H`).FindAllStringSubmatch(svg, -1) {
		var x, y, width int
		if _, err := fmt.Sscan(groups[1]+" "+groups[2]+" "+groups[3], &x, &y, &width); err != nil {
			t.Fatal(err)
		}
		imagedraw.Draw(picture, image.Rect(4*x, 4*y, 4*(x+width), 4*(y+1)), image.Black, image.Point{}, imagedraw.Src)
	}
	return picture
}

// Each face of a page says what it is, in both languages, and nothing of another's.
func TestFaces(t *testing.T) {
	t.Parallel()
	sales := []Sale{{"书店", []Good{{"<b>茶</b>", 2}}}, {"Second", []Good{{"杯子", 1}}}, {"书店", []Good{{"课本", 1}}}, {"Third", nil}}
	offers := []Offer{{channel.Alipay, channel.PC}, {channel.WeChat, channel.Native}}
	problem := page.Text{"没有应答", "no answer"}
	for _, f := range []struct {
		name     string
		view     View
		has      [2]string // of each language, separated by |
		lacks    string
		anywhere string
	}{
		{
			"waiting",
			View{State: Waiting, Sales: sales, Left: 1799, Offers: offers, Amount: 1234_05},
			[2]string{"付款给 书店、Second +1|选择付款方式|>支付宝<|微信支付", "Pay 书店、Second +1|How do you want to pay?|>Alipay<|WeChat Pay"},
			"<b>|付款成功|This is a sandbox|Back", "1234.05|29:59|&lt;b&gt;茶|× 2|value=\"alipay-pc\"|value=\"wechat-native\"|<script>",
		},
		{
			"no way",
			View{State: Waiting, Title: page.Text{"钱包充值", "Money"}, Left: 7322},
			[2]string{"钱包充值|没有可用的付款方式", "Money|There is no way"},
			"<form|<button|<details", "2:02:02",
		},
		{
			"sandbox",
			View{State: Waiting, Offers: []Offer{{channel.Sandbox, channel.WAP}}},
			[2]string{"不动用真钱|>模拟支付<", "no money moves|>Sandbox<"},
			"alipay", "00:00",
		},
		{
			"problem", View{State: Waiting, Offers: offers, Problem: &problem}, [2]string{"没有应答", "no answer"}, "", `role="alert">`,
		},
		{
			"page of a channel",
			View{State: Waiting, Offers: offers, Chosen: &Chosen{offers[0], channel.Action{PayURL: "https://pay.example/?a=1&b=2"}}, ReturnURL: "https://shop.example/"},
			[2]string{"去付款|换一种方式|返回", "Go on and pay|Another way|Back"},
			`value="alipay-pc"`,
			`href="https://pay.example/?a=1&amp;b=2"|value="wechat-native"|href="https://shop.example/"`,
		},
		{
			"code",
			View{State: Waiting, Offers: offers, Chosen: &Chosen{offers[1], channel.Action{CodeURL: "weixin://wxpay/1"}}},
			[2]string{"请用微信扫一扫", "Scan it with WeChat"},
			`value="wechat-native"`, `<svg viewBox="0 0 `,
		},
		{
			"charge",
			View{State: Waiting, Offers: offers, Chosen: &Chosen{Offer{channel.Pingpp, channel.PC}, channel.Action{Charge: "{}"}}},
			[2]string{"请在打开付款的应用里继续", "Go on in the app"},
			"", "Ping++",
		},
		{
			"paid",
			View{State: Paid, Sales: sales[:1], Offers: offers, ReturnURL: "https://shop.example/"},
			[2]string{"付款成功|返回", "Paid|Back"},
			"<form|role=\"timer\"", `href="https://shop.example/"`,
		},
		{"closed", View{State: Closed, Sales: sales[:1], Offers: offers}, [2]string{"已关闭", "Closed"}, "<form|role=\"timer\"", ""},
	} {
		for i, language := range []page.Language{page.Chinese, page.English} {
			f.view.Language, f.view.Face = language, Face(f.view.State, "1")
			answer := f.view.Page(200)
			_, body, _ := bytes.Cut(answer.Body, []byte("<main>"))
			for want := range strings.SplitSeq(f.has[i]+"|"+f.anywhere, "|") {
				if !bytes.Contains(body, []byte(want)) {
					t.Errorf("%s, %s lacks %q:\n%s", f.name, language, want, body)
				}
			}
			for unwanted := range strings.SplitSeq(f.lacks, "|") {
				if unwanted != "" && bytes.Contains(body, []byte(unwanted)) {
					t.Errorf("%s, %s has %q", f.name, language, unwanted)
				}
			}
			if face := fmt.Sprintf(`data-face="%s 1"`, f.view.State); !bytes.Contains(body, []byte(face)) {
				t.Errorf("%s lacks %s", f.name, face)
			}
		}
	}
	for _, language := range []page.Language{page.Chinese, page.English} {
		none, down := None(language), Down(language)
		if none.Status != 404 || down.Status != 503 || bytes.Contains(none.Body, []byte("<script>")) || bytes.Equal(none.Body, down.Body) {
			t.Errorf("%d %s\n%d %s", none.Status, none.Body, down.Status, down.Body)
		}
	}
}
