package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"campusgate/cmd/campusgate/campusgatetest"
)

// The console shows every call of the reference, with a control for each field, which
// hides passwords, and tells which account a call needs.
func TestConsoleShowsEveryCall(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []any
			Responses  map[string]any
		}
		Components struct {
			Schemas map[string]struct {
				Title      string
				Role       string `json:"x-role"`
				Properties map[string]struct{ Format string }
			}
		}
	}
	must(t, json.Unmarshal([]byte(campusgatetest.Get(t, r.URL("/openapi.json")).Raw), &document))
	fields, passwords, roles := map[string]int{}, map[string]int{}, map[string]string{}
	for name, schema := range document.Components.Schemas {
		if call, isEnvelope := strings.CutSuffix(name, "Envelope"); isEnvelope {
			properties := document.Components.Schemas[call+"Request"].Properties
			fields[schema.Title], roles[schema.Title] = len(properties), schema.Role
			for _, property := range properties {
				if property.Format == "password" {
					passwords[schema.Title]++
				}
			}
		}
	}
	for path, operations := range document.Paths {
		if operation, isGet := operations["get"]; isGet && operation.Responses["200"] != nil { // GET /live has none
			name, _, _ := strings.Cut(path[1:], "/{")
			fields[name] = len(operation.Parameters)
		}
	}
	p := english.open(t, screens[0], r.URL("/console#calls"))
	p.see("img/generate")
	if got := evaluate[int](p, `document.querySelectorAll(".list a").length`); got != len(fields) {
		t.Errorf("%d calls are listed, want %d", got, len(fields))
	}
	for name, want := range fields {
		p.goTo("calls/" + name)
		if got := evaluate[int](p, `[...document.querySelectorAll("article .field")].filter((f) => f.querySelector("input, select, textarea")).length`); got != want {
			t.Errorf("%s has %d controls, want %d", name, got, want)
		}
		if got, want := evaluate[int](p, `document.querySelectorAll("article .field input[type=password]").length`), passwords[name]; got != want {
			t.Errorf("%s hides %d fields, want %d", name, got, want)
		}
		if role := roles[name]; role != "" && !evaluate[bool](p, fmt.Sprintf(`document.querySelector("article").innerText.includes("with the role %s: choose 演示管理员")`, role)) {
			t.Errorf("%s does not tell who has the role %s", name, role)
		}
	}
}

// A refusal is explained beside its field, what was typed stays, and the line for
// a shell does the same call.
func TestConsoleCall(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console#calls/shop/creat"))
	p.fill("shop_content", "it's <i>new</i>")
	p.do("empty the name", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(control, "shop_name")+`.value = ""`))
	p.press("Send")
	p.see("Shop name: must not be empty")
	p.see("-201 Necessary key-value can't be empty")
	p.until(fmt.Sprintf(control, "shop_name") + ` === document.activeElement && document.activeElement.ariaInvalid === "true"`)
	p.fill("shop_name", "茶's")
	p.see(`"shop_name": "茶's"`) // what will be sent
	p.press("Send")
	p.see("0 successful")
	p.until(`document.querySelectorAll("[aria-invalid]").length === 0`)
	p.press("Send")
	p.see("100 The shop name was used")
	if got := evaluate[string](p, fmt.Sprintf(control, "shop_content")+".value"); got != "it's <i>new</i>" {
		t.Errorf("what was typed is now %q", got)
	}

	p.fill("shop_name", "茶's again")
	p.do("clipboard", chromedp.Evaluate[chromedp.Void](`navigator.clipboard.writeText = async (line) => { window.copied = line }`))
	p.press("curl")
	p.press("Copy")
	p.see("Copied")
	line := evaluate[string](p, `window.copied`)
	if got := campusgatetest.Bash(t, "TOKEN="+r.DemoToken(t, campusgatetest.DemoBuyer)+"; "+line); !strings.Contains(got, `"status":0`) {
		t.Errorf("%s\nanswers %s", line, got)
	}

	p.do("no account", chromedp.SetValue(".account select", ""), chromedp.Evaluate[chromedp.Void](
		`document.querySelector(".account select").dispatchEvent(new Event("change"))`))
	p.press("Send")
	p.see("-100 Missing necessary args")
	p.see("Choose an account or enter a token")
}

