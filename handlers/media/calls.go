// Package media is the pictures that users upload and that pages show.
package media

import (
	"context"
	"log/slog"

	"campusgate/dispatch"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// Deps is what the calls stand on.
type Deps struct {
	DB       *storage.DB
	Pictures Store
	Checker  *pictures.Checker
	Logger   *slog.Logger
	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	AllowReferers      []string
	AllowEmptyReferer  bool
	AnonymousPortraits bool
	URLPrefix          string
}

// Store keeps uploaded pictures under <from>/<name>.
type Store interface {
	Put(ctx context.Context, key string, picture []byte) error
	Get(ctx context.Context, key string) (pictures.Picture, error)
}

type calls struct{ Deps }

// Calls are all calls of pictures. A portrait is one picture whichever path wrote
// it: portrait/<user id>.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		media = calls{d}

		portraitPath    = dispatch.Path{Pattern: "/portrait", Token: dispatch.TokenNeeded}
		picPath         = dispatch.Path{Pattern: "/pic", Token: dispatch.TokenNeeded}
		getPortraitPath = dispatch.Path{Pattern: "/get/portrait"}
		getPicPath      = dispatch.Path{Pattern: "/get/pic"}
	)
	// The document lists portrait/upload as a test call without a token, which an
	// operator has to allow.
	if d.Settings.AnonymousPortraits {
		portraitPath.Token = dispatch.TokenOptional
	}
	return []dispatch.Endpoint{
		dispatch.Handle(portraitPath, "portrait", "upload", "Upload a portrait", media.uploadPortrait, dispatch.Upload()),
		dispatch.Handle(picPath, "pic", "upload", "Upload a picture", media.upload, dispatch.Upload()),
		dispatch.Picture(getPortraitPath, "Show a portrait", media.showPortrait, dispatch.Notes(showPortraitNotes), portraitSegments()),
		dispatch.Picture(getPicPath, "Show a picture", media.show, dispatch.Notes(showNotes), pictureSegments()),
	}
}
