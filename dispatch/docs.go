package dispatch

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// introduction is what holds for every call.
var introduction = []string{
	"Every call is `POST {id, status, type, subtype, data}` below the base path (`/api/external` by default) and is answered with `{id, status, message, data}`. A failure has `data` `{}` unless its call says otherwise, and a fifth key `detail` that tells in words which key broke which rule. The base path itself takes any envelope. A token stands in the query parameter `token` or in `Authorization: Bearer …`.",
	"`id` comes back as an integer, also from numeric text; without one it is -1. Keys that a call does not know are ignored, and `null` counts as absent. An integer is `-?[0-9]+`, as number or as text; a number may also be text with a decimal point; lengths count characters. Checks come in this order: token, envelope, type and subtype, keys that are missing, empty, of a wrong type, of a wrong value, then permission and state; of several bad keys the first of the table is told.",
	"HTTP is 200 but for 404 (unknown path) and 405, with status -2; 400 (not HTTP), 408 (too slow) and 431 (header over 16 KiB), with -1; 413 (body over `server.max_body`), with -204; and 429 with Retry-After, with -302. Pictures are never answered with an envelope. Every answer has an `X-Request-ID`, by which the operator finds it in the log.",
}

// WriteMarkdown writes the API reference of the registry.
func (r *Registry) WriteMarkdown(w io.Writer) error {
	out := &markdown{bufio.NewWriter(w)}
	out.line("<!-- Made from the registry by `campusgate docs`; do not edit. -->")
	out.line("# API reference")
	out.line("")
	for _, paragraph := range introduction {
		out.line("%s\n", paragraph)
	}
	out.contents(r.endpoints)
	out.statuses("Statuses of every call", commonStatuses())
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
		m.line("| [%s](#%s) | %s `%s` | %s | %s |", e.title(), anchor(e.title()), e.method(), e.pattern(), e.Path.Token, e.Summary)
	}
	m.line("")
}

func (m *markdown) statuses(title string, statuses []Status) {
	m.line("## %s", title)
	m.line("")
	m.statusTable(statuses)
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
	m.line("%s. %s `%s`, token: %s.", e.Summary, e.method(), e.pattern(), e.Path.Token)
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
	if e.reference.Example != "" {
		m.line("```json\n{\"id\": 1, \"status\": 0, \"type\": \"%s\", \"subtype\": \"%s\", \"data\": %s}\n```\n", e.Type, e.Subtype, e.reference.Example)
	}
	m.result(e.result)
	if local := e.localStatuses(); len(local) > 0 {
		m.statusTable(local)
	}
}

// result describes the answer's data.
func (m *markdown) result(t reflect.Type) {
	list := t.Kind() == reflect.Slice
	if list {
		t = t.Elem()
	}
	switch {
	case t.NumField() == 0:
		m.line("Answer: `data` is `{}`.\n")
		return
	case list:
		m.line("Answer: `data` is a list of\n")
	default:
		m.line("Answer: `data` is\n")
	}
	m.line("| key | type | |")
	m.line("|---|---|---|")
	m.resultFields(t, "")
	m.line("")
}

func (m *markdown) resultFields(t reflect.Type, prefix string) {
	for f := range t.Fields() {
		name := prefix + f.Tag.Get("json")
		m.line("| %s | %s | %s |", name, resultType(f.Type), cell(f.Tag.Get("doc")))
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			m.resultFields(f.Type.Elem(), name+"[].")
		}
	}
}

func resultType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[Fen]():
		return "number (yuan)"
	case t == reflect.TypeFor[*Fen]():
		return "number (yuan) or null"
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int:
		return "integer"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Slice:
		return "list"
	default:
		return "text"
	}
}

// commonStatuses are those of every posted call.
func commonStatuses() []Status {
	return []Status{
		OK, ErrorJSONKey, ErrorJSONValue, MissingArgs, ErrorToken, UserIDFailed, DatabaseFailure,
		EmptyValue, ValueTypeError, ValueError, TooManyRequests, UnknownError,
	}
}

// localStatuses are the statuses that a call adds to those of every call.
func (e *Endpoint) localStatuses() []Status {
	var local []Status
	if len(e.schema.fields) > 0 {
		local = append(local, e.classes.Missing)
	}
	if e.kind == queryKind {
		local = []Status{
			QueryUnknownArg, QueryTypeError, UserIDFailed, QueryConflict, QueryMissingArgs,
			QueryUnknownToken, QueryValueError,
		}
	}
	return append(local, e.reference.Statuses...)
}

func (e *Endpoint) title() string {
	switch e.kind {
	case pictureKind:
		return "GET " + e.Path.Pattern
	case queryKind:
		return "GET " + e.Type
	default:
		return e.Type + "/" + e.Subtype
	}
}

func (e *Endpoint) method() string {
	if e.kind == envelopeKind {
		return "POST"
	}
	return "GET"
}

// pattern is the path as the reference shows it.
func (e *Endpoint) pattern() string {
	if e.kind == pictureKind {
		return e.Path.Pattern + "/…"
	}
	return e.Path.Pattern
}

func (t TokenUse) String() string {
	return [...]string{NoToken: "no", TokenNeeded: "yes", TokenOptional: "optional"}[t]
}

// anchor is the fragment that Markdown viewers give a heading.
func anchor(title string) string {
	drop := strings.NewReplacer("/", "", " ", "-")
	return drop.Replace(strings.ToLower(title))
}

// cell keeps a table's bars out of a cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
