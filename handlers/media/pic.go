package media

import (
	"context"
	"strings"

	"campusgate/dispatch"
	"campusgate/storage/pictures"
)

type pictureURL struct {
	URL string `json:"url" doc:"the picture's URL, relative to the page's host"`
}

type uploadPicture struct {
	From   string  `json:"from" rule:"required oneof=property|shop|product|portrait"`
	Base64 []byte  `json:"base64" rule:"required" doc:"a png, jpeg, gif, bmp or webp of at most pictures.max_size (1024 KiB unless set, and always for portraits) and 40 megapixels in all frames; with or without padding, white space and the prefix of a data URL"`
	Name   *string `json:"name" rule:"filled number=whole" doc:"1 to 64 letters of any script with their combining marks, digits, dots, underscores or hyphens, not starting with a dot, stored as Unicode NFC; if absent, the MD5 of the bytes"`
}

func (uploadPicture) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A picture that is named by its MD5 belongs to nobody. Any other name belongs to the user who uploaded it first (-103 for others); a portrait's name must be the token's user id (-103). Where a photo was taken (GPS in EXIF and XMP) is removed from it unless `pictures.keep_location` is true; its name is still the MD5 of what was sent, but browsers revalidate it as they do a picture with a name of its own.",
		Example:  `{"from": "property", "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}`,
		Statuses: []dispatch.Status{dispatch.NoPermission, dispatch.PictureStoreFail},
	}
}

// Upload stores a picture as pic/upload does for one without a name, and returns its URL.
func Upload(ctx context.Context, d Deps, from string, picture []byte) (url string, err error) {
	stored, err := calls{d}.upload(ctx, uploadPicture{From: from, Base64: picture})
	return stored.URL, err
}

func (p calls) upload(ctx context.Context, in uploadPicture) (pictureURL, error) {
	if in.Name != nil {
		*in.Name = composed(*in.Name)
		if !isPictureName(*in.Name) {
			return pictureURL{}, dispatch.Fail(dispatch.ValueError, "name: must be 1 to 64 letters, digits, dots, underscores or hyphens, and not start with a dot")
		}
	}
	if err := p.check(ctx, in.From, in.Base64); err != nil {
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
		return "", dispatch.Fail(dispatch.ValueError, "name: 32 hexadecimal digits must be the picture's MD5")
	}
	user := dispatch.CallerFrom(ctx).User
	if in.From == fromPortrait && *in.Name != user {
		return "", dispatch.Fail(dispatch.NoPermission, "name: must be the token's user id")
	}
	return *in.Name, p.putOwned(ctx, ownedPicture{
		key: pictures.Key{From: in.From, Name: *in.Name}, user: user, byOwner: true, picture: in.Base64,
		conflict: "name: belongs to another user",
	})
}
