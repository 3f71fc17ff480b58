package wire

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/storage/pictures"
)

// Pictures keep what was uploaded.
type Pictures interface {
	Get(ctx context.Context, key pictures.Key) (pictures.Picture, error)
}

// picturePath is what all URLs of pic/upload have between host and picture.
const picturePath = "/api/external/get/pic/"

// OwnPictures are the URLs of the key pics as pic/upload answers them, with the prefix before
// the path, whatever host was there: on another's there could be another picture tomorrow. It
// fails with a status where one of them is no such URL, or its picture is not there. Nil stays
// nil.
func OwnPictures(ctx context.Context, stored Pictures, prefix string, pics []string, failure dispatch.Status) (own []string, err error) {
	if pics == nil {
		return nil, nil
	}
	own = []string{}
	for i, pic := range pics {
		one, err := OwnPicture(ctx, stored, prefix, fmt.Sprintf("pics[%d]", i), pic, failure)
		if err != nil {
			return nil, err
		}
		own = append(own, one)
	}
	return own, nil
}

// OwnPicture is [OwnPictures] of the one URL of a key.
func OwnPicture(ctx context.Context, stored Pictures, prefix, key, pic string, failure dispatch.Status) (string, error) {
	name, ok := PictureKey(pic)
	if !ok {
		return "", dispatch.Fail(failure, key+": must be a URL that pic/upload has answered")
	}
	_, err := stored.Get(ctx, name)
	switch {
	case errors.Is(err, pictures.ErrNotFound), errors.Is(err, pictures.ErrNotPicture):
		return "", dispatch.Fail(failure, key+": no such picture")
	case err != nil:
		return "", PictureFailure(err)
	}
	return prefix + picturePath + name.String(), nil
}

// pictureSources are those of pic/upload.
var pictureSources = []string{"property", "shop", "product", "portrait"}

// PictureKey is the picture that a URL of pic/upload shows; ok is false for every other text.
// Before picturePath stands nothing, a relative path, or the root of a site: no other text
// may get into the pages of others.
func PictureKey(pic string) (key pictures.Key, ok bool) {
	at := strings.LastIndex(pic, picturePath)
	if at < 0 {
		return key, false
	}
	from, name, ok := strings.Cut(pic[at+len(picturePath):], "/")
	before := pic[:at]
	if !ok || !slices.Contains(pictureSources, from) || strings.ContainsAny(name, `/?#%`) || strings.ContainsAny(pic, "\"'<>\\ \t\r\n") || strings.Trim(before, "./") != "" && !isSite(before) {
		return key, false
	}
	return pictures.Key{From: from, Name: name}, true
}

// isSite reports whether text is a URL of a site, perhaps with a path, and of nothing else.
func isSite(text string) bool {
	site, err := url.Parse(text)
	return err == nil && (site.Scheme == "" || site.Scheme == "http" || site.Scheme == "https") && site.Host != "" &&
		site.Opaque == "" && site.User == nil && site.RawQuery == "" && !site.ForceQuery && site.Fragment == ""
}
