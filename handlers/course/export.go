package course

import (
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of courses that hold something of a user.
func Exported(d Deps) []wire.ExportedTable {
	c := calls{d}
	return []wire.ExportedTable{
		wire.Exported("course_owners", d.DB, (*storage.Queries).CourseOwnersAfter, func(o storage.CourseOwner) exportedOwner {
			return exportedOwner{o.ProductID, d.Clock.Text(o.BeginTime), c.end(o)}
		}),
		wire.Exported("course_grants", d.DB, (*storage.Queries).CourseGrantsAfter, func(g storage.CourseGrant) exportedGrant {
			return exportedGrant{g.ProductID, g.OrderID, g.Days, d.Clock.Text(g.BeginTime), d.Clock.Text(g.EndTime)}
		}),
		wire.Exported("course_progress", d.DB, (*storage.Queries).CourseProgressAfter, func(p storage.CourseProgress) exportedProgress {
			return exportedProgress{p.ProductID, p.SectionID, p.Seconds, p.Percent}
		}),
	}
}

// exportedOwner is that a user has a course, or has had it.
type exportedOwner struct {
	ProductID int64  `json:"product_id"`
	BeginTime string `json:"begin_time"`
	EndTime   string `json:"end_time"`
}

// exportedGrant is what an order has added.
type exportedGrant struct {
	ProductID int64  `json:"product_id"`
	OrderID   string `json:"order_id"`
	Days      int64  `json:"days"`
	BeginTime string `json:"begin_time"`
	EndTime   string `json:"end_time"`
}

// exportedProgress is how far a user is in a section.
type exportedProgress struct {
	ProductID int64 `json:"product_id"`
	SectionID int64 `json:"section_id"`
	Seconds   int64 `json:"seconds"`
	Percent   int64 `json:"percent"`
}
