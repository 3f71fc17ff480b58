package market

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// Values that a text's style may have; none is large enough to cover the page.
const (
	styleSize    = `(?:[0-9]{1,2}(?:\.[0-9]+)?(?:px|pt)|[0-5](?:\.[0-9]+)?r?em|[1-3]?[0-9]{1,2}%)`
	styleFonts   = `[\p{L}\p{M}\p{Nd} ,'"._-]+`
	styleSpacing = `-?[0-9](?:\.[0-9]+)?(?:px|pt|em)?`
)

// textStyles are the properties that text may be styled with, and their values
// where the library's own rule is too narrow (fonts of Chinese names) or too wide
// (sizes).
func textStyles() map[string]string {
	return map[string]string{
		"color": "", "background-color": "", "font-weight": "", "font-style": "",
		"font-family":          styleFonts,
		"font-size":            styleSize + `|(?:xx?-)?(?:small|large)|medium|smaller|larger`,
		"line-height":          styleSize + `|[0-5](?:\.[0-9]+)?|normal`,
		"letter-spacing":       styleSpacing + `|normal`,
		"text-indent":          styleSize + `|0`,
		"text-align":           `left|right|center|justify|start|end`,
		"text-decoration":      `(?:none|underline|overline|line-through| )+`,
		"text-decoration-line": `(?:none|underline|overline|line-through| )+`,
	}
}

// pictureWidth is a picture's, of which none covers the page: it scrolls with it.
const pictureWidth = `(?:100|[1-9]?[0-9])(?:\.[0-9]+)?%|[0-9]{1,4}px|auto`

// htmlPolicy is what the page may render of a product's content: formatting,
// links, text styles, tables, and pictures, also as data: URLs. That is all that the
// page's editor, wangEditor 3, writes. Everything that runs, frames or covers the
// page goes.
func htmlPolicy() *bluemonday.Policy {
	policy := bluemonday.UGCPolicy()
	policy.AllowURLSchemeWithCustomPolicy("data", isDataPicture)
	policy.AllowURLSchemes("tel")
	policy.AllowElements("font", "u", "s", "center")
	policy.AllowNoAttrs().OnElements("big")
	policy.AllowAttrs("color", "size", "face").Matching(regexp.MustCompile(`^[\p{L}\p{N}#, -]+$`)).OnElements("font")
	policy.AllowAttrs("target").Matching(regexp.MustCompile(`^_blank$`)).OnElements("a") // with rel="noopener"
	policy.AllowAttrs("border", "cellpadding", "cellspacing").Matching(bluemonday.Integer).OnElements("table")
	policy.AllowAttrs("data-w-e").Matching(bluemonday.Integer).OnElements("img") // the editor's mark of its emoticons
	policy.AllowStyles("width", "max-width", "height").Matching(regexp.MustCompile(`^(?i:` + pictureWidth + `)$`)).OnElements("img")
	policy.AllowAttrs("align").Matching(regexp.MustCompile(`^(?:left|right|center|justify)$`)).
		OnElements("p", "div", "h1", "h2", "h3", "h4", "h5", "h6")
	// The page's editor marks alignment, indents and sizes with classes of its own.
	policy.AllowAttrs("class").Matching(regexp.MustCompile(`^(?:ql-[a-z0-9-]+ ?)+$`)).Globally()
	for property, values := range textStyles() {
		if values == "" {
			policy.AllowStyles(property).Globally()
			continue
		}
		policy.AllowStyles(property).Matching(regexp.MustCompile(`^(?i:` + values + `)$`)).Globally()
	}
	return policy
}

// cleanHTML sanitises text; one without a tag stays as it was sent.
func (p productCalls) cleanHTML(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	return p.policy.Sanitize(prepare(text))
}

const (
	maxStyle = 500 // the longest style attribute, in bytes
	maxFont  = 40  // the longest value of a font, in characters: its regular expression would take 1 MB
)

// prepare takes attributes away that the sanitiser cannot be told to refuse, and
// writes those that it would not understand in a form that it does.
func prepare(text string) string {
	var kept strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(text))
	for {
		kind, raw := tokens.Next(), string(tokens.Raw()) // Token changes what Raw gives
		if kind == html.ErrorToken {                     // the end: a string gives no other error
			return kept.String()
		}
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			token := tokens.Token()
			if video := videoAddress(token); video != "" {
				kept.WriteString(html.EscapeString("[视频 " + video + "]"))
			}
			if prepareAttributes(&token) {
				raw = token.String()
			}
		}
		kept.WriteString(raw)
	}
}

// prepareAttributes reports whether it changed any.
func prepareAttributes(token *html.Token) (changed bool) {
	all := len(token.Attr)
	token.Attr = slices.DeleteFunc(token.Attr, unwanted)
	changed = len(token.Attr) < all
	for i := range token.Attr {
		a := &token.Attr[i]
		if a.Key != "href" && a.Key != "src" && a.Key != "cite" {
			continue
		}
		address := cleanAddress(a.Val, a.Key == "src" && token.Data == "img")
		changed = changed || address != a.Val
		a.Val = address
	}
	return changed
}

// unwanted is an id, which may be one of the page's own elements, a style that no
// text needs and that costs the sanitiser's CSS parser dearly (its time grows with
// the square of the length, to minutes for a megabyte, and most for url()), or a
// value of a font that is too long.
func unwanted(a html.Attribute) bool {
	switch a.Key {
	case "id":
		return true
	case "style":
		return len(a.Val) > maxStyle || strings.Contains(a.Val, `\`) || strings.Contains(strings.ToLower(a.Val), "url(")
	case "color", "size", "face":
		return utf8.RuneCountInString(a.Val) > maxFont
	default:
		return false
	}
}
