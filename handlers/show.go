package handlers

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/standins"
	"campusgate/storage/pictures"
)

const (
	showPortraitNotes = "Digits that have no portrait show the default picture, anything else the error picture. Always HTTP 200 and a picture, but 503 where the store failed; `X-Picture` says which: stored, default, error or ban."
	showNotes         = "An unknown `from`, a bad or unknown name and more segments show the error picture. A page that may not embed pictures gets the ban picture, by its Referer. A name that is the picture's MD5 is immutable; others are revalidated each time by their ETag."
)

func portraitSegments() dispatch.Option {
	return dispatch.Segments(dispatch.Segment{Name: "id", Doc: "the user's digits", Example: "1180310086"})
}

func pictureSegments() dispatch.Option {
	return dispatch.Segments(
		dispatch.Segment{Name: "from", Doc: "property, shop, product or portrait", Example: "shop"},
		dispatch.Segment{Name: "name", Doc: "as uploaded, or the picture's MD5", Example: "tea.png"},
	)
}

// Cache-Control of stored pictures and of stand-ins.
const (
	cacheForever = "public, max-age=31536000, immutable"
	revalidate   = "no-cache"
	cacheNever   = "no-store"
)

var pictureSources = []string{"property", "shop", "product", fromPortrait}

// showPortrait answers GET /get/portrait/<id>.
func (p pictureCalls) showPortrait(ctx context.Context, request dispatch.PictureRequest) dispatch.PictureAnswer {
	switch {
	case !p.mayEmbed(request):
		return banned()
	case len(request.Segments) != 1 || !isDigits(request.Segments[0]):
		return missing(false)
	}
	picture, err := p.Pictures.Get(ctx, pictures.Key{From: fromPortrait, Name: request.Segments[0]})
	if errors.Is(err, pictures.ErrNotFound) {
		return standIn("default", standins.Default)
	}
	return p.shown(ctx, picture, err)
}

// show answers GET /get/pic/<from>/<name>.
func (p pictureCalls) show(ctx context.Context, request dispatch.PictureRequest) dispatch.PictureAnswer {
	switch {
	case !p.mayEmbed(request):
		return banned()
	case len(request.Segments) != 2 || !slices.Contains(pictureSources, request.Segments[0]):
		return missing(false)
	}
	name := request.Segments[1]
	switch {
	case pictures.IsDigest(name):
		name = strings.ToLower(name)
	case !isPictureName(name):
		return missing(false)
	}
	picture, err := p.Pictures.Get(ctx, pictures.Key{From: request.Segments[0], Name: name})
	return p.shown(ctx, picture, err)
}

// shown is a stored picture, or the error picture: unavailable where the store
// failed, which is never told as absence.
func (p pictureCalls) shown(ctx context.Context, picture pictures.Picture, err error) dispatch.PictureAnswer {
	switch {
	case errors.Is(err, pictures.ErrNotFound), errors.Is(err, pictures.ErrNotPicture):
		return missing(false)
	case err != nil:
		p.Logger.ErrorContext(ctx, "read picture", "error", err)
		return missing(true)
	}
	answer := dispatch.PictureAnswer{
		Bytes: picture.Bytes, ContentType: picture.ContentType, ETag: picture.ETag,
		CacheControl: revalidate, Kind: "stored",
	}
	if picture.Immutable {
		answer.CacheControl = cacheForever
	}
	return answer
}

func banned() dispatch.PictureAnswer { return standIn("ban", standins.Ban) }

func missing(unavailable bool) dispatch.PictureAnswer {
	answer := standIn("error", standins.Error)
	answer.Unavailable = unavailable
	return answer
}

func standIn(kind string, picture []byte) dispatch.PictureAnswer {
	return dispatch.PictureAnswer{
		Bytes: picture, ContentType: "image/png", CacheControl: cacheNever, Kind: kind,
	}
}

// mayEmbed looks at the Referer: its host must be the request's own or one that
// the operator allows.
func (p pictureCalls) mayEmbed(request dispatch.PictureRequest) bool {
	if request.Referer == "" {
		return p.Settings.AllowEmptyReferer
	}
	parsed, err := url.Parse(request.Referer)
	if err != nil {
		return false
	}
	host := plainHost(parsed.Host)
	if host == "" {
		return false
	}
	return host == plainHost(request.Host) ||
		slices.ContainsFunc(p.Settings.AllowReferers, func(allowed string) bool { return hostMatches(host, allowed) })
}

// hostMatches compares whole hosts; *.example.org is every host below it.
func hostMatches(host, allowed string) bool {
	if domain, wild := strings.CutPrefix(allowed, "*"); wild {
		return strings.HasSuffix(host, domain) && len(host) > len(domain)
	}
	return host == allowed
}

// plainHost drops the port and a trailing dot: pages ask www.example.org./…
func plainHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
