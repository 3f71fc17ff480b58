package dispatch

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-json"
)

// TokenUse says what a path wants of a token.
type TokenUse int

// A path looks at no token, wants one, or takes one where it is given.
const (
	NoToken TokenUse = iota
	TokenNeeded
	TokenOptional
)

// Path is a path below the base path, and what all its calls share.
type Path struct {
	Pattern string
	Token   TokenUse
	// MissingKey is the status of an absent key of data; the document has two.
	// Unset it is [ErrorDataKey].
	MissingKey Status
}

// Classes are the statuses of the classes of a bad value.
type Classes struct{ Missing, Empty, Type, Value, Time Status }

// envelopeClasses hold for every posted call, but for what an option changes.
var envelopeClasses = Classes{ErrorDataKey, EmptyValue, ValueTypeError, ValueError, ValueError}

// queryClasses hold for query endpoints. Nothing there may not be empty: an
// empty text is one, an empty integer is none.
var queryClasses = Classes{
	QueryMissingArgs, QueryTypeError, QueryTypeError, QueryValueError, QueryTypeError,
}

// tokenStatuses are the statuses of the classes of a bad token.
type tokenStatuses struct{ absent, unknown, noUser Status }

var (
	envelopeToken = tokenStatuses{MissingArgs, ErrorToken, UserIDFailed}
	queryToken    = tokenStatuses{QueryMissingArgs, QueryUnknownToken, UserIDFailed}
)

// endpointKind is how an endpoint is asked.
type endpointKind int

const (
	envelopeKind endpointKind = iota
	queryKind
	pictureKind
	probeKind
)

// Endpoint is one call: untyped outside, typed inside its closure.
type Endpoint struct {
	Path Path
	// Type and Subtype are an envelope's. Pictures are known by their path's: get and
	// pic for /get/pic.
	Type, Subtype string
	Summary       string

	kind      endpointKind
	label     string // type/subtype
	alias     string
	upload    bool
	classes   Classes
	schema    *schema
	result    shape
	segments  []Segment
	reference Reference

	call    func(ctx context.Context, data []byte) (any, error)
	query   func(ctx context.Context, values []value) (any, error)
	picture func(ctx context.Context, request PictureRequest) PictureAnswer
	beside  map[string][]string // query: a key and the only others it may stand with
}

// Reference is what the API reference says of a call beside its fields.
type Reference struct {
	Notes string
	// Example is the data of a request that works, or a query's parameters, as a
	// JSON object.
	Example string
	// Statuses are those that the call adds to the ones of every call.
	Statuses []Status
	// PassedOn names a table of somebody else from which the call answers statuses
	// too, "" where it does not.
	PassedOn string
}

// Documented is a request that brings its reference.
type Documented interface{ Reference() Reference }

// Option refines an endpoint.
type Option func(*Endpoint)

// Alias is another subtype for the same call.
func Alias(subtype string) Option { return func(e *Endpoint) { e.alias = subtype } }

// Upload marks a call that decodes pictures: a bounded number runs at once for
// one address.
func Upload() Option { return func(e *Endpoint) { e.upload = true } }

// Notes are sentences for the reference of a picture endpoint; a call has them in
// its [Reference].
func Notes(text string) Option { return func(e *Endpoint) { e.reference.Notes = text } }

// Segment is a part of a picture's path behind its pattern, for the reference.
type Segment struct{ Name, Doc, Example string }

// Segments are the parts behind the pattern of a picture endpoint.
func Segments(segments ...Segment) Option { return func(e *Endpoint) { e.segments = segments } }

// Alone says that the query parameter key may stand only with those named, the
// required ones and the token.
func Alone(key string, with ...string) Option {
	return func(e *Endpoint) {
		if e.beside == nil {
			e.beside = map[string][]string{}
		}
		e.beside[key] = with
	}
}

// Handle declares a posted call. Req is a struct with rules in its tags; Res is
// the answer's data. It panics on a bad tag, so that no server starts with one.
func Handle[Req, Res any](path Path, typ, subtype, summary string,
	handler func(context.Context, Req) (Res, error), options ...Option,
) Endpoint {
	e := newEndpoint[Req, Res](envelopeKind, path, typ, subtype, summary)
	e.classes = envelopeClasses
	if path.MissingKey != (Status{}) {
		e.classes.Missing = path.MissingKey
	}
	for _, option := range options {
		option(&e)
	}
	schema, classes := e.schema, e.classes
	e.call = func(ctx context.Context, data []byte) (any, error) {
		var request Req
		if err := schema.decode(data, reflect.ValueOf(&request).Elem(), &classes); err != nil {
			return nil, err
		}
		return handler(ctx, request)
	}
	return e
}

// Query declares a call by GET whose request comes from the query parameters.
func Query[Req, Res any](path Path, typ, subtype, summary string,
	handler func(context.Context, Req) (Res, error), options ...Option,
) Endpoint {
	e := newEndpoint[Req, Res](queryKind, path, typ, subtype, summary)
	e.classes = queryClasses
	for _, option := range options {
		option(&e)
	}
	schema, classes := e.schema, e.classes
	e.query = func(ctx context.Context, values []value) (any, error) {
		var request Req
		if err := schema.fill(values, reflect.ValueOf(&request).Elem(), &classes); err != nil {
			return nil, err
		}
		return handler(ctx, request)
	}
	return e
}

func newEndpoint[Req, Res any](kind endpointKind, path Path, typ, subtype, summary string) Endpoint {
	e := Endpoint{
		kind: kind, Path: path, Type: typ, Subtype: subtype, Summary: summary,
		schema: compileSchema(reflect.TypeFor[Req]()), result: shapeOf(reflect.TypeFor[Res]()),
	}
	if documented, ok := any(*new(Req)).(Documented); ok {
		e.reference = documented.Reference()
	}
	if example := e.reference.Example; example != "" && !json.Valid([]byte(example)) {
		panic(fmt.Sprintf("dispatch: %s/%s: the example is no JSON", typ, subtype))
	}
	return e
}

// PictureRequest is a GET of a picture.
type PictureRequest struct {
	// Segments are the path's parts behind the pattern, split before they were
	// percent-decoded: a %2f is part of a name.
	Segments []string
	Referer  string
	// Host is the request's own, with its port.
	Host string
}

// PictureAnswer is the picture that a GET shows. There always is one.
type PictureAnswer struct {
	// Bytes are shared and not changed.
	Bytes       []byte
	ContentType string
	// ETag stands in quotes, "" for none.
	ETag         string
	CacheControl string
	// Kind is the X-Picture header: stored, default, error or ban.
	Kind string
	// Unavailable is a store that failed or timed out: HTTP 503.
	Unavailable bool
}

// Picture declares a GET that answers a picture and never an envelope. It serves
// every path below its pattern.
func Picture(path Path, summary string,
	handler func(context.Context, PictureRequest) PictureAnswer, options ...Option,
) Endpoint {
	e := Endpoint{kind: pictureKind, Path: path, Summary: summary, picture: handler}
	e.Type, e.Subtype, _ = strings.Cut(strings.TrimPrefix(path.Pattern, "/"), "/")
	for _, option := range options {
		option(&e)
	}
	return e
}
