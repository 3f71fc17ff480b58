// Package page writes the pages on which a person pays: the cashier's and the sandbox's.
// They load nothing of anybody's, are in the browser's language, and nobody keeps them.
//
// A program that can run a template of html/template keeps every exported method of every
// type, since the template may call it by name: 14 MB. So pages are written by hand, all
// that is not their own through [html.EscapeString].
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"

	"campusgate/dispatch"
)

//go:embed style.css
var style string

// A Language is that of a page, as HTML names it.
type Language string

// The languages that there are.
const (
	Chinese Language = "zh-CN"
	English Language = "en"
)

// LanguageOf is that of a page, by the header Accept-Language: Chinese where that is the
// browser's first, else English, as in the console.
func LanguageOf(accepted string) Language {
	if strings.HasPrefix(strings.ToLower(accepted), "zh") {
		return Chinese
	}
	return English
}

// HTML is text as it stands in a page.
type HTML string

// Text is one in Chinese and in English, as it stands in a page.
type Text [2]string

// In is a text in a language.
func (t Text) In(l Language) string {
	if l == Chinese {
		return t[0]
	}
	return t[1]
}

// A Page is one that is being written.
type Page struct {
	Language Language

	body   bytes.Buffer
	script string
}

// New begins a page with a title. A script is its own, "" is none.
func New(l Language, title Text, script string) *Page {
	p := &Page{Language: l, script: script}
	fmt.Fprintf(&p.body, `<!doctype html>
<html lang="%s">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>%s</title>
<style>%s</style>
</head>
<body>
<main>
`, l, title.In(l), style)
	return p
}

// Printf adds a line of HTML. Each argument that is a string is escaped, a [Text] is in the
// page's language, and other arguments are as they are.
func (p *Page) Printf(format string, args ...any) {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = html.EscapeString(arg)
		case Text:
			args[i] = arg.In(p.Language)
		}
	}
	fmt.Fprintf(&p.body, format+"\n", args...)
}

// Answer ends the page. Its policy is as strict as the console's: nothing but its own style
// and script, and forms go to this server. Browsers hold a redirection against form-action
// too: redirectsTo is a URL to which a form may lead, "" is none.
func (p *Page) Answer(status int, redirectsTo string) dispatch.PlainAnswer {
	p.body.WriteString("</main>\n")
	if p.script != "" {
		fmt.Fprintf(&p.body, "<script>%s</script>\n", p.script)
	}
	p.body.WriteString("</body>\n</html>\n")
	return dispatch.PlainAnswer{
		Status: status, ContentType: "text/html; charset=utf-8", CacheControl: "no-store",
		Headers: headers(p.script, redirectsTo), Body: p.body.Bytes(),
	}
}

// SeeOther sends a browser from a form of a page to another place, by HTTP status 303.
func SeeOther(location string) dispatch.PlainAnswer {
	return dispatch.PlainAnswer{
		Status: http.StatusSeeOther, CacheControl: "no-store",
		Headers: append(headers("", location), dispatch.Header{Name: "Location", Value: location}),
	}
}

func headers(script, redirectsTo string) []dispatch.Header {
	policy := "default-src 'none'; style-src 'sha256-" + digest(style) + "'; img-src data:; "
	if script != "" {
		policy += "script-src 'sha256-" + digest(script) + "'; connect-src 'self'; "
	}
	return []dispatch.Header{
		{Name: "Content-Security-Policy", Value: policy + "base-uri 'none'; frame-ancestors 'none'; form-action 'self'" + origin(redirectsTo)},
		{Name: "Referrer-Policy", Value: "no-referrer"},
	}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// origin is that of a URL, with a blank before it; "" of none.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " ;,'\"") {
		return ""
	}
	return " " + u.Scheme + "://" + u.Host
}
