package handlers

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// htmlPolicy is what the page may render of a product's content: formatting,
// links, text styles, and pictures, also as data: URLs. Everything that runs,
// frames or covers the page goes.
func htmlPolicy() *bluemonday.Policy {
	policy := bluemonday.UGCPolicy()
	policy.AllowURLSchemeWithCustomPolicy("data", isDataPicture)
	policy.AllowElements("font", "u", "s", "center")
	policy.AllowAttrs("color", "size", "face").Matching(regexp.MustCompile(`^[\p{L}\p{N}#, -]{1,40}$`)).OnElements("font")
	// The page's editor marks alignment, indents and sizes with classes of its own.
	policy.AllowAttrs("class").Matching(regexp.MustCompile(`^(?:ql-[a-z0-9-]+ ?)+$`)).Globally()
	policy.AllowStyles(
		"color", "background-color", "font-size", "font-weight", "font-style", "font-family",
		"text-align", "text-decoration", "text-indent", "line-height", "letter-spacing",
	).Globally()
	return policy
}

// cleanHTML sanitises text; one without a tag stays as it was sent.
func (p productCalls) cleanHTML(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	return p.policy.Sanitize(dropCostlyStyles(text))
}

// maxStyle is the longest style attribute in bytes.
const maxStyle = 500

// dropCostlyStyles takes style attributes away that no text needs and that cost
// the sanitiser's CSS parser dearly: its time grows with the square of their
// length, to minutes for a megabyte, and most of all for url().
func dropCostlyStyles(text string) string {
	var kept strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(text))
	for {
		kind, raw := tokens.Next(), string(tokens.Raw()) // Token changes what Raw gives
		if kind == html.ErrorToken {                     // the end: a string gives no other error
			return kept.String()
		}
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			token := tokens.Token()
			all := len(token.Attr)
			token.Attr = slices.DeleteFunc(token.Attr, costlyStyle)
			if len(token.Attr) < all {
				raw = token.String()
			}
		}
		kept.WriteString(raw)
	}
}

func costlyStyle(a html.Attribute) bool {
	return a.Key == "style" && (len(a.Val) > maxStyle ||
		strings.Contains(a.Val, `\`) || strings.Contains(strings.ToLower(a.Val), "url("))
}

var dataPictureHead = regexp.MustCompile(`^image/(?:png|jpeg|gif|bmp|webp);base64,`)

// isDataPicture allows the kinds that pic/upload takes; the library's own rule has
// no bmp.
func isDataPicture(source *url.URL) bool {
	head := dataPictureHead.FindString(source.Opaque)
	if head == "" || source.RawQuery != "" || source.Fragment != "" {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(source.Opaque[len(head):])
	return err == nil
}
