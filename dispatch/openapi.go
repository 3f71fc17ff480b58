package dispatch

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteOpenAPI writes the registry as an OpenAPI 3.1 document. Paths are below
// basePath; version is the program's.
//
// Many calls share a path: it is one operation, whose body is one of the calls'
// envelopes (ShopCreatEnvelope, with its data ShopCreatRequest) and whose answer
// is one of their answers (ShopCreatAnswer).
func (r *Registry) WriteOpenAPI(w io.Writer, basePath, version string) error {
	document := object{
		{"openapi", "3.1.0"},
		{"info", object{
			{"title", "campusgate"},
			{"version", version},
			{"description", strings.Join(introduction, "\n\n")},
		}},
		{"servers", []any{object{{"url", cmp.Or(basePath, "/")}}}},
		{"paths", r.pathItems()},
		{"components", object{
			{"schemas", r.components()},
			{"responses", refusalResponses()},
			{"securitySchemes", object{
				{"tokenInQuery", object{{"type", "apiKey"}, {"in", "query"}, {"name", "token"}}},
				{"tokenInHeader", object{{"type", "http"}, {"scheme", "bearer"}}},
			}},
		}},
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

// pathItems are the paths in the order of declaration, behind the base path
// itself, which takes every envelope.
func (r *Registry) pathItems() object {
	var every []*Endpoint
	var items object
	shared := map[string][]*Endpoint{} // posted calls by path
	for i := range r.endpoints {
		e := &r.endpoints[i]
		if e.kind == envelopeKind {
			every = append(every, e)
			shared[e.Path.Pattern] = append(shared[e.Path.Pattern], e)
		}
	}
	anyCall := postOperation("", "Any call; whether it wants a token is as on the call's own path", TokenOptional, every)
	items = append(items, objectMember{"/", object{{"post", anyCall}}})
	for i := range r.endpoints {
		e := &r.endpoints[i]
		switch calls := shared[e.Path.Pattern]; {
		case e.kind == queryKind:
			items = append(items, objectMember{e.Path.Pattern, object{{"get", e.queryOperation()}}})
		case e.kind == pictureKind:
			items = append(items, objectMember{e.pattern("{%s}"), object{{"get", e.pictureOperation()}}})
		case calls[0] == e:
			items = append(items, objectMember{e.Path.Pattern, object{
				{"post", postOperation(e.Path.Pattern, titles(calls), e.Path.Token, calls)},
			}})
		}
	}
	return items
}

func titles(calls []*Endpoint) string {
	names := make([]string, len(calls))
	for i, e := range calls {
		names[i] = e.title()
	}
	return strings.Join(names, ", ")
}

// postOperation is the operation of a path that several calls share.
func postOperation(pattern, summary string, token TokenUse, calls []*Endpoint) object {
	var (
		envelopes, answers []any
		examples           object
		lines, tags        []string
	)
	for _, e := range calls {
		envelopes = append(envelopes, reference(e.typeName()+"Envelope"))
		answers = append(answers, reference(e.typeName()+"Answer"))
		lines = append(lines, fmt.Sprintf("- `%s`: %s", e.title(), e.Summary))
		if !slices.Contains(tags, e.Type) {
			tags = append(tags, e.Type)
		}
		if e.reference.Example != "" {
			examples = append(examples, objectMember{e.clientName(), object{
				{"summary", e.Summary}, {"value", json.RawMessage(e.exampleEnvelope())},
			}})
		}
	}
	body := object{{"schema", object{{"oneOf", envelopes}}}, {"examples", examples}}
	if pattern == "" {
		tags = []string{"any"}
	}
	return object{
		{"operationId", identifier("post" + pattern)},
		{"summary", summary},
		{"description", strings.Join(lines, "\n")},
		{"tags", tags},
		{"security", security(token)},
		{"requestBody", object{{"required", true}, {"content", object{{"application/json", body}}}}},
		{"responses", responses(object{{"anyOf", answers}})},
	}
}

func (e *Endpoint) queryOperation() object {
	var parameters []any
	values := e.exampleValues()
	for i := range e.schema.fields {
		f := &e.schema.fields[i]
		parameter := described(object{
			{"name", f.name},
			{"in", "query"},
			{"required", f.required},
			{"schema", f.parameterSchema()},
		}, f.comment(e.schema.fields))
		if value, given := values[f.name]; given {
			parameter = append(parameter, objectMember{"example", value})
		}
		parameters = append(parameters, parameter)
	}
	return object{
		{"operationId", e.clientName()},
		{"summary", e.Summary},
		{"description", e.reference.Notes},
		{"tags", []string{e.Type}},
		{"security", security(e.Path.Token)},
		{"parameters", parameters},
		{"responses", responses(reference(e.typeName() + "Answer"))},
	}
}

func (e *Endpoint) pictureOperation() object {
	var parameters []any
	for _, segment := range e.segments {
		parameters = append(parameters, object{
			{"name", segment.Name},
			{"in", "path"},
			{"required", true},
			{"description", segment.Doc},
			{"schema", object{{"type", "string"}}},
			{"example", segment.Example},
		})
	}
	header := func(schema object) object { return object{{"schema", schema}} }
	answer := func(description string) object {
		return object{
			{"description", description},
			{"headers", object{
				{"X-Picture", header(object{{"enum", []string{"stored", "default", "error", "ban"}}})},
				{"ETag", header(object{{"type", "string"}})},
				{"Cache-Control", header(object{{"type", "string"}})},
			}},
			{"content", object{{"image/*", object{}}}},
		}
	}
	return object{
		{"operationId", identifier(e.Path.Pattern)},
		{"summary", e.Summary},
		{"description", e.reference.Notes},
		{"tags", []string{"pictures"}},
		{"security", security(e.Path.Token)},
		{"parameters", parameters},
		{"responses", object{
			{"200", answer("A picture.")},
			{"304", object{{"description", "The picture that If-None-Match names."}}},
			{"405", answer("Another method: the error picture.")},
			{"503", answer("The store failed: the error picture.")},
		}},
	}
}

// security says where a token stands; an empty requirement is none.
func security(token TokenUse) []any {
	none := []string{}
	given := []any{object{{"tokenInQuery", none}}, object{{"tokenInHeader", none}}}
	switch token {
	case NoToken:
		return []any{}
	case TokenOptional:
		return append(given, object{})
	default:
		return given
	}
}

// responses are an answer with HTTP 200 and the refusals of every path.
func responses(schema object) object {
	all := object{{"200", jsonResponse("An answer; its status tells whether the call worked.", schema)}}
	for _, refusal := range httpRefusals {
		code := strconv.Itoa(refusal.code)
		all = append(all, objectMember{code, object{{"$ref", "#/components/responses/HTTP" + code}}})
	}
	return all
}

func refusalResponses() object {
	var all object
	for _, refusal := range httpRefusals {
		response := jsonResponse(capital(refusal.when)+".", failureSchema([]Status{refusal.status}, ""))
		if refusal.status == TooManyRequests {
			response = append(response, objectMember{"headers", object{
				{"Retry-After", object{{"description", "in seconds"}, {"schema", object{{"type", "integer"}}}}},
			}})
		}
		all = append(all, objectMember{"HTTP" + strconv.Itoa(refusal.code), response})
	}
	return all
}

func jsonResponse(description string, schema object) object {
	return object{
		{"description", description},
		{"content", object{{"application/json", object{{"schema", schema}}}}},
	}
}