// A code can be asked for in the form that needs it. Whoever registers or logs in is who
// the page acts as, until they log out; neither password nor token is shown.
func TestConsoleCallLogsIn(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console#calls"))
	p.pressCall("user/register")
	p.fill("phone", "13712345678")
	p.press("Send a code")
	p.fill("Characters in the picture", r.Stderr.Await(t, `captcha rand=\w+ code=(\w+)`)[1])
	p.fill("Code from the SMS", r.Stderr.Await(t, `sms phone=13712345678 code=(\d+)`)[1])
	p.fill("password", newPassword)
	p.fill("user_name", "newcomer")
	p.press("Send")
	p.see("The page acts as newcomer now")
	if shown := evaluate[string](p, `document.body.innerText`); strings.Contains(shown, newPassword) || regexp.MustCompile(`cg_\w`).MatchString(shown) {
		t.Errorf("the password or a token is shown:\n%s", shown)
	}
	p.pressCall("notice/list") // the list is longer than the screen, and the call still in sight
	if top := evaluate[float64](p, `document.querySelector("article h2").getBoundingClientRect().top`); top < 0 || top > 300 {
		t.Errorf("the call that was chosen begins at %v", top)
	}
	p.press("Send")
	p.see("注册成功")
	p.pressCall("user/logout")
	p.press("Send")
	p.until(`document.querySelector(".account select").selectedOptions[0].text === "no token"`)
	if evaluate[bool](p, `document.querySelector(".account select").innerText.includes("newcomer")`) {
		t.Error("an account that has logged out is still offered")
	}
}

// A call that answers a file offers to save it, whole, and tells why there is none.
func TestConsoleSavesAFile(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console#calls/get/orders.csv"))
	p.choose("演示管理员 · role admin · wallet ¥0.00")
	p.do("keep the file", chromedp.Evaluate[chromedp.Void](
		`{ const make = URL.createObjectURL; URL.createObjectURL = (file) => { window.file = file; return make.call(URL, file) } }`))
	p.fill("date_begin", "2026-01-01")
	p.fill("date_end", "2026-01-31")
	p.press("Send")
	p.see("Save orders-2026-01-01-2026-01-31.csv")
	if got := evaluate[string](p, `window.file.text()`); !strings.HasPrefix(got, "订单号,") {
		t.Errorf("the file is %q", got)
	}
	p.fill("date_end", "2025-01-31")
	p.press("Send")
	p.see("must not be before date_begin")
}

// Every type of calls and every field has a word for people, in Chinese too.
func TestConsoleNamesEveryField(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	for _, b := range []*browser{english, chinese} {
		p := b.open(t, screens[0], r.URL("/console#calls"))
		p.until(`document.querySelector(".list a") !== null`)
		if missing := evaluate[[]string](p, `(async () => {
			const at = (name) => import("/api/external/console/" + name + ".js");
			const [{ named }, { readCalls }, { text }] = await Promise.all([at("labels"), at("reference"), at("text")]);
			const calls = readCalls(await (await fetch("/api/external/openapi.json")).json());
			const names = new Set();
			const walk = ({ members, of }) => {
				if (of) walk(of);
				for (const { name, shape } of members ?? []) {
					names.add(name);
					walk(shape);
				}
			};
			for (const { fields, answer } of calls) {
				walk({ members: fields });
				if (answer) walk(answer);
			}
			return [...[...names].filter((name) => !named(name)), ...calls.map(({ type }) => type).filter((type) => !text.groups[type])];
		})()`); len(missing) > 0 {
			t.Errorf("%s: there are no words for %q", b.language, missing)
		}
	}
}

// The code of an SMS that the demo did not send is offered where a call has asked for it, and is
// there for the calls that need it.
func TestConsoleCallOffersTheCode(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[1], r.URL("/console#calls/sms/generate"))
	p.press("Draw a captcha")
	p.fill("Characters in the picture", r.Stderr.Await(t, `captcha rand=\w+ code=(\w+)`)[1])
	p.fill("phone", "13712345678")
	p.press("Send")
	p.press("Use the code " + r.Stderr.Await(t, `sms phone=13712345678 code=(\d+)`)[1])
	p.goTo("calls/sms/validate")
	p.fill("phone", "13712345678")
	p.press("Send")
	p.see("0 successful")
}

