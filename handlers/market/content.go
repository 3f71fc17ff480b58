package market

import (
	"strings"

	"golang.org/x/net/html"

	"campusgate/handlers/wire/words"
)

// A content is what a person reads and sees of a product's HTML.
type content struct {
	text     string
	labels   []string // of pictures and tables, beside the text
	pictures []string // addresses
}

// readContent reads HTML that is sanitised.
func readContent(source string) *content {
	var c content
	var text strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(source))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end: a string gives no other error
			c.text = text.String()
			return &c
		case html.TextToken:
			text.WriteString(tokens.Token().Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			c.readAttributes(tokens.Token())
		default:
		}
	}
}

// texts are what is checked for refused words.
func (c *content) texts() []words.Text {
	texts := []words.Text{{Key: "product_content", Value: c.text}}
	for _, label := range c.labels {
		texts = append(texts, words.Text{Key: "product_content", Value: label})
	}
	return texts
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
