package media

import (
	"context"
	"errors"
	"time"

	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/pictures"
)

// Jobs are the kinds of jobs of pictures.
func Jobs(d Deps) []jobs.Kind {
	return []jobs.Kind{
		{Name: storage.PortraitJob, Run: calls{d}.removePortrait},
		{Name: unsentJob, Run: calls{d}.removeUnsent},
	}
}

// removePortrait removes the bytes before the row, and tells the replicas last: one that
// reads the picture again meanwhile does not find it.
func (p calls) removePortrait(ctx context.Context, job storage.Job) error {
	if !isDigits(job.Key) {
		return nil // it has none
	}
	err := p.Pictures.Remove(ctx, pictures.Key{From: fromPortrait, Name: job.Key})
	if err != nil && !errors.Is(err, pictures.ErrNotFound) {
		return err
	}
	_, err = p.DB.RemovePicture(ctx, storage.PictureName{Source: fromPortrait, Name: job.Key}, time.Now())
	return err
}
