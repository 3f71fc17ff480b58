package dispatch

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

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

// Outcome is an answer with what the server needs to send and log it.
type Outcome struct {
	Response
	// Plain answers are no envelopes: they have no Response.
	Plain bool
	// HTTPStatus is 0 for 200 with an envelope or a picture.
	HTTPStatus int
	// RetryAfter is when the client may try again, of HTTP status 429.
	RetryAfter time.Duration
	// Endpoint is nil where the request is no call's.
	Endpoint *Endpoint
	// Picture is what was shown: [PlainAnswer].Picture.
	Picture string
}

// Result is how the request ended.
func (o *Outcome) Result() Result {
	switch {
	case o.HTTPStatus != 0 && (o.Endpoint == nil || o.Endpoint.Kind == PlainEndpoint):
		return Result{Status: o.HTTPStatus}
	case o.Picture != "":
		return Result{Picture: o.Picture}
	default:
		return Result{Status: o.Status}
	}
}

// Refusal is the answer to a request whose body was not looked at.
func Refusal(httpStatus int, status Status, detail string) Outcome {
	return Outcome{Response: failure(noID, Fail(status, detail)), HTTPStatus: httpStatus}
}

// Failed is the answer to a request of an endpoint that failed outside of its handler.
func Failed(id int64, e *Endpoint) Outcome {
	return Outcome{Response: failure(id, Fail(UnknownError, "")), Endpoint: e}
}

// Dispatch answers a posted envelope.
func (r *Registry) Dispatch(ctx context.Context, in Inbound) Response {
	at, _ := r.Route(in.Path)
	if at == nil || at.Method() != http.MethodPost || at.plain != nil {
		return failure(noID, Fail(ErrorJSONValue, "no such path"))
	}
	return r.Post(ctx, in, at).Response
}

// Post answers a posted envelope.
func (r *Registry) Post(ctx context.Context, in Inbound, at *Route) (out Outcome) {
	request, envelopeError := parseRequest(in.Body)
	var e *Endpoint // known before the token is looked at, so that its failure is this call's
	if envelopeError == nil {
		e = at.calls[callKey{string(request.Type), string(request.Subtype)}]
	}
	defer r.recover(ctx, &out, request.ID, e)
	if !at.mixed {
		if err := r.authenticated(ctx, &in, at.token, &envelopeToken); err != nil {
			return r.failed(ctx, request.ID, err, e)
		}
	}
	if envelopeError != nil {
		return r.failed(ctx, request.ID, envelopeError, nil)
	}
	if e == nil {
		return r.failed(ctx, request.ID, Fail(ErrorJSONValue, "type, subtype: no such call on this path"), nil)
	}
	if at.mixed {
		if err := r.authenticated(ctx, &in, e.Need.Token, &envelopeToken); err != nil {
			return r.failed(ctx, request.ID, err, e)
		}
	}
	ctx = WithCaller(ctx, in.Caller)
	if e.Need.Upload && !in.Caller.Trusted {
		if !r.uploads.enter(in.Caller.Address) {
			return r.failed(ctx, request.ID, Fail(TooManyRequests, "too many uploads at once"), e)
		}
		defer r.uploads.leave(in.Caller.Address)
	}
	data, err := e.call(ctx, request.Data)
	if err != nil {
		return r.failed(ctx, request.ID, err, e)
	}
	return Outcome{Response: success(request.ID, data), Endpoint: e}
}

// Get answers a query. Its parameters are checked in the order of the contract:
// token, the required ones, unknown names, conflicts, then the values.
func (r *Registry) Get(ctx context.Context, in Inbound, at *Route) (out Outcome) {
	e := at.query
	defer r.recover(ctx, &out, noID, e)
	if err := r.authenticated(ctx, &in, e.Need.Token, &queryToken); err != nil {
		return r.failed(ctx, noID, err, e)
	}
	ctx = WithCaller(ctx, in.Caller)
	values, parameterError := e.parameters(in.Query)
	if parameterError != nil {
		return r.failed(ctx, noID, parameterError, e)
	}
	data, err := e.query(ctx, values)
	if err != nil {
		return r.failed(ctx, noID, err, e)
	}
	return Outcome{Response: success(noID, data), Endpoint: e}
}

// Plain answers plain HTTP with the answer, unless the outcome is not plain: then it
// is an envelope.
func (r *Registry) Plain(ctx context.Context, in Inbound, e *Endpoint, request PlainRequest) (answer PlainAnswer, out Outcome) {
	unavailable := Outcome{Plain: true, HTTPStatus: http.StatusServiceUnavailable, Endpoint: e}
	defer func() {
		if cause := recover(); cause != nil {
			LogPanic(ctx, r.logger, e, cause)
			answer, out = PlainAnswer{CacheControl: "no-store"}, unavailable
		}
	}()
	if err := r.authenticated(ctx, &in, e.Need.Token, &envelopeToken); err != nil {
		return PlainAnswer{}, r.failed(ctx, noID, err, e)
	}
	ctx = WithCaller(ctx, in.Caller)
	answer, err := e.plain(ctx, request)
	if known, ok := errors.AsType[*Error](err); ok {
		return PlainAnswer{}, r.failed(ctx, noID, known, e)
	}
	if err != nil {
		r.logger.ErrorContext(ctx, "call failed", "call", e.Name(), "status", unavailable.HTTPStatus, "error", err)
		return PlainAnswer{CacheControl: "no-store"}, unavailable
	}
	out = Outcome{Plain: true, HTTPStatus: answer.Status, Endpoint: e, Picture: answer.Picture}
	if out.HTTPStatus == 0 && out.Picture == "" {
		out.HTTPStatus = http.StatusOK
	}
	return answer, out
}

// failed makes the answer of an error and logs what its client is not told. One that
// is no [*Error] is an [UnknownError].
func (r *Registry) failed(ctx context.Context, id int64, err error, e *Endpoint) Outcome {
	known, ok := errors.AsType[*Error](err)
	if !ok {
		known = Fail(UnknownError, "").Because(err)
	}
	if known.cause != nil {
		r.logger.ErrorContext(ctx, "call failed", "call", e.Name(), "status", known.Status.Number, "error", known)
	}
	out := Outcome{Response: failure(id, known), Endpoint: e}
	if known.Status == TooManyRequests {
		out.ID, out.HTTPStatus, out.RetryAfter = noID, http.StatusTooManyRequests, known.RetryAfter
	}
	return out
}

// recover answers a panic of a handler, so that it ends one call and no server.
func (r *Registry) recover(ctx context.Context, out *Outcome, id int64, e *Endpoint) {
	if cause := recover(); cause != nil {
		LogPanic(ctx, r.logger, e, cause)
		*out = Failed(id, e)
	}
}

// authenticated adds the token's account to the caller as far as a call wants one.
func (r *Registry) authenticated(ctx context.Context, in *Inbound, use TokenUse, statuses *tokenStatuses) error {
	switch {
	case use == NoToken, use == TokenOptional && !in.Token.Given:
		return nil
	case !in.Token.Given:
		return Fail(statuses.absent, "token: missing")
	}
	account, err := r.authenticate(ctx, in.Token.Text)
	switch {
	case err == nil:
		in.Caller.Account, in.Caller.Token = account, in.Token.Text
		return nil
	case errors.Is(err, ErrUnknownToken):
		return Fail(statuses.unknown, "token: unknown")
	case errors.Is(err, ErrNoUser):
		return Fail(statuses.noUser, "token: its user does not exist")
	default:
		return Fail(DatabaseFailure, "").Because(err)
	}
}
