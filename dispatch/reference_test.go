package dispatch

import (
	"context"
	"errors"
	"io"
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
		Notes: "Sentences about it, 50% of them here.", Example: `{"kind": "a", "count": 1}`,
		Statuses: []Status{nameUsed, NoPermission},
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

func (listRequest) Reference() Reference {
	return Reference{Example: `{"type": 1, "title": "a"}`}
}

// newReferenceRegistry has a call of each kind.
func newReferenceRegistry(t *testing.T) *Registry {
	t.Helper()
	place := func(context.Context, order) (ordered, error) { return ordered{}, nil }
	find := func(context.Context, listRequest) ([]item, error) { return nil, nil }
	return newTestRegistry(t, &logs{},
		Handle(Path{Pattern: "/order", Token: TokenNeeded, MissingKey: MissingDataKey}, "order", "place", "Place an order", place, Alias("put")),
		Handle(Path{Pattern: "/ping", Token: TokenOptional}, "ping", "ping", "Do nothing", answerEmpty[struct{}]),
		Query(listPath, "order", "list", "Find orders", find),
		Picture(picturePath, "Show a picture", showPicture, Notes("Always a picture."),
			Segments(Segment{"from", "whose", "shop"}, Segment{"name", "its name", "tea.png"})),
	)
}

// TestReference compares what is written of a registry with files.
func TestReference(t *testing.T) {
	registry := newReferenceRegistry(t)
	for _, format := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{"reference.md", registry.WriteMarkdown},
		{"reference.json", func(w io.Writer) error { return registry.WriteOpenAPI(w, "/base", "v1") }},
		{"reference.ts", registry.WriteTypeScript},
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
			text := strings.TrimPrefix(got.String(), clientTypeScript) // which is a file itself
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(text, "\n")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if err := format.write(full{}); !errors.Is(err, errFull) {
				t.Errorf("to a full disk: %v, want %v", err, errFull)
			}
		})
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no room")

// noExample is a request whose example cannot be sent.
type noExample struct{}

func (noExample) Reference() Reference { return Reference{Example: `{"a": }`} }

// TestUndescribable: what no reference could tell, no server starts with.
func TestUndescribable(t *testing.T) {
	for want, declare := range map[string]func(){
		"dispatch: an answer of type float64": func() {
			Handle(openPath, "a", "b", "", func(context.Context, struct{}) (float64, error) { return 0, nil })
		},
		"dispatch: a/b: the example is no JSON": func() { Handle(openPath, "a", "b", "", answerEmpty[noExample]) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("got %v, want %s", got, want)
				}
			}()
			declare()
		}()
	}
}
