package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"campusgate/dispatch"
)

// WriteOpenAPI writes the registry as an OpenAPI 3.1 document in a language. Paths are below
// basePath; version is the program's.
//
// Many calls share a path: it is one operation, whose body is one of the calls'
// envelopes (ShopCreatEnvelope, with its data ShopCreatRequest) and whose answer
// is one of their answers (ShopCreatAnswer).
func WriteOpenAPI(w io.Writer, registry *dispatch.Registry, l Language, basePath, version string) error {
	document, err := openAPI(registry, l, basePath, version)
	if err != nil {
		return err
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, document, "", "  "); err != nil {
		return err
	}
	spaced.WriteByte('\n')
	_, err = spaced.WriteTo(w)
	return err
}

// openAPI is the document without white space, which would double it.
func openAPI(registry *dispatch.Registry, l Language, basePath, version string) ([]byte, error) {
	r, err := of(registry, l)
	if err != nil {
		return nil, err
	}
	document := object{
		{"openapi", "3.1.0"},
		{"info", object{
			{"title", "campusgate"},
			{"version", version},
			{"description", strings.Join(l.introduction(), "\n\n")},
		}},
		{"servers", []any{object{{"url", cmp.Or(basePath, "/")}}}},
		{"paths", r.pathItems()},
		{"components", object{
			{"schemas", r.components()},
			{"responses", l.refusalResponses()},
			{"securitySchemes", object{
				{"tokenInQuery", object{{"type", "apiKey"}, {"in", "query"}, {"name", "token"}}},
				{"tokenInHeader", object{{"type", "http"}, {"scheme", "bearer"}}},
			}},
		}},
	}
	var out bytes.Buffer
	if err := writeJSON(&out, document); err != nil {
		return nil, err
	}
	return bytes.Clone(out.Bytes()), nil // no larger than it is
}

// pathItems are the paths in the order of declaration, behind the base path
// itself, which takes every envelope.
func (r reference) pathItems() object {
	var every []call
	var items object
	shared := map[string][]call{} // posted calls by path
	for _, e := range r.calls {
		if e.Kind == dispatch.EnvelopeEndpoint {
			every = append(every, e)
			shared[e.Path.Pattern] = append(shared[e.Path.Pattern], e)
		}
	}
	anyCall := r.postOperation("", r.say("Any call; it needs a token if it needs one on its own path"), dispatch.TokenOptional, every)
	items = append(items, objectMember{"/", object{{"post", anyCall}}})
	for _, e := range r.calls {
		switch calls := shared[e.Path.Pattern]; {
		case e.Kind == dispatch.QueryEndpoint:
			items = append(items, objectMember{e.Path.Pattern, object{{"get", e.queryOperation()}}})
		case e.Kind == dispatch.PlainEndpoint:
			items = append(items, objectMember{e.pattern("{%s}"), object{{strings.ToLower(e.method()), e.plainOperation()}}})
		case calls[0].Endpoint == e.Endpoint:
			items = append(items, objectMember{e.Path.Pattern, object{
				{"post", r.postOperation(e.Path.Pattern, titles(calls), tokenOf(calls), calls)},
			}})
		}
	}
	return items
}

func titles(calls []call) string {
	names := make([]string, len(calls))
	for i, e := range calls {
		names[i] = e.title()
	}
	return strings.Join(names, ", ")
}

// postOperation is the operation of a path that several calls share.
func (l Language) postOperation(pattern, summary string, token dispatch.TokenUse, calls []call) object {
	var (
		envelopes, answers []any
		examples           object
		lines, tags        []string
	)
	for _, e := range calls {
		envelopes = append(envelopes, refer(e.typeName()+"Envelope"))
		answers = append(answers, refer(e.typeName()+"Answer"))
		lines = append(lines, l.format("- `%s`: %s", e.title(), e.summary()))
		if !slices.Contains(tags, e.Type) {
			tags = append(tags, e.Type)
		}
		if e.Reference.Example != "" {
			examples = append(examples, objectMember{e.clientName(), object{
				{"summary", e.summary()}, {"value", json.RawMessage(e.exampleEnvelope())},
			}})
		}
	}
	body := object{{"schema", object{{"oneOf", envelopes}}}, {"examples", examples}}
	if pattern == "" {
		tags = []string{"any"}
	}
	return object{
		{"operationId", identifier("post/" + pattern)},
		{"summary", summary},
		{"description", strings.Join(lines, "\n")},
		{"tags", tags},
		{"security", security(token)},
		{"requestBody", object{{"required", true}, {"content", object{{"application/json", body}}}}},
		{"responses", l.responses(object{{"anyOf", answers}})},
	}
}

