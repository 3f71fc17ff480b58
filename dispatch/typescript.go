package dispatch

import (
	"bufio"
	_ "embed" // client.ts
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// clientTypeScript is what the client of every registry begins with.
//
//go:embed client.ts
var clientTypeScript string

// WriteTypeScript writes a client of the registry: the types of every request and
// answer, the statuses, and a function for each call.
func (r *Registry) WriteTypeScript(w io.Writer) error {
	out := &typeScript{bufio.NewWriter(w)}
	out.line("%s", clientTypeScript)
	for i := range r.endpoints {
		if e := &r.endpoints[i]; e.kind != pictureKind {
			out.request(e)
		}
	}
	for _, s := range r.structures() {
		out.structure(s)
	}
	out.statuses(r.endpoints)
	out.client(r.endpoints)
	return out.Flush()
}

type typeScript struct{ *bufio.Writer }

func (t *typeScript) line(format string, arguments ...any) {
	_, _ = fmt.Fprintf(t, format+"\n", arguments...) // a bufio.Writer keeps its error for Flush
}

// comment writes a doc comment of paragraphs, leaving out empty ones.
func (t *typeScript) comment(indent string, paragraphs ...string) {
	paragraphs = slices.DeleteFunc(paragraphs, func(p string) bool { return p == "" })
	if len(paragraphs) == 0 {
		return
	}
	text := strings.ReplaceAll(strings.Join(paragraphs, "\n\n"), "*/", `*\/`)
	if !strings.Contains(text, "\n") {
		t.line("%s/** %s */", indent, text)
		return
	}
	t.line("%s/**", indent)
	for line := range strings.SplitSeq(text, "\n") {
		t.line("%s", strings.TrimRight(indent+" * "+line, " "))
	}
	t.line("%s */", indent)
}

// request writes the type of a call's data, or of its query parameters.
func (t *typeScript) request(e *Endpoint) {
	if e.kind == queryKind {
		t.comment("", "The query parameters of "+e.title()+".")
	} else {
		t.comment("", "The data of "+e.title()+".")
	}
	fields := e.schema.fields
	if len(fields) == 0 {
		t.line("export type %sRequest = None;\n", e.typeName())
		return
	}
	t.line("export interface %sRequest {", e.typeName())
	for i := range fields {
		f := &fields[i]
		t.comment("  ", f.comment(fields))
		optional := "?"
		if f.required || f.present {
			optional = ""
		}
		t.line("  %s%s: %s;", f.name, optional, f.scriptType(e.kind == queryKind))
	}
	t.line("}\n")
}

// scriptType is the type of what a client may send. In a query an integer as text
// is no use.
func (f *field) scriptType(query bool) string {
	switch {
	case f.oneOf != nil && f.kind == integer:
		return strings.Join(f.oneOf, " | ")
	case f.oneOf != nil:
		return `"` + strings.Join(f.oneOf, `" | "`) + `"`
	case f.kind == integer && query:
		return "number"
	case f.kind == integer, f.kind == money, f.number != "":
		return "number | string"
	case f.kind == boolean:
		return "boolean"
	default:
		return "string"
	}
}

// structure writes the type of an answer.
func (t *typeScript) structure(s shape) {
	t.line("export interface %s {", s.name)
	for _, member := range s.members {
		t.comment("  ", member.doc)
		t.line("  %s: %s;", member.name, member.scriptType())
	}
	t.line("}\n")
}

func (s shape) scriptType() string {
	name := [...]string{text: "string", integer: "number", boolean: "boolean", money: "number"}[s.kind]
	switch {
	case s.structure && len(s.members) > 0:
		name = s.name
	case s.structure:
		name = "None"
	case s.nullable:
		name += " | null"
	}
	if s.list {
		return name + "[]"
	}
	return name
}

// statuses writes the numbers and texts, for numbers repeat: a call's own are
// beside those of every call.
func (t *typeScript) statuses(endpoints []Endpoint) {
	t.line("/** The statuses of every call, and those that a call adds; a query has a table of its own. */")
	t.line("export const statuses = {")
	t.statusTable("everyCall", commonStatuses)
	for i := range endpoints {
		if e := &endpoints[i]; e.kind != pictureKind {
			t.statusTable(e.clientName(), e.localStatuses())
		}
	}
	t.line("} as const;\n")
}

func (t *typeScript) statusTable(name string, statuses []Status) {
	t.line("  %s: {", name)
	for _, status := range statuses {
		message, _ := json.Marshal(status.Text) // text always is JSON
		t.line("    [%d]: %s,", status.Number, message)
	}
	t.line("  },")
}

// client writes a function for each call.
func (t *typeScript) client(endpoints []Endpoint) {
	t.line("/** Every call as a function. A status that is not 0 is thrown as a CampusgateError. */")
	t.line("export type Client = ReturnType<typeof createClient>;\n")
	t.line("/** A client of the gateway at options.base. */")
	t.line("export function createClient(options: ClientOptions = {}) {")
	t.line("  const connection = new Connection(options);")
	t.line("  return {")
	for i := range endpoints {
		t.function(&endpoints[i])
	}
	t.line("  };")
	t.line("}")
}

func (t *typeScript) function(e *Endpoint) {
	head := fmt.Sprintf("%s. %s %s, token: %s.", e.Summary, e.method(), e.pattern("<%s>"), e.Path.Token)
	if e.kind == pictureKind {
		t.comment("    ", head, e.reference.Notes)
		var names []string
		for _, segment := range e.segments {
			names = append(names, segment.Name)
		}
		t.line("    %s: (%s: string): string =>", e.clientName(), strings.Join(names, ": string, "))
		t.line("      connection.url(%q, %s),", e.Path.Pattern, strings.Join(names, ", "))
		return
	}
	t.comment("    ", head, e.reference.Notes, e.exampleComment())
	data := fmt.Sprintf("data: %sRequest", e.typeName())
	if !slices.ContainsFunc(e.schema.fields, func(f field) bool { return f.required || f.present }) {
		data += " = {}"
	}
	answer := e.result.scriptType()
	t.line("    %s: (%s, signal?: AbortSignal): Promise<%s> =>", e.clientName(), data, answer)
	if e.kind == queryKind {
		t.line("      connection.get(%q, data, signal),", e.Path.Pattern)
		return
	}
	t.line("      connection.post(%q, %q, %q, data, signal),", e.Path.Pattern, e.Type, e.Subtype)
}

func (e *Endpoint) exampleComment() string {
	if e.reference.Example == "" {
		return ""
	}
	return fmt.Sprintf("@example\nclient.%s(%s)", e.clientName(), e.reference.Example)
}
