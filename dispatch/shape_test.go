package dispatch

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// noExample is a request whose example cannot be sent.
type noExample struct{}

func (noExample) Reference() Reference { return Reference{Example: `{"a": }`} }

// tree is inside itself.
type tree struct {
	Branches []tree `json:"branches" rule:"items=0..2"`
}

// TestUndescribable: what no reference could tell, no server starts with.
func TestUndescribable(t *testing.T) {
	type unnamed struct{ A string }
	type omitted struct {
		A string `json:"a,omitempty"`
	}
	type shadowing struct {
		row
		Other string `json:"b"`
	}
	for want, declare := range map[string]func(){
		`dispatch: dispatch.shadowing: "b" is declared twice`: func() { answering[shadowing]("a") },
		"dispatch: unsupported answer type float64":           func() { answering[float64]("a") },
		"dispatch: unsupported answer type [][]int64":         func() { answering[[][]int64]("a") },
		"dispatch: unsupported answer type *[]int64":          func() { answering[*[]int64]("a") },
		`dispatch: unsupported answer type struct { A string "json:\"a\"" }, which has no plain name`: func() {
			answering[struct {
				A string `json:"a"`
			}]("a")
		},
		"dispatch: dispatch.unnamed.A: an answer's member without a plain json name": func() { answering[unnamed]("a") },
		"dispatch: dispatch.omitted.A: an answer's member without a plain json name": func() { answering[omitted]("a") },
		"dispatch: dispatch.tree: is inside itself":                                  func() { answering[*tree]("a") },
		"dispatch: []dispatch.tree: is inside itself": func() {
			Handle(Path{Pattern: "/a"}, Need{}, "a", "b", "", answerEmpty[struct {
				Trees []tree `json:"trees" rule:"items=0..2"`
			}])
		},
		"dispatch: unsupported answer type dispatch.Stream": func() { answering[[]Stream]("a") },
		"dispatch: a/b: a stream cannot be kept for a request_key": func() {
			Handle(Path{Pattern: "/a"}, Need{Token: TokenNeeded, Once: time.Hour}, "a", "b", "",
				func(context.Context, struct{}) (Stream, error) { return nil, nil })
		},
		"dispatch: a/b: the example is not JSON": func() { Handle(Path{Pattern: "/a"}, Need{}, "a", "b", "", answerEmpty[noExample]) },
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

// Two types of one name, in two packages as it were.
func rowOfOne() any {
	type Row struct {
		A string `json:"a"`
	}
	return Row{}
}

type (
	row struct {
		B string `json:"b"`
	}
	pageOf[T any] struct {
		Num  int64 `json:"num"`
		List []T   `json:"list"`
	}
	longRow struct {
		row
		C int64 `json:"c" doc:"more"`
	}
)

func answering[Res any](subtype string) Endpoint {
	return Handle(Path{Pattern: "/t"}, Need{}, "t", subtype, "", func(context.Context, struct{}) (res Res, err error) { return res, nil })
}

// TestAnswerNames: two types of one bare name would be one in the references, and do
// not start; one type in two answers is one.
func TestAnswerNames(t *testing.T) {
	other := answering[row]("other")
	other.Answer = shapeOf(reflect.TypeOf(rowOfOne()))
	for _, test := range []struct {
		name      string
		endpoints []Endpoint
		want      string
	}{
		{"one type twice", []Endpoint{answering[row]("a"), answering[[]row]("b")}, ""},
		{"two types", []Endpoint{answering[pageOf[row]]("a"), other}, "dispatch: answers of the types dispatch.row and dispatch.Row are both named Row"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewRegistry(RegistryOptions{}, test.endpoints...)
			if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestShapes: a generic type is named by what it is of, and the members of an embedded
// struct are its own, as they are in JSON.
func TestShapes(t *testing.T) {
	registry, err := NewRegistry(RegistryOptions{}, answering[pageOf[longRow]]("a"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range registry.Structures() {
		names := []string{s.Name + ":"}
		for _, member := range s.Members {
			names = append(names, member.Name)
		}
		got = append(got, strings.Join(names, " "))
	}
	if diff := cmp.Diff([]string{"LongRow: b c", "LongRowPageOf: num list"}, got); diff != "" {
		t.Error(diff)
	}
}

// A member that may be absent is no member that may be null.
func TestOptionalMember(t *testing.T) {
	type optional struct {
		Phone *string `json:"phone,omitempty" doc:"one's own"`
		Note  *string `json:"note"`
	}
	want := []ShapeMember{
		{"phone", "one's own", true, Shape{Kind: Text}}, {"note", "", false, Shape{Kind: Text, Nullable: true}},
	}
	if diff := cmp.Diff(want, shapeOf(reflect.TypeFor[optional]()).Members, cmp.AllowUnexported(Shape{})); diff != "" {
		t.Error(diff)
	}
}
