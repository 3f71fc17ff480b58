package dispatch

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the API reference of the registry.
func (r *Registry) WriteMarkdown(w io.Writer) error {
	out := &markdown{bufio.NewWriter(w)}
	out.line("<!-- Made from the registry by `campusgate docs`; do not edit. -->")
	out.line("# API reference")
	out.line("")
	for _, paragraph := range introduction {
		out.line("%s\n", paragraph)
	}
	out.refusals()
	out.contents(r.endpoints)
	out.line("## Statuses of every call\n")
	out.statusTable(commonStatuses)
	for i := range r.endpoints {
		out.endpoint(&r.endpoints[i])
	}
	return out.Flush()
}

type markdown struct{ *bufio.Writer }

func (m *markdown) line(format string, arguments ...any) {
	if len(arguments) == 0 {
		_, _ = m.WriteString(format + "\n") // a bufio.Writer keeps its error for Flush
		return
	}
	_, _ = fmt.Fprintf(m, format+"\n", arguments...)
}

func (m *markdown) contents(endpoints []Endpoint) {
	m.line("| call | path | token | |")
	m.line("|---|---|---|---|")
	for i := range endpoints {
		e := &endpoints[i]
		m.line("| [%s](#%s) | %s `%s` | %s | %s |", e.title(), anchor(e.title()), e.method(), e.pattern("<%s>"), e.Path.Token, e.Summary)
	}
	m.line("")
}

// refusals is the table of what is not HTTP 200.
func (m *markdown) refusals() {
	m.line("HTTP is 200 but for this. Pictures are never answered with an envelope. Every answer has an `X-Request-ID`, by which the operator finds it in the log.\n")
	m.line("| HTTP | when | status |")
	m.line("|---|---|---|")
	for _, refusal := range httpRefusals {
		m.line("| %d | %s | %d |", refusal.code, refusal.when, refusal.status.Number)
	}
	m.line("")
}

func (m *markdown) statusTable(statuses []Status) {
	m.line("| status | message |")
	m.line("|---|---|")
	for _, status := range statuses {
		m.line("| %d | %s |", status.Number, status.Text)
	}
	m.line("")
}

func (m *markdown) endpoint(e *Endpoint) {
	m.line("## %s", e.title())
	m.line("")
	m.line("%s. %s `%s`, token: %s.", e.Summary, e.method(), e.pattern("<%s>"), e.Path.Token)
	m.line("")
	if e.reference.Notes != "" {
		m.line("%s", e.reference.Notes)
		m.line("")
	}
	if e.kind == pictureKind {
		return
	}
	if len(e.schema.fields) > 0 {
		m.line("| key | type | needed | rule | |")
		m.line("|---|---|---|---|---|")
		for i := range e.schema.fields {
			f := &e.schema.fields[i]
			m.line("| %s | %s | %s | %s | %s |", f.name, f.typeName(), f.needName(e.schema.fields), cell(f.rule), cell(f.doc))
		}
		m.line("")
	}
	m.example(e)
	m.result(e.result)
	if local := e.localStatuses(); len(local) > 0 {
		m.statusTable(local)
	}
}

// example is a request that works.
func (m *markdown) example(e *Endpoint) {
	switch {
	case e.reference.Example == "":
	case e.kind == queryKind:
		m.line("```http\nGET %s?token=…%s\n```\n", e.Path.Pattern, e.exampleQuery())
	default:
		m.line("```json\n%s\n```\n", e.exampleEnvelope())
	}
}

// result describes the answer's data.
func (m *markdown) result(s shape) {
	switch {
	case len(s.members) == 0:
		m.line("Answer: `data` is `{}`.\n")
		return
	case s.list:
		m.line("Answer: `data` is a list of\n")
	default:
		m.line("Answer: `data` is\n")
	}
	m.line("| key | type | |")
	m.line("|---|---|---|")
	m.members(s, "")
	m.line("")
}

func (m *markdown) members(s shape, prefix string) {
	for _, member := range s.members {
		name := prefix + member.name
		m.line("| %s | %s | %s |", name, member.typeName(), cell(member.doc))
		m.members(member.shape, name+"[].")
	}
}

// typeName is the type in words.
func (s shape) typeName() string {
	name := [...]string{text: "text", integer: "integer", boolean: "boolean", money: "number (yuan)"}[s.kind]
	switch {
	case s.list:
		return "list"
	case s.nullable:
		return name + " or null"
	default:
		return name
	}
}

// anchor is the fragment that Markdown viewers give a heading.
func anchor(title string) string {
	drop := strings.NewReplacer("/", "", " ", "-")
	return drop.Replace(strings.ToLower(title))
}

// cell keeps a table's bars out of a cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
