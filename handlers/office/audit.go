package office

import (
	"context"
	"math"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type listAudit struct {
	UserID    string `json:"user_id" rule:"number=whole" doc:"who has done it"`
	Call      string `json:"call" rule:"max=64" doc:"type/subtype, or the command"`
	TimeBegin string `json:"time_begin" rule:"datetime"`
	TimeEnd   string `json:"time_end" rule:"datetime" doc:"the first second that is left out"`

	wire.ListPage
}

// auditRow is one thing that was changed or looked at.
type auditRow struct {
	UserID    int64  `json:"user_id" doc:"0: the operator, by the command line"`
	Call      string `json:"call"`
	Target    string `json:"target" doc:"on what"`
	Before    string `json:"before"`
	After     string `json:"after"`
	CreatTime string `json:"creat_time"`
}

func (listAudit) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "For admins. Every change by an admin, every look at an identity or another's wallet, every list by phone and every table of orders, the newest first. " +
			"num is exact up to 10,000, and 10,000 above.",
		Example: `{"call": "user/freeze", "time_begin": "2019-11-28 00:00:00"}`,
	}
}

func (o officeCalls) audits(ctx context.Context, in listAudit) (wire.List[auditRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[auditRow]{}, err
	}
	filter := storage.AuditFilter{UserID: in.UserID, Call: in.Call}
	if filter.From, err = o.Clock.Parse("time_begin", in.TimeBegin, math.MinInt64); err != nil {
		return wire.List[auditRow]{}, err
	}
	if filter.Before, err = o.Clock.Parse("time_end", in.TimeEnd, math.MaxInt64); err != nil {
		return wire.List[auditRow]{}, err
	}
	rows, total, err := o.DB.AuditList(ctx, filter, page)
	if err != nil {
		return wire.List[auditRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(rows, total, func(a storage.Audit) auditRow {
		return auditRow{wire.UserNumber(a.UserID), a.Call, a.Target, a.Before, a.After, o.Clock.Text(a.Time)}
	}), nil
}
