package reference

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"campusgate/dispatch"
)

// WriteMarkdown writes the API reference of the registry.
func WriteMarkdown(w io.Writer, registry *dispatch.Registry) error {
	r, err := of(registry)
	if err != nil {
		return err
	}
	out := &markdown{bufio.NewWriter(w)}
	out.line("<!-- Generated from the registry by `campusgate docs`; do not edit. -->")
	out.line("# API reference")
	out.line("")
	for _, paragraph := range introduction {
		out.line("%s\n", paragraph)
	}
	out.refusals()
	out.contents(r.calls)
	out.line("## Statuses of every call\n")
	out.statusTable(dispatch.CommonStatuses())
	for _, e := range r.calls {
		out.endpoint(e)
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

func (m *markdown) contents(calls []call) {
	m.line("| call | path | token | |")
	m.line("|---|---|---|---|")
	for _, e := range calls {
		m.line("| [%s](#%s) | %s `%s` | %s | %s |", e.title(), anchor(e.title()), e.method(), e.pattern("<%s>"), e.Need, e.Summary)
	}
	m.line("")
}

// refusals is the table of what is not HTTP 200.
func (m *markdown) refusals() {
	m.line("The HTTP status is 200 except in the cases below. The path of a picture is always answered with a picture, never with an envelope. Every answer has an `X-Request-ID`, by which the operator finds the request in the log.\n")
	m.line("| HTTP | when | status |")
	m.line("|---|---|---|")
	for _, refusal := range httpRefusals {
		m.line("| %d | %s | %d |", refusal.code, refusal.when, refusal.status.Number)
	}
	m.line("")
}

func (m *markdown) statusTable(statuses []dispatch.Status) {
	m.line("| status | message |")
	m.line("|---|---|")
	for _, status := range statuses {
		m.line("| %d | %s |", status.Number, status.Text)
	}
	m.line("")
}

func (m *markdown) endpoint(e call) {
	m.line("## %s", e.title())
	m.line("")
	m.line("%s. %s `%s`, token: %s.", e.Summary, e.method(), e.pattern("<%s>")+e.plainQuery(), e.Need)
	m.line("")
	if e.Reference.Notes != "" {
		m.line("%s", e.Reference.Notes)
		m.line("")
	}
	if e.Kind == dispatch.PlainEndpoint {
		return
	}
	if len(e.Fields) > 0 {
		m.line("| key | type | required | rule | |")
		m.line("|---|---|---|---|---|")
		m.fields(e.fields(), "")
		m.line("")
	}
	m.example(e)
	m.result(e.answer())
	if local := e.Statuses(); len(local) > 0 {
		m.statusTable(local)
	}
}

// fields are the rows of a request's table, those of objects and lists below theirs.
func (m *markdown) fields(fields []field, prefix string) {
	for _, f := range fields {
		name := prefix + f.Name
		m.line("| %s | %s | %s | %s | %s |", name, f.typeName(), f.Presence(), cell(f.Rule), cell(f.Doc))
		m.fields(fieldsOf(f.Members), name+".")
		if f.Kind == dispatch.List {
			m.fields(fieldsOf(f.Element.Members), name+"[].")
		}
	}
}

// typeName is the type in words.
func (f field) typeName() string {
	if f.Kind == dispatch.List {
		return "list of " + f.Element.TypeName()
	}
	return f.TypeName()
}

// example is a request that works.
func (m *markdown) example(e call) {
	switch {
	case e.Reference.Example == "":
	case e.Kind == dispatch.QueryEndpoint:
		m.line("```http\nGET %s?token=…%s\n```\n", e.Path.Pattern, e.exampleQuery())
	default:
		m.line("```json\n%s\n```\n", e.exampleEnvelope())
	}
}

// result describes the answer's data.
func (m *markdown) result(s shape) {
	switch {
	case s.Kind != dispatch.Object:
		m.line("Answer: `data` has the type %s.\n", s.typeName())
		return
	case len(s.Members) == 0:
		m.line("Answer: `data` is `{}`.\n")
		return
	case s.List:
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
	for _, member := range s.members() {
		name := prefix + member.name
		typeName := member.typeName()
		if member.optional {
			typeName += ", may be absent"
		}
		m.line("| %s | %s | %s |", name, typeName, cell(member.doc))
		if member.List {
			name += "[]"
		}
		m.members(member.shape, name+".")
	}
}

// typeName is the type in words.
func (s shape) typeName() string {
	name := map[dispatch.Kind]string{
		dispatch.Text: "text", dispatch.Integer: "integer", dispatch.Boolean: "boolean",
		dispatch.Money: "number (yuan)", dispatch.Object: "object", dispatch.Tables: "object of lists of objects",
	}[s.Kind]
	switch {
	case s.List && s.Kind == dispatch.Object:
		return "list"
	case s.List:
		return "list of " + name
	case s.Nullable:
		return name + " or null"
	default:
		return name
	}
}

// anchor is the fragment that Markdown viewers give a heading.
func anchor(title string) string {
	drop := strings.NewReplacer("/", "", ".", "", " ", "-")
	return drop.Replace(strings.ToLower(title))
}

// cell keeps a table's bars out of a cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
