package reference

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
)

// introduction is what holds for every call.
func (l Language) introduction() []string {
	return []string{l.say(introducedProtocol), l.say(introducedValues)}
}

const (
	introducedProtocol = "Every call is `POST {id, status, type, subtype, data}` below the base path (`/api/external` by default) and is answered with `{id, status, message, data}`. In a failure `data` is `{}` unless the call says otherwise, and a fifth key, `detail`, says which key broke which rule. The base path itself accepts every call. A token is sent in the query parameter `token` or as `Authorization: Bearer …`."
	introducedValues   = "`id` is returned as an integer, also where it was sent as numeric text; without one it is -1. Unknown keys are ignored, and `null` counts as absent. An integer is `-?[0-9]+`, sent as a number or as text; a number may also be sent as decimal text; lengths count characters. Checks run in this order: token, envelope, type and subtype; then keys that are missing, empty, of the wrong type, of a wrong value; then permission and state. Of several bad keys the first in the table is reported."
)

// httpRefusals are the answers that are not HTTP 200. They have an envelope.
var httpRefusals = []struct {
	code   int
	when   string
	status dispatch.Status
}{
	{http.StatusBadRequest, "malformed HTTP", dispatch.ErrorJSONKey},
	{http.StatusNotFound, "unknown path", dispatch.ErrorJSONValue},
	{http.StatusMethodNotAllowed, "wrong method", dispatch.ErrorJSONValue},
	{http.StatusRequestTimeout, "not received in time", dispatch.ErrorJSONKey},
	{http.StatusRequestEntityTooLarge, "body larger than `server.max_body`", dispatch.ValueError},
	{http.StatusTooManyRequests, "too many requests; Retry-After says when to retry", dispatch.TooManyRequests},
	{http.StatusRequestHeaderFieldsTooLarge, "headers larger than 16 KiB", dispatch.ErrorJSONKey},
}

// reference is what the writers of all formats read of a registry.
type reference struct {
	Language
	calls      []call
	structures []shape
}

// call is an endpoint, field and shape are its parts, each with the language in which it
// is told of.
type (
	call struct {
		*dispatch.Endpoint
		Language
	}
	field struct {
		*dispatch.Field
		Language
	}
	shape struct {
		dispatch.Shape
		Language
	}
)

// reserved are the names of types that a reference declares or uses itself: an answer
// of the Go type record would silently replace the Record of TypeScript.
var reserved = []string{
	"Failure", "CommonFailure", // OpenAPI's, and TypeScript's from here on
	"CampusgateError", "Client", "ClientOptions", "Connection", "Envelope", "None",
	"AbortSignal", "Promise", "Record", "RequestInit", "ReturnType",
}

// of reads a registry. A plain endpoint without a summary is in no reference. It fails
// where two types would have one name.
func of(registry *dispatch.Registry, l Language) (r reference, err error) {
	r.Language = l
	taken := map[string]bool{}
	take := func(names ...string) {
		for _, name := range names {
			if taken[name] && err == nil {
				err = fmt.Errorf("dispatch: two types of the references are named %s", name)
			}
			taken[name] = true
		}
	}
	take(reserved...)
	for _, e := range registry.Endpoints() {
		if e.Kind == dispatch.PlainEndpoint && e.Summary == "" {
			continue
		}
		documented := call{e, l}
		r.calls = append(r.calls, documented)
		if name := documented.typeName(); e.Kind != dispatch.PlainEndpoint {
			take(name+"Request", name+"Envelope", name+"Answer")
		}
	}
	for _, s := range registry.Structures() {
		r.structures = append(r.structures, shape{s, l})
		take(s.Name)
	}
	return r, err
}

func (e call) fields() []field { return e.fieldsOf(e.Fields) }

func (l Language) fieldsOf(compiled []dispatch.Field) []field {
	fields := make([]field, len(compiled))
	for i := range compiled {
		fields[i] = field{&compiled[i], l}
	}
	return fields
}

func (f field) members() []field { return f.fieldsOf(f.Members) }

// element is what a list's elements are.
func (f field) element() field { return field{f.Element, f.Language} }

func (e call) answer() shape { return shape{e.Answer, e.Language} }

func (e call) summary() string { return e.say(e.Summary) }

func (e call) notes() string { return e.say(e.Reference.Notes) }

// need is what the call asks of its caller: the token, and the role.
func (e call) need() string {
	token := e.say(e.Need.Token.String())
	if e.Need.Role != "" {
		return e.format("%s, %s", token, e.Need.Role)
	}
	return token
}

// title is the call's name in prose.
func (e call) title() string {
	switch e.Kind {
	case dispatch.PlainEndpoint:
		return e.method() + " " + e.Path.Pattern
	case dispatch.QueryEndpoint:
		return "GET " + e.Type
	default:
		return e.Type + "/" + e.Subtype
	}
}

