package reference

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// order is a request with every type, need and rule in its reference.
type order struct {
	Kind  string        `json:"kind" rule:"required oneof=a|b" doc:"a, or b|c"`
	Count int64         `json:"count" rule:"present range=1..3"`
	Owner string        `json:"owner" rule:"when=count>=2 max=10 number=whole"`
	Note  *string       `json:"note" rule:"filled number=any"`
	Code  string        `json:"code" rule:"password max=20" doc:"the card's"`
	Price dispatch.Fen  `json:"price" rule:"range=0.01..99.5" doc:"100% yuan"`
	Bonus *dispatch.Fen `json:"bonus" rule:"clearable"`
	Time  string        `json:"time" rule:"datetime"`
	Bytes []byte        `json:"bytes"`
	Fast  bool          `json:"fast"`
}

func (order) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Sentences about it, 50% of them here.", Example: `{"kind": "a", "count": 1}`,
		Statuses: []dispatch.Status{dispatchtest.LocalStatus, dispatch.NoPermission},
	}
}

type (
	ordered struct {
		ID    int64         `json:"id" doc:"its number"`
		Price dispatch.Fen  `json:"price"`
		Bonus *dispatch.Fen `json:"bonus" doc:"or|none"`
		Items []item        `json:"items"`
	}
	item struct {
		Name string `json:"name" doc:"what it is"`
	}
)

// desks is an answer with what may be null.
type desks struct {
	Items []*item   `json:"items"`
	Seats []*int64  `json:"seats"`
	Last  *item     `json:"last"`
	Note  *struct{} `json:"note"`
}

// commit is a request with lists and objects.
type commit struct {
	Lines   []commitLine `json:"items" rule:"required items=1..50" doc:"what is bought"`
	Records []int64      `json:"record_ids" rule:"items=0..5 range=any" doc:"coupons"`
	Pics    []string     `json:"pics" rule:"filled items=1..9 max=1024"`
	Address *struct {
		Street string `json:"street" rule:"required max=255"`
	} `json:"address" doc:"absent: the default one"`
}

type commitLine struct {
	ID     int64  `json:"product_id" rule:"required range=any"`
	Number int64  `json:"product_num" rule:"range=1..999" doc:"pieces"`
	Note   string `json:"note" rule:"max=200"`
}

func (commit) Reference() dispatch.Reference {
	return dispatch.Reference{Example: `{"items": [{"product_id": 7, "product_num": 2}], "record_ids": [1]}`}
}

// picture is what a plain endpoint says of itself.
var picture = dispatch.PlainDescription{
	Segments: []dispatch.Segment{{Name: "from", Doc: "whose", Example: "shop"}, {Name: "name", Doc: "its name", Example: "tea.png"}},
	Tag:      "pictures",
	Answers: []dispatch.AnswerDescription{
		shown(200, "A picture."),
		{Status: 304, Doc: "The client has this picture already."},
		shown(405, "Wrong method: the error picture."),
		shown(503, "The store failed: the error picture."),
	},
}

func shown(status int, doc string) dispatch.AnswerDescription {
	return dispatch.AnswerDescription{Status: status, Doc: doc, ContentType: "image/*", Headers: []dispatch.HeaderDescription{
		{Name: "X-Picture", OneOf: []string{"stored", "default", "error", "ban"}}, {Name: "ETag"}, {Name: "Cache-Control"},
	}}
}

