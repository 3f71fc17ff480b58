package dispatch

import (
	"context"
	"crypto/sha256"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-json"
)

// onceFields is what a call with [Need].Once takes beside its own fields.
type onceFields struct {
	RequestKey string `json:"request_key" rule:"filled min=8 max=64" doc:"letters, digits, _ and -: the same call with the same key and data gets the first answer again and does nothing"`
}

var onceSchema = compileSchema(reflect.TypeFor[onceFields]())

// requestKeySigns are the characters of a request_key.
const requestKeySigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// Repeatable is a call that its client has named by a request_key, so that it may send
// it again without a second effect.
type Repeatable struct {
	Call string // type/subtype
	Key  string
	// DataHash is the SHA-256 of the request, however it was written.
	DataHash [sha256.Size]byte
	// Keep is how long the answer is kept.
	Keep time.Duration
}

type repeatableKey struct{}

// RepeatableFrom returns how the client has named the call; it is not ok where it has not.
func RepeatableFrom(ctx context.Context) (Repeatable, bool) {
	repeatable, ok := ctx.Value(repeatableKey{}).(Repeatable)
	return repeatable, ok
}

// decodeOnce reads the request of a call with [Need].Once. The context that it
// returns holds the request_key, if there is one.
func (e *Endpoint) decodeOnce(ctx context.Context, data []byte, target reflect.Value) (context.Context, *Error) {
	var named onceFields
	worst := e.schema.decodeObject(data, target, &e.classes).
		or(onceSchema.decodeObject(data, reflect.ValueOf(&named).Elem(), &e.classes), &e.classes)
	if err := worst.toError(&e.classes); err != nil || named.RequestKey == "" {
		return ctx, err
	}
	if strings.Trim(named.RequestKey, requestKeySigns) != "" {
		return ctx, Fail(e.classes.Value, "request_key: must be letters, digits, _ and -")
	}
	text, err := json.Marshal(target.Interface())
	if err != nil {
		return ctx, Fail(UnknownError, "").Because(err)
	}
	return context.WithValue(ctx, repeatableKey{}, Repeatable{
		Call: e.label, Key: strings.Clone(named.RequestKey), DataHash: sha256.Sum256(text), Keep: e.Need.Once,
	}), nil
}
