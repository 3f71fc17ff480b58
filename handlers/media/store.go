package media

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// check decodes an upload once.
func (p calls) check(ctx context.Context, from string, picture []byte) error {
	maxBytes := p.Settings.MaxSize
	if from == fromPortrait {
		maxBytes = pictures.MaxBytes
	}
	return wire.CheckPicture(ctx, p.Checker, "base64", picture, maxBytes)
}

// put stores an upload, without where it was taken. Its name may be the MD5 of what
// was sent.
func (p calls) put(ctx context.Context, key pictures.Key, picture []byte) error {
	if !p.Settings.KeepLocation {
		picture = pictures.DropLocation(picture)
	}
	if err := p.Pictures.Put(ctx, key, picture); err != nil {
		return wire.PictureFailure(err)
	}
	return nil
}

// ownedPicture is an upload under a name that belongs to a user.
type ownedPicture struct {
	key      pictures.Key
	user     string
	byOwner  bool // with the user's own token
	picture  []byte
	conflict string // the detail where the name is not the user's to take
}

// putOwned stores a named picture. The name is claimed first, so that of two
// users only one writes; a fresh claim whose picture was not stored is undone.
func (p calls) putOwned(ctx context.Context, o ownedPicture) error {
	fresh, err := p.DB.ClaimPicture(ctx, o.key.From, o.key.Name, o.user, o.byOwner)
	switch {
	case errors.Is(err, storage.ErrConflict):
		return dispatch.Fail(dispatch.NoPermission, o.conflict)
	case err != nil:
		return wire.DatabaseFailure(err)
	}
	if err := p.put(ctx, o.key, o.picture); err != nil {
		if fresh {
			p.unclaim(context.WithoutCancel(ctx), o.key, o.user)
		}
		return err
	}
	return nil
}

func (p calls) unclaim(ctx context.Context, key pictures.Key, user string) {
	if err := p.DB.ReleasePicture(ctx, key.From, key.Name, user); err != nil {
		p.Logger.WarnContext(ctx, "release a picture's name", "from", key.From, "error", err)
	}
}
