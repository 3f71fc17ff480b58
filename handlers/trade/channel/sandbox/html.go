package sandbox

import (
	"bytes"
	"fmt"
	"html"
)

// A program that can run a template of html/template keeps every exported method of every
// type, since the template may call it by name: 14 MB. So the page is written by itself,
// all that is not its own through [html.EscapeString].

const pageBegin = `<!doctype html>
<html lang="%s">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>%s</style>
</head>
<body>
<main>
<p class="sign">%s</p>
`

const pageEnd = `</main>
</body>
</html>
`

// html is the whole page.
func (s shown) html() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, pageBegin, s.Language, s.Text("title"), style, s.Text("sign"))
	if s.Trade == nil {
		fmt.Fprintf(&b, "<h1>%s</h1>\n", s.Text("none"))
	} else {
		s.trade(&b)
	}
	b.WriteString(pageEnd)
	return b.Bytes()
}

func (s shown) trade(b *bytes.Buffer) {
	fmt.Fprintf(b, "<h1>%s</h1>\n", html.EscapeString(s.Trade.Subject))
	fmt.Fprintf(b, "<p class=\"amount\"><span class=\"yuan\">¥</span>%s</p>\n", s.Amount)
	fmt.Fprintf(b, "<p class=\"quiet\">%s %s</p>\n", s.Text("number"), html.EscapeString(s.Trade.AttemptID))
	if len(s.Ways) > 0 {
		b.WriteString("<form method=\"post\">\n")
		s.buttons(b, s.Ways)
		fmt.Fprintf(b, "<details>\n<summary>%s</summary>\n", s.Text("others"))
		s.buttons(b, s.Others)
		b.WriteString("</details>\n</form>\n")
		return
	}
	fmt.Fprintf(b, "<p class=\"told\" role=\"status\">%s</p>\n", s.In(s.Told))
	if s.Trade.ReturnURL != "" { // of http or https: order/pay takes no other
		fmt.Fprintf(b, "<p><a href=\"%s\">%s</a></p>\n", html.EscapeString(s.Trade.ReturnURL), s.Text("back"))
	}
}

func (s shown) buttons(b *bytes.Buffer, ways []way) {
	for _, w := range ways {
		fmt.Fprintf(b, "<button name=\"result\" value=\"%s\" class=\"%s\">%s</button>\n", w.Result, w.Class, s.In(w.Text))
	}
}