// newReferenceRegistry has a call of each kind.
func newReferenceRegistry(t *testing.T) *dispatch.Registry {
	t.Helper()
	place := func(context.Context, order) (ordered, error) { return ordered{}, nil }
	find := func(context.Context, dispatchtest.ListRequest) ([]item, error) { return nil, nil }
	return dispatchtest.NewRegistry(t, &dispatchtest.Logs{},
		dispatch.Handle(dispatch.Path{Pattern: "/order", MissingKey: dispatch.MissingDataKey}, dispatch.WithToken, "order", "place", "Place an order", place, dispatch.Alias("put")),
		dispatch.Handle(dispatch.Path{Pattern: "/ping"}, dispatch.Need{Token: dispatch.TokenOptional}, "ping", "ping", "Do nothing", dispatchtest.AnswerEmpty[struct{}]),
		dispatch.Handle(dispatch.Path{Pattern: "/desk"}, dispatch.Need{Token: dispatch.TokenNeeded, Role: "admin", Active: true},
			"order", "commit", "Order for somebody", func(context.Context, commit) (*ordered, error) { return nil, nil }),
		dispatch.Query(dispatchtest.ListPath, dispatch.WithToken, "order", "list", "Find orders", find),
		dispatch.Plain(dispatchtest.PicturePath, dispatch.Need{}, "get", "pic", "Show a picture", "Always a picture.", picture, nil),
		dispatch.Handle(dispatch.Path{Pattern: "/ping"}, dispatch.Need{Token: dispatch.TokenOptional}, "ping", "names", "List names",
			func(context.Context, struct{}) ([]string, error) { return nil, nil }),
		dispatch.Handle(dispatch.Path{Pattern: "/ping"}, dispatch.Need{Token: dispatch.TokenOptional}, "ping", "everything", "Tell everything",
			func(context.Context, struct{}) (dispatch.Stream, error) { return nil, nil }),
		dispatch.Query(dispatch.Path{Pattern: "/get/desk"}, dispatch.Need{Token: dispatch.TokenNeeded, Role: "admin"},
			"desk", "list", "List desks", func(context.Context, struct{}) (desks, error) { return desks{}, nil }),
		dispatch.Plain(dispatch.Path{Pattern: "/stats.csv"}, dispatch.WithToken, "get", "stats", "Download figures", "",
			dispatch.PlainDescription{Methods: []string{"GET"}, Query: []dispatch.Segment{
				{Name: "from", Doc: "the first day", Example: "2019-11-01"}, {Name: "to", Doc: "the last day", Example: "2019-11-28"},
			}}, nil),
		dispatch.Plain(dispatch.Path{Pattern: "/notify/alipay-v2"}, dispatch.Need{}, "pay", "notify", "Take a note of the channel", "",
			dispatch.PlainDescription{Methods: []string{"POST"}}, nil),
		dispatch.Page("/console", "page", "text/html", nil), // in no reference
	)
}

// TestReference compares what is written of a registry with files.
func TestReference(t *testing.T) {
	registry := newReferenceRegistry(t)
	chinese := newCatalogue(t).Language("zh")
	for _, format := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{"reference.md", func(w io.Writer) error { return WriteMarkdown(w, registry, Language{}) }},
		{"reference.json", func(w io.Writer) error { return WriteOpenAPI(w, registry, Language{}, "/base", "v1") }},
		{"reference.ts", func(w io.Writer) error { return WriteTypeScript(w, registry, Language{}) }},
		{"reference.zh.md", func(w io.Writer) error { return WriteMarkdown(w, registry, chinese) }},
		{"reference.zh.json", func(w io.Writer) error { return WriteOpenAPI(w, registry, chinese, "/base", "v1") }},
		{"reference.zh.ts", func(w io.Writer) error { return WriteTypeScript(w, registry, chinese) }},
	} {
		t.Run(format.file, func(t *testing.T) {
			want, err := os.ReadFile("testdata/" + format.file)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := format.write(&got); err != nil {
				t.Fatal(err)
			}
			text := got.String()
			for _, l := range []Language{{}, chinese} { // client.ts is a file itself
				text = strings.TrimPrefix(text, l.begin())
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(text, "\n")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if err := format.write(full{}); !errors.Is(err, errFull) {
				t.Errorf("to a full disk: %v, want %v", err, errFull)
			}
		})
	}
}

type (
	record struct {
		Item item `json:"item"`
	}
	deskListRequest struct {
		Item item `json:"item"`
	}
)

// TestNames: no answer takes the place of a type that the references have themselves.
func TestNames(t *testing.T) {
	path := dispatch.Path{Pattern: "/desk"}
	for want, find := range map[string]dispatch.Endpoint{
		"Record": dispatch.Handle(path, dispatch.Need{}, "desk", "list", "List desks",
			func(context.Context, struct{}) (record, error) { return record{}, nil }),
		"DeskListRequest": dispatch.Handle(path, dispatch.Need{}, "desk", "list", "List desks",
			func(context.Context, struct{}) (deskListRequest, error) { return deskListRequest{}, nil }),
	} {
		registry := dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, find)
		want = "dispatch: two types of the references are named " + want
		for _, write := range []func(io.Writer, *dispatch.Registry, Language) error{WriteMarkdown, WriteTypeScript} {
			if err := write(io.Discard, registry, Language{}); err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		func() {
			defer func() {
				if cause := recover(); fmt.Sprint(cause) != want {
					t.Errorf("the page: %v, want %s", cause, want)
				}
			}()
			Page(registry, newCatalogue(t), "/base", "v1")
		}()
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no room")
