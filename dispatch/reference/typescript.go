package reference

import (
	"bufio"
	_ "embed" // client.ts
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"campusgate/dispatch"
)

// clientTypeScript is what the client of every registry begins with.
//
//go:embed client.ts
var clientTypeScript string

// WriteTypeScript writes a client of the registry: the types of every request and
// answer, the statuses, and a function for each call. Its comments are in a language.
func WriteTypeScript(w io.Writer, registry *dispatch.Registry, l Language) error {
	r, err := of(registry, l)
	if err != nil {
		return err
	}
	out := &typeScript{bufio.NewWriter(w), l}
	out.line("%s", l.begin())
	for _, e := range r.calls {
		if e.Kind != dispatch.PlainEndpoint {
			out.request(e)
		}
	}
	for _, s := range r.structures {
		out.structure(s)
	}
	out.statuses(r.calls)
	out.client(r.calls)
	return out.Flush()
}

// scriptComment is a line of client.ts that is a comment.
var scriptComment = regexp.MustCompile(`(?m)^( *(?:/\*\*|//) )(.+?)( \*/)?$`)

// begin is client.ts with its comments in the language.
func (l Language) begin() string {
	return scriptComment.ReplaceAllStringFunc(clientTypeScript, func(line string) string {
		parts := scriptComment.FindStringSubmatch(line)
		return parts[1] + l.say(parts[2]) + parts[3]
	})
}

type typeScript struct {
	*bufio.Writer
	Language
}

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
func (t *typeScript) request(e call) {
	if e.Kind == dispatch.QueryEndpoint {
		t.comment("", t.format("The query parameters of %s.", e.title()))
	} else {
		t.comment("", t.format("The data of %s.", e.title()))
	}
	fields := e.fields()
	if len(fields) == 0 {
		t.line("export type %sRequest = None;\n", e.typeName())
		return
	}
	t.line("export interface %sRequest {", e.typeName())
	t.members("  ", fields, e.Kind == dispatch.QueryEndpoint)
	t.line("}\n")
}

// members writes the members of a request's type, or of an object inside it.
func (t *typeScript) members(indent string, fields []field, query bool) {
	for _, f := range fields {
		t.comment(indent, f.comment())
		optional := "?"
		if f.Required || f.Present {
			optional = ""
		}
		inner, end := f.members(), ";"
		if f.Kind == dispatch.List {
			inner, end = f.element().members(), "[];"
		}
		if len(inner) == 0 {
			t.line("%s%s%s: %s;", indent, f.Name, optional, f.scriptType(query))
			continue
		}
		t.line("%s%s%s: {", indent, f.Name, optional)
		t.members(indent+"  ", inner, query)
		t.line("%s}%s", indent, end)
	}
}

// scriptType is the type of what a client may send. In a query an integer as text
// is no use.
func (f field) scriptType(query bool) string {
	switch {
	case f.OneOf != nil && f.Kind == dispatch.Integer:
		return strings.Join(f.OneOf, " | ")
	case f.OneOf != nil:
		return `"` + strings.Join(f.OneOf, `" | "`) + `"`
	case f.Kind == dispatch.Integer && query:
		return "number"
	case f.Kind == dispatch.Integer, f.Kind == dispatch.Money, f.Number != "":
		return "number | string"
	case f.Kind == dispatch.Boolean:
		return "boolean"
	case f.Kind == dispatch.Object:
		return "None"
	case f.Kind == dispatch.List:
		return listOf(f.element().scriptType(query))
	default:
		return "string"
	}
}

// listOf is the type of a list of elements.
func listOf(element string) string {
	if strings.Contains(element, " | ") {
		element = "(" + element + ")"
	}
	return element + "[]"
}

// structure writes the type of an answer.
func (t *typeScript) structure(s shape) {
	t.line("export interface %s {", s.Name)
	for _, member := range s.members() {
		t.comment("  ", member.doc)
		mark := ""
		if member.optional {
			mark = "?"
		}
		t.line("  %s%s: %s;", member.name, mark, member.scriptType())
	}
	t.line("}\n")
}

// scriptNames are TypeScript's of an answer.
var scriptNames = map[dispatch.Kind]string{
	dispatch.Text: "string", dispatch.Integer: "number", dispatch.Boolean: "boolean", dispatch.Money: "number",
	dispatch.Tables: "Record<string, Record<string, unknown>[]>",
}

