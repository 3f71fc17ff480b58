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
	Now      func(context.Context) (int64, error) // in Unix seconds, the same for all replicas
	Logger   *slog.Logger
	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	AllowReferers      []string
	AllowEmptyReferer  bool
	AnonymousPortraits bool
	URLPrefix          string
	KeepLocation       bool
	MaxSize            int // of any picture but portraits, in bytes
}

// Store keeps uploaded pictures.
type Store interface {
	Put(ctx context.Context, key pictures.Key, picture []byte) error
	Get(ctx context.Context, key pictures.Key) (pictures.Picture, error)
	Remove(ctx context.Context, key pictures.Key) error
}

type calls struct{ Deps }

// Calls are all calls of pictures. A portrait is one picture whichever path wrote
// it: portrait/<user id>.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		media = calls{d}

		portraitPath    = dispatch.Path{Pattern: "/portrait"}
		picPath         = dispatch.Path{Pattern: "/pic"}
		getPortraitPath = dispatch.Path{Pattern: "/get/portrait"}
		getPicPath      = dispatch.Path{Pattern: "/get/pic"}
		messagePath     = dispatch.Path{Pattern: "/message"}
		getMessagePath  = dispatch.Path{Pattern: "/get/message"}
	)
	upload := dispatch.Need{Token: dispatch.TokenNeeded, Upload: true}
	// The document lists portrait/upload as a test call without a token, which an
	// operator has to allow.
	uploadPortrait := upload
	if d.Settings.AnonymousPortraits {
		uploadPortrait.Token = dispatch.TokenOptional
	}
	uploadMessage := upload
	uploadMessage.Active = true
	return []dispatch.Endpoint{
		dispatch.Handle(portraitPath, uploadPortrait, "portrait", "upload", "Upload a portrait", media.uploadPortrait),
		dispatch.Handle(picPath, upload, "pic", "upload", "Upload a picture", media.upload),
		dispatch.Plain(getPortraitPath, dispatch.Need{}, "get", "portrait", "Show a portrait", showPortraitNotes, describe(portraitSegments), readOnly(media.showPortrait)),
		dispatch.Plain(getPicPath, dispatch.Need{}, "get", "pic", "Show a picture", showNotes, describe(pictureSegments), readOnly(media.show)),
		dispatch.Handle(messagePath, uploadMessage, "message", "upload", "Upload a picture for a message", media.uploadForMessage),
		dispatch.Plain(getMessagePath, dispatch.WithToken, "get", "message", "Show a picture of a message", showMessageNotes, describe(messageSegments), readOnly(media.showForMessage)),
	}
}