// pressCall follows the link to a call in the list of all.
func (p *tab) pressCall(name string) {
	p.t.Helper()
	p.pressAt(fmt.Sprintf(`document.querySelector('.list a[href="#calls/%s"]')`, name))
	p.seeCall(name)
}

// A token is remembered by choice, in the tab.
func TestConsoleKeepsATokenByChoice(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir())
	token := campusgatetest.AddUser(t, environ, "1180310086", "王凌超", "25")
	r := campusgatetest.Start(t, t.TempDir(), environ)
	p := english.open(t, screens[0], r.URL("/console"))
	p.see("Try it")
	p.do("a token of one's own", chromedp.SetValue(".account select", "own"), chromedp.Evaluate[chromedp.Void](
		`document.querySelector(".account select").dispatchEvent(new Event("change"))`))
	p.fill("Token", token)
	for _, kept := range []bool{false, true} {
		if kept {
			p.fill("Token", token)
			p.do("keep", chromedp.Click(".account input[type=checkbox]"))
		}
		p.do("reload", chromedp.Reload())
		p.see("Try it")
		if got := evaluate[string](p, `document.querySelector("input[type=password]").value`); (got == token) != kept {
			t.Errorf("kept %t: the token is %q", kept, got)
		}
		if !kept {
			p.do("own", chromedp.SetValue(".account select", "own"), chromedp.Evaluate[chromedp.Void](
				`document.querySelector(".account select").dispatchEvent(new Event("change"))`))
		}
	}
	p.press("Calls")
	p.pressCall("shop/list")
	p.press("Send")
	p.see("1 ") // none yet: the token works
}

// ownToken has the page act by a token that is typed.
func (p *tab) ownToken(token string) {
	p.t.Helper()
	p.do("a token of one's own", chromedp.SetValue(".account select", "own"), chromedp.Evaluate[chromedp.Void](
		`document.querySelector(".account select").dispatchEvent(new Event("change"))`))
	p.fill("Token", token)
}

// Under another name than the loopback's the page says why it offers no accounts and how to
// log in; with a token of one's own it works there.
func TestConsoleFromAnotherHost(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], strings.Replace(r.URL("/console"), "127.0.0.1", "campus.localhost", 1))
	p.see("This page was opened as campus.localhost. Demo accounts are given only")
	p.press("Register")
	p.seeCall("user/register")
	p.press("Log in")
	p.seeCall("user/login")
	p.ownToken(r.DemoToken(t, campusgatetest.DemoBuyer))
	p.until(`!document.body.innerText.includes("Demo accounts are given only")`)
	p.goTo("calls/wallet/info")
	p.press("Send")
	p.see("0 successful")

	p = english.open(t, screens[0], r.URL("/console"))
	p.see("Try it")
	if shown := evaluate[string](p, `document.body.innerText`); strings.Contains(shown, "Demo accounts are given only") {
		t.Error("the page says that it has no accounts where it has some")
	}
}

// Who has chosen a token of their own sends with it also what is filled in for one of the
// demo's accounts, until they choose that account.
func TestConsoleCallsByOnesOwnToken(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir())
	first := campusgatetest.Start(t, t.TempDir(), environ, "--demo")
	first.Stdout.Await(t, `/console\n`)
	first.Stop()
	token := campusgatetest.AddUser(t, environ, "1180310001", "王凌超", "200")
	r := campusgatetest.Start(t, t.TempDir(), environ, "--demo")
	r.Stdout.Await(t, `/console\n`)
	p := english.open(t, screens[0], r.URL("/console#calls/wallet/info"))
	p.see("as 演示买家")
	p.ownToken(token)
	p.see("as the owner of your token")
	p.goTo("calls/shop/update")
	p.see("as the owner of your token")
	p.press("Send")
	p.see("100 No right to update")
	p.choose("演示买家 · wallet ¥1000.00")
	p.goTo("calls/product/creat")
	p.see("as 演示卖家")
	p.press("Send")
	p.see("0 successful")
}

