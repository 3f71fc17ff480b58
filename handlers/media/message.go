package media

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

const showMessageNotes = "A picture of a message, for who has sent or got it, or has uploaded it. Everybody else sees the error picture, as for a name that there is not."

var messageSegments = []dispatch.Segment{{Name: "name", Doc: "as in the pic_url of a message", Example: "abcdefghijklmnopqrstuvwxyz"}}

type uploadMessagePicture struct {
	Base64 []byte `json:"base64" rule:"required" doc:"as in pic/upload"`
}

func (uploadMessagePicture) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "For message/send, within a day: a picture that is in no message by then is removed. Its URL wants the token of one of the two.",
		Example:  `{"base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}`,
		Statuses: []dispatch.Status{dispatch.PictureStoreFail},
	}
}

// unsentKept is how long a picture waits for its message.
const unsentKept = 24 * time.Hour

func (p calls) uploadForMessage(ctx context.Context, in uploadMessagePicture) (pictureURL, error) {
	if err := p.check(ctx, wire.MessagePictures, in.Base64); err != nil {
		return pictureURL{}, err
	}
	name := strings.ToLower(rand.Text())
	now, err := p.Now(ctx)
	if err == nil {
		err = p.DB.InTx(ctx, func(tx *storage.Tx) error {
			return tx.AddJob(ctx, storage.Job{Kind: unsentJob, Key: name, Due: now + int64(unsentKept/time.Second)})
		})
	}
	if err != nil {
		return pictureURL{}, wire.DatabaseFailure(err)
	}
	err = p.putOwned(ctx, ownedPicture{
		key: pictures.Key{From: wire.MessagePictures, Name: name}, user: dispatch.CallerFrom(ctx).User, byOwner: true, picture: in.Base64,
	})
	return pictureURL{wire.MessagePictureURL(p.Settings.URLPrefix, name)}, err
}

// showForMessage answers GET /get/message/<name>.
func (p calls) showForMessage(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	if len(request.Segments) != 1 || !wire.IsMessagePicture(request.Segments[0]) {
		return missing(), nil
	}
	name, user := request.Segments[0], dispatch.CallerFrom(ctx).User
	sees, err := p.DB.SeesPicture(ctx, user, name)
	if err == nil && !sees {
		sees, err = p.DB.OwnsPicture(ctx, user, storage.PictureName{Source: wire.MessagePictures, Name: name})
	}
	if err != nil {
		return p.shown(ctx, pictures.Picture{}, err), nil
	}
	if !sees {
		return missing(), nil
	}
	picture, err := p.Pictures.Get(ctx, pictures.Key{From: wire.MessagePictures, Name: name})
	answer := p.shown(ctx, picture, err)
	if answer.CacheControl != cacheNever {
		answer.CacheControl = "private, no-cache" // by no proxy, and asked for each time
	}
	return answer, nil
}

// unsentJob removes a picture that is in no message; its key is the name.
const unsentJob = "message.picture"

func (p calls) removeUnsent(ctx context.Context, job storage.Job) error {
	picture := storage.PictureName{Source: wire.MessagePictures, Name: job.Key}
	sent := false
	err := p.DB.InTx(ctx, func(tx *storage.Tx) (err error) {
		// Who sends it meanwhile waits here, and then finds that it is nobody's.
		if _, err := tx.LockPicture(ctx, picture); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		if sent, err = tx.IsSent(ctx, picture.Name); err != nil || sent {
			return err
		}
		_, err = tx.RemovePicture(ctx, picture, time.Now())
		return err
	})
	if err != nil || sent {
		return err
	}
	err = p.Pictures.Remove(ctx, pictures.Key{From: picture.Source, Name: picture.Name})
	if errors.Is(err, pictures.ErrNotFound) {
		return nil
	}
	return err
}
