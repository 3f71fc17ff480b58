package dispatch

import (
	"context"
	"net/url"
)

// PlainRequest is an HTTP request that is no envelope.
type PlainRequest struct {
	Method string
	// Segments are the path's parts behind the pattern, split before they were
	// percent-decoded: a %2f is part of a name. Only endpoints that have declared
	// [Segments] serve such paths.
	Segments []string
	HTTP
}

// HTTP is what of a request is looked up only by those who need it. What it returns
// may be kept, but for the body, which lives as long as the handler runs, as HTTP does.
type HTTP interface {
	// Header is the first value of a header in any letter case, "" where it is absent.
	Header(name string) string
	// Host is the request's own, with its port.
	Host() string
	Query() url.Values
	Body() []byte
}

// PlainAnswer is an HTTP answer that is no envelope. The server adds
// X-Content-Type-Options and X-Request-ID.
type PlainAnswer struct {
	// Status is HTTP's; 0 is 200, or 304 where If-None-Match names the ETag.
	Status       int
	ContentType  string
	CacheControl string
	// ETag stands in quotes, "" for none.
	ETag string
	// Headers are further ones. They are shared and not changed.
	Headers []Header
	// Body is shared and not changed.
	Body []byte
	// Stream, where it is set, writes the body in place of Body. HEAD runs none.
	Stream Stream
	// Picture is what was shown where the answer is a picture: stored, default, error
	// or ban.
	Picture string
	// Listener, where it is set, makes the connection of a live endpoint a WebSocket that
	// is pushed to. Nothing else is answered.
	Listener *Listener
}

// A Listener is to whom a WebSocket belongs.
type Listener struct {
	User string
	// Token is by what it is asked from time to time whether the connection's token has
	// ended. It may be the token itself, and is in no log.
	Token string
}

// Header is one of an answer's headers.
type Header struct{ Name, Value string }

// PlainDescription is what a plain endpoint says of itself to the server and to the
// reference.
type PlainDescription struct {
	// Methods are those that it answers, the first as in its reference; another is
	// refused with HTTP 405 and an envelope. None are any: it refuses by itself.
	Methods []string
	// Segments are the parts behind its pattern. With any, it serves every path below
	// the pattern.
	Segments []Segment
	// Query are the parameters behind its path, all of them needed, for the reference.
	Query []Segment
	// Unlimited requests do not count against the limit of an address.
	Unlimited bool
	// Probe is a request of machines that ask all day: the log has it at level debug.
	Probe bool
	// Live endpoints are asked only by those who want a WebSocket, and by pages that may
	// call; others are refused before the token is looked at.
	Live bool
	// Answers are for the reference, Tag is its heading there.
	Tag     string
	Answers []AnswerDescription
	Results []Result
}

// Segment is a part of a plain endpoint's path behind its pattern, or a parameter of its
// query, for the reference.
type Segment struct{ Name, Doc, Example string }

// AnswerDescription is one of a plain endpoint's answers, for the reference.
type AnswerDescription struct {
	Status int // HTTP's
	Doc    string
	// ContentType is "" for an answer without a body.
	ContentType string
	// Headers are names with their values, none being any text.
	Headers []HeaderDescription
}

// HeaderDescription is a header of an answer, for the reference.
type HeaderDescription struct {
	Name  string
	OneOf []string
}

// Plain declares an endpoint that answers plain HTTP: a picture, a page, a file, a
// probe, a callback. An error that is an [*Error], and a token that is refused, are
// answered by an envelope; any other error, and a panic, by HTTP 503 without a body.
// Notes are for the reference.
func Plain(path Path, need Need, typ, subtype, summary, notes string, describe PlainDescription,
	handler func(context.Context, PlainRequest) (PlainAnswer, error),
) Endpoint {
	return Endpoint{
		Kind: PlainEndpoint, Path: path, Need: need, Type: typ, Subtype: subtype, Summary: summary, label: typ + "/" + subtype,
		Reference: Reference{Notes: notes}, Plain: describe,
		plain: func(ctx context.Context, request PlainRequest) (PlainAnswer, error) {
			if err := need.refuse(ctx); err != nil {
				return PlainAnswer{}, err
			}
			return handler(ctx, request)
		},
	}
}
