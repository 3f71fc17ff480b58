package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// Authenticate finds the account of a token. It fails with [ErrUnknownToken],
// [ErrNoUser], or, where it could not look, with any other error.
type Authenticate func(ctx context.Context, token string) (Account, error)

// Registry holds every endpoint. It is complete when it is made and never
// changes, so look-ups need no lock.
type Registry struct {
	endpoints    []Endpoint
	routes       map[string]*Route // by path below the base path
	base         Route             // the base path's, which serves every posted call
	authenticate Authenticate
	uploads      *gate
	logger       *slog.Logger
}

type callKey struct{ typ, subtype string }

// Route is what one path serves: posted calls, a query or a plain endpoint.
type Route struct {
	path  Path
	calls map[callKey]*Endpoint
	query *Endpoint
	plain *Endpoint
	// token is what all calls of the path want of one: it is checked before the
	// envelope. Where they differ, the call is known before its token is looked at.
	token TokenUse
	mixed bool
}

// RegistryOptions are what calls need beside their handlers.
type RegistryOptions struct {
	Authenticate Authenticate
	// Uploads is how many uploads of one address run at once; 0 is no limit.
	Uploads int
	Logger  *slog.Logger
}

// NewRegistry checks the endpoints against each other: a type/subtype, query or
// plain path that is declared twice, a path declared in two ways, a need that
// nobody meets, and two types of answers that would have one name in a reference.
func NewRegistry(options RegistryOptions, endpoints ...Endpoint) (*Registry, error) {
	r := &Registry{
		endpoints: slices.Clone(endpoints), routes: map[string]*Route{},
		base:         Route{calls: map[callKey]*Endpoint{}, mixed: true},
		authenticate: options.Authenticate, uploads: newGate(options.Uploads), logger: options.Logger,
	}
	for i := range r.endpoints {
		if err := r.add(&r.endpoints[i]); err != nil {
			return nil, fmt.Errorf("dispatch: %w", err)
		}
	}
	if err := r.checkNames(); err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	return r, nil
}

func (r *Registry) add(e *Endpoint) error {
	if err := e.Need.check(e.Kind); err != nil {
		return fmt.Errorf("%s: %w", e.label, err)
	}
	at, known := r.routes[e.Path.Pattern]
	if !known {
		at = &Route{path: e.Path, calls: map[callKey]*Endpoint{}, token: e.Need.Token}
		r.routes[e.Path.Pattern] = at
	}
	if at.path != e.Path {
		return fmt.Errorf("path %s: declared in two ways", e.Path.Pattern)
	}
	if known && (e.Kind != EnvelopeEndpoint || at.query != nil || at.plain != nil) {
		return fmt.Errorf("path %s: declared twice", e.Path.Pattern)
	}
	switch e.Kind {
	case QueryEndpoint:
		at.query = e
	case PlainEndpoint:
		at.plain = e
	case EnvelopeEndpoint:
		at.mixed = at.mixed || at.token != e.Need.Token
		for _, subtype := range []string{e.Subtype, e.Alias} {
			if subtype == "" {
				continue
			}
			key := callKey{e.Type, subtype}
			if r.base.calls[key] != nil {
				return fmt.Errorf("%s/%s: declared twice", e.Type, subtype)
			}
			r.base.calls[key], at.calls[key] = e, e
		}
	}
	return nil
}

// checkNames returns an error where two types of answers have one name, which
// would silently be one type in the references.
func (r *Registry) checkNames() error {
	known := map[string]reflect.Type{}
	for i := range r.endpoints {
		for s := range r.endpoints[i].Answer.structures() {
			if other := known[s.Name]; other != nil && other != s.goType {
				return fmt.Errorf("answers of the types %s and %s are both named %s", other, s.goType, s.Name)
			}
			known[s.Name] = s.goType
		}
	}
	return nil
}

// Endpoints are all endpoints in the order of declaration. They are not changed.
func (r *Registry) Endpoints() []*Endpoint {
	all := make([]*Endpoint, len(r.endpoints))
	for i := range r.endpoints {
		all[i] = &r.endpoints[i]
	}
	return all
}

// Route finds what serves a path below the base path, given as it was sent; "" is
// the base path itself, and nil is nothing. Posted calls and queries are found by
// the whole path; plain endpoints that have segments by its beginning, with the rest
// split before it is percent-decoded.
func (r *Registry) Route(path string) (at *Route, segments []string) {
	if path == "" {
		return &r.base, nil
	}
	if at = r.routes[path]; at != nil {
		return at, nil
	}
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		if at = r.routes[path[:end]]; at != nil && at.plain != nil && at.plain.Plain.Segments != nil {
			for segment := range strings.SplitSeq(path[end+1:], "/") {
				segments = append(segments, unescapeSegment(segment))
			}
			return at, segments
		}
	}
	return nil, nil
}

// unescapeSegment percent-decodes; what is no escape stands for itself.
func unescapeSegment(segment string) string {
	if decoded, err := url.PathUnescape(segment); err == nil {
		return decoded
	}
	return segment
}

// PlainEndpoint is the plain endpoint that the route serves, or nil.
func (at *Route) PlainEndpoint() *Endpoint { return at.plain }

// Method is what the route is asked by, where it serves no plain endpoint.
func (at *Route) Method() string {
	if at.query != nil {
		return http.MethodGet
	}
	return http.MethodPost
}

// WantsToken reports whether a token may be looked at.
func (at *Route) WantsToken() bool { return at.mixed || at.token != NoToken }
