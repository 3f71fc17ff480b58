package reference

import (
	"bytes"

	"campusgate/dispatch"
)

// Page is the endpoint /openapi.json, where the API describes itself. The document is
// made once, for the registry never changes. It panics where there can be none, so that
// no server starts with it.
func Page(registry *dispatch.Registry, basePath, version string) dispatch.Endpoint {
	var document bytes.Buffer
	if err := WriteOpenAPI(&document, registry, basePath, version); err != nil {
		panic(err)
	}
	return dispatch.Page("/openapi.json", "openapi.json", "application/json", document.Bytes())
}
