package market_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"campusgate/handlers/handlerstest"
)

// TestAttackHTML: of each payload nothing is kept that runs, frames, styles beyond
// text or asks for a password, as a parser of HTML sees it and not by the look of
// the text; and cleaning once is cleaning for ever.
func TestAttackHTML(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	payloads := handlerstest.Payloads(t, "html.txt")
	const product = `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_content":%s}`
	for _, payload := range payloads {
		a := g.Call("product/update", aliceToken, fmt.Sprintf(product, handlerstest.JSONText(payload)))
		if a.Status == -204 && strings.ContainsAny(payload, "\x00") {
			continue // no text
		}
		a.Want(t, 0, "successful")
		kept := contentOf(g, "4517733")
		if harm := harmIn(t, kept); harm != "" && strings.Contains(payload, "<") {
			t.Errorf("%s\nleaves %s\nin %s", payload, harm, kept)
		}
		g.OK("product/update", aliceToken, fmt.Sprintf(product, handlerstest.JSONText(kept)))
		if again := contentOf(g, "4517733"); again != kept {
			t.Errorf("%s: once %s, twice %s", payload, kept, again)
		}
	}
	t.Logf("%d payloads of HTML", len(payloads))
}

// harmIn parses a page's part and names the first thing in it that is not text,
// its formatting, a link or a picture.
func harmIn(t *testing.T, content string) (harm string) {
	t.Helper()
	// As innerHTML and as a whole page, with and without scripts.
	for _, wrapped := range []string{content, "<div>" + content + "</div>", "<table>" + content, "<select>" + content, "<noscript>" + content, "<svg>" + content} {
		for _, scripting := range []bool{true, false} {
			root, err := html.ParseWithOptions(strings.NewReader(wrapped), html.ParseOptionEnableScripting(scripting))
			handlerstest.Must(t, err)
			for node := range root.Descendants() {
				if found := harmOf(node); found != "" {
					return found
				}
			}
		}
	}
	return ""
}

func harmOf(node *html.Node) string {
	if node.Type == html.CommentNode {
		return "a comment"
	}
	if node.Type != html.ElementNode {
		return ""
	}
	if slices.Contains([]string{
		"script", "style", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "textarea", "link", "meta",
		"base", "template", "video", "audio", "source", "foreignobject", "animate", "set", "use", "marquee", "dialog", "portal",
	}, strings.ToLower(node.Data)) {
		return "<" + node.Data + ">"
	}
	for _, attribute := range node.Attr {
		value := strings.ToLower(strings.Map(func(r rune) rune {
			if r <= ' ' || r == 0xad || r == 0x200b {
				return -1
			}
			return r
		}, attribute.Val))
		switch {
		case strings.HasPrefix(attribute.Key, "on"), slices.Contains([]string{"id", "srcdoc", "srcset", "action", "formaction", "ping", "background", "is"}, attribute.Key),
			attribute.Key == "name" && node.Data != "map": // a map's hides nothing of the page's
			return attribute.Key
		case slices.Contains([]string{"href", "src", "cite", "xlink:href"}, attribute.Key) &&
			(strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "vbscript:") ||
				strings.HasPrefix(value, "data:") && !strings.HasPrefix(value, "data:image/") || strings.HasPrefix(value, "data:image/svg")):
			return attribute.Key + "=" + value
		case attribute.Key == "style" && (strings.Contains(value, "url(") || strings.Contains(value, "expression") || strings.Contains(value, "position") ||
			strings.Contains(value, "import") || strings.Contains(value, "behavior") || strings.Contains(value, `\`) || strings.Contains(value, "/*")):
			return "style=" + value
		}
	}
	return ""
}

// TestAttackTexts: a text that is no HTML is kept as it was sent, and its answer is
// JSON in which no markup stands, so that a page that takes it for HTML shows
// nothing of it.
func TestAttackTexts(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	payloads, sent := handlerstest.Payloads(t, "html.txt"), 0
	notice := g.AddNotice(handlerstest.Notice())
	for i, payload := range payloads {
		if !handlerstest.Torture() && i%3 != 0 || strings.ContainsRune(payload, 0) || len(payload) > 500 {
			continue
		}
		sent++
		text := handlerstest.JSONText(payload)
		g.OK("shop/update", aliceToken, `{"shop_id":811729970,"shop_content":`+text+`}`)
		g.OK("property/update", aliceToken, `{"id":`+notice+`,"content":`+text+`}`)
		for key, a := range map[string]handlerstest.Answer{
			"shop_content": g.OK("shop/info", bobToken, `{"shop_id":811729970}`),
			"content":      g.Notices("type=1&id=" + notice),
		} {
			var kept map[string]any
			handlerstest.Must(t, json.Unmarshal([]byte(strings.Trim(string(a.Data), "[]")), &kept))
			if kept[key] != payload {
				t.Errorf("%s: sent %q, kept %q", key, payload, kept[key])
			}
			if strings.ContainsAny(a.Raw, "<>&\u2028\u2029") || a.Header.Get("Content-Type") != "application/json; charset=utf-8" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: answered %v %s", payload, a.Header, a.Raw)
			}
		}
	}
	t.Logf("%d texts", sent)
}
