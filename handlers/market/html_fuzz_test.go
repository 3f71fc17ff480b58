package market

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FuzzHTML reads what is stored as a browser does, and again what that one would
// write: nothing in it runs, frames, asks for input or leads anywhere but by the
// schemes of links and pictures.
func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		"<p>a</p>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", `<a href="java&#10;script:alert(1)">a</a>`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
		`<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`, "<iframe srcdoc='<script>alert(1)</script>'>", "<a href=data:text/html,x>a</a>",
		`<p style="background:url(javascript:alert(1))">`, `<p style="position:fixed;color:red">`, "<!--><img src=x onerror=alert(1)>-->", "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
		"<a id=x name=y href=//evil.cn>a", "<base href=//evil.cn>", "<meta http-equiv=refresh content=0>", "<input autofocus onfocus=alert(1)>", "<img src=\"data:image/svg+xml;base64,PHN2Zz4=\">",
		`<img src="DATA:;base64, iVBORw0KGgo"/>`, `<a href=" da	ta:text/html,x">a</a>`, `<img src="data:image/png,%3Csvg%3E"/>`, `<a href="http://a b%/%zz" target="_blank">`,
		`<iframe src="//a.cn/&lt;b&gt;" allowfullscreen></iframe>`, `<video src="https://a.cn/a.mp4"><p>a</video>`, `<img src=x style="width:30%;max-width:100%">`,
		`<font color="red" size="5">a</font>`, `<img src="data:image/png;base64,iVBORw0KGgo="/>`, "<\x00script>", "<p\x0bonclick=alert(1)>", "<select><template><img src=x onerror=alert(1)></template></select>",
	} {
		f.Add(seed)
	}
	calls := productCalls{policy: htmlPolicy()}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return // the time of a run, not of a rule
		}
		stored := calls.cleanHTML(text)
		for range 2 {
			var written strings.Builder
			for _, node := range browse(t, stored) {
				wantHarmless(t, text, node)
				if err := html.Render(&written, node); err != nil {
					t.Fatal(err)
				}
			}
			stored = written.String()
		}
	})
}

// browse reads a fragment as it stands in a page's element.
func browse(t *testing.T, text string) []*html.Node {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(text), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatal(err)
	}
	return nodes
}

var (
	harmfulElements = strings.Fields("script iframe frame frameset object embed applet form input button select textarea option style link meta base svg math template noscript noembed noframes xmp plaintext portal audio video source track dialog marquee")
	harmlessSchemes = []string{"", "http", "https", "mailto", "tel"}
)

func wantHarmless(t *testing.T, text string, root *html.Node) {
	t.Helper()
	for node := range root.Descendants() {
		wantHarmlessNode(t, text, node)
	}
	wantHarmlessNode(t, text, root)
}

func wantHarmlessNode(t *testing.T, text string, node *html.Node) {
	t.Helper()
	if node.Type != html.ElementNode {
		return
	}
	if node.Namespace != "" || slices.Contains(harmfulElements, node.Data) {
		t.Fatalf("%q keeps the element %s", text, node.Data)
	}
	for _, attribute := range node.Attr {
		value := strings.ToLower(attribute.Val)
		switch key := strings.ToLower(attribute.Key); key {
		case "href", "src", "cite", "action", "formaction", "background", "poster", "longdesc", "usemap":
			picture := node.Data == "img" && strings.HasPrefix(value, "data:image/") && !strings.HasPrefix(value, "data:image/svg")
			if scheme := schemeOf(value); !picture && !slices.Contains(harmlessSchemes, scheme) {
				t.Fatalf("%q keeps %s=%q", text, key, attribute.Val)
			}
		case "style":
			for _, harmful := range []string{"url", "expression", "position", "javascript", "behavior", "binding", `\`, "@", "z-index", "display"} {
				if strings.Contains(value, harmful) {
					t.Fatalf("%q keeps style=%q", text, attribute.Val)
				}
			}
		default:
			if strings.HasPrefix(key, "on") || key == "id" || key == "srcdoc" || key == "srcset" || key == "ping" || strings.Contains(key, ":") {
				t.Fatalf("%q keeps the attribute %s=%q", text, key, attribute.Val)
			}
		}
	}
}

// schemeOf is a URL's as browsers read it: without blanks before it, and without
// line ends and tabs anywhere.
func schemeOf(url string) string {
	url = strings.TrimLeftFunc(url, func(r rune) bool { return r <= ' ' || unicode.IsSpace(r) })
	url = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(url)
	scheme, _, found := strings.Cut(url, ":")
	if !found || strings.ContainsAny(scheme, "/?#") {
		return ""
	}
	return scheme
}
