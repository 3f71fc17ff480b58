package office

import (
	"context"
	"errors"
	"fmt"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

var (
	jobNotExist = dispatch.Status{Number: 100, Text: "Job not exist"}
	jobNotDead  = dispatch.Status{Number: 101, Text: "Job not dead"}
)

type listJobs struct {
	Kind string `json:"kind" rule:"max=64"`

	wire.ListPage
}

// jobRow is a job that failed too often.
type jobRow struct {
	JobID   int64  `json:"job_id"`
	Kind    string `json:"kind" doc:"what is to be done, such as channel.refund"`
	Target  string `json:"target" doc:"on what: the number of an order, a payment, a refund, an account or a product, by the kind"`
	Tries   int64  `json:"tries" doc:"how often it was tried"`
	Error   string `json:"error" doc:"why the last try failed, without what may be a phone"`
	EndTime string `json:"end_time" doc:"when it was given up"`
}

func (listJobs) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "For admins. The jobs that are dead: they failed 12 times, and are not tried again by themselves. The longest dead first; num is exact up to 10,000, and 10,000 above. " +
			"Those that wait or run are listed by `campusgate jobs list`.",
		Example: `{"kind": "channel.refund"}`,
	}
}

func (o officeCalls) jobs(ctx context.Context, in listJobs) (wire.List[jobRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[jobRow]{}, err
	}
	list, total, err := o.DB.DeadJobs(ctx, in.Kind, page)
	if err != nil {
		return wire.List[jobRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(list, total, func(j storage.Job) jobRow {
		return jobRow{j.ID, j.Kind, j.Key, j.Tries, wire.MaskedDigits(j.LastError), o.Clock.Text(j.Due)}
	}), nil
}

type retryJob struct {
	JobID int64 `json:"job_id" rule:"required range=any"`
}

func (retryJob) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "For admins. A dead job is due now, with all its tries, as by `campusgate jobs retry`. Mend the cause first: a job that fails again is dead again after two and a half hours.",
		Example:  `{"job_id": 17}`,
		Statuses: []dispatch.Status{jobNotExist, jobNotDead},
	}
}

func (o officeCalls) retry(ctx context.Context, in retryJob) (wire.None, error) {
	now := o.Clock.Unix()
	err := o.DB.InTx(ctx, func(tx *storage.Tx) error {
		job, err := tx.LockJob(ctx, in.JobID)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return dispatch.Fail(jobNotExist, "job_id: no such job, or it is done")
		case err != nil:
			return err
		case !job.Dead:
			return dispatch.Fail(jobNotDead, "job_id: it waits or runs")
		}
		if err := tx.RetryJob(ctx, job.ID, now); err != nil {
			return err
		}
		return tx.AddAudit(ctx, storage.Audit{
			Time: now, UserID: dispatch.CallerFrom(ctx).User, Call: "job/retry", Target: fmt.Sprintf("job %d", job.ID),
			Before: fmt.Sprintf("dead after %d tries", job.Tries), After: job.Kind + " " + job.Key,
		})
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}
