package e2e

import "time"

// learnWords are the labels of the journey of a course.
type learnWords struct {
	journey, make, chapters, prices, look, week, buy, pay, study, progress, mine, studied, renew, again, done string
}

var (
	learnEnglish = learnWords{
		"Publish a course", "Make a course", "Write its chapters", "Set its prices", "Look at the course", "1周 · ¥9.90", "Order it", "Pay from the wallet",
		"Open a section", "Say how far the video was watched", "See what you have", "Write a server in Go: 75 % studied, open until ", "Order the same again", "See the new end", "Every step was a real call",
	}
	learnChinese = learnWords{
		"发布一门课程", "新建课程", "编写章节", "设定价格", "看看这门课", "1周 · ¥9.90", "下单购买", "用余额支付",
		"打开一节", "记录视频看到哪里", "看看我的课程", "用 Go 写服务器：已学 75%，可学到 ", "同样的再买一次", "看看新的到期时间", "每一步都是真实的调用",
	}
)

// learn goes through the journey: what is bought again ends a week later.
func (p *tab) learn(words learnWords) {
	p.t.Helper()
	p.begin(words.journey)
	for _, step := range []string{words.make, words.chapters, words.prices} {
		p.step(step)
	}
	p.choosing(words.look, words.week)
	for _, step := range []string{words.buy, words.pay, words.study, words.progress, words.mine} {
		p.step(step)
	}
	p.see(words.studied)
	for _, step := range []string{words.renew, words.pay, words.again} {
		p.step(step)
	}
	p.see(words.done)
	ends := evaluate[[]string](p, `[...document.querySelectorAll(".steps .said")].map((note) => note.textContent.match(/\d{4}-\d\d-\d\d/)?.[0]).filter(Boolean)`)
	if len(ends) != 2 {
		p.t.Fatalf("the ends are %q", ends)
	}
	first, err := time.Parse(time.DateOnly, ends[0])
	must(p.t, err)
	if again := first.AddDate(0, 0, 7).Format(time.DateOnly); ends[1] != again {
		p.t.Errorf("it ends on %s, want %s", ends[1], again)
	}
}
