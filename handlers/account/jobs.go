package account

import (
	"context"
	"errors"
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
	}, {
		Name: identityPicturesJob, Run: userCalls{d}.deleteIdentityPictures,
	}, {
		Name: storage.EraseJob, Run: userCalls{d}.eraseLate,
	}}
}

// identityPicturesJob is the kind of the jobs that delete the pictures of a user's
// identity, some time after the decision; the key is the user.
const identityPicturesJob = "identity_pictures"

// deleteIdentityPictures does nothing for an identity that waits for another decision,
// which will ask again.
func (u userCalls) deleteIdentityPictures(ctx context.Context, job storage.Job) error {
	return u.DB.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := tx.LockProfile(ctx, job.Key, u.Clock.Unix()); err != nil { // no verify or review is under way
			return err
		}
		identity, err := tx.Identity(ctx, job.Key)
		if errors.Is(err, storage.ErrNotFound) || err == nil && identity.DecidedTime == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if due := time.Unix(identity.DecidedTime, 0).Add(picturesKept); due.After(u.Clock.Now()) {
			return jobs.Later(due)
		}
		return tx.DeleteIdentityPictures(ctx, job.Key)
	})
}