func (s shape) scriptType() string {
	name := scriptNames[s.Kind]
	switch {
	case s.Kind == dispatch.Object && len(s.Members) > 0:
		name = s.Name
	case s.Kind == dispatch.Object:
		name = "None"
	}
	if s.Nullable {
		name += " | null"
	}
	if s.List {
		return listOf(name)
	}
	return name
}

// statuses writes the numbers and texts, for numbers repeat: a call's own are
// beside those of every call.
func (t *typeScript) statuses(calls []call) {
	t.comment("", t.say("The statuses of every call, and those that a call adds; a query has its own."))
	t.line("export const statuses = {")
	t.statusTable("everyCall", dispatch.CommonStatuses())
	for _, e := range calls {
		if e.Kind != dispatch.PlainEndpoint {
			t.statusTable(e.clientName(), e.Statuses())
		}
	}
	t.line("} as const;\n")
}

// statusTable writes each number once, with all of its texts.
func (t *typeScript) statusTable(name string, statuses []dispatch.Status) {
	var numbers []int
	texts := map[int][]string{}
	for _, status := range statuses {
		if texts[status.Number] == nil {
			numbers = append(numbers, status.Number)
		}
		texts[status.Number] = append(texts[status.Number], status.Text)
	}
	t.line("  %s: {", name)
	for _, number := range numbers {
		message, _ := json.Marshal(strings.Join(texts[number], "; ")) // text always is JSON
		t.line("    [%d]: %s,", number, message)
	}
	t.line("  },")
}

// client writes a function for each call.
func (t *typeScript) client(calls []call) {
	t.comment("", t.say("Every call as a function. A status that is not 0 is thrown as a CampusgateError."))
	t.line("export type Client = ReturnType<typeof createClient>;\n")
	t.comment("", t.say("A client of the gateway at options.base."))
	t.line("export function createClient(options: ClientOptions = {}) {")
	t.line("  const connection = new Connection(options);")
	t.line("  return {")
	for _, e := range calls {
		t.function(e)
	}
	t.line("  };")
	t.line("}")
}

func (t *typeScript) function(e call) {
	summary := e.format("%s. %s %s, token: %s.", e.summary(), e.method(), e.pattern("<%s>"), e.need())
	if e.Kind == dispatch.PlainEndpoint && e.method() != http.MethodGet {
		return // others than pages ask it
	}
	if e.Kind == dispatch.PlainEndpoint {
		t.comment("    ", summary, e.notes())
		var parameters []string
		arguments := []string{strconv.Quote(e.Path.Pattern)}
		for _, segment := range e.Plain.Segments {
			parameters = append(parameters, segment.Name+": string")
			arguments = append(arguments, segment.Name)
		}
		query, names := "", []string{}
		for _, parameter := range e.Plain.Query {
			parameters = append(parameters, parameter.Name+": string")
			names = append(names, parameter.Name)
		}
		if len(names) > 0 {
			query = fmt.Sprintf(` + "?" + new URLSearchParams({ %s })`, strings.Join(names, ", "))
		}
		t.line("    %s: (%s): string =>", e.clientName(), strings.Join(parameters, ", "))
		t.line("      connection.url(%s)%s,", strings.Join(arguments, ", "), query)
		return
	}
	t.comment("    ", summary, e.notes(), e.exampleComment())
	data := fmt.Sprintf("data: %sRequest", e.typeName())
	if !slices.ContainsFunc(e.fields(), func(f field) bool { return f.Required || f.Present }) {
		data += " = {}"
	}
	answer := e.answer().scriptType()
	t.line("    %s: (%s, signal?: AbortSignal): Promise<%s> =>", e.clientName(), data, answer)
	if e.Kind == dispatch.QueryEndpoint {
		t.line("      connection.get(%q, data, signal),", e.Path.Pattern)
		return
	}
	t.line("      connection.post(%q, %q, %q, data, signal),", e.Path.Pattern, e.Type, e.Subtype)
}

func (e call) exampleComment() string {
	if e.Reference.Example == "" {
		return ""
	}
	return fmt.Sprintf("@example\nclient.%s(%s)", e.clientName(), e.Reference.Example)
}