// mayHasten lets a request's time-out come window.hasten times as soon, and keeps the
// one that the page asked for.
const mayHasten = `(() => {
	window.hasten = 1;
	const { set } = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, "timeout");
	Object.defineProperty(XMLHttpRequest.prototype, "timeout", {
		set(milliseconds) { window.waited = milliseconds; set.call(this, milliseconds / window.hasten); },
	});
})()`

// Where no answer of the server comes, a sentence says so, and Retry sends again
// what was typed.
func TestConsoleWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	between, fault := faultyProxy(t, r)
	p := english.open(t, screens[1], between+"/api/external/console#calls/shop/creat")
	p.do("prepare", chromedp.Evaluate[chromedp.Void](mayHasten))
	p.fill("shop_name", "茶")
	for _, c := range []struct {
		fault, says, complaint string
		hasten                 int
	}{
		{"down", "The server does not answer", `net::ERR_`, 1},
		{"foreign", "not an answer of this server (HTTP 502)", `502 \(Bad Gateway\)`, 1},
		{"slow", "longer than 15 seconds", ``, 100},
	} {
		fault.Store(c.fault)
		p.do("hasten", chromedp.Evaluate[chromedp.Void](fmt.Sprintf("window.hasten = %d", c.hasten)))
		p.press("Send")
		p.see(c.says)
		if got := evaluate[string](p, fmt.Sprintf(control, "shop_name")+".value"); got != "茶" {
			t.Errorf("%s: what was typed is now %q", c.fault, got)
		}
		if said := p.complaints(); !regexp.MustCompile(c.complaint).MatchString(said) || strings.Count(said, "\n") > 1 {
			t.Errorf("%s: the console says %s", c.fault, said)
		}
	}
	if got := evaluate[int](p, `window.waited`); got != 15_000 {
		t.Errorf("the console waits %d ms, not what it says", got)
	}
	fault.Store("")
	p.do("do not hasten", chromedp.Evaluate[chromedp.Void]("window.hasten = 1"))
	p.press("Retry")
	p.see("0 successful")

	fault.Store("down")
	p.press("Live")
	p.see("The server does not answer")
	fault.Store("")
	p.until(`!document.body.innerText.includes("does not answer")`)
	p.complaints()
}

// faultyProxy stands between the browser and a gateway; a fault holds for what is
// posted, for the figures and for the reference.
func faultyProxy(t *testing.T, r *campusgatetest.Process) (address string, fault *atomic.Value) {
	t.Helper()
	fault = &atomic.Value{}
	fault.Store("")
	gateway := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: r.Address})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		touched := request.Method == http.MethodPost || strings.HasSuffix(request.URL.Path, "/figures.json") || strings.HasSuffix(request.URL.Path, "/openapi.json")
		switch chosen := fault.Load(); {
		case !touched || chosen == "":
			gateway.ServeHTTP(w, request)
		case chosen == "down":
			panic(http.ErrAbortHandler)
		case chosen == "foreign":
			http.Error(w, "<html>Bad Gateway</html>", http.StatusBadGateway)
		default:
			_, _ = io.Copy(io.Discard, request.Body) // before that, nobody sees the client leave
			<-request.Context().Done()
		}
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, fault
}

