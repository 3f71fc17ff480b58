package market

import (
	"strings"

	"golang.org/x/net/html"
)

// A content is what a person reads and sees of a product's HTML.
type content struct {
	text     string
	labels   []string // of pictures and tables, beside the text
	pictures []string // addresses
}

// readContent reads HTML that is sanitised.
func readContent(source string) (c content) {
	var text strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(source))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end: a string gives no other error
			c.text = text.String()
			return c
		case html.TextToken:
			text.WriteString(tokens.Token().Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			c.readAttributes(tokens.Token())
		default:
		}
	}
}

func (c *content) readAttributes(token html.Token) {
	for _, a := range token.Attr {
		switch a.Key {
		case "alt", "title", "summary", "abbr":
			c.labels = append(c.labels, a.Val)
		case "src":
			c.pictures = append(c.pictures, a.Val)
		}
	}
}
