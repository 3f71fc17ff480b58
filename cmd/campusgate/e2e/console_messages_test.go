package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// askWords are the labels of the journey that asks a seller, and of the page of messages.
type askWords struct {
	journey, find, ask, see, seen, answer, read, list, done, about, search, message, send, buyer, seller, unread, more, sample, sendPicture, block, blocked string
}

var (
	askEnglish = askWords{
		"Ask the seller", "Which product is it about?", "Ask", "See what the seller has got", "演示买家: Is it still there?", "Answer", "Mark it as read", "See the answer", "Every step was a real call",
		"Ask about a product", "Search", "Message", "Send", "演示买家 · wallet ¥1000.00", "演示卖家 · wallet ¥500.00", "1 new",
		"More: a picture", "Use a sample picture", "Post the picture", "Block", "Neither of you can write to the other.",
	}
	askChinese = askWords{
		"问问卖家", "问哪件商品？", "发问", "看看卖家收到了什么", "演示买家：还在吗？", "回复", "标为已读", "看看回复", "每一步都是真实的调用",
		"询问一件商品", "搜索", "消息", "发送", "演示买家 · 余额 ¥1000.00", "演示卖家 · 余额 ¥500.00", "1 条新消息",
		"更多：图片", "用示例图片", "把图片发出去", "拉黑", "你们不能互相发消息。",
	}
)

// askSeller goes through the journey.
func (p *tab) askSeller(words askWords) {
	p.t.Helper()
	p.begin(words.journey)
	p.choosing(words.find, "头秃生发水")
	p.step(words.ask)
	p.step(words.see)
	p.see(words.seen)
	for _, step := range []string{words.answer, words.read, words.list} {
		p.step(step)
	}
	p.see(words.done)
}

// TestConsoleMessages: two windows see each other's messages and pictures, in either language,
// on every screen, and axe finds nothing on them. Pushes alone bring them: the windows read
// nothing by themselves once they have read the lists.
func TestConsoleMessages(t *testing.T) {
	t.Parallel()
	script := axe(t)
	for _, c := range []struct {
		chromium *browser
		words    askWords
	}{{english, askEnglish}, {chinese, askChinese}} {
		for _, s := range screens {
			t.Run(c.chromium.language+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				words, at := c.words, consoleServer(t).URL("/console#messages")
				buyer, seller := c.chromium.open(t, s, at), c.chromium.open(t, s, at)
				seller.choose(words.seller)
				buyer.readsNoMore()
				seller.readsNoMore()
				buyer.see("装得下，还能放两本书。") // of the demo, not read
				buyer.see(words.unread)
				buyer.press(words.about)
				buyer.press(words.search)
				buyer.press("头秃生发水")
				buyer.says(words, "<b>还在吗？</b>")
				seller.see("演示买家")
				seller.see(words.unread)
				seller.pressAt(`document.querySelector(".conversations button")`)
				seller.until(`document.querySelector(".messages .theirs")?.innerText.includes("<b>还在吗？</b>")`)
				seller.until(`document.querySelector(".unread") === null`)
				seller.says(words, "在的")
				buyer.until(`document.querySelector(".messages .theirs")?.innerText.includes("在的")`)
				buyer.press(words.more)
				buyer.press(words.sample)
				buyer.press(words.sendPicture)
				seller.until(`[...document.querySelectorAll(".messages .theirs img")].some((i) => i.naturalWidth === 320)`)
				buyer.until(`[...document.querySelectorAll(".messages .mine img")].some((i) => i.naturalWidth === 320)`)
				buyer.press(words.more)
				buyer.press(words.block)
				buyer.see(words.blocked)
				for name, p := range map[string]*tab{"buyer": buyer, "seller": seller} {
					p.do("axe", chromedp.Evaluate[chromedp.Void](script))
					p.accessible("messages-" + name)
				}
			})
		}
	}
}

// readsNoMore keeps the page from reading its lists every few seconds, and waits until it would.
// Other timers run: axe gives up by one where it waits for something.
func (p *tab) readsNoMore() {
	p.t.Helper()
	p.do("no more polls", chromedp.Evaluate[chromedp.Void](`(() => {
		const real = window.setTimeout;
		window.polls = 0;
		window.setTimeout = (f, ...more) => f.name === "poll" ? ++window.polls : real(f, ...more);
	})()`))
	p.until("window.polls > 0")
}

// says sends a message in the conversation that is open, and sees it there.
func (p *tab) says(words askWords, text string) {
	p.t.Helper()
	p.fill(words.message, text)
	p.press(words.send)
	p.until(`[...document.querySelectorAll(".messages .mine")].some((m) => m.innerText.includes("` + text + `"))`)
}
