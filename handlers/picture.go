package handlers

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"campusgate/dispatch"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// pictureCalls upload pictures and portraits. A portrait is one picture whatever
// path wrote it: portrait/<user id>.
type pictureCalls struct{ Deps }

const fromPortrait = "portrait"

// portraitToken is what /portrait wants: the document lists it as a test call
// without a token, which an operator has to allow.
func portraitToken(settings Settings) dispatch.TokenUse {
	if settings.AnonymousPortraits {
		return dispatch.TokenOptional
	}
	return dispatch.TokenNeeded
}

// isPictureName tells whether a name has 1 to 64 letters, digits, dots, underscores
// and hyphens, and does not begin with a dot. An expression of so many characters
// would take 1.3 MB of memory.
func isPictureName(name string) bool {
	if name == "" || name[0] == '.' || utf8.RuneCountInString(name) > 64 {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_' && r != '-' {
			return false
		}
	}
	return true
}

// isDigits tells whether a name is that of a portrait.
func isDigits(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

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

func (p pictureCalls) upload(ctx context.Context, in uploadPicture) (pictureURL, error) {
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

// store keeps an upload under its own name or its MD5 and tells the name.
func (p pictureCalls) store(ctx context.Context, in uploadPicture) (name string, err error) {
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

func (p pictureCalls) uploadPortrait(ctx context.Context, in uploadPortrait) (pictureURL, error) {
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

// check decodes an upload once.
func (p pictureCalls) check(ctx context.Context, picture []byte) error {
	_, err := p.Checker.Check(ctx, picture)
	var bad *pictures.BadPictureError
	switch {
	case errors.As(err, &bad):
		return dispatch.Fail(dispatch.ValueError, "base64: "+bad.Error())
	case err != nil: // waited too long for its turn
		return dispatch.Fail(dispatch.TooManyRequests, "").Because(err)
	}
	return nil
}

func (p pictureCalls) put(ctx context.Context, key pictures.Key, picture []byte) error {
	if err := p.Pictures.Put(ctx, key, picture); err != nil {
		return pictureFailure(err)
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
func (p pictureCalls) putOwned(ctx context.Context, o ownedPicture) error {
	fresh, err := p.DB.ClaimPicture(ctx, o.key.From, o.key.Name, o.user, o.byOwner)
	switch {
	case errors.Is(err, storage.ErrConflict):
		return dispatch.Fail(dispatch.NoPermission, o.conflict)
	case err != nil:
		return databaseFailure(err)
	}
	if err := p.put(ctx, o.key, o.picture); err != nil {
		if fresh {
			p.unclaim(context.WithoutCancel(ctx), o.key, o.user)
		}
		return err
	}
	return nil
}

func (p pictureCalls) unclaim(ctx context.Context, key pictures.Key, user string) {
	if err := p.DB.ReleasePicture(ctx, key.From, key.Name, user); err != nil {
		p.Logger.WarnContext(ctx, "release the name of a picture", "from", key.From, "error", err)
	}
}
