package contact

import (
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of contact that hold something of a user.
func Exported(d Deps) []wire.ExportedTable {
	return []wire.ExportedTable{
		wire.Exported("notices", d.DB, (*storage.Queries).NoticesAfter, noticeCalls{d}.row),
	}
}
