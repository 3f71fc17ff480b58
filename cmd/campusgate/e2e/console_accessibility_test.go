package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"campusgate/storage/storagetest"
)

// axe is the accessibility checker's script, from npm.
func axe(t *testing.T) string {
	t.Helper()
	storagetest.Program(t, "npm")
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS("testdata/accessibility")))
	if printed, err := runIn(t, folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"); err != nil {
		storagetest.NotRun(t, "npm cannot install axe-core: %v\n%s", err, printed)
	}
	script, err := os.ReadFile(filepath.Join(folder, "node_modules/axe-core/axe.min.js"))
	must(t, err)
	return string(script)
}

// Nobody is shut out: axe finds nothing on any page of the console, in either
// language and colour.
func TestConsoleAccessibility(t *testing.T) {
	t.Parallel()
	script := axe(t)
	for _, words := range []struct {
		chromium  *browser
		buy, look string
		open      openAccountWords
		sell      sellUsedWords
		two       buyFromTwoWords
		back      sendBackWords
		ask       askWords
		course    learnWords
	}{
		{english, "Buy a product", "What is on sale?", openAccountEnglish, sellUsedEnglish, buyFromTwoEnglish, sendBackEnglish, askEnglish, learnEnglish},
		{chinese, "买一件商品", "有什么在卖？", openAccountChinese, sellUsedChinese, buyFromTwoChinese, sendBackChinese, askChinese, learnChinese},
	} {
		language := words.chromium.language
		for _, s := range screens[:2] {
			t.Run(language+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				r := consoleServer(t)
				p := words.chromium.open(t, s, r.URL("/console"))
				p.press(words.buy)
				p.press(words.look)
				p.press("头秃生发水")
				if got := evaluate[string](p, `document.documentElement.lang`); got != language {
					t.Errorf("the page's language is %s", got)
				}
				p.do("axe", chromedp.Evaluate[chromedp.Void](script))
				p.accessible("journeys")
				p.openAccount(r, words.open)
				p.accessible("account")
				p.sellUsed(words.sell)
				p.accessible("second-hand")
				p.buyFromTwo(words.two, func(page *tab, name string) {
					page.do("axe", chromedp.Evaluate[chromedp.Void](script))
					page.accessible(name)
				})
				p.accessible("two-sellers")
				p.sendBack(words.back)
				p.accessible("send-back")
				p.learn(words.course)
				p.accessible("learn")
				p.askSeller(words.ask)
				p.accessible("ask")
				for _, page := range []string{"calls/pic/upload", "calls/order/commit", "calls/order/appeal", "calls/property/add", "calls/get/property", "calls/get/pic", "calls/sms/generate", "calls/user/register", "calls/user/password", "calls/category/creat", "live"} {
					p.goTo(page)
					if page == "calls/property/add" {
						p.do("open all", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`),
							chromedp.Evaluate[chromedp.Void](`document.querySelector("article input").value = ""`),
							chromedp.Click("button[type=submit]"))
						p.until(`document.querySelector(".answer") !== null`)
					}
					p.accessible(strings.ReplaceAll(page, "/", "-"))
				}
			})
		}
	}
}

// accessible fails for what axe finds on the page as it is.
func (p *tab) accessible(name string) {
	p.t.Helper()
	p.shoot(name)
	p.fits()
	found := evaluate[[]string](p, `axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
		violations.map(({ id, impact, help, nodes }) => [impact, id, help, ...nodes.map((node) => node.html)].join(" · ")))`)
	for _, violation := range found {
		p.t.Errorf("%s: %s", name, violation)
	}
}