func (e call) queryOperation() object {
	parameters := []any{}
	values := e.exampleValues()
	for _, f := range e.fields() {
		parameter := described(object{
			{"name", f.Name},
			{"in", "query"},
			{"required", f.Required},
			{"schema", f.parameterSchema()},
		}, f.comment())
		if value, given := values[f.Name]; given {
			parameter = append(parameter, objectMember{"example", value})
		}
		parameters = append(parameters, parameter)
	}
	return object{
		{"operationId", e.clientName()},
		{"summary", e.summary()},
		{"description", e.notes()},
		{"tags", []string{e.Type}},
		{"security", security(e.Need.Token)},
		{"parameters", parameters},
		{"responses", e.responses(refer(e.typeName() + "Answer"))},
	}
}

// plainOperation describes a plain endpoint by what it says of itself.
func (e call) plainOperation() object {
	parameters := []any{}
	add := func(in string, segments []dispatch.Segment) {
		for _, segment := range segments {
			parameters = append(parameters, object{
				{"name", segment.Name},
				{"in", in},
				{"required", true},
				{"description", e.say(segment.Doc)},
				{"schema", object{{"type", "string"}}},
				{"example", segment.Example},
			})
		}
	}
	add("path", e.Plain.Segments)
	add("query", e.Plain.Query)
	var answers object
	for _, answer := range e.Plain.Answers {
		answers = append(answers, objectMember{strconv.Itoa(answer.Status), e.plainAnswer(answer)})
	}
	if answers == nil {
		answers = object{{"default", e.plainAnswer(dispatch.AnswerDescription{Doc: "An answer."})}}
	}
	return object{
		{"operationId", identifier(e.Path.Pattern)},
		{"summary", e.summary()},
		{"description", e.notes()},
		{"tags", []string{cmp.Or(e.Plain.Tag, e.Type)}},
		{"security", security(e.Need.Token)},
		{"parameters", parameters},
		{"responses", answers},
	}
}

func (l Language) plainAnswer(answer dispatch.AnswerDescription) object {
	described := object{{"description", l.say(answer.Doc)}}
	var headers object
	for _, header := range answer.Headers {
		schema := object{{"type", "string"}}
		if header.OneOf != nil {
			schema = object{{"enum", header.OneOf}}
		}
		headers = append(headers, objectMember{header.Name, object{{"schema", schema}}})
	}
	if headers != nil {
		described = append(described, objectMember{"headers", headers})
	}
	if answer.ContentType != "" {
		described = append(described, objectMember{"content", object{{answer.ContentType, object{}}}})
	}
	return described
}

// tokenOf is what all calls of a path want of a token, or else optional.
func tokenOf(calls []call) dispatch.TokenUse {
	for _, e := range calls[1:] {
		if e.Need.Token != calls[0].Need.Token {
			return dispatch.TokenOptional
		}
	}
	return calls[0].Need.Token
}

// security says where a token stands; an empty requirement is none.
func security(token dispatch.TokenUse) []any {
	none := []string{}
	given := []any{object{{"tokenInQuery", none}}, object{{"tokenInHeader", none}}}
	switch token {
	case dispatch.NoToken:
		return []any{}
	case dispatch.TokenOptional:
		return append(given, object{})
	default:
		return given
	}
}

// responses are an answer with HTTP 200 and the refusals of every path.
func (l Language) responses(schema object) object {
	all := object{{"200", jsonResponse(l.say("An answer; its status says whether the call succeeded."), schema)}}
	for _, refusal := range httpRefusals {
		code := strconv.Itoa(refusal.code)
		all = append(all, objectMember{code, object{{"$ref", "#/components/responses/HTTP" + code}}})
	}
	return all
}

func (l Language) refusalResponses() object {
	var all object
	for _, refusal := range httpRefusals {
		response := jsonResponse(l.sentence(l.say(refusal.when)), l.failureSchema([]dispatch.Status{refusal.status}, ""))
		if refusal.status == dispatch.TooManyRequests {
			response = append(response, objectMember{"headers", object{
				{"Retry-After", object{{"description", l.say("in seconds")}, {"schema", object{{"type", "integer"}}}}},
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
