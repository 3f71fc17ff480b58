package reference

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"campusgate/dispatch"
)

// WriteMarkdown writes the API reference of the registry in a language.
func WriteMarkdown(w io.Writer, registry *dispatch.Registry, l Language) error {
	r, err := of(registry, l)
	if err != nil {
		return err
	}
	out := &markdown{bufio.NewWriter(w), l}
	out.line("<!-- Generated from the registry by `campusgate docs`; do not edit. -->")
	out.line("# %s", l.say("API reference"))
	out.line("")
	for _, paragraph := range l.introduction() {
		out.line("%s\n", paragraph)
	}
	out.refusals()
	out.contents(r.calls)
	out.line("## %s\n", l.say("Statuses of every call"))
	out.statusTable(dispatch.CommonStatuses())
	for _, e := range r.calls {
		out.endpoint(e)
	}
	return out.Flush()
}

type markdown struct {
	*bufio.Writer
	Language
}

func (m *markdown) line(format string, arguments ...any) {
	if len(arguments) == 0 {
		_, _ = m.WriteString(format + "\n") // a bufio.Writer keeps its error for Flush
		return
	}
	_, _ = fmt.Fprintf(m, format+"\n", arguments...)
}

func (m *markdown) contents(calls []call) {
	m.line("%s", m.say("| call | path | token | |"))
	m.line("|---|---|---|---|")
	for _, e := range calls {
		m.line("| [%s](#%s) | %s `%s` | %s | %s |", e.title(), anchor(e.title()), e.method(), e.pattern("<%s>"), e.need(), e.summary())
	}
	m.line("")
}

// refusals is the table of what is not HTTP 200.
func (m *markdown) refusals() {
	m.line("%s\n", m.say("The HTTP status is 200 except in the cases below. The path of a picture is always answered with a picture, never with an envelope. Every answer has an `X-Request-ID`, by which the operator finds the request in the log."))
	m.line("%s", m.say("| HTTP | when | status |"))
	m.line("|---|---|---|")
	for _, refusal := range httpRefusals {
		m.line("| %d | %s | %d |", refusal.code, m.say(refusal.when), refusal.status.Number)
	}
	m.line("")
}

func (m *markdown) statusTable(statuses []dispatch.Status) {
	explained := slices.ContainsFunc(statuses, func(status dispatch.Status) bool { return m.meaning(status) != "" })
	if explained {
		m.line("%s", m.say("| status | message | meaning |"))
		m.line("|---|---|---|")
	} else {
		m.line("%s", m.say("| status | message |"))
		m.line("|---|---|")
	}
	for _, status := range statuses {
		if explained {
			m.line("| %d | %s | %s |", status.Number, status.Text, m.meaning(status))
		} else {
			m.line("| %d | %s |", status.Number, status.Text)
		}
	}
	m.line("")
}

func (m *markdown) endpoint(e call) {
	m.line("## %s", e.title())
	m.line("")
	m.line("%s", m.format("%s. %s `%s`, token: %s.", e.summary(), e.method(), e.pattern("<%s>")+e.plainQuery(), e.need()))
	m.line("")
	if e.Reference.Notes != "" {
		m.line("%s", e.notes())
		m.line("")
	}
	if e.Kind == dispatch.PlainEndpoint {
		return
	}
	if len(e.Fields) > 0 {
		m.line("%s", m.say("| key | type | required | rule | |"))
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
		m.line("| %s | %s | %s | %s | %s |", name, f.typeName(), f.presence(), cell(f.rule()), cell(f.say(f.Doc)))
		m.fields(f.members(), name+".")
		if f.Kind == dispatch.List {
			m.fields(f.element().members(), name+"[].")
		}
	}
}

// typeName is the type in words.
func (f field) typeName() string {
	if f.Kind == dispatch.List {
		return f.format("list of %s", f.say(f.Element.TypeName()))
	}
	return f.say(f.TypeName())
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
		m.line("%s\n", m.format("Answer: `data` has the type %s.", s.typeName()))
		return
	case len(s.Members) == 0:
		m.line("%s\n", m.say("Answer: `data` is `{}`."))
		return
	case s.List:
		m.line("%s\n", m.say("Answer: `data` is a list of"))
	default:
		m.line("%s\n", m.say("Answer: `data` is"))
	}
	m.line("%s", m.say("| key | type | |"))
	m.line("|---|---|---|")
	m.members(s, "")
	m.line("")
}

func (m *markdown) members(s shape, prefix string) {
	for _, member := range s.members() {
		name := prefix + member.name
		typeName := member.typeName()
		if member.optional {
			typeName = m.format("%s, may be absent", typeName)
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
	name := s.say(map[dispatch.Kind]string{
		dispatch.Text: "text", dispatch.Integer: "integer", dispatch.Boolean: "boolean",
		dispatch.Money: "number (yuan)", dispatch.Object: "object", dispatch.Tables: "object of lists of objects",
	}[s.Kind])
	switch {
	case s.List && s.Kind == dispatch.Object:
		return s.say("list")
	case s.List:
		return s.format("list of %s", name)
	case s.Nullable:
		return s.format("%s or null", name)
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
