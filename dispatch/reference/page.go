package reference

import (
	"bytes"

	"campusgate/dispatch"
)

// Page is the endpoint /openapi.json, where the API describes itself. The document is
// made once, for the registry never changes.
func Page(registry *dispatch.Registry, basePath, version string) dispatch.Endpoint {
	var document bytes.Buffer
	_ = WriteOpenAPI(&document, registry, basePath, version) // a buffer takes all
	return dispatch.Page("/openapi.json", "openapi.json", "application/json", document.Bytes())
}
