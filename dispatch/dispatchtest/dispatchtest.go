// Package dispatchtest has the calls of a small server, for tests: a path for each
// use of a token, a query and pictures.
package dispatchtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"campusgate/dispatch"
)

// The paths of the calls.
var (
	OpenPath     = dispatch.Path{Pattern: "/open"}
	ClosedPath   = dispatch.Path{Pattern: "/closed", MissingKey: dispatch.MissingDataKey}
	OptionalPath = dispatch.Path{Pattern: "/optional"}
	ListPath     = dispatch.Path{Pattern: "/get/list"}
	PicturePath  = dispatch.Path{Pattern: "/get/pic"}
)

// LocalStatus is one that only the test's calls answer.
var LocalStatus = dispatch.Status{Number: 100, Text: "The shop name was used"}

type (
	// SayRequest is a text to repeat.
	SayRequest struct {
		Text string `json:"text" rule:"required max=20"`
	}
	// SayResult is what was said.
	SayResult struct {
		Text string `json:"text"`
	}
	whoResult struct {
		User    string `json:"user"`
		Address string `json:"address"`
		Trusted int    `json:"trusted"`
	}
	// ListRequest has each kind of parameter.
	ListRequest struct {
		Type  int64  `json:"type" rule:"required oneof=1|2"`
		Key   string `json:"key"`
		Title string `json:"title" rule:"max=5"`
		Since string `json:"since" rule:"datetime"`
		Count *int64 `json:"count" rule:"range=1..500"`
	}
)

// Reference is the request's.
func (ListRequest) Reference() dispatch.Reference {
	return dispatch.Reference{Example: `{"type": 1, "title": "a"}`}
}

// AnswerEmpty is a handler that does nothing.
func AnswerEmpty[Req any](context.Context, Req) (struct{}, error) { return struct{}{}, nil }

// say fails where the request's time is over, as a handler that asks a database does.
func say(ctx context.Context, in SayRequest) (SayResult, error) { return SayResult(in), ctx.Err() }

// who answers the caller.
func who(ctx context.Context, _ struct{}) (whoResult, error) {
	caller := dispatch.CallerFrom(ctx)
	result := whoResult{User: caller.User, Address: caller.Address.String()}
	if caller.Trusted {
		result.Trusted = 1
	}
	return result, nil
}

// fail fails in the way that is asked for.
func fail(_ context.Context, in SayRequest) (struct{}, error) {
	cause := errors.New("dial db.internal: password=hunter2")
	switch in.Text {
	case "known":
		return struct{}{}, dispatch.Fail(LocalStatus, "shop_name: already taken")
	case "wrapped":
		return struct{}{}, fmt.Errorf("create shop: %w", dispatch.Fail(dispatch.DatabaseFailure, "").Because(cause))
	case "panic":
		panic(cause)
	default:
		return struct{}{}, cause
	}
}

// list repeats its parameters.
func list(_ context.Context, in ListRequest) ([]SayResult, error) {
	text := fmt.Sprintf("%d %s %s %s", in.Type, in.Key, in.Title, in.Since)
	if in.Count != nil {
		text = fmt.Sprintf("%s %d", text, *in.Count)
	}
	return []SayResult{{strings.TrimSpace(text)}}, nil
}

// Endpoints are the calls, and the given picture.
func Endpoints(show func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error)) []dispatch.Endpoint {
	return []dispatch.Endpoint{
		dispatch.Handle(OpenPath, dispatch.Need{}, "echo", "say", "Repeat a text", say),
		dispatch.Handle(OpenPath, dispatch.Need{}, "echo", "who", "Tell the caller", who),
		dispatch.Handle(OpenPath, dispatch.Need{}, "fail", "now", "Fail", fail),
		dispatch.Handle(ClosedPath, dispatch.WithToken, "own", "say", "Repeat a text to its user", say),
		dispatch.Handle(ClosedPath, dispatch.WithToken, "own", "who", "Tell the user", who, dispatch.Alias("whoever")),
		dispatch.Handle(OptionalPath, dispatch.Need{Token: dispatch.TokenOptional}, "maybe", "who", "Tell the user, if any", who),
		dispatch.Query(ListPath, dispatch.WithToken, "list", "all", "List", list, dispatch.Alone("key", "count")),
		dispatch.Plain(PicturePath, dispatch.Need{}, "get", "pic", "Show a picture", "", dispatch.PlainDescription{
			Segments:  []dispatch.Segment{{Name: "name", Doc: "its name", Example: "tea.png"}},
			Unlimited: true, Results: []dispatch.Result{{Picture: "stored"}, {Status: 304}, {Status: 503}},
		}, show),
	}
}

// Authenticate knows the token of a user, good, of an admin, chief, of a frozen
// account, frozen, and a token for each way to fail.
func Authenticate(_ context.Context, token string) (dispatch.Account, error) {
	switch token {
	case "good":
		return dispatch.Account{User: "1190000001"}, nil
	case "chief":
		return dispatch.Account{User: "1190000002", Role: "admin"}, nil
	case "frozen":
		return dispatch.Account{User: "1190000003", Frozen: true}, nil
	case "orphan":
		return dispatch.Account{}, fmt.Errorf("find user: %w", dispatch.ErrNoUser)
	case "down":
		return dispatch.Account{}, errors.New("dial db.internal: refused")
	default:
		return dispatch.Account{}, dispatch.ErrUnknownToken
	}
}

// NewRegistry makes a registry that lets one upload run at once and logs to logs.
func NewRegistry(t *testing.T, logs *Logs, endpoints ...dispatch.Endpoint) *dispatch.Registry {
	t.Helper()
	return NewLoggedRegistry(t, slog.New(slog.NewTextHandler(logs, nil)), endpoints...)
}

// NewLoggedRegistry is NewRegistry with a logger.
func NewLoggedRegistry(t *testing.T, logger *slog.Logger, endpoints ...dispatch.Endpoint) *dispatch.Registry {
	t.Helper()
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Authenticate: Authenticate, Uploads: 1, Logger: logger}, endpoints...)
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// Logs is what was logged.
type Logs struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

// Write adds a line.
func (l *Logs) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *Logs) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}
