// Package board is the campus's notice board: what was lost and what was found.
package board

import (
	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Deps is what the calls stand on.
type Deps struct {
	DB    *storage.DB
	Clock wire.Clock
}

// propertyCalls are those of lost-and-found notices, which the protocol calls
// property.
type propertyCalls struct{ Deps }

// Calls are all calls of the board.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		property = propertyCalls{d}

		path    = dispatch.Path{Pattern: "/property", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		getPath = dispatch.Path{Pattern: "/get/property", Token: dispatch.TokenNeeded}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(path, "property", "add", "Publish a notice", property.add),
		dispatch.Handle(path, "property", "update", "Change one's own notice", property.update),
		dispatch.Handle(path, "property", "delete", "Delete one's own notice", property.delete),
		dispatch.Query(getPath, "property", "list", "Search notices", property.list, dispatch.Alone("key", "page", "count")),
	}
}
