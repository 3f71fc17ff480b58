package reference

import "campusgate/dispatch"

// Page is the endpoint /openapi.json, where the API describes itself, in English or in the
// language that lang= asks for. The documents are made once, for the registry never
// changes. It panics where there can be none, so that no server starts with it.
func Page(registry *dispatch.Registry, catalogue *Catalogue, basePath, version string) dispatch.Endpoint {
	documents := make([][]byte, len(Languages))
	for i, language := range Languages {
		document, err := openAPI(registry, catalogue.Language(language), basePath, version)
		if err != nil {
			panic(err)
		}
		documents[i] = document
	}
	return dispatch.PageInLanguages("/openapi.json", "openapi.json", "application/json", Languages, documents)
}
