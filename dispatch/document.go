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

// document is the OpenAPI document that a server gives out: made once, for the
// registry never changes.
type document struct {
	bytes []byte
	etag  string
}

func newDocument(options Options) document {
	var text bytes.Buffer
	_ = options.Registry.WriteOpenAPI(&text, options.BasePath, options.Version) // a buffer takes all
	return document{text.Bytes(), fmt.Sprintf(`"%x"`, sha256.Sum256(text.Bytes()))}
}

// serveDocument answers the document, or 304 where the client has it.
func (s *Server) serveDocument(ctx context.Context, request *fasthttp.RequestCtx) outcome {
	header := &request.Response.Header
	if !request.IsGet() && !request.IsHead() {
		header.Set("Allow", "GET, HEAD")
		out := refusal(http.StatusMethodNotAllowed, ErrorJSONValue, "this path is asked by GET")
		s.answer(ctx, request, &out)
		return out
	}
	header.SetContentType("application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", s.document.etag)
	if matches(string(request.Request.Header.Peek("If-None-Match")), s.document.etag) {
		request.SetStatusCode(http.StatusNotModified)
		return outcome{call: s.openapi, httpStatus: http.StatusNotModified}
	}
	request.Response.SetBodyRaw(s.document.bytes)
	return outcome{call: s.openapi, httpStatus: http.StatusOK}
}
