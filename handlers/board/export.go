package board

import (
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of the board that hold something of a user.
func Exported(d Deps) []wire.ExportedTable {
	property := propertyCalls{d}
	return []wire.ExportedTable{
		wire.Exported("properties", d.DB, (*storage.Queries).PropertiesAfter, property.exportedRow),
		wire.Exported("properties_answered", d.DB, (*storage.Queries).AnsweredPropertiesAfter, answered),
	}
}

// exportedRow is a notice without who answered it.
func (p propertyCalls) exportedRow(n storage.Property) propertyRow {
	n.User2ID, n.User2Name, n.User2Phone, n.User2QQ = "", "", "", ""
	return p.row(n)
}

// answeredProperty is what another's notice has of the user who answered it.
type answeredProperty struct {
	ID         int64  `json:"id"`
	User2Name  string `json:"user2_name"`
	User2Phone string `json:"user2_phone"`
	User2QQ    string `json:"user2_qq"`
}

func answered(n storage.Property) answeredProperty {
	return answeredProperty{n.ID, n.User2Name, n.User2Phone, n.User2QQ}
}