// clientName is the call's name in program text: shopCreat, getPropertyList or
// getPicURL.
func (e call) clientName() string {
	switch e.Kind {
	case dispatch.PlainEndpoint:
		return identifier(e.Path.Pattern) + "URL"
	case dispatch.QueryEndpoint:
		return "get" + capital(e.Type) + capital(e.Subtype)
	default:
		return e.Type + capital(e.Subtype)
	}
}

// typeName begins the names of the call's types: ShopCreat.
func (e call) typeName() string { return capital(e.clientName()) }

// identifier makes /get/shop getShop, and /stats.csv statsCsv.
func identifier(pattern string) string {
	words := strings.FieldsFunc(pattern, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i := 1; i < len(words); i++ {
		words[i] = capital(words[i])
	}
	return strings.Join(words, "")
}

// sentences say what a call does, and what an OpenAPI document has no place for.
func (e call) sentences() []string {
	said := []string{e.sentence(e.summary())}
	if e.Need.Role != "" {
		said = append(said, e.format("Only for users with the role %s.", e.Need.Role))
	}
	if e.Reference.Notes != "" {
		said = append(said, e.notes())
	}
	return said
}

func (e call) method() string {
	switch {
	case e.Kind == dispatch.EnvelopeEndpoint:
		return http.MethodPost
	case e.Kind == dispatch.PlainEndpoint && len(e.Plain.Methods) > 0:
		return e.Plain.Methods[0]
	default:
		return http.MethodGet
	}
}

// pattern is the whole path, the segments of a plain endpoint's in the given form.
func (e call) pattern(segmentFormat string) string {
	parts := []string{e.Path.Pattern}
	for _, segment := range e.Plain.Segments {
		parts = append(parts, fmt.Sprintf(segmentFormat, segment.Name))
	}
	return strings.Join(parts, "/")
}

// plainQuery are the parameters of a plain endpoint, as they stand behind its path.
func (e call) plainQuery() string {
	var text strings.Builder
	separator := "?"
	for _, parameter := range e.Plain.Query {
		text.WriteString(separator + parameter.Name + "=…")
		separator = "&"
	}
	return text.String()
}

// exampleEnvelope is a posted request that works.
func (e call) exampleEnvelope() string {
	return fmt.Sprintf(`{"id": 1, "status": 0, "type": %q, "subtype": %q, "data": %s}`, e.Type, e.Subtype, e.Reference.Example)
}

// exampleValues are the keys of a query's example with their texts.
func (e call) exampleValues() map[string]any {
	var values map[string]any
	_ = json.Unmarshal([]byte(e.Reference.Example), &values) // its declaration has checked it
	return values
}

// exampleQuery is the query parameters of the example behind a token.
func (e call) exampleQuery() string {
	var query strings.Builder
	values := e.exampleValues()
	for _, f := range e.fields() {
		if value, given := values[f.Name]; given {
			fmt.Fprintf(&query, "&%s=%v", f.Name, value)
		}
	}
	return query.String()
}

// comment is what is told of a field beside its type: the rule in words, how it
// has to be there and what it means.
func (f field) comment() string {
	var parts []string
	if f.Doc != "" {
		parts = append(parts, f.say(f.Doc))
	}
	if f.Rule != "" && f.OneOf == nil {
		parts = append(parts, f.rule())
	}
	switch {
	case f.Required, f.Present:
	case f.Clearable:
		parts = append(parts, f.say(`"" clears it`))
	case f.Unless:
		parts = append(parts, f.format("ignored if %s is %d or more", f.When, f.WhenAtLeast))
	case f.When != "":
		parts = append(parts, f.format("required if %s is %d or more", f.When, f.WhenAtLeast))
	}
	return strings.Join(parts, f.say("; "))
}

// rule is what the value has to be.
func (f field) rule() string { return f.RuleIn(f.say) }

// presence says how the key has to be there.
func (f field) presence() string {
	switch {
	case f.Required:
		return f.say("yes")
	case f.Present:
		return f.say("yes, may be empty")
	case f.Filled:
		return f.say("no, but not empty")
	case f.Clearable:
		return f.say(`no, "" clears it`)
	case f.Unless:
		return f.format("no; ignored if %s is %d or more", f.When, f.WhenAtLeast)
	case f.When != "":
		return f.format("if %s is %d or more", f.When, f.WhenAtLeast)
	default:
		return f.say("no")
	}
}

// member is one of an answer's.
type member struct {
	name, doc string
	optional  bool
	shape
}

func (s shape) members() []member {
	members := make([]member, len(s.Members))
	for i, m := range s.Members {
		members[i] = member{m.Name, s.say(m.Doc), m.Optional, shape{m.Shape, s.Language}}
	}
	return members
}

// capital is the word with its first letter in upper case.
func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
