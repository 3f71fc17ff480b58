package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// answer sends an envelope.
func (s *Server) answer(ctx *dispatch.Context, request *fasthttp.RequestCtx, out *dispatch.Outcome) {
	data, streamed := out.Data.(dispatch.Stream)
	if streamed {
		s.stream(ctx, request, out.Endpoint, enveloped(&out.Response, data))
	} else if err := encode(&out.Response, &request.Response); err != nil {
		s.options.Logger.ErrorContext(ctx, "encode answer", "call", out.Endpoint.Name(), "error", err)
		out.Response = dispatch.Failed(out.ID, out.Endpoint).Response
		_ = encode(&out.Response, &request.Response) // it has no data that could fail
	}
	header := &request.Response.Header
	header.SetContentType(s.contentType)
	header.SetCanonical(sniffHeader, noSniff)
	header.SetCanonical(cacheHeader, noStore)
	if out.HTTPStatus != 0 {
		request.SetStatusCode(out.HTTPStatus)
	}
	if out.HTTPStatus == http.StatusTooManyRequests {
		header.Set("Retry-After", retryAfter(max(out.RetryAfter, time.Second)))
	}
	if !streamed {
		s.paced(request, nil)
	}
}

// enveloped is an envelope whose data is streamed.
func enveloped(r *dispatch.Response, data dispatch.Stream) dispatch.Stream {
	begin := appendUntilData(nil, r)
	return func(ctx context.Context, w io.Writer) error {
		if _, err := w.Write(begin); err != nil {
			return err
		}
		if err := data(ctx, w); err != nil {
			return err
		}
		_, err := w.Write([]byte{'}'})
		return err
	}
}

// appendUntilData adds an envelope's text before its data.
func appendUntilData(text []byte, r *dispatch.Response) []byte {
	text = append(text, `{"id":`...)
	text = strconv.AppendInt(text, r.ID, 10)
	text = append(text, `,"status":`...)
	text = strconv.AppendInt(text, int64(r.Status), 10)
	text = append(text, `,"message":`...)
	text = appendText(text, r.Message)
	return append(text, `,"data":`...)
}

// encode makes the envelope the body. In strings <, >, &, U+2028 and U+2029 are \u
// escapes: the answer is no markup, whatever it is labelled. Where it fails or
// panics, the body has a part of it.
func encode(r *dispatch.Response, to *fasthttp.Response) error {
	to.ResetBody()
	var room [256]byte
	text := appendUntilData(room[:0], r)
	if r.Data == dispatch.NoData {
		text = append(text, `{}`...)
	} else {
		to.AppendBody(text)
		text = room[:0]
		if err := json.NewEncoder((*dataWriter)(to)).Encode(r.Data); err != nil {
			return err
		}
	}
	if r.Detail != "" {
		text = append(text, `,"detail":`...)
		text = appendText(text, r.Detail)
	}
	to.AppendBody(append(text, '}'))
	return nil
}

// dataWriter is a body, without the line's end that the encoder writes.
type dataWriter fasthttp.Response

// Write adds one encoded value.
func (w *dataWriter) Write(value []byte) (int, error) {
	(*fasthttp.Response)(w).AppendBody(bytes.TrimSuffix(value, []byte("\n")))
	return len(value), nil
}

// appendText adds a JSON string. Messages and details are plain but for odd ones:
// they are spared the encoder.
func appendText(to []byte, text string) []byte {
	if !isPlain(text) {
		quoted, _ := json.Marshal(text) // every string can be
		return append(to, quoted...)
	}
	to = append(to, '"')
	to = append(to, text...)
	return append(to, '"')
}

// isPlain reports whether a text stands in JSON as it is. U+2028 and U+2029 begin
// with 0xe2.
func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '<', '>', '&', 0xe2:
			return false
		default:
			if c < ' ' {
				return false
			}
		}
	}
	return utf8.ValidString(text)
}
