package dispatch_test

import (
	"context"
	"slices"
	"testing"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// TestNeed: permission comes after the values, and each need has its status.
func TestNeed(t *testing.T) {
	path := dispatch.Path{Pattern: "/desk"}
	ask := func(_ context.Context, in dispatchtest.SayRequest) (dispatchtest.SayRequest, error) { return in, nil }
	admin := dispatch.Need{Token: dispatch.TokenNeeded, Role: "admin"}
	active := dispatch.Need{Token: dispatch.TokenNeeded, Active: true}
	both := dispatch.Need{Token: dispatch.TokenNeeded, Role: "admin", Active: true}
	registry := dispatchtest.NewRegistry(t, &dispatchtest.Logs{},
		dispatch.Handle(path, admin, "desk", "say", "", ask),
		dispatch.Handle(path, active, "trade", "say", "", ask),
		dispatch.Handle(path, both, "court", "say", "", ask),
		dispatch.Query(dispatch.Path{Pattern: "/get/desk"}, admin, "desk", "list", "", ask),
	)
	const success = `"status":0,"message":"successful","data":{"text":"hi"}}`
	for _, test := range []struct{ typ, token, text, want string }{
		{"desk", "chief", "hi", `{"id":1,` + success},
		{"desk", "good", "hi", `{"id":1,"status":-103,"message":"No permission to operate","data":{},"detail":"token: its user lacks the role admin"}`},
		{"desk", "good", "", `{"id":1,"status":-201,"message":"Necessary key-value can't be empty","data":{},"detail":"text: must not be empty"}`},
		{"desk", noToken, "", `{"id":1,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`},
		{"trade", "good", "hi", `{"id":1,` + success},
		{"court", "frozen", "hi", `{"id":1,"status":-103,"message":"No permission to operate","data":{},"detail":"token: its user lacks the role admin"}`},
		{"trade", "frozen", "hi", `{"id":1,"status":-301,"message":"Account is frozen","data":{}}`},
	} {
		body := `{"id":1,"type":"` + test.typ + `","subtype":"say","data":{"text":"` + test.text + `"}}`
		in := dispatch.Inbound{Path: path.Pattern, Token: given(test.token), Body: []byte(body)}
		if got := encoded(t, registry.Dispatch(t.Context(), in)); got != test.want {
			t.Errorf("%+v\n got %s\nwant %s", test, got, test.want)
		}
	}
	at, _ := registry.Route("/get/desk")
	for token, want := range map[string]int{"chief": 0, "good": dispatch.NoPermission.Number} {
		in := dispatch.Inbound{Token: given(token), Query: map[string][]string{"text": {"hi"}}}
		if got := registry.Get(t.Context(), in, at); got.Status != want {
			t.Errorf("GET by %s: %d, want %d", token, got.Status, want)
		}
	}
}

// TestMixedPath: where the calls of a path want different things of a token, the call
// is known before its token is looked at; where they agree, the token comes first.
func TestMixedPath(t *testing.T) {
	path := dispatch.Path{Pattern: "/mixed"}
	registry := dispatchtest.NewRegistry(t, &dispatchtest.Logs{},
		dispatch.Handle(path, dispatch.Need{}, "open", "now", "", dispatchtest.AnswerEmpty[struct{}]),
		dispatch.Handle(path, dispatch.WithToken, "own", "now", "", dispatchtest.AnswerEmpty[struct{}]),
		dispatch.Handle(dispatchtest.ClosedPath, dispatch.WithToken, "own", "later", "", dispatchtest.AnswerEmpty[struct{}]),
	)
	for _, test := range []struct {
		path, call, token string
		status            int
	}{
		{"/mixed", `"type":"open","subtype":"now"`, noToken, 0},
		{"/mixed", `"type":"open","subtype":"now"`, "bad", 0},
		{"/mixed", `"type":"own","subtype":"now"`, noToken, -100},
		{"/mixed", `"type":"own","subtype":"now"`, "good", 0},
		{"/mixed", `"type":"no","subtype":"now"`, noToken, -2},
		{"/closed", `"type":"no","subtype":"now"`, noToken, -100},
		{"", `"type":"no","subtype":"now"`, noToken, -2},
	} {
		body := `{"id":1,` + test.call + `,"data":{}}`
		got := registry.Dispatch(t.Context(), dispatch.Inbound{Path: test.path, Token: given(test.token), Body: []byte(body)})
		if got.Status != test.status {
			t.Errorf("%+v: %+v", test, got)
		}
	}
}

// TestBadNeed: what no caller could meet, or nobody would look at, does not start.
func TestBadNeed(t *testing.T) {
	const unmeetable, unseen = "dispatch: t/s: a role, an active account or a request_key needs a token", "dispatch: t/s: only a posted call uploads"
	empty := dispatchtest.AnswerEmpty[struct{}]
	call := func(need dispatch.Need) dispatch.Endpoint {
		return dispatch.Handle(dispatchtest.OpenPath, need, "t", "s", "", empty)
	}
	upload := dispatch.Need{Upload: true}
	for _, test := range []struct {
		endpoint dispatch.Endpoint
		want     string
	}{
		{call(dispatch.Need{Role: "admin"}), unmeetable},
		{call(dispatch.Need{Active: true}), unmeetable},
		{call(dispatch.Need{Token: dispatch.TokenOptional, Role: "admin"}), unmeetable},
		{dispatch.Query(dispatchtest.ListPath, upload, "t", "s", "", empty), unseen},
		{dispatch.Plain(dispatchtest.PicturePath, upload, "t", "s", "", "", dispatch.PlainDescription{}, nil), unseen},
	} {
		_, err := dispatch.NewRegistry(dispatch.RegistryOptions{}, test.endpoint)
		if err == nil || err.Error() != test.want {
			t.Errorf("%+v: %v, want %s", test.endpoint.Need, err, test.want)
		}
	}
}

// deskRequest says itself what its call's need says too.
type deskRequest struct{}

func (deskRequest) Reference() dispatch.Reference {
	return dispatch.Reference{Statuses: []dispatch.Status{dispatchtest.LocalStatus, dispatch.NoPermission}}
}

// TestStatusesOnce: a status has one row in a reference.
func TestStatusesOnce(t *testing.T) {
	admin := dispatch.Need{Token: dispatch.TokenNeeded, Role: "admin"}
	call := dispatch.Handle(dispatchtest.OpenPath, admin, "t", "s", "", dispatchtest.AnswerEmpty[deskRequest])
	want := []dispatch.Status{dispatch.NoPermission, dispatchtest.LocalStatus}
	if got := call.Statuses(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
