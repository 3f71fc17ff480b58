package reference

import (
	"bytes"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// validate returns what is wrong with an OpenAPI document.
func validate(t *testing.T, document []byte) error {
	t.Helper()
	loaded, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return err
	}
	return loaded.Validate(t.Context())
}

// TestOpenAPIIsValid: the document is valid, and one that is not would be seen.
func TestOpenAPIIsValid(t *testing.T) {
	var text bytes.Buffer
	if err := WriteOpenAPI(&text, newReferenceRegistry(t), Language{}, "/base", "v1"); err != nil {
		t.Fatal(err)
	}
	if err := validate(t, text.Bytes()); err != nil {
		t.Error(err)
	}
	for _, broken := range []struct{ name, from, to string }{
		{"no version", `"version": "v1"`, `"x-version": "v1"`},
		{"an unknown key", `"paths": {`, `"pathz": {}, "paths": {`},
		{"no description", `"description": "Malformed HTTP."`, `"x-description": ""`},
		{"an operation twice", `"operationId": "postPing"`, `"operationId": "postOrder"`},
		{"an undeclared parameter", `"/get/pic/{from}/{name}"`, `"/get/pic/{from}/{name}/{size}"`},
		{"a reference to nothing", `"$ref": "#/components/schemas/Item"`, `"$ref": "#/components/schemas/Itym"`},
		{"a type that is none", `"boolean"`, `"bool"`},
		{"a length that is none", `"maxLength": 10`, `"maxLength": "10"`},
		{"an example that is refused", `"kind": "a"`, `"kind": "c"`},
	} {
		t.Run(broken.name, func(t *testing.T) {
			changed := strings.ReplaceAll(text.String(), broken.from, broken.to)
			if changed == text.String() {
				t.Fatalf("the document has no %s", broken.from)
			}
			if err := validate(t, []byte(changed)); err == nil {
				t.Error("the validator takes it")
			}
		})
	}
}
