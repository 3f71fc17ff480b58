package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"campusgate/storage"
	"campusgate/storage/jobs"
)

const (
	// lateJob tells what was paid late. Its key is the attempt.
	lateJob = "sandbox.late"
	// latePause is how long it waits until it looks again whether the payment has ended, in
	// seconds.
	latePause = 60
)

// Jobs are the sandbox's.
func (c *Channel) Jobs(deliver Deliver) []jobs.Kind {
	return []jobs.Kind{{Name: lateJob, Run: func(ctx context.Context, job storage.Job) error {
		switch ended, err := c.ended(ctx, job.Key); {
		case err != nil:
			return err
		case !ended:
			return jobs.Later(c.now().Add(latePause * time.Second))
		}
		trade, err := c.db.SandboxTrade(ctx, job.Key)
		if err != nil {
			return err
		}
		status, err := c.notify(ctx, trade, deliver)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the notification was not taken: HTTP status %d", status)
		}
		return err
	}}}
}
