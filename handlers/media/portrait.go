package media

import (
	"context"

	"campusgate/dispatch"
	"campusgate/storage/pictures"
)

type uploadPortrait struct {
	Name   string `json:"name" rule:"required"`
	ID     string `json:"id" rule:"required number=whole" doc:"digits: the token's user"`
	Base64 []byte `json:"base64" rule:"required" doc:"as in pic/upload"`
	Type   string `json:"type" rule:"required" doc:"not looked at: the bytes decide"`
}

func (uploadPortrait) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Without a token only where `pictures.anonymous_portraits` is true, and never in place of a portrait that its user uploaded (-103).",
		Example:  `{"name": "me.png", "id": "1180310086", "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "type": "png"}`,
		Statuses: []dispatch.Status{dispatch.NoPermission, dispatch.PictureStoreFail},
	}
}

func (p calls) uploadPortrait(ctx context.Context, in uploadPortrait) (pictureURL, error) {
	if !isDigits(in.ID) {
		return pictureURL{}, dispatch.Fail(dispatch.ValueError, "id: must be digits")
	}
	if err := p.check(ctx, in.Base64); err != nil {
		return pictureURL{}, err
	}
	user := dispatch.CallerFrom(ctx).User
	if user != "" && user != in.ID {
		return pictureURL{}, dispatch.Fail(dispatch.NoPermission, "id: must be the token's user")
	}
	err := p.putOwned(ctx, ownedPicture{
		key: pictures.Key{From: fromPortrait, Name: in.ID}, user: in.ID, byOwner: user != "", picture: in.Base64,
		conflict: "id: a portrait that its user uploaded is replaced only with the user's token",
	})
	if err != nil {
		return pictureURL{}, err
	}
	return pictureURL{p.Settings.URLPrefix + "/api/external/get/portrait/" + in.ID}, nil
}
