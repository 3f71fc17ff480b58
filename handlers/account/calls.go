package account

import (
	"campusgate/dispatch"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// Deps is what the calls stand on.
type Deps struct {
	DB    *storage.DB
	Words *words.Checker
}

// addressCalls are those of a user's addresses.
type addressCalls struct{ Deps }

// Calls are all calls of accounts. The spelling creat is the wire's, for ever.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		address = addressCalls{d}

		addressPath = dispatch.Path{Pattern: "/address"}

		active = dispatch.Need{Token: dispatch.TokenNeeded, Active: true}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(addressPath, active, "address", "creat", "Add an address", address.create, dispatch.Alias("create")),
		dispatch.Handle(addressPath, active, "address", "update", "Change your own address", address.update),
		dispatch.Handle(addressPath, active, "address", "delete", "Delete your own address", address.delete),
		dispatch.Handle(addressPath, dispatch.WithToken, "address", "list", "List your own addresses", address.list),
		dispatch.Handle(addressPath, active, "address", "default", "Make an address your default one", address.setDefault),
	}
}

// The statuses that only these calls have.
var (
	addressNotExist = dispatch.Status{Number: 100, Text: "Address not exist"}
	addressesCapped = dispatch.Status{Number: 102, Text: "The number of addresses has been capped"}
)
