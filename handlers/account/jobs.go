package account

import (
	"context"
	"time"

	"campusgate/storage"
	"campusgate/storage/jobs"
)

// Jobs are what accounts have done by a clock.
func Jobs(d Deps) []jobs.Kind {
	return []jobs.Kind{{
		Name: "sessions", Every: time.Hour,
		Run: func(ctx context.Context, _ storage.Job) error {
			return d.DB.DeleteEndedSessions(ctx, Sessions(d.Settings.TokenTTL), d.Clock.Unix())
		},
	}}
}
