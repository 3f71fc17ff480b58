package dispatch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// pagePolicy lets a page load only what this server has, run no inline script and
// stand in no other page.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageHeaders are those of everything that a browser shows as a page or reads for
// one. Other sites do not see the Referer; ours may ask for that of pictures.
var pageHeaders = []Header{
	{"Content-Security-Policy", pagePolicy},
	{"Referrer-Policy", "same-origin"},
}

// Page declares a fixed file for browsers, in no reference: they ask each time
// whether it has changed. Who takes gzip gets it so, compressed once. The body is not
// changed.
func Page(pattern, subtype, contentType string, body []byte) Endpoint {
	return PageInLanguages(pattern, subtype, contentType, []string{""}, [][]byte{body})
}

// PageInLanguages is a Page whose body is the one for the query parameter lang. Without
// it, and where it names another language, the body is the first.
func PageInLanguages(pattern, subtype, contentType string, languages []string, bodies [][]byte) Endpoint {
	files := make([]func(PlainRequest) PlainAnswer, len(bodies))
	for i, body := range bodies {
		files[i] = fixed(contentType, body)
	}
	return page(pattern, subtype, func(_ context.Context, request PlainRequest) (PlainAnswer, error) {
		if len(files) == 1 {
			return files[0](request), nil
		}
		return files[max(slices.Index(languages, request.Query().Get("lang")), 0)](request), nil
	})
}

// fixed answers a file.
func fixed(contentType string, body []byte) func(PlainRequest) PlainAnswer {
	answer := PlainAnswer{
		ContentType: contentType, CacheControl: "no-cache", Headers: append(slices.Clone(pageHeaders), varies),
		ETag: fmt.Sprintf(`"%x"`, sha256.Sum256(body)), Body: body,
	}
	compressed := sync.OnceValue(answer.compressed)
	return func(request PlainRequest) PlainAnswer {
		if len(body) >= worthCompressing && takesGzip(request.Header("Accept-Encoding")) {
			return compressed()
		}
		return answer
	}
}

// varies says by what the answers of a page differ. Origin is said of every answer where
// pages of other sites may call.
var varies = Header{"Vary", "Accept-Encoding, Origin"}

// worthCompressing is the least length of a body of which gzip saves anything worth it.
const worthCompressing = 1 << 10

// compressed is the answer by gzip: another body, so with another ETag.
func (a PlainAnswer) compressed() PlainAnswer {
	var body bytes.Buffer
	writer := gzip.NewWriter(&body)
	_, _ = writer.Write(a.Body) // to memory
	_ = writer.Close()
	a.Body = body.Bytes()
	a.ETag = strings.TrimSuffix(a.ETag, `"`) + `-gzip"`
	a.Headers = append(slices.Clone(a.Headers), Header{"Content-Encoding", "gzip"})
	return a
}

// takesGzip reports whether an Accept-Encoding names gzip, or everything, and not with the
// weight 0 (RFC 9110, 12.5.3).
func takesGzip(accept string) bool {
	taken := false
	for coding := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		name, weight = strings.ToLower(strings.TrimSpace(name)), strings.ReplaceAll(weight, " ", "")
		takes := strings.Trim(strings.TrimPrefix(strings.ToLower(weight), "q="), "0.") != "" || weight == ""
		if name == "gzip" {
			return takes
		}
		taken = taken || name == "*" && takes
	}
	return taken
}

// LivePage declares a page that is made anew for each request and kept by nobody.
func LivePage(pattern, subtype, contentType string, body func(context.Context, PlainRequest) ([]byte, error)) Endpoint {
	return page(pattern, subtype, func(ctx context.Context, request PlainRequest) (PlainAnswer, error) {
		made, err := body(ctx, request)
		return PlainAnswer{ContentType: contentType, CacheControl: "no-store", Headers: pageHeaders, Body: made}, err
	})
}

func page(pattern, subtype string, handler func(context.Context, PlainRequest) (PlainAnswer, error)) Endpoint {
	return Plain(Path{Pattern: pattern}, Need{}, "get", subtype, "", "", PlainDescription{
		Methods: []string{http.MethodGet, http.MethodHead}, Unlimited: true, Probe: true,
		Results: []Result{{Status: http.StatusOK}},
	}, handler)
}
