package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"campusgate/dispatch"
)

// addRequest is the data of a call. Its tags say how each key has to be there, what
// its value has to be, and what the reference tells of it.
type addRequest struct {
	Title string    `json:"title" rule:"required max=20"`
	Items []addItem `json:"items" rule:"required items=1..50" doc:"what was found"`
}

type addItem struct {
	Name  string `json:"name" rule:"required max=50"`
	Count int64  `json:"count" rule:"range=1..99" doc:"absent: one"`
}

type addAnswer struct {
	ID int64 `json:"id" doc:"of the new notice"`
}

// titleTaken is a status of this call alone.
var titleTaken = dispatch.Status{Number: 100, Text: "The title was used"}

func (addRequest) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example:  `{"title": "Lost card", "items": [{"name": "card"}]}`,
		Statuses: []dispatch.Status{titleTaken},
	}
}

// add is a handler: values in, values out.
func add(_ context.Context, in addRequest) (addAnswer, error) {
	if in.Title == "Lost card" {
		return addAnswer{}, dispatch.Fail(titleTaken, "title: taken")
	}
	return addAnswer{ID: 7}, nil
}

// authenticate knows one token.
func authenticate(_ context.Context, token string) (dispatch.Account, error) {
	if token != "secret" {
		return dispatch.Account{}, dispatch.ErrUnknownToken
	}
	return dispatch.Account{User: "1190000001"}, nil
}

func newRegistry() *dispatch.Registry {
	registry, err := dispatch.NewRegistry(
		dispatch.RegistryOptions{Authenticate: authenticate, Logger: slog.New(slog.DiscardHandler)},
		dispatch.Handle(dispatch.Path{Pattern: "/notice"}, dispatch.WithToken, "notice", "add", "Publish a notice", add),
	)
	if err != nil {
		panic(err) // a call is declared twice, or wrongly
	}
	return registry
}

// post sends an envelope without HTTP and prints the answer.
func post(token dispatch.Token, body string) {
	in := dispatch.Inbound{Path: "/notice", Token: token, Body: []byte(body)}
	_ = json.NewEncoder(os.Stdout).Encode(newRegistry().Dispatch(context.Background(), in))
}

func ExampleHandle() {
	post(dispatch.Token{Given: true, Text: "secret"}, `{"id":1,"type":"notice","subtype":"add","data":{"title":"Found","items":[{"name":"card"}]}}`)
	// Output: {"id":1,"status":0,"message":"successful","data":{"id":7}}
}

// A request is refused before its handler runs: by its token, its keys, and what the
// rules say of its values, down to the element of a list.
func ExampleRegistry_Dispatch() {
	good := dispatch.Token{Given: true, Text: "secret"}
	post(dispatch.Token{}, `{"id":1,"type":"notice","subtype":"add","data":{}}`)
	post(good, `{"id":2,"type":"notice","subtype":"add","data":{"items":[]}}`)
	post(good, `{"id":3,"type":"notice","subtype":"add","data":{"title":"Found","items":[{"name":"card"},{"name":"key","count":100}]}}`)
	post(good, `{"id":4,"type":"notice","subtype":"add","data":{"title":"Lost card","items":[{"name":"card"}]}}`)
	// Output:
	// {"id":1,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}
	// {"id":2,"status":-3,"message":"Error data key","data":{},"detail":"title: missing"}
	// {"id":3,"status":-204,"message":"Arg's value error","data":{},"detail":"items[1].count: must be 1 to 99"}
	// {"id":4,"status":100,"message":"The title was used","data":{},"detail":"title: taken"}
}

func ExampleCallerFrom() {
	ctx := dispatch.WithCaller(context.Background(), dispatch.Caller{Account: dispatch.Account{User: "1190000001", Role: "admin"}})
	caller := dispatch.CallerFrom(ctx)
	fmt.Println(caller.User, caller.Role)
	// Output: 1190000001 admin
}

// A plain endpoint answers bytes and no envelope: here a picture that browsers keep
// as long as its tag is the same.
func ExamplePlain() {
	show := func(_ context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
		return dispatch.PlainAnswer{ContentType: "image/png", ETag: `"1"`, Body: []byte(request.Segments[0])}, nil
	}
	e := dispatch.Plain(dispatch.Path{Pattern: "/get/sign"}, dispatch.Need{}, "get", "sign", "Show a sign", "", dispatch.PlainDescription{
		Methods:  []string{"GET", "HEAD"},
		Segments: []dispatch.Segment{{Name: "name", Doc: "which one", Example: "exit"}},
	}, show)
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Logger: slog.New(slog.DiscardHandler)}, e)
	if err != nil {
		panic(err)
	}
	at, segments := registry.Route("/get/sign/exit")
	answer, _ := registry.Plain(context.Background(), dispatch.Inbound{}, at.PlainEndpoint(), dispatch.PlainRequest{Method: "GET", Segments: segments})
	fmt.Printf("%s %s", answer.ContentType, answer.Body)
	// Output: image/png exit
}
