// Package board is the campus's notice board: what was lost and what was found.
package board

import (
	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// Deps is what the calls stand on.
type Deps struct {
	DB *storage.DB
	// DocumentWords are those that the document's calls refuse; nil: market.review_goods is false.
	DocumentWords *words.Checker
	Clock         wire.Clock
}

// propertyCalls are those of lost-and-found notices, which the protocol calls
// property.
type propertyCalls struct{ Deps }

// Calls are all calls of the board.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		property = propertyCalls{d}

		path    = dispatch.Path{Pattern: "/property", MissingKey: dispatch.MissingDataKey}
		getPath = dispatch.Path{Pattern: "/get/property"}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.WithToken, "property", "add", "Publish a notice", property.add),
		dispatch.Handle(path, dispatch.WithToken, "property", "update", "Change your own notice", property.update),
		dispatch.Handle(path, dispatch.WithToken, "property", "delete", "Delete your own notice", property.delete),
		dispatch.Query(getPath, dispatch.WithToken, "property", "list", "Search notices", property.list, dispatch.Alone("key", "page", "count")),
	}
}
