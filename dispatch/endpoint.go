package dispatch

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/goccy/go-json"
)

// Path is a path below the base path, and what all its calls share.
type Path struct {
	Pattern string
	// MissingKey is the status of an absent key of data; the document has two.
	// Unset it is [ErrorDataKey].
	MissingKey Status
}

// failureStatuses are the statuses of the classes of a bad value.
type failureStatuses struct{ Missing, Empty, Type, Value, Time Status }

// envelopeClasses hold for every posted call, but for what an option changes.
var envelopeClasses = failureStatuses{ErrorDataKey, EmptyValue, ValueTypeError, ValueError, ValueError}

// queryClasses hold for query endpoints. An empty text is one; an empty integer or
// time is none, and so of the wrong type.
var queryClasses = failureStatuses{
	QueryMissingArgs, QueryTypeError, QueryTypeError, QueryValueError, QueryTypeError,
}

// tokenStatuses are the statuses of the classes of a bad token.
type tokenStatuses struct{ absent, unknown, noUser Status }

var (
	envelopeToken = tokenStatuses{MissingArgs, ErrorToken, UserIDFailed}
	queryToken    = tokenStatuses{QueryMissingArgs, QueryUnknownToken, UserIDFailed}
)

// EndpointKind is how an endpoint is asked.
type EndpointKind int

// An endpoint takes a posted envelope, query parameters, or plain HTTP.
const (
	EnvelopeEndpoint EndpointKind = iota
	QueryEndpoint
	PlainEndpoint
)

// Endpoint is one call: untyped outside, typed inside its closure.
type Endpoint struct {
	Path Path
	Need Need
	// Type and Subtype are an envelope's, and what the call is counted under.
	Type, Subtype string
	// Summary is a few words; a plain endpoint without one is in no reference.
	Summary string
	Kind    EndpointKind
	// Alias is another subtype for the same call, "" for none.
	Alias string
	// Fields are those of the request, Answer is the data of a success.
	Fields []Field
	Answer Shape
	// Reference is what the API reference adds.
	Reference Reference
	// Plain is what a plain endpoint says of itself.
	Plain PlainDescription

	label   string // type/subtype
	classes failureStatuses
	schema  *schema

	call  func(ctx context.Context, data []byte) (any, error)
	query func(ctx context.Context, values []value) (any, error)
	plain func(ctx context.Context, request PlainRequest) (PlainAnswer, error)
	alone map[string][]string // query: a key and the only others it may stand with
}

// Reference is what the API reference says of a call beside its fields.
type Reference struct {
	Notes string
	// Example is the data of a request that works, or a query's parameters, as a
	// JSON object.
	Example string
	// Statuses are those that the call adds to the ones of every call.
	Statuses []Status
	// FailureData are those of Statuses whose answer has data, with a value of its type,
	// which is also that of another call's success.
	FailureData map[Status]any
	// PassedOn names a table of somebody else from which the call answers statuses
	// too, "" where it does not.
	PassedOn string
}

// Documented is a request that brings its reference.
type Documented interface{ Reference() Reference }

// Option refines an endpoint.
type Option func(*Endpoint)

// Alias is another subtype for the same call.
func Alias(subtype string) Option { return func(e *Endpoint) { e.Alias = subtype } }

// MissingKey is the status of an absent key of the call's data, in place of its path's.
func MissingKey(status Status) Option { return func(e *Endpoint) { e.classes.Missing = status } }

// Alone says that the query parameter key may stand only with those named, the
// required ones and the token.
func Alone(key string, with ...string) Option {
	return func(e *Endpoint) {
		if e.alone == nil {
			e.alone = map[string][]string{}
		}
		e.alone[key] = with
	}
}

// Handle declares a posted call. Req is a struct with rules in its tags; Res is
// the answer's data. It panics on a bad tag, so that no server starts with one.
func Handle[Req, Res any](path Path, need Need, typ, subtype, summary string,
	handler func(context.Context, Req) (Res, error), options ...Option,
) Endpoint {
	e := newEndpoint[Req, Res](EnvelopeEndpoint, path, need, typ, subtype, summary)
	e.classes = envelopeClasses
	if path.MissingKey != (Status{}) {
		e.classes.Missing = path.MissingKey
	}
	for _, option := range options {
		option(&e)
	}
	if need.Once > 0 {
		e.Fields = slices.Concat(e.Fields, onceSchema.fields)
	}
	schema, classes := e.schema, e.classes
	e.call = func(ctx context.Context, data []byte) (any, error) {
		var request Req
		target := reflect.ValueOf(&request).Elem()
		if need.Once > 0 {
			once, err := e.decodeOnce(ctx, data, target)
			if err != nil {
				return nil, err
			}
			ctx = once
		} else if err := schema.decode(data, target, &classes); err != nil {
			return nil, err
		}
		if err := need.refuse(ctx); err != nil {
			return nil, err
		}
		return handler(ctx, request)
	}
	return e
}

