package storage

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textOfHTML is the text of HTML as a reader sees it, to so many characters: blanks are one,
// and there is one where a block begins or ends.
func textOfHTML(content string, limit int) string {
	text := textWriter{left: limit}
	for z, unseen := html.NewTokenizer(strings.NewReader(content)), false; text.left > 0; {
		switch z.Next() {
		case html.ErrorToken: // the end
			return text.String()
		case html.TextToken:
			if !unseen {
				text.write(string(z.Text()))
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			unseen = isUnseen(atom.Lookup(name))
			text.blank = text.blank || !isInline(atom.Lookup(name))
		case html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			unseen = false
			text.blank = text.blank || !isInline(atom.Lookup(name))
		default: // comments are no text
		}
	}
	return text.String()
}

// isUnseen reports whether what is between the tags of an element is no text. The tokenizer
// takes all up to the end tag for text.
func isUnseen(element atom.Atom) bool { return element == atom.Script || element == atom.Style }

// isInline reports whether an element may stand within a word.
func isInline(element atom.Atom) bool {
	switch element {
	case atom.A, atom.Abbr, atom.B, atom.Big, atom.Code, atom.Del, atom.Em, atom.Font, atom.I, atom.Ins, atom.Kbd, atom.Mark,
		atom.S, atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Sub, atom.Sup, atom.Tt, atom.U, atom.Wbr:
		return true
	default:
		return false
	}
}

// A textWriter writes text with one blank between its words.
type textWriter struct {
	strings.Builder
	left  int  // characters that may follow
	blank bool // before the next character
}

func (t *textWriter) write(text string) {
	for _, r := range text {
		if unicode.IsSpace(r) {
			t.blank = true
			continue
		}
		if t.blank && t.Len() > 0 {
			t.put(' ')
		}
		t.blank = false
		t.put(r)
	}
}

func (t *textWriter) put(r rune) {
	if t.left > 0 {
		t.WriteRune(r)
		t.left--
	}
}
