package media

import (
	"context"

	"campusgate/dispatch"
	"campusgate/storage/pictures"
)

type uploadPortrait struct {
	Name   string `json:"name" rule:"required"`
	ID     string `json:"id" rule:"required number=whole" doc:"a user id, digits only; with a token, that of its user"`
	Base64 []byte `json:"base64" rule:"required" doc:"as in pic/upload, of at most 1024 KiB"`
	Type   string `json:"type" rule:"required" doc:"ignored: the bytes decide"`
}

func (uploadPortrait) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Works without a token only if `pictures.anonymous_portraits` is true, and then never replaces a portrait that its user uploaded (-103).",
		Example:  `{"name": "me.png", "id": "1180310086", "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "type": "png"}`,
		Statuses: []dispatch.Status{dispatch.NoPermission, dispatch.PictureStoreFail},
	}
}

func (p calls) uploadPortrait(ctx context.Context, in uploadPortrait) (pictureURL, error) {
	if !isDigits(in.ID) {
		return pictureURL{}, dispatch.Fail(dispatch.ValueError, "id: must be digits only")
	}
	if err := p.check(ctx, fromPortrait, in.Base64); err != nil {
		return pictureURL{}, err
	}
	user := dispatch.CallerFrom(ctx).User
	if user != "" && user != in.ID {
		return pictureURL{}, dispatch.Fail(dispatch.NoPermission, "id: must be the token's user id")
	}
	err := p.putOwned(ctx, ownedPicture{
		key: pictures.Key{From: fromPortrait, Name: in.ID}, user: in.ID, byOwner: user != "", picture: in.Base64,
		conflict: "id: only its user can replace this portrait",
	})
	if err != nil {
		return pictureURL{}, err
	}
	return pictureURL{p.Settings.URLPrefix + "/api/external/get/portrait/" + in.ID}, nil
}
