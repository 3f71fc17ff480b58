package trade

import (
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of trade that hold something of a user: orders are the buyer's.
func Exported(d Deps) []wire.ExportedTable {
	purchase := purchaseCalls{d}
	return []wire.ExportedTable{
		wire.Exported("purchases", d.DB, (*storage.Queries).PurchasesAfter, purchase.detail),
	}
}
