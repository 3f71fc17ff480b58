package console

import (
	"context"
	_ "embed" // zh.txt
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
)

// A Clock is the time of a demo: the machine's, and as many days more as the demo's admin
// has let pass. A server without a demo has none, and no call that moves its time.
type Clock struct {
	days    atomic.Int64
	passing sync.Mutex // days and the audit change together
}

// Now is the demo's time.
func (c *Clock) Now() time.Time { return c.later(time.Now()) }

// later is a time with the demo's days. A day has 24 hours, whatever the machine's zone.
func (c *Clock) later(t time.Time) time.Time { return t.UTC().AddDate(0, 0, int(c.days.Load())) }

// Shared is a time in Unix seconds, such as the database's, with the demo's days.
func (c *Clock) Shared(now func(context.Context) (int64, error)) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		seconds, err := now(ctx)
		return c.later(time.Unix(seconds, 0)).Unix(), err
	}
}

// Chinese has the texts of the call in Chinese, for the references.
//
//go:embed zh.txt
var Chinese string

// dayCall lets days pass. The audit tells how many did: the last row has all of them.
const dayCall = "demo/day"

// Restore goes on where the demo was when the server stopped: what is stored in its
// database is not in the future.
func (c *Clock) Restore(ctx context.Context, db *storage.DB) error {
	const atOnce = 1000
	for page := (storage.Page{Limit: atOnce}); ; page.Offset += atOnce {
		audits, err := db.Audits(ctx, page)
		if err != nil {
			return err
		}
		for _, audit := range audits {
			if days, err := strconv.ParseInt(audit.After, 10, 64); audit.Call == dayCall && err == nil {
				c.days.Store(days)
			}
		}
		if len(audits) < atOnce {
			return nil
		}
	}
}

type passDays struct {
	Days int64 `json:"days" rule:"range=1..30" doc:"1 if absent"`
}

func (passDays) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "Only a server that was started with --demo has it. All of the market's time is moved on, and what is due by then is done within seconds: orders are closed, received, settled. It goes on from there after a restart, and never back.",
		Example: `{"days": 7}`,
	}
}

type passedDays struct {
	Days int64  `json:"days" doc:"that have passed in all"`
	Time string `json:"time" doc:"the demo's, now"`
}

// Call is the one that lets days pass, for the demo's admin. The location is that of the
// times that it answers.
func (c *Clock) Call(db *storage.DB, location *time.Location) dispatch.Endpoint {
	need := dispatch.Need{Token: dispatch.TokenNeeded, Role: storage.RoleAdmin, Active: true}
	return dispatch.Handle(dispatch.Path{Pattern: "/demo"}, need, "demo", "day", "Let days pass in the demo",
		func(ctx context.Context, in passDays) (passedDays, error) {
			if err := c.pass(ctx, db, max(in.Days, 1)); err != nil {
				return passedDays{}, dispatch.Fail(dispatch.DatabaseFailure, "").Because(err)
			}
			return passedDays{c.days.Load(), c.Now().In(location).Format(time.DateTime)}, nil
		})
}

func (c *Clock) pass(ctx context.Context, db *storage.DB, days int64) error {
	c.passing.Lock()
	defer c.passing.Unlock()
	before := c.days.Load()
	err := db.InTx(ctx, func(tx *storage.Tx) error {
		return tx.AddAudit(ctx, storage.Audit{
			Time: c.Now().Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: dayCall, Target: "days passed",
			Before: strconv.FormatInt(before, 10), After: strconv.FormatInt(before+days, 10),
		})
	})
	if err == nil {
		c.days.Store(before + days)
	}
	return err
}
