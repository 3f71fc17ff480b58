package dispatch

import (
	"fmt"
	"go/token"
	"iter"
	"reflect"
	"slices"
	"strings"
)

// Shape is what an answer's data, or a part of it, looks like.
type Shape struct {
	// Kind of what is no list: [List] is none of a shape's.
	Kind           Kind
	List, Nullable bool
	// Name is an object's, with a capital. Without members the object is {}.
	Name    string
	Members []ShapeMember

	goType reflect.Type // an object's
}

// ShapeMember is a member of an object.
type ShapeMember struct {
	Name, Doc string
	// Optional members are absent where there is nothing to tell.
	Optional bool
	Shape
}

// shapeOf reads the type of an answer. It panics on what no client could be told,
// as compileSchema does.
func shapeOf(t reflect.Type) Shape {
	switch {
	case t == reflect.TypeFor[Fen]():
		return Shape{Kind: Money}
	case t.Kind() == reflect.String:
		return Shape{Kind: Text}
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int:
		return Shape{Kind: Integer}
	case t.Kind() == reflect.Bool:
		return Shape{Kind: Boolean}
	case t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Slice:
		s := shapeOf(t.Elem())
		s.Nullable = true
		return s
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Slice:
		s := shapeOf(t.Elem())
		s.List = true
		return s
	case t.Kind() == reflect.Struct:
		s := Shape{Kind: Object, Name: shapeName(t), Members: shapeMembers(t), goType: t}
		if len(s.Members) > 0 && !token.IsIdentifier(s.Name) {
			panic(fmt.Sprintf("dispatch: unsupported answer type %s, which has no plain name", t))
		}
		for i, member := range s.Members {
			if slices.ContainsFunc(s.Members[:i], func(earlier ShapeMember) bool { return earlier.Name == member.Name }) {
				panic(fmt.Sprintf("dispatch: %s: %q is declared twice", t, member.Name))
			}
		}
		return s
	default:
		panic(fmt.Sprintf("dispatch: unsupported answer type %s", t))
	}
}

// shapeMembers are the members of an object; those of an embedded struct are its own.
func shapeMembers(t reflect.Type) (members []ShapeMember) {
	for f := range t.Fields() {
		if f.Anonymous && f.Tag == "" && f.Type.Kind() == reflect.Struct {
			members = append(members, shapeMembers(f.Type)...)
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		optional := option == "omitempty" && f.Type.Kind() == reflect.Pointer
		if name == "" || name == "-" || option != "" && !optional || !f.IsExported() {
			panic(fmt.Sprintf("dispatch: %s.%s: an answer's member without a plain json name", t, f.Name))
		}
		member := ShapeMember{name, f.Tag.Get("doc"), optional, shapeOf(f.Type)}
		member.Nullable = member.Nullable && !optional
		members = append(members, member)
	}
	return members
}

// shapeName is a type's bare name with a capital; of a generic type its argument's
// name stands before its own: page[shopRow] is ShopRowPage.
func shapeName(t reflect.Type) string {
	name, argument, _ := strings.Cut(strings.TrimSuffix(t.Name(), "]"), "[")
	if strings.ContainsAny(argument, "[,") {
		panic(fmt.Sprintf("dispatch: an answer of the generic type %s with other than one plain argument", t))
	}
	return capital(argument[strings.LastIndexByte(argument, '.')+1:]) + capital(name)
}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// structures are the objects with members in a shape, the inner ones first.
func (s Shape) structures() iter.Seq[Shape] {
	return func(yield func(Shape) bool) {
		s.yieldStructures(yield)
	}
}

func (s Shape) yieldStructures(yield func(Shape) bool) bool {
	for _, member := range s.Members {
		if !member.yieldStructures(yield) {
			return false
		}
	}
	return len(s.Members) == 0 || yield(s)
}

// Structures are the objects with members in the answers of all endpoints, each
// once, the inner ones first.
func (r *Registry) Structures() (all []Shape) {
	known := map[string]bool{}
	for i := range r.endpoints {
		for s := range r.endpoints[i].Answer.structures() {
			if !known[s.Name] {
				known[s.Name] = true
				s.List, s.Nullable = false, false
				all = append(all, s)
			}
		}
	}
	return all
}
