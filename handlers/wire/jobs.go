package wire

import (
	"context"
	"time"

	"campusgate/storage"
	"campusgate/storage/jobs"
)

// Jobs are what the calls of all domains share.
func Jobs(db *storage.DB, clock Clock) []jobs.Kind {
	return []jobs.Kind{{
		Name: "request_keys", Every: time.Hour,
		Run: func(ctx context.Context, _ storage.Job) error { return db.FreeRequestKeys(ctx, clock.Unix()) },
	}}
}
