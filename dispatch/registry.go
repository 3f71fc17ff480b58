package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
)

// Authenticate finds the user of a token. It fails with [ErrUnknownToken],
// [ErrNoUser], or, where it could not look, with any other error.
type Authenticate func(ctx context.Context, token string) (user string, err error)

// Registry holds every endpoint. It is complete when it is made and never
// changes, so look-ups need no lock.
type Registry struct {
	endpoints    []Endpoint
	routes       map[string]*route // by path below the base path
	calls        map[callKey]*Endpoint
	authenticate Authenticate
	uploads      *gate
	logger       *slog.Logger
}

type callKey struct{ typ, subtype string }

// route is what one path serves: posted calls, a query or pictures.
type route struct {
	path    Path
	calls   map[callKey]*Endpoint
	query   *Endpoint
	picture *Endpoint
}

// RegistryOptions are what calls need beside their handlers.
type RegistryOptions struct {
	Authenticate Authenticate
	// Uploads is how many uploads of one address run at once; 0 is no limit.
	Uploads int
	Logger  *slog.Logger
}

// NewRegistry checks the endpoints against each other: a type/subtype, query or
// picture path that is declared twice, or a path declared in two ways.
func NewRegistry(options RegistryOptions, endpoints ...Endpoint) (*Registry, error) {
	r := &Registry{
		endpoints: endpoints, routes: map[string]*route{}, calls: map[callKey]*Endpoint{},
		authenticate: options.Authenticate, uploads: newGate(options.Uploads), logger: options.Logger,
	}
	for i := range endpoints {
		if err := r.add(&endpoints[i]); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Registry) add(e *Endpoint) error {
	e.label = e.Type + "/" + e.Subtype
	at, known := r.routes[e.Path.Pattern]
	if !known {
		at = &route{path: e.Path, calls: map[callKey]*Endpoint{}}
		r.routes[e.Path.Pattern] = at
	}
	if at.path != e.Path {
		return fmt.Errorf("dispatch: path %s: declared in two ways", e.Path.Pattern)
	}
	switch e.kind {
	case probeKind: // the server's own, in no registry
	case queryKind, pictureKind:
		if known {
			return fmt.Errorf("dispatch: path %s: declared twice", e.Path.Pattern)
		}
		if e.kind == queryKind {
			at.query = e
		} else {
			at.picture = e
		}
	case envelopeKind:
		if at.query != nil || at.picture != nil {
			return fmt.Errorf("dispatch: path %s: declared twice", e.Path.Pattern)
		}
		for _, subtype := range []string{e.Subtype, e.alias} {
			if subtype == "" {
				continue
			}
			key := callKey{e.Type, subtype}
			if r.calls[key] != nil {
				return fmt.Errorf("dispatch: %s/%s: declared twice", e.Type, subtype)
			}
			r.calls[key], at.calls[key] = e, e
		}
	}
	return nil
}

// Inbound is a request without its HTTP.
type Inbound struct {
	// Path is below the base path; "" is the base path itself.
	Path   string
	Body   []byte
	Query  url.Values
	Token  Token
	Caller Caller
}

// Token is a request's token; the empty text is one, though no user's.
type Token struct {
	Given bool
	Text  string
}

// outcome is an answer with what the server needs to send and log it.
type outcome struct {
	Response
	httpStatus int       // 0 is 200
	call       *Endpoint // nil where the request is none's
	picture    string    // what was shown in place of an envelope: [PictureAnswer].Kind
}

// Dispatch answers a posted envelope.
func (r *Registry) Dispatch(ctx context.Context, in Inbound) Response {
	at := r.routes[in.Path]
	if at == nil && in.Path != "" {
		return failure(noID, Fail(ErrorJSONValue, "no such path"))
	}
	return r.post(ctx, in, at).Response
}

// post answers a posted envelope. A nil route is the base path.
func (r *Registry) post(ctx context.Context, in Inbound, at *route) (out outcome) {
	request, envelopeError := parseRequest(in.Body)
	calls := r.calls
	if at != nil {
		calls = at.calls
	}
	var e *Endpoint // known before the token is looked at, so that its failure is this call's
	if envelopeError == nil {
		e = calls[callKey{string(request.Type), string(request.Subtype)}]
	}
	defer r.recover(ctx, &out, request.ID, e)
	if at != nil {
		user, err := r.user(ctx, at.path.Token, in.Token, &envelopeToken)
		if err != nil {
			return r.failed(ctx, request.ID, err, e)
		}
		in.Caller.User = user
	}
	if envelopeError != nil {
		return r.failed(ctx, request.ID, envelopeError, nil)
	}
	if e == nil {
		return r.failed(ctx, request.ID, Fail(ErrorJSONValue, "type, subtype: not served here"), nil)
	}
	if at == nil {
		user, err := r.user(ctx, e.Path.Token, in.Token, &envelopeToken)
		if err != nil {
			return r.failed(ctx, request.ID, err, e)
		}
		in.Caller.User = user
	}
	ctx = WithCaller(ctx, in.Caller)
	if e.upload && !in.Caller.Trusted {
		if !r.uploads.enter(in.Caller.Address) {
			return r.failed(ctx, request.ID, Fail(TooManyRequests, "too many uploads at once"), e)
		}
		defer r.uploads.leave(in.Caller.Address)
	}
	data, err := e.call(ctx, request.Data)
	return r.finish(ctx, request.ID, data, err, e)
}

// get answers a query. Its parameters are checked in the order of the contract:
// token, the required ones, unknown names, conflicts, then the values.
func (r *Registry) get(ctx context.Context, in Inbound, e *Endpoint) (out outcome) {
	defer r.recover(ctx, &out, noID, e)
	user, tokenError := r.user(ctx, e.Path.Token, in.Token, &queryToken)
	if tokenError != nil {
		return r.failed(ctx, noID, tokenError, e)
	}
	in.Caller.User = user
	ctx = WithCaller(ctx, in.Caller)
	values, parameterError := e.parameters(in.Query)
	if parameterError != nil {
		return r.failed(ctx, noID, parameterError, e)
	}
	data, err := e.query(ctx, values)
	return r.finish(ctx, noID, data, err, e)
}

func (r *Registry) finish(ctx context.Context, id int64, data any, err error, e *Endpoint) outcome {
	if err == nil {
		return outcome{Response: success(id, data), call: e}
	}
	known, ok := errors.AsType[*Error](err)
	if !ok {
		known = Fail(UnknownError, "").Because(err)
	}
	return r.failed(ctx, id, known, e)
}

// failed makes the answer of an error and logs what its client is not told.
func (r *Registry) failed(ctx context.Context, id int64, err *Error, e *Endpoint) outcome {
	if err.cause != nil {
		r.logger.ErrorContext(ctx, "call failed", "call", e.name(), "status", err.Status.Number, "error", err)
	}
	out := outcome{Response: failure(id, err), call: e}
	if err.Status == TooManyRequests {
		out.ID, out.httpStatus = noID, http.StatusTooManyRequests
	}
	return out
}

// name is what the log calls an endpoint, nil being none.
func (e *Endpoint) name() string {
	if e == nil {
		return none
	}
	return e.label
}

// recover answers a panic of a handler, so that it ends one call and no server.
func (r *Registry) recover(ctx context.Context, out *outcome, id int64, e *Endpoint) {
	if cause := recover(); cause != nil {
		logPanic(ctx, r.logger, e, cause)
		*out = outcome{Response: failure(id, Fail(UnknownError, "")), call: e}
	}
}

// logPanic must be called by the function that recovers: the stack shows where.
func logPanic(ctx context.Context, logger *slog.Logger, e *Endpoint, cause any) {
	logger.ErrorContext(ctx, "panic", "call", e.name(), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
}

// user finds the token's user as far as the path wants one.
func (r *Registry) user(ctx context.Context, use TokenUse, token Token, statuses *tokenStatuses) (string, *Error) {
	switch {
	case use == NoToken, use == TokenOptional && !token.Given:
		return "", nil
	case !token.Given:
		return "", Fail(statuses.absent, "token: missing")
	}
	user, err := r.authenticate(ctx, token.Text)
	switch {
	case err == nil:
		return user, nil
	case errors.Is(err, ErrUnknownToken):
		return "", Fail(statuses.unknown, "token: unknown")
	case errors.Is(err, ErrNoUser):
		return "", Fail(statuses.noUser, "token: its user is missing")
	default:
		return "", Fail(DatabaseFailure, "").Because(err)
	}
}

// parameters checks the names of a query and classifies its values.
func (e *Endpoint) parameters(query url.Values) ([]value, *Error) {
	values := make([]value, len(e.schema.fields))
	for i := range e.schema.fields {
		if list := query[e.schema.fields[i].name]; len(list) > 0 {
			values[i] = value{form: textForm, raw: []byte(list[0])}
		}
	}
	if err := e.schema.fillRequired(values, &e.classes); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if _, known := e.schema.byName[name]; !known && name != "token" {
			return nil, Fail(QueryUnknownArg, shortened(name)+": not known here")
		}
	}
	for key, with := range e.beside {
		if !query.Has(key) {
			continue
		}
		for name := range query {
			if name != key && name != "token" && !e.schema.requires(name) && !slices.Contains(with, name) {
				return nil, Fail(QueryConflict, key+": may not stand with other fields")
			}
		}
	}
	return values, nil
}

// shortened is a name that a client made up, within bounds.
func shortened(name string) string {
	const most = 40
	name = strings.ToValidUTF8(name, "�")
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}

// route finds what serves a path below the base path, given as it was sent.
// Posted calls and queries are found by the whole path; pictures by its
// beginning, with the rest split before it is percent-decoded.
func (r *Registry) route(path string) (at *route, segments []string) {
	if at = r.routes[path]; at != nil {
		return at, nil
	}
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		if at = r.routes[path[:end]]; at != nil && at.picture != nil {
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

// pictureOf asks a picture endpoint. A panic is answered as an unavailable store
// without a picture.
func (r *Registry) pictureOf(ctx context.Context, e *Endpoint, request PictureRequest) (answer PictureAnswer) {
	defer func() {
		if cause := recover(); cause != nil {
			logPanic(ctx, r.logger, e, cause)
			answer = PictureAnswer{Kind: "error", CacheControl: "no-store", Unavailable: true}
		}
	}()
	return e.picture(ctx, request)
}
