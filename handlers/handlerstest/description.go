package handlerstest

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"campusgate/dispatch"
	"campusgate/dispatch/reference"
)

// Description is what the registry says of the API, with its schemas of envelopes
// and answers.
type Description struct {
	Document   *openapi3.T // OpenAPI
	TypeScript []byte

	schemas map[string]*jsonschema.Schema // shop/creat Envelope, shop/creat Answer
}

// Described is the description of every gateway.
var Described = sync.OnceValues(func() (*Description, error) {
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Logger: slog.New(slog.DiscardHandler)}, Calls()...)
	if err != nil {
		return nil, err
	}
	var text, script bytes.Buffer
	if err := reference.WriteOpenAPI(&text, registry, reference.Language{}, "/api/external", "test"); err != nil {
		return nil, err
	}
	if err := reference.WriteTypeScript(&script, registry, reference.Language{}); err != nil {
		return nil, err
	}
	d := &Description{TypeScript: script.Bytes(), schemas: map[string]*jsonschema.Schema{}}
	if d.Document, err = openapi3.NewLoader().LoadFromData(text.Bytes()); err != nil {
		return nil, err
	}
	parsed, err := jsonschema.UnmarshalJSON(&text)
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", parsed); err != nil {
		return nil, err
	}
	for name, component := range d.Document.Components.Schemas {
		for _, kind := range []string{"Envelope", "Answer"} {
			if !strings.HasSuffix(name, kind) {
				continue
			}
			schema, err := compiler.Compile("openapi.json#/components/schemas/" + name)
			if err != nil {
				return nil, err
			}
			d.schemas[component.Value.Title+" "+kind] = schema
		}
	}
	return d, nil
})

// AsDescribed checks an answer against the document: its status with its text,
// and every field of its data and no other.
func (a Answer) AsDescribed(t testing.TB, call string) Answer {
	t.Helper()
	if err := checkSchema(t, call+" Answer", a.Raw); err != nil {
		t.Errorf("%s answered what the OpenAPI document does not know: %s: %v", call, a.Raw, err)
	}
	return a
}

// requestAsDescribed checks an envelope that worked against the document.
func requestAsDescribed(t testing.TB, call, body string) {
	t.Helper()
	if err := checkSchema(t, call+" Envelope", body); err != nil {
		t.Errorf("%s took what the OpenAPI document does not allow: %.300s: %v", call, body, err)
	}
}

func checkSchema(t testing.TB, name, text string) error {
	t.Helper()
	d, err := Described()
	Must(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	Must(t, err)
	return d.schemas[name].Validate(value)
}
