package dispatch

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// parameters checks the names of a query and classifies its values. The token is not
// the call's, and neither is _, which jQuery adds so that no cache answers.
func (e *Endpoint) parameters(query url.Values) ([]value, *Error) {
	values := make([]value, len(e.schema.fields))
	for i := range e.schema.fields {
		if list := query[e.schema.fields[i].Name]; len(list) > 0 {
			values[i] = value{form: textForm, raw: []byte(list[0])}
		}
	}
	if err := e.schema.fillRequired(values, &e.classes); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if _, known := e.schema.byName[name]; !known && !isNoArgument(name) {
			return nil, Fail(QueryUnknownArg, shortened(name)+": unknown parameter")
		}
	}
	for key, with := range e.alone {
		if !query.Has(key) {
			continue
		}
		for name := range query {
			if name != key && !isNoArgument(name) && !e.schema.requires(name) && !slices.Contains(with, name) {
				return nil, Fail(QueryConflict, key+": cannot be combined with other fields")
			}
		}
	}
	return values, nil
}

func isNoArgument(name string) bool { return name == "token" || name == "_" }

// shortened is a name that a client made up, within bounds.
func shortened(name string) string {
	const maxLength = 40
	name = strings.ToValidUTF8(name, "�")
	if runes := []rune(name); len(runes) > maxLength {
		return string(runes[:maxLength]) + "…"
	}
	return name
}
