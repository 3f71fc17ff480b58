package dispatch

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// order is a request with every type, need and rule in its reference.
type order struct {
	Kind  string  `json:"kind" rule:"required oneof=a|b" doc:"a, or b|c"`
	Count int64   `json:"count" rule:"present range=1..3"`
	Owner string  `json:"owner" rule:"when=count>=2 max=10 number=whole"`
	Note  *string `json:"note" rule:"filled number=any"`
	Price Fen     `json:"price" rule:"range=0.01..99.5" doc:"100% yuan"`
	Bonus *Fen    `json:"bonus" rule:"clearable"`
	Time  string  `json:"time" rule:"datetime"`
	Bytes []byte  `json:"bytes"`
	Fast  bool    `json:"fast"`
}

func (order) Reference() Reference {
	return Reference{
		Notes: "Sentences about it, 50% of them here.", Example: `{"kind": "a"}`,
		Statuses: []Status{ShopNameUsed, NoPermission},
	}
}

type (
	ordered struct {
		ID    int64  `json:"id" doc:"its number"`
		Price Fen    `json:"price"`
		Bonus *Fen   `json:"bonus" doc:"or|none"`
		Items []item `json:"items"`
	}
	item struct {
		Name string `json:"name" doc:"what it is"`
	}
)

func TestWriteMarkdown(t *testing.T) {
	place := func(context.Context, order) (ordered, error) { return ordered{}, nil }
	find := func(context.Context, listRequest) ([]item, error) { return nil, nil }
	registry := newTestRegistry(t, &logs{},
		Handle(Path{Pattern: "/order", Token: TokenNeeded, MissingKey: MissingDataKey}, "order", "place", "Place an order", place),
		Handle(Path{Pattern: "/ping", Token: TokenOptional}, "ping", "ping", "Do nothing", answerEmpty[struct{}]),
		Query(listPath, "order", "list", "Find orders", find),
		Picture(picturePath, "Show a picture", showPicture, Notes("Always a picture.")),
	)
	want, err := os.ReadFile("testdata/reference.md")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	if err := registry.WriteMarkdown(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no room")

func TestWriteMarkdownFails(t *testing.T) {
	if err := newTestRegistry(t, &logs{}).WriteMarkdown(full{}); !errors.Is(err, errFull) {
		t.Errorf("%v, want %v", err, errFull)
	}
}
