package dispatch

import (
	"context"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"
)

// servePicture answers a picture, or 304 where the client has it.
func (s *Server) servePicture(ctx context.Context, request *fasthttp.RequestCtx, e *Endpoint, segments []string) outcome {
	out := outcome{call: e}
	header := &request.Response.Header
	allowed := request.IsGet() || request.IsHead()
	if !allowed {
		header.Set("Allow", "GET, HEAD")
		out.httpStatus = http.StatusMethodNotAllowed
		segments = nil
	}
	answer := s.options.Registry.pictureOf(ctx, e, PictureRequest{
		Segments: segments,
		Referer:  string(request.Referer()),
		Host:     string(request.Host()),
	})
	header.SetContentType(answer.ContentType)
	header.SetCanonical(sniffHeader, noSniff)
	header.Set("Cache-Control", answer.CacheControl)
	header.Set("X-Picture", answer.Kind)
	if answer.ETag != "" {
		header.Set("ETag", answer.ETag)
	}
	out.picture = answer.Kind
	switch {
	case answer.Unavailable:
		out.httpStatus = http.StatusServiceUnavailable
	case allowed && answer.ETag != "" && matches(string(request.Request.Header.Peek("If-None-Match")), answer.ETag):
		out.httpStatus = http.StatusNotModified
	}
	if out.httpStatus != 0 {
		request.SetStatusCode(out.httpStatus)
	}
	if out.httpStatus != http.StatusNotModified {
		request.Response.SetBodyRaw(answer.Bytes)
	}
	return out
}

// matches tells whether an If-None-Match names the tag. It compares weakly, as
// RFC 9110 section 13.1.2 wants.
func matches(ifNoneMatch, etag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == etag || candidate == "*" {
			return true
		}
	}
	return false
}
