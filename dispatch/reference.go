package dispatch

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/goccy/go-json"
)

// introduction is what holds for every call.
var introduction = []string{
	"Every call is `POST {id, status, type, subtype, data}` below the base path (`/api/external` by default) and is answered with `{id, status, message, data}`. A failure has `data` `{}` unless its call says otherwise, and a fifth key `detail` that tells in words which key broke which rule. The base path itself takes any envelope. A token stands in the query parameter `token` or in `Authorization: Bearer …`.",
	"`id` comes back as an integer, also from numeric text; without one it is -1. Keys that a call does not know are ignored, and `null` counts as absent. An integer is `-?[0-9]+`, as number or as text; a number may also be text with a decimal point; lengths count characters. Checks come in this order: token, envelope, type and subtype, keys that are missing, empty, of a wrong type, of a wrong value, then permission and state; of several bad keys the first of the table is told.",
}

// httpRefusals are the answers that are not HTTP 200. They have an envelope.
var httpRefusals = []struct {
	code   int
	when   string
	status Status
}{
	{http.StatusBadRequest, "not HTTP", ErrorJSONKey},
	{http.StatusNotFound, "unknown path", ErrorJSONValue},
	{http.StatusMethodNotAllowed, "another method", ErrorJSONValue},
	{http.StatusRequestTimeout, "too slow", ErrorJSONKey},
	{http.StatusRequestEntityTooLarge, "body over `server.max_body`", ValueError},
	{http.StatusTooManyRequests, "too many requests; Retry-After says when to come again", TooManyRequests},
	{http.StatusRequestHeaderFieldsTooLarge, "header over 16 KiB", ErrorJSONKey},
}

// commonStatuses are those of every posted call.
var commonStatuses = []Status{
	OK, ErrorJSONKey, ErrorJSONValue, MissingArgs, ErrorToken, UserIDFailed, DatabaseFailure,
	EmptyValue, ValueTypeError, ValueError, TooManyRequests, UnknownError,
}

// localStatuses are the statuses that a call adds to those of every call; a query
// has a table of its own.
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

// title is the call's name in prose.
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

// clientName is the call's name in program text: shopCreat, getPropertyList or
// getPicURL.
func (e *Endpoint) clientName() string {
	switch e.kind {
	case pictureKind:
		return identifier(e.Path.Pattern) + "URL"
	case queryKind:
		return "get" + capital(e.Type) + capital(e.Subtype)
	default:
		return e.Type + capital(e.Subtype)
	}
}

// typeName begins the names of the call's types: ShopCreat.
func (e *Endpoint) typeName() string { return capital(e.clientName()) }

// identifier makes /get/shop getShop.
func identifier(pattern string) string {
	words := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	for i := range words[1:] {
		words[i+1] = capital(words[i+1])
	}
	return strings.Join(words, "")
}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

func (e *Endpoint) method() string {
	if e.kind == envelopeKind {
		return http.MethodPost
	}
	return http.MethodGet
}

// pattern is the whole path, the segments of a picture's in the given form.
func (e *Endpoint) pattern(segmentFormat string) string {
	parts := []string{e.Path.Pattern}
	for _, segment := range e.segments {
		parts = append(parts, fmt.Sprintf(segmentFormat, segment.Name))
	}
	return strings.Join(parts, "/")
}

func (t TokenUse) String() string {
	return [...]string{NoToken: "no", TokenNeeded: "yes", TokenOptional: "optional"}[t]
}

// exampleEnvelope is a posted request that works.
func (e *Endpoint) exampleEnvelope() string {
	return fmt.Sprintf(`{"id": 1, "status": 0, "type": %q, "subtype": %q, "data": %s}`, e.Type, e.Subtype, e.reference.Example)
}

// exampleValues are the keys of a query's example with their texts.
func (e *Endpoint) exampleValues() map[string]any {
	var values map[string]any
	_ = json.Unmarshal([]byte(e.reference.Example), &values) // newEndpoint has checked it
	return values
}

// exampleQuery is the query parameters of the example behind a token.
func (e *Endpoint) exampleQuery() string {
	var query strings.Builder
	values := e.exampleValues()
	for i := range e.schema.fields {
		if value, given := values[e.schema.fields[i].name]; given {
			fmt.Fprintf(&query, "&%s=%v", e.schema.fields[i].name, value)
		}
	}
	return query.String()
}

// comment is what is told of a field beside its type: the rule in words, how it
// has to be there and what it means.
func (f *field) comment(fields []field) string {
	var parts []string
	if f.doc != "" {
		parts = append(parts, f.doc)
	}
	if f.rule != "" && f.oneOf == nil {
		parts = append(parts, f.rule)
	}
	switch {
	case f.required, f.present:
	case f.when >= 0 && !f.unless:
		parts = append(parts, "needed "+f.needName(fields))
	case f.unless, f.clearable:
		parts = append(parts, strings.TrimLeft(strings.TrimPrefix(f.needName(fields), "no"), ",; "))
	}
	return strings.Join(parts, "; ")
}

// shape is what an answer's data, or a part of it, looks like.
type shape struct {
	kind           kind // of what is no structure
	list, nullable bool
	// name is a structure's: ShopRow. Without members it is {}.
	structure bool
	name      string
	members   []shapeMember
}

type shapeMember struct {
	name, doc string
	shape
}

// shapeOf reads the type of an answer. It panics on what no client could be told,
// as compileSchema does.
func shapeOf(t reflect.Type) shape {
	switch {
	case t == reflect.TypeFor[Fen]():
		return shape{kind: money}
	case t.Kind() == reflect.String:
		return shape{kind: text}
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int:
		return shape{kind: integer}
	case t.Kind() == reflect.Bool:
		return shape{kind: boolean}
	case t.Kind() == reflect.Pointer:
		s := shapeOf(t.Elem())
		s.nullable = true
		return s
	case t.Kind() == reflect.Slice:
		s := shapeOf(t.Elem())
		s.list = true
		return s
	case t.Kind() == reflect.Struct:
		s := shape{structure: true, name: capital(t.Name())}
		for f := range t.Fields() {
			s.members = append(s.members, shapeMember{f.Tag.Get("json"), f.Tag.Get("doc"), shapeOf(f.Type)})
		}
		return s
	default:
		panic(fmt.Sprintf("dispatch: an answer of type %s", t))
	}
}

// structures are the structures of the answers that have a name, each once.
func (r *Registry) structures() []shape {
	var all []shape
	known := map[string]bool{}
	var add func(s shape)
	add = func(s shape) {
		if len(s.members) == 0 || known[s.name] {
			return
		}
		known[s.name] = true
		for _, member := range s.members {
			add(member.shape)
		}
		s.list = false
		all = append(all, s)
	}
	for i := range r.endpoints {
		add(r.endpoints[i].result)
	}
	return all
}