// The list finds a call by a word: by keys, and on a phone by touch.
func TestConsoleFindsACall(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console#calls"))
	p.seeCall("img/generate")
	p.do("slash", chromedp.KeyEvent("/"))
	p.until(`document.activeElement.type === "search"`)
	p.do("type", chromedp.KeyEvent("coupon/take"))
	p.see("3 found") // that can be taken, that were taken
	p.do("Enter", chromedp.KeyEvent(kb.Enter))
	p.seeCall("coupon/take")
	p.do("slash", chromedp.KeyEvent("/"))
	p.do("Escape", chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelectorAll(".list li:not([hidden])").length > 100`)
	p.do("ArrowDown, Enter", chromedp.KeyEvent(kb.ArrowDown+kb.ArrowDown+kb.Enter))
	p.seeCall("user/login")
	p.fill("user_name", "a/b")
	p.until(`document.querySelector("article [name=user_name]").value === "a/b"`)

	p = english.open(t, screens[1], r.URL("/console#calls/shop/list"))
	p.seeCall("shop/list")
	p.press("All calls")
	p.pressCall("order/states")
	if evaluate[bool](p, `document.querySelector(".list .all").getClientRects().length > 0`) {
		t.Error("the list still covers the call that was chosen")
	}
	p.press("Send")
	p.until(`document.querySelector(".answer.good")?.getBoundingClientRect().top < innerHeight - 50`)
}

// By keys alone a call is chosen, made ready and sent: from the list they go on at the call.
func TestConsoleCallByKeys(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := chinese.open(t, screens[2], r.URL("/console#calls"))
	p.seeCall("img/generate")
	p.do("slash", chromedp.KeyEvent("/"))
	p.until(`document.activeElement.type === "search"`)
	p.do("type", chromedp.KeyEvent("order/appeal"))
	p.do("Enter", chromedp.KeyEvent(kb.Enter))
	p.seeCall("order/appeal")
	p.until(`document.activeElement === document.querySelector("article h2")`)
	p.press("准备一个")
	p.see("order/commit → order/pay → order/ship → order/refund → order/refuse")
	p.press("发送")
	p.until(`document.querySelector(".answer.good") !== null`)
	p.press("JSON")
	p.do("to curl and fetch", chromedp.KeyEvent(kb.ArrowRight+kb.ArrowRight))
	p.until(`document.querySelector(".sent").innerText.startsWith("const response = await fetch")`)
}

// What was sent is shown until a field is changed, an empty list is no failure, and what is
// copied as a program does the same.
func TestConsoleShowsWhatWasSent(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console#calls/shop/list"))
	p.see("What will be sent")
	p.see("An example, until you send it")
	p.fill("shop_name", "nobody's")
	p.press("Send")
	p.until(`document.querySelector(".answer.warn .verdict")?.innerText.startsWith("∅ 1 Empty records")`)
	p.see("What was sent")
	id := evaluate[string](p, `/"id": \d+/.exec(document.querySelector(".sent").innerText)[0]`)
	p.see(id + ",\n  \"status\": 1") // the answer's
	if shown := evaluate[string](p, `document.body.innerText`); strings.Contains(shown, "until you send it") {
		t.Error("the example is still shown beside the answer")
	}
	p.fill("shop_name", "小")
	p.see("What will be sent")
	p.press("fetch")
	code := evaluate[string](p, `document.querySelector(".sent").innerText`)
	token := r.DemoToken(t, campusgatetest.DemoBuyer)
	if got := evaluate[int](p, fmt.Sprintf(`(async () => { const token = %q; %s; return status })()`, token, code)); got != 0 {
		t.Errorf("%s\nis answered with status %d", code, got)
	}
	if strings.Contains(code, token) {
		t.Error("the token is written into what is copied")
	}
}

// What is copied as TypeScript is what the printed client takes, for every call.
func TestConsoleTypeScript(t *testing.T) {
	t.Parallel()
	folder, r := compiledClient(t), consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console#calls"))
	p.until(`document.querySelector(".list a") !== null`)
	programs := evaluate[map[string]string](p, `(async () => {
		const at = (name) => import("/api/external/console/" + name + ".js");
		const [{ typeScript }, { readCalls }] = await Promise.all([at("snippets"), at("reference")]);
		const calls = readCalls(await (await fetch("/api/external/openapi.json")).json());
		const known = (call) => Object.fromEntries(Object.entries(call.example).filter(([name]) => call.fields.some((field) => field.name === name)));
		return Object.fromEntries(calls.map((call) => [call.name, typeScript(call, known(call))]));
	})()`)
	arguments := []string{"node_modules/typescript/bin/tsc", "--strict", "--noEmit", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler"}
	for name, program := range programs {
		if strings.HasPrefix(name, "demo/") {
			continue // no other server has it
		}
		file := strings.ReplaceAll(name, "/", "-") + ".ts"
		must(t, os.WriteFile(filepath.Join(folder, file), []byte("declare const token: string;\n"+program+"\nexport {};\n"), 0o600))
		arguments = append(arguments, file)
	}
	if printed, err := runIn(t, folder, "node", arguments...); err != nil {
		t.Errorf("tsc: %v\n%s", err, printed)
	}
}
