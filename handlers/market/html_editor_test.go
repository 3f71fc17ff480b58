package market_test

import (
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"campusgate/handlers/handlerstest"
)

// wangeditor.json is what wangEditor 3.1.1 (npm's package wangeditor) wrote in
// Chromium 156: for each button of its menu, and each entry of the button's list or
// panel, the selection was set, the button pressed, and editor.txt.html() kept.
//
// All of it is shown as it was written; but a link is told not to give the shop's page
// away, and of a video the address stays.
func TestHTMLOfTheEditor(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	text, err := os.ReadFile("testdata/wangeditor.json")
	handlerstest.Must(t, err)
	var written []struct{ Name, HTML string }
	handlerstest.Must(t, json.Unmarshal(text, &written))
	for _, w := range written {
		got := cleaned(g, w.HTML)
		if again := cleaned(g, got); again != got {
			t.Errorf("%s: once %s, twice %s", w.Name, got, again)
		}
		if w.Name == "video" {
			if want := "<p>[视频 http://player.youku.com/embed/XMjcwMzc3MzM3Mg==]</p><p><br></p>"; got != want {
				t.Errorf("%s: got %s, want %s", w.Name, got, want)
			}
			continue
		}
		if want, got := seen(t, w.HTML), seen(t, got); !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", w.Name, got, want)
		}
	}
}

// seen is what a browser makes of HTML, without what is written in several ways.
func seen(t *testing.T, text string) (all []string) {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(text), body)
	handlerstest.Must(t, err)
	for _, node := range nodes {
		body.AppendChild(node)
	}
	for node := range body.Descendants() {
		all = append(all, node.Data)
		for _, a := range node.Attr {
			switch a.Key {
			case "rel":
				if a.Val != "nofollow noopener" {
					t.Errorf("%s has rel=%q", text, a.Val)
				}
				continue
			case "style":
				a.Val = strings.TrimSuffix(strings.ReplaceAll(a.Val, " ", ""), ";")
			case "href", "src":
				if plain, err := url.PathUnescape(a.Val); err == nil {
					a.Val = plain
				}
			}
			all = append(all, "@"+a.Key+"="+a.Val)
		}
	}
	return all
}

// A picture stays in every spelling of a data: address that a browser draws.
func TestHTMLDataPictures(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	const base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJggg=="
	bare := strings.TrimRight(base64, "=")
	plain := func(kind string) string { return `<img src="data:image/` + kind + `;base64,` + base64 + `">` }
	for sent, want := range map[string]string{
		"data:image/png;base64," + base64:                                 plain("png"),
		"DATA:Image/PNG;BASE64," + base64:                                 plain("png"),
		" data:image/png;base64," + bare + "\n":                           plain("png"),
		"data:image/png;base64, " + base64[:9] + "\r\n\t " + base64[9:]:   plain("png"),
		"data:image/png;charset=utf-8;base64," + base64:                   plain("png"),
		"data:image/png;name=a%20b.png; base64," + base64:                 plain("png"),
		"data:image/png;base64," + strings.ReplaceAll(base64, "=", "%3D"): plain("png"),
		"data:image/png;base64," + strings.ReplaceAll(base64, "A", "%41"): plain("png"),
		"da\nta:image/png;base64," + base64:                               plain("png"),
		"data:image/jpg;base64," + base64:                                 plain("jpg"),
		"data:image/x-png;base64," + base64:                               plain("x-png"),
		"data:;base64," + base64:                                          plain("png"), // a phone's file without a type
		"data:application/octet-stream;base64," + base64:                  plain("png"),
		"data:image/*;base64," + base64:                                   plain("png"),
		"data:text/html;base64," + base64:                                 plain("png"),
		"data:image/gif,GIF89a%01%00%01%00%00%00%00%3B":                   `<img src="data:image/gif;base64,R0lGODlhAQABAAAAADs=">`,
		"data:image/png;base64," + base64 + "#a":                          plain("png"),
		"data:image/svg+xml;base64,PHN2Zz4=":                              "",
		"data:image/svg+xml;charset=utf-8,<svg onload=alert(1)>":          "",
		"data:image/svg%2Bxml;base64,PHN2Zz4=":                            "",
		"data:text/html;base64,PHNjcmlwdD4=":                              "",
		"data:image/png;base64,$$$":                                       "",
		"data:image/png":                                                  "",
		"data:":                                                           "",
	} {
		if got := cleaned(g, `<img src="`+strings.ReplaceAll(sent, `"`, "&#34;")+`">`); got != want {
			t.Errorf("%.60q: got %.90s, want %.90s", sent, got, want)
		}
	}
	if got := cleaned(g, `<a href="data:image/png;base64,`+base64+`">a</a>`); strings.Contains(got, "data:") {
		t.Errorf("a link keeps %s", got)
	}
}

// Addresses are taken as browsers take them.
func TestHTMLAddresses(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for sent, want := range map[string]string{
		"https://a.cn/a b":           "https://a.cn/a%20b",
		" https://a.cn/ ":            "https://a.cn/",
		"https://a.cn/100%":          "https://a.cn/100%25",
		"https://a.cn/100%/50%25?%z": "https://a.cn/100%25/50%25?%25z",
		"https://a.cn/商品?名=值#段":      "https://a.cn/%E5%95%86%E5%93%81?名=值#%E6%AE%B5",
		"./图 片.png":                  "./%E5%9B%BE%20%E7%89%87.png",
		"https://a.cn/a\nb":          "https://a.cn/ab",
	} {
		for _, c := range []struct{ begin, end string }{{`<img src="`, `">`}, {`<a href="`, `" rel="nofollow">a</a>`}} {
			if got := cleaned(g, c.begin+sent+c.end); got != c.begin+want+c.end {
				t.Errorf("%q: got %s, want %s", sent, got, want)
			}
		}
	}
}

// A video leaves where it is; a frame without one leaves nothing.
func TestHTMLVideos(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for sent, want := range map[string]string{
		`a<iframe src="//player.bilibili.com/player.html?aid=1&amp;page=1" scrolling="no" allowfullscreen="true"> </iframe>b`: `a[视频 //player.bilibili.com/player.html?aid=1&amp;page=1]b`,
		`a<embed src='https://player.youku.com/player.php/sid/1/v.swf' allowFullScreen='true'>b`:                              `a[视频 https://player.youku.com/player.php/sid/1/v.swf]b`,
		`a<video src="https://a.cn/a.mp4" controls></video>b`:                                                                 `a[视频 https://a.cn/a.mp4]b`,
		`a<iframe src="javascript:alert(1)" allowfullscreen></iframe>b`:                                                       `ab`,
		`a<iframe src="https://a.cn/&quot;><script>alert(1)</script>" allowfullscreen></iframe>b`:                             `ab`,
		`a<iframe src="https://a.cn/" width="100%" height="9999"></iframe>b`:                                                  `ab`,
	} {
		if got := cleaned(g, sent); got != want {
			t.Errorf("%s: got %s, want %s", sent, got, want)
		}
	}
}