// Query declares a call by GET whose request comes from the query parameters.
func Query[Req, Res any](path Path, need Need, typ, subtype, summary string,
	handler func(context.Context, Req) (Res, error), options ...Option,
) Endpoint {
	e := newEndpoint[Req, Res](QueryEndpoint, path, need, typ, subtype, summary)
	e.classes = queryClasses
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Kind == List || f.Kind == Object {
			panic(fmt.Sprintf("dispatch: %s/%s: %s: no query parameter is a list or an object", typ, subtype, f.Name))
		}
		f.Filled = f.Filled || !f.Required && (f.Kind != Text || f.DateTime)
	}
	for _, option := range options {
		option(&e)
	}
	schema, classes := e.schema, e.classes
	e.query = func(ctx context.Context, values []value) (any, error) {
		var request Req
		if err := schema.fill(values, reflect.ValueOf(&request).Elem(), &classes); err != nil {
			return nil, err
		}
		if err := need.refuse(ctx); err != nil {
			return nil, err
		}
		return handler(ctx, request)
	}
	return e
}

func newEndpoint[Req, Res any](kind EndpointKind, path Path, need Need, typ, subtype, summary string) Endpoint {
	refuseRecursion(reflect.TypeFor[Req](), nil)
	refuseRecursion(reflect.TypeFor[Res](), nil)
	schema := compileSchema(reflect.TypeFor[Req]())
	e := Endpoint{
		Kind: kind, Path: path, Need: need, Type: typ, Subtype: subtype, Summary: summary, label: typ + "/" + subtype,
		schema: schema, Fields: schema.fields, Answer: Shape{Kind: Tables},
	}
	if answer := reflect.TypeFor[Res](); answer != reflect.TypeFor[Stream]() {
		e.Answer = shapeOf(answer)
	} else if need.Once > 0 {
		panic(fmt.Sprintf("dispatch: %s/%s: a stream cannot be kept for a request_key", typ, subtype))
	}
	if documented, ok := any(*new(Req)).(Documented); ok {
		e.Reference = documented.Reference()
	}
	if example := e.Reference.Example; example != "" && !json.Valid([]byte(example)) {
		panic(fmt.Sprintf("dispatch: %s/%s: the example is not JSON", typ, subtype))
	}
	return e
}

// refuseRecursion panics on a type inside itself: no end of it could be told, and to
// look for one would end the process without saying where.
func refuseRecursion(t reflect.Type, outer []reflect.Type) {
	if slices.Contains(outer, t) {
		panic(fmt.Sprintf("dispatch: %s: is inside itself", t))
	}
	outer = append(outer, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		refuseRecursion(t.Elem(), outer)
	case reflect.Struct:
		for f := range t.Fields() {
			refuseRecursion(f.Type, outer)
		}
	default: // it has nothing inside, or is refused by what reads it
	}
}

// noCall is the name of a request that is no call's.
const noCall = "none"

// Name is type/subtype; of a nil endpoint, which stands for requests that are no
// call's, it is none.
func (e *Endpoint) Name() string {
	if e == nil {
		return noCall
	}
	return e.label
}

// CommonStatuses are those of every posted call.
func CommonStatuses() []Status {
	return []Status{
		OK, ErrorJSONKey, ErrorJSONValue, MissingArgs, ErrorToken, UserIDFailed, DatabaseFailure,
		EmptyValue, ValueTypeError, ValueError, TooManyRequests, UnknownError,
	}
}

// Statuses are those that a call adds to the ones of every call, each once; a query
// has a table of its own.
func (e *Endpoint) Statuses() []Status {
	var added []Status
	switch {
	case e.Kind == QueryEndpoint:
		added = []Status{
			QueryUnknownArg, QueryTypeError, UserIDFailed, QueryConflict, QueryMissingArgs,
			QueryUnknownToken, QueryValueError,
		}
	case canMiss(e.Fields):
		added = []Status{e.classes.Missing}
	}
	for _, status := range slices.Concat(e.Need.statuses(), e.Reference.Statuses) {
		if !slices.Contains(added, status) {
			added = append(added, status)
		}
	}
	return added
}

// canMiss reports whether one of the keys has to be there, always or beside another one.
func canMiss(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool {
		return f.Required || f.Present || f.When != "" || canMiss(f.Members) || f.Element != nil && canMiss([]Field{*f.Element})
	})
}

// FailureData is the shape of the data of a failure, which most have none of.
func (e *Endpoint) FailureData(status Status) (data Shape, ok bool) {
	value, ok := e.Reference.FailureData[status]
	if ok {
		data = shapeOf(reflect.TypeOf(value))
	}
	return data, ok
}

// Result is how a request ended.
type Result struct {
	// Status is the envelope's; of a plain endpoint and of a request that is no
	// call's it is HTTP's, where that is not 200.
	Status int
	// Picture is the [PlainAnswer].Picture of a picture that was shown, else "".
	Picture string
}

// String is the picture's kind, or else the status.
func (r Result) String() string {
	if r.Picture != "" {
		return r.Picture
	}
	return strconv.Itoa(r.Status)
}

// Results are those that the reference of the endpoint documents. There may be
// others.
func (e *Endpoint) Results() (results []Result) {
	if e.Kind == PlainEndpoint {
		return e.Plain.Results
	}
	for _, status := range append(e.Statuses(), CommonStatuses()...) {
		results = append(results, Result{Status: status.Number})
	}
	return results
}
