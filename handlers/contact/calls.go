// Package contact is what reaches users: the gateway's notices, which are mailed too.
package contact

import (
	"context"
	"log/slog"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// Deps is what the calls and the jobs stand on.
type Deps struct {
	DB     *storage.DB
	Mail   *mail.Sender // nil where no mail is sent
	Clock  wire.Clock
	Now    func(context.Context) (int64, error) // in Unix seconds, the same for all replicas
	Logger *slog.Logger
}

// noticeCalls are those of a user's notices.
type noticeCalls struct{ Deps }

// Calls are all calls of contact. To have read something is no change that a frozen
// account would be refused.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		notice = noticeCalls{d}

		path = dispatch.Path{Pattern: "/notice"}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.WithToken, "notice", "list", "List your own notices", notice.list),
		dispatch.Handle(path, dispatch.WithToken, "notice", "count", "Count your own notices that are not read", notice.count),
		dispatch.Handle(path, dispatch.WithToken, "notice", "read", "Mark your own notices as read", notice.read),
	}
}

// Jobs are the kinds of jobs of contact. Where no mail is sent there is none: what another
// replica mails is left to it.
func Jobs(d Deps) []jobs.Kind {
	if d.Mail == nil {
		return nil
	}
	// The time-out is longer than a server may take to answer.
	return []jobs.Kind{
		{Name: storage.MailJob, Run: outbox{d}.run, Timeout: 10 * time.Minute},
		{Name: storage.MailCodeJob, Run: codes{d}.run, Timeout: 10 * time.Minute},
	}
}
