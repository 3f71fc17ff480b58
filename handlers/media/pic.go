package media

import (
	"context"
	"strings"

	"campusgate/dispatch"
	"campusgate/storage/pictures"
)

type pictureURL struct {
	URL string `json:"url" doc:"what a page glues to its host"`
}

type uploadPicture struct {
	From   string  `json:"from" rule:"required oneof=property|shop|product|portrait"`
	Base64 []byte  `json:"base64" rule:"required" doc:"a png, jpeg, gif, bmp or webp of at most 1024 KiB and 40 megapixels; padding, white space and a data URL's head do not matter"`
	Name   *string `json:"name" rule:"filled number=whole" doc:"1 to 64 letters, digits, . _ -, not beginning with a dot; absent: the MD5 of the bytes"`
}

func (uploadPicture) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A picture named by its MD5 belongs to nobody. A named one belongs to who uploaded the name first (-103 for others); a portrait's name must be the token's user id (-103).",
		Example:  `{"from": "property", "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}`,
		Statuses: []dispatch.Status{dispatch.NoPermission, dispatch.PictureStoreFail},
	}
}

func (p calls) upload(ctx context.Context, in uploadPicture) (pictureURL, error) {
	if in.Name != nil && !isPictureName(*in.Name) {
		return pictureURL{}, dispatch.Fail(dispatch.ValueError, "name: must be 1 to 64 letters, digits, . _ - and not begin with a dot")
	}
	if err := p.check(ctx, in.Base64); err != nil {
		return pictureURL{}, err
	}
	name, err := p.store(ctx, in)
	if err != nil {
		return pictureURL{}, err
	}
	return pictureURL{p.Settings.URLPrefix + "/api/external/get/pic/" + in.From + "/" + name}, nil
}

// store keeps an upload under its own name or its MD5, and returns the name.
func (p calls) store(ctx context.Context, in uploadPicture) (name string, err error) {
	digest := pictures.Digest(in.Base64)
	if in.Name == nil || strings.EqualFold(*in.Name, digest) {
		return digest, p.put(ctx, pictures.Key{From: in.From, Name: digest}, in.Base64)
	}
	if pictures.IsDigest(*in.Name) {
		return "", dispatch.Fail(dispatch.ValueError, "name: of 32 hexadecimal digits must be the MD5 of the picture")
	}
	user := dispatch.CallerFrom(ctx).User
	if in.From == fromPortrait && *in.Name != user {
		return "", dispatch.Fail(dispatch.NoPermission, "name: must be the token's user")
	}
	return *in.Name, p.putOwned(ctx, ownedPicture{
		key: pictures.Key{From: in.From, Name: *in.Name}, user: user, byOwner: true, picture: in.Base64,
		conflict: "name: another user's picture",
	})
}
