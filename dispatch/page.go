package dispatch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"

	"github.com/valyala/fasthttp"
)

// documentPath is where the API describes itself, below the base path.
const documentPath = "/openapi.json"

// pagePolicy lets a page load only what this server has, run no inline script and
// stand in no other page.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Page is what a browser reads by GET, beside the calls.
type Page struct {
	ContentType string
	// Body is not changed.
	Body []byte
	// Make, where it is set, makes the body anew for each request. local is whether
	// the browser is on this machine.
	Make func(ctx context.Context, local bool) ([]byte, error)
}

// page is a Page as it is served: one with a fixed body has a tag.
type page struct {
	Page
	etag string
	call *Endpoint
}

// newPages are the caller's pages and the OpenAPI document: made once, for the
// registry never changes.
func (s *Server) newPages() map[string]page {
	var document bytes.Buffer
	_ = s.options.Registry.WriteOpenAPI(&document, s.options.BasePath, s.options.Version) // a buffer takes all
	pages := map[string]page{
		documentPath: {Page{ContentType: "application/json", Body: document.Bytes()}, tagOf(document.Bytes()), s.openapi},
	}
	for path, given := range s.options.Pages {
		pages[path] = page{given, tagOf(given.Body), s.files}
	}
	return pages
}

func tagOf(body []byte) string { return fmt.Sprintf(`"%x"`, sha256.Sum256(body)) }

// servePage answers a page, or 304 where the client has it.
func (s *Server) servePage(ctx *deadline, request *fasthttp.RequestCtx, page page) outcome {
	header := &request.Response.Header
	if !request.IsGet() && !request.IsHead() {
		header.Set("Allow", "GET, HEAD")
		out := refusal(http.StatusMethodNotAllowed, ErrorJSONValue, "this path is asked by GET")
		s.answer(ctx, request, &out)
		return out
	}
	header.SetCanonical(sniffHeader, noSniff)
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Referrer-Policy", "same-origin") // other sites do not see it; ours may ask for the Referer of pictures
	if page.Make != nil {
		return s.makePage(ctx, request, page)
	}
	header.SetContentType(page.ContentType)
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", page.etag)
	if matches(string(request.Request.Header.Peek("If-None-Match")), page.etag) {
		request.SetStatusCode(http.StatusNotModified)
		return outcome{call: page.call, httpStatus: http.StatusNotModified}
	}
	request.Response.SetBodyRaw(page.Body)
	return outcome{call: page.call, httpStatus: http.StatusOK}
}

// makePage answers a page that is made for each request; nobody keeps it.
func (s *Server) makePage(ctx *deadline, request *fasthttp.RequestCtx, page page) outcome {
	header := &request.Response.Header
	header.Set("Cache-Control", "no-store")
	body, err := page.Make(ctx, s.local(ctx, request))
	if err != nil {
		s.options.Logger.ErrorContext(ctx, "make page", "error", err)
		out := refusal(http.StatusServiceUnavailable, UnknownError, "")
		s.answer(ctx, request, &out)
		return out
	}
	header.SetContentType(page.ContentType)
	request.Response.SetBodyRaw(body)
	return outcome{call: page.call, httpStatus: http.StatusOK}
}
