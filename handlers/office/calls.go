// Package office is what admins see of the market as a whole: its figures by days, what
// admins have done, its orders as a table, and the jobs that failed too often.
package office

import (
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// Deps is what the calls stand on.
type Deps struct {
	DB    *storage.DB
	Clock wire.Clock
	// StateName is an order's state in Chinese.
	StateName func(storage.OrderState) string
}

type officeCalls struct{ Deps }

// Calls are all calls of office. They are for admins, who are not frozen.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		office = officeCalls{d}

		statsPath = dispatch.Path{Pattern: "/stats"}
		auditPath = dispatch.Path{Pattern: "/audit"}
		jobPath   = dispatch.Path{Pattern: "/job"}
		tablePath = dispatch.Path{Pattern: "/get/orders.csv"}

		admins = dispatch.Need{Token: dispatch.TokenNeeded, Role: storage.RoleAdmin, Active: true}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(statsPath, admins, "stats", "summary", "Sum the market up by days", office.summary),
		dispatch.Handle(auditPath, admins, "audit", "list", "List what admins have done", office.audits),
		dispatch.Handle(jobPath, admins, "job", "list", "List jobs that failed too often", office.jobs),
		dispatch.Handle(jobPath, admins, "job", "retry", "Retry a job that failed too often", office.retry),
		dispatch.Plain(tablePath, admins, "get", tableName, "Download orders as a table", tableNotes, describeTable, office.table),
	}
}

// Jobs are what office has done by a clock.
func Jobs(d Deps) []jobs.Kind {
	return []jobs.Kind{{Name: "day_summaries", Every: time.Hour, Run: officeCalls{d}.keepDays}}
}
