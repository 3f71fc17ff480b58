package e2e

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// browser is a Chromium, with an empty profile, for all tests of a language: it takes
// longer to start than a journey takes.
type browser struct {
	language string
	start    sync.Once
	ctx      context.Context
	stop     func() // nil where it was not started
	err      error
}

var english, chinese = &browser{language: "en"}, &browser{language: "zh-CN"}

// closeBrowsers ends those that were started.
func closeBrowsers() {
	for _, b := range []*browser{english, chinese} {
		if b.stop != nil {
			b.stop()
		}
	}
}

func (b *browser) launch(path string) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.WSURLReadTimeout(2*campusgatetest.Patience),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		// What a window makes of its address bar takes a quarter of the time of a journey.
		chromedp.Flag("disable-features", "Translate,WebUIOmniboxPopup,WebUIOmniboxAimPopup"),
		chromedp.Flag("lang", b.language), chromedp.Flag("accept-lang", b.language),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeTabs := chromedp.NewContext(allocator)
	b.ctx = ctx
	b.stop = func() { // it waits until the process has ended
		_ = chromedp.Cancel(ctx)
		closeTabs()
		stopAllocator()
	}
	b.err = chromedp.Do(ctx)
}

// screen is what a page is looked at on, and how it is used there.
type screen struct {
	name          string
	width, height int64
	phone, dark   bool
	keys          bool // by Tab and Enter, without a pointer
}

var screens = []screen{
	{name: "desktop", width: 1280, height: 900},
	{name: "phone", width: 360, height: 780, phone: true, dark: true},
	{name: "keyboard", width: 1280, height: 900, keys: true},
}

// tab is a page of the browser. What its console complains of fails the test.
type tab struct {
	t       *testing.T
	browser *browser
	ctx     context.Context
	screen  screen
	words   map[string]string // what is said on the page for what the test says, where it differs
	// console is what it said so far: errors, warnings, what the page's policy
	// forbade, and as many marks as complaints was called.
	console *campusgatetest.Stream
	marks   int
}

// open shows an address, until the test ends. Without Chromium the test is skipped, or
// fails where the environment says CI=true.
func (b *browser) open(t *testing.T, s screen, url string) *tab {
	t.Helper()
	path := storagetest.Program(t, "chromium")
	b.start.Do(func() { b.launch(path) })
	must(t, b.err)
	ctx, closeTab := chromedp.NewContext(b.ctx)
	p := &tab{t: t, browser: b, ctx: ctx, screen: s, console: campusgatetest.NewStream()}
	must(t, chromedp.Do(ctx)) // the tab ends with the context that uses it first
	messages := chromedp.Console(ctx)
	var listening sync.WaitGroup
	listening.Go(func() {
		for message, err := range messages {
			if err == nil {
				fmt.Fprintln(p.console, message)
			}
		}
	})
	t.Cleanup(func() {
		p.shoot("end")
		complaints := p.complaints()
		closeTab()
		listening.Wait()
		if complaints != "" {
			t.Errorf("the browser's console says\n%s", complaints)
		}
	})
	scheme := map[bool]string{false: "light", true: "dark"}[s.dark]
	p.do("open "+url,
		perform(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.phone,
		}),
		// Else a page behind another one, of a test that runs beside, may stand still.
		perform(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
		perform(emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: s.phone}),
		perform(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		}),
		chromedp.Navigate(url))
	return p
}

func perform[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// complaints are what the console said since the last call.
func (p *tab) complaints() string {
	p.t.Helper()
	// Messages come in their order: with the mark, all before it have come.
	last := fmt.Sprintf("log: mark %d\n", p.marks)
	p.marks++
	p.do("mark", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`console.log("mark %d")`, p.marks)))
	mark := p.console.Await(p.t, fmt.Sprintf("log: mark %d\n", p.marks))[0]
	said, _, _ := strings.Cut(p.console.String(), mark)
	if _, since, found := strings.Cut(said, last); found {
		return since
	}
	return said
}

// do runs actions, which must end within campusgatetest.Patience.
func (p *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, campusgatetest.Patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.failed(what, err)
	}
}

func (p *tab) failed(what string, err error) {
	p.t.Helper()
	p.shoot("failed")
	shown, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	p.t.Fatalf("%s: %v; the page shows\n%s", what, err, shown)
}

