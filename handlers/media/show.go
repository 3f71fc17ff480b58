package media

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/media/placeholders"
	"campusgate/storage/pictures"
)

const (
	showPortraitNotes = "An id without a portrait shows the default picture, anything but digits the error picture. The answer is always a picture, with HTTP 200, or 503 if the store failed. `X-Picture` says which one: stored, default, error or ban."
	showNotes         = "An unknown `from`, an invalid or unknown name, or further path segments show the error picture. A page that may not embed pictures, judged by the Referer, gets the ban picture. A picture named by its MD5 never changes; others are revalidated by their ETag."
)

var portraitSegments = []dispatch.Segment{{Name: "id", Doc: "the user's id", Example: "1180310086"}}

var pictureSegments = []dispatch.Segment{
	{Name: "from", Doc: "property, shop, product or portrait", Example: "shop"},
	{Name: "name", Doc: "as uploaded, or the picture's MD5", Example: "tea.png"},
}

// The values of the header X-Picture: what is shown.
const (
	kindStored  = "stored"
	kindDefault = "default"
	kindError   = "error"
	kindBan     = "ban"
)

// describe is what the path of pictures with the segments says of itself. It answers
// any method, as no picture's path answers an envelope.
func describe(segments []dispatch.Segment) dispatch.PlainDescription {
	headers := []dispatch.HeaderDescription{
		{Name: "X-Picture", OneOf: []string{kindStored, kindDefault, kindError, kindBan}}, {Name: "ETag"}, {Name: "Cache-Control"},
	}
	answer := func(status int, doc string) dispatch.AnswerDescription {
		return dispatch.AnswerDescription{Status: status, Doc: doc, ContentType: "image/*", Headers: headers}
	}
	return dispatch.PlainDescription{
		Segments: segments, Unlimited: true, Tag: "pictures",
		Answers: []dispatch.AnswerDescription{
			answer(http.StatusOK, "A picture."),
			{Status: http.StatusNotModified, Doc: "The client has this picture already."},
			answer(http.StatusMethodNotAllowed, "Wrong method: the error picture."),
			answer(http.StatusServiceUnavailable, "The store failed: the error picture."),
		},
		Results: []dispatch.Result{{Picture: kindStored}, {Status: http.StatusNotModified}, {Status: http.StatusServiceUnavailable}},
	}
}

// kindHeaders are the headers that go with each kind, made once.
var kindHeaders = map[string][]dispatch.Header{
	kindStored: kindHeader(kindStored), kindDefault: kindHeader(kindDefault),
	kindError: kindHeader(kindError), kindBan: kindHeader(kindBan),
}

func kindHeader(kind string) []dispatch.Header {
	return []dispatch.Header{{Name: "X-Picture", Value: kind}}
}

// cacheNever is the Cache-Control of placeholders.
const cacheNever = "no-store"

const fromPortrait = "portrait"

var pictureSources = []string{"property", "shop", "product", fromPortrait}

// showPortrait answers GET /get/portrait/<id>.
func (p calls) showPortrait(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	switch {
	case !p.mayEmbed(request.Header("Referer"), request.Host()):
		return banned(), nil
	case len(request.Segments) != 1 || !isDigits(request.Segments[0]):
		return missing(), nil
	}
	picture, err := p.Pictures.Get(ctx, pictures.Key{From: fromPortrait, Name: request.Segments[0]})
	if errors.Is(err, pictures.ErrNotFound) {
		return placeholder(kindDefault, placeholders.Default), nil
	}
	return p.shown(ctx, picture, err), nil
}

// show answers GET /get/pic/<from>/<name>.
func (p calls) show(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	switch {
	case !p.mayEmbed(request.Header("Referer"), request.Host()):
		return banned(), nil
	case len(request.Segments) != 2 || !slices.Contains(pictureSources, request.Segments[0]):
		return missing(), nil
	}
	key := pictures.Key{From: request.Segments[0], Name: composed(request.Segments[1])}
	switch {
	case pictures.IsDigest(key.Name):
		key.Name = strings.ToLower(key.Name)
	case !isPictureName(key.Name):
		return missing(), nil
	}
	picture, err := p.Pictures.Get(ctx, key)
	if errors.Is(err, pictures.ErrNotFound) && composed(request.Segments[1]) != request.Segments[1] {
		// The old server kept names as they came.
		key.Name = request.Segments[1]
		picture, err = p.Pictures.Get(ctx, key)
	}
	return p.shown(ctx, picture, err), nil
}

// shown is a stored picture, or the error picture: unavailable where the store
// failed, which never counts as absence.
func (p calls) shown(ctx context.Context, picture pictures.Picture, err error) dispatch.PlainAnswer {
	switch {
	case errors.Is(err, pictures.ErrNotFound), errors.Is(err, pictures.ErrNotPicture):
		return missing()
	case err != nil:
		p.Logger.ErrorContext(ctx, "read picture", "error", err)
		answer := missing()
		answer.Status = http.StatusServiceUnavailable
		return answer
	}
	answer := dispatch.PlainAnswer{
		Body: picture.Bytes, ContentType: picture.ContentType, ETag: picture.ETag,
		CacheControl: pictures.Revalidate, Picture: kindStored, Headers: kindHeaders[kindStored],
	}
	if picture.Immutable {
		answer.CacheControl = pictures.CacheForever
	}
	return answer
}

// readOnly refuses other methods than those that read, with a picture too: the one
// that the Referer deserves.
func readOnly(show func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error)) func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	return func(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
		if request.Method == http.MethodGet || request.Method == http.MethodHead {
			return show(ctx, request)
		}
		request.Segments = nil
		answer, err := show(ctx, request)
		answer.Status = http.StatusMethodNotAllowed
		answer.Headers = append(slices.Clip(answer.Headers), dispatch.Header{Name: "Allow", Value: "GET, HEAD"})
		return answer, err
	}
}

func banned() dispatch.PlainAnswer { return placeholder(kindBan, placeholders.Ban) }

func missing() dispatch.PlainAnswer { return placeholder(kindError, placeholders.Error) }

func placeholder(kind string, picture []byte) dispatch.PlainAnswer {
	return dispatch.PlainAnswer{
		Body: picture, ContentType: "image/png", CacheControl: cacheNever, Picture: kind, Headers: kindHeaders[kind],
	}
}

// mayEmbed reports whether the page of a Referer may show pictures: its host must be
// the request's own or one that the operator allows.
func (p calls) mayEmbed(referer, own string) bool {
	if referer == "" {
		return p.Settings.AllowEmptyReferer
	}
	host := plainHost(refererHost(referer))
	if host == "" {
		return false
	}
	return host == plainHost(own) ||
		slices.ContainsFunc(p.Settings.AllowReferers, func(allowed string) bool { return hostMatches(host, allowed) })
}

// refererHost is the host of a Referer, "" without one. What is behind it may be
// anything: pages have a lone % in their paths.
func refererHost(referer string) string {
	if slashes := strings.Index(referer, "//"); slashes >= 0 {
		if end := strings.IndexAny(referer[slashes+2:], "/?#"); end >= 0 {
			referer = referer[:slashes+2+end]
		}
	}
	parsed, err := url.Parse(referer)
	if err != nil {
		return ""
	}
	return parsed.Host
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
