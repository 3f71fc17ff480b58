package dispatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// The calls of a small server: a path for each use of a token, a query and
// pictures.
var (
	openPath     = Path{Pattern: "/open"}
	closedPath   = Path{Pattern: "/closed", Token: TokenNeeded, MissingKey: MissingDataKey}
	optionalPath = Path{Pattern: "/optional", Token: TokenOptional}
	listPath     = Path{Pattern: "/get/list", Token: TokenNeeded}
	picturePath  = Path{Pattern: "/get/pic"}
)

type (
	sayRequest struct {
		Text string `json:"text" rule:"required max=20"`
	}
	sayResult struct {
		Text string `json:"text"`
	}
	whoResult struct {
		User    string `json:"user"`
		Address string `json:"address"`
		Trusted int    `json:"trusted"`
	}
	listRequest struct {
		Type  int64  `json:"type" rule:"required oneof=1|2"`
		Key   string `json:"key"`
		Title string `json:"title" rule:"max=5"`
		Since string `json:"since" rule:"datetime"`
		Count *int64 `json:"count" rule:"range=1..500"`
	}
)

// answerEmpty is a handler that does nothing.
func answerEmpty[Req any](context.Context, Req) (struct{}, error) { return struct{}{}, nil }

func say(_ context.Context, in sayRequest) (sayResult, error) { return sayResult(in), nil }

// who tells the caller.
func who(ctx context.Context, _ struct{}) (whoResult, error) {
	caller := CallerFrom(ctx)
	result := whoResult{User: caller.User, Address: caller.Address.String()}
	if caller.Trusted {
		result.Trusted = 1
	}
	return result, nil
}

// nameUsed is a status of one call's own.
var nameUsed = Status{100, "The shop name was used"}

// fail fails in the way that is asked for.
func fail(_ context.Context, in sayRequest) (struct{}, error) {
	cause := errors.New("dial db.internal: password=hunter2")
	switch in.Text {
	case "known":
		return struct{}{}, Fail(nameUsed, "shop_name: taken")
	case "wrapped":
		return struct{}{}, fmt.Errorf("create shop: %w", Fail(DatabaseFailure, "").Because(cause))
	case "panic":
		panic(cause)
	default:
		return struct{}{}, cause
	}
}

// list repeats its parameters.
func list(_ context.Context, in listRequest) ([]sayResult, error) {
	text := fmt.Sprintf("%d %s %s %s", in.Type, in.Key, in.Title, in.Since)
	if in.Count != nil {
		text = fmt.Sprintf("%s %d", text, *in.Count)
	}
	return []sayResult{{strings.TrimSpace(text)}}, nil
}

// testEndpoints are those, with the given picture.
func testEndpoints(show func(context.Context, PictureRequest) PictureAnswer) []Endpoint {
	return []Endpoint{
		Handle(openPath, "echo", "say", "Repeat a text", say),
		Handle(openPath, "echo", "who", "Tell the caller", who),
		Handle(openPath, "fail", "now", "Fail", fail),
		Handle(closedPath, "own", "say", "Repeat a text to its user", say),
		Handle(closedPath, "own", "who", "Tell the user", who, Alias("whoever")),
		Handle(optionalPath, "maybe", "who", "Tell the user, if any", who),
		Query(listPath, "list", "all", "List", list, Alone("key", "count")),
		Picture(picturePath, "Show a picture", show),
	}
}

// authenticateTest knows one user's token and each way to fail.
func authenticateTest(_ context.Context, token string) (string, error) {
	switch token {
	case "good":
		return "1190000001", nil
	case "orphan":
		return "", fmt.Errorf("find user: %w", ErrNoUser)
	case "down":
		return "", errors.New("dial db.internal: refused")
	default:
		return "", ErrUnknownToken
	}
}

func newTestRegistry(t *testing.T, logs *logs, endpoints ...Endpoint) *Registry {
	t.Helper()
	registry, err := NewRegistry(RegistryOptions{
		Authenticate: authenticateTest, Uploads: 1, Logger: slog.New(slog.NewTextHandler(logs, nil)),
	}, endpoints...)
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// logs is what was logged.
type logs struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logs) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *logs) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}