// see waits until the page shows a text.
func (p *tab) see(text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.body.innerText.includes(%q)`, p.said(text)))
}

// said is how the page says it.
func (p *tab) said(text string) string { return cmp.Or(p.words[text], text) }

// until waits until an expression is true, on the next page where this one is left meanwhile.
func (p *tab) until(expression string) {
	p.t.Helper()
	poll := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(0))
	p.do("wait for "+expression, func(ctx context.Context, target *chromedp.Target) (done chromedp.Void, err error) {
		for {
			done, err = poll(ctx, target)
			if gone, ok := errors.AsType[*cdproto.Error](err); !ok || gone.Code != goneContext || !strings.Contains(gone.Message, "context") {
				return done, err
			}
		}
	})
}

// goneContext is Chromium's error where a page is left while it works for us.
const goneContext = -32000

// evaluate is the value of an expression, or of what it promises.
func evaluate[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, campusgatetest.Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.failed(expression, err)
	}
	return value
}

// control is the last element on the page that a person would call by the label:
// a button or link that shows it, or what its label names: by its words, or by the name on the
// wire beside them.
const control = `(() => {
	const visible = (e) => e && e.checkVisibility() && e.getClientRects().length > 0 && !e.disabled;
	const says = (e) => e.innerText.trim().startsWith(%[1]q);
	const names = (e) => says(e) || e.querySelector(".key")?.innerText === %[1]q;
	const labelled = [...document.querySelectorAll("label")].filter(names).map((l) => document.getElementById(l.htmlFor));
	return [...[...document.querySelectorAll("button, a, summary")].filter(says), ...labelled].filter(visible).at(-1);
})()`

// reach waits for a control and moves to it, by Tab where there is no pointer.
func (p *tab) reach(label string) (expression string) {
	p.t.Helper()
	expression = fmt.Sprintf(control, p.said(label))
	p.reachAt(expression)
	return expression
}

// reachAt is reach for what an expression finds.
func (p *tab) reachAt(expression string) {
	p.t.Helper()
	p.until(`(` + expression + ` ?? undefined) !== undefined`)
	if !p.screen.keys {
		return
	}
	for range 400 {
		if evaluate[bool](p, expression+" === document.activeElement") {
			return
		}
		p.do("Tab", chromedp.KeyEvent(kb.Tab))
	}
	p.t.Fatalf("Tab does not reach %s", expression)
}

// press uses a button or a link.
func (p *tab) press(label string) {
	p.t.Helper()
	p.pressAt(fmt.Sprintf(control, p.said(label)))
}

// pressAt is press for what an expression finds.
func (p *tab) pressAt(expression string) {
	p.t.Helper()
	p.do("press "+expression, p.pressing(expression))
}

// pressing reaches what an expression finds, which the action uses.
func (p *tab) pressing(expression string) chromedp.Action[chromedp.Void] {
	p.t.Helper()
	p.reachAt(expression)
	if p.screen.keys {
		return chromedp.KeyEvent(kb.Enter)
	}
	return chromedp.Click(chromedp.JSPath(expression))
}

// leave presses what leads to another document, and waits for that.
func (p *tab) leave(expression string) {
	p.t.Helper()
	pressing := p.pressing(expression)
	ctx, cancel := context.WithTimeout(p.ctx, campusgatetest.Patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, pressing); err != nil {
		p.failed("leave by "+expression, err)
	}
}

// fill types into a field, in place of what is there.
func (p *tab) fill(label, text string) {
	p.t.Helper()
	at := p.reach(label)
	if !p.screen.keys {
		p.do("click "+label, chromedp.Click(chromedp.JSPath(at)))
	}
	p.do("select", chromedp.Evaluate[chromedp.Void](at+".select()"))
	p.do("type "+label, chromedp.KeyEvent(text))
}

// goTo shows another page of the console, a call or live.
func (p *tab) goTo(page string) {
	p.t.Helper()
	p.do("go to "+page, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = %q`, page)))
	if call, isCall := strings.CutPrefix(page, "calls/"); isCall {
		p.seeCall(call)
		return
	}
	p.until(`document.querySelector(".plot canvas") !== null`)
}

// seeCall waits until the page shows a call.
func (p *tab) seeCall(name string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector("article h2 .key")?.innerText === %q && document.querySelector("article form.call") !== null`, name))
}

// choose chooses whose account the page acts as.
func (p *tab) choose(account string) {
	p.t.Helper()
	account = p.said(account)
	p.until(fmt.Sprintf(`[...document.querySelector(".account select")?.options ?? []].some(({ text }) => text === %q)`, account))
	p.do("choose "+account, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const choice = document.querySelector(".account select");
		choice.value = [...choice.options].find(({ text }) => text === %q).value;
		choice.dispatchEvent(new Event("change"));
	})()`, account)))
}

// shoot keeps a picture of the whole page in the folder SCREENSHOTS, where the
// environment names one.
func (p *tab) shoot(name string) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Logf("screenshot: %v", err)
		return
	}
	file := strings.ReplaceAll(p.t.Name(), "/", "-") + "-" + name + ".png"
	if err := os.WriteFile(filepath.Join(folder, file), picture, 0o600); err != nil {
		p.t.Log(err)
	}
}
