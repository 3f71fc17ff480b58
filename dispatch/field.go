package dispatch

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Kind is what kind of value a field or an answer has.
type Kind int

// The kinds of values.
const (
	Text Kind = iota
	Integer
	Boolean
	Money  // yuan, as [Fen] inside
	Base64 // bytes
	Object
	List
	Tables // an object of lists of objects: the data of a [Stream]
)

// Field is one field of a request, compiled from a struct field's tags. What it says
// in its exported fields is for the reference.
type Field struct {
	Name, Doc string
	Kind      Kind
	// Element is what a list's elements are; it has no name.
	Element *Field
	// Members are an object's fields.
	Members []Field

	// How the key has to be there: see rules.go.
	Required, Present, Filled, Clearable bool
	// When is the name of the integer field of when= or unless=, "" without the rule.
	When        string
	WhenAtLeast int64
	Unless      bool

	// MaxLength and MinLength of a text in characters, 0 for none.
	MaxLength, MinLength int
	// Bounded values are from Low to High: an integer, fen, or the elements of a list.
	Bounded   bool
	Low, High int64
	OneOf     []string
	DateTime  bool
	// Number is "", or whole or any of a text that is also taken from a number.
	Number string
	// Password is a text that no page shows.
	Password bool
	// Rule is [Field.RuleIn] English.
	Rule string

	index    []int // of the struct field
	goType   reflect.Type
	optional bool  // a pointer
	cleared  int64 // what "" sets a clearable integer to
	anyID    bool
	when     int     // index of the field When, or -1
	schema   *schema // an object's
}

// compileField reads a struct field's tags. earlier are the fields before it.
func compileField(structField reflect.StructField, earlier []Field) (Field, error) {
	f := Field{
		Name: structField.Tag.Get("json"), Doc: structField.Tag.Get("doc"),
		index: structField.Index, goType: structField.Type, when: -1,
	}
	if !structField.IsExported() {
		return f, errors.New("not exported")
	}
	if f.Name == "" || strings.Contains(f.Name, ",") {
		return f, errors.New("the json tag must be a plain name")
	}
	if err := f.setKind(structField.Type); err != nil {
		return f, err
	}
	for word := range strings.FieldsSeq(structField.Tag.Get("rule")) {
		if err := f.setRule(word, earlier); err != nil {
			return f, fmt.Errorf("bad rule %q: %w", word, err)
		}
	}
	if f.Kind == List && !f.Bounded {
		return f, errors.New("a list without the rule items=A..B")
	}
	f.Rule = f.RuleIn(inEnglish)
	if f.Kind == List {
		f.Element.Rule = f.Element.RuleIn(inEnglish)
	}
	return f, nil
}

func (f *Field) setKind(t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		f.optional, t = true, t.Elem()
	}
	switch {
	case t == reflect.TypeFor[Fen]():
		f.Kind = Money
	case t.Kind() == reflect.String:
		f.Kind = Text
	case t.Kind() == reflect.Int64:
		f.Kind = Integer
	case t.Kind() == reflect.Bool:
		f.Kind = Boolean
	case t == reflect.TypeFor[[]byte]() && !f.optional:
		f.Kind = Base64
	case t.Kind() == reflect.Struct:
		f.Kind, f.schema = Object, compileSchema(t)
		if f.Members = f.schema.fields; len(f.Members) == 0 {
			return fmt.Errorf("unsupported type %s", t)
		}
	case t.Kind() == reflect.Slice && !f.optional:
		return f.setElement(t.Elem())
	default:
		return fmt.Errorf("unsupported type %s", t)
	}
	return nil
}

// setElement makes f a list. Its elements have to be there and not empty.
func (f *Field) setElement(t reflect.Type) error {
	f.Kind, f.Element = List, &Field{goType: t, when: -1, Required: true}
	err := f.Element.setKind(t)
	if err == nil && (f.Element.optional || f.Element.Kind == List || f.Element.Kind == Base64) {
		err = fmt.Errorf("unsupported type []%s", t)
	}
	return err
}

// at is the field's place in its struct.
func (f *Field) at(target reflect.Value) reflect.Value {
	if len(f.index) == 1 {
		return target.Field(f.index[0])
	}
	return target.FieldByIndex(f.index)
}

// inEnglish says the texts of this package as they are.
func inEnglish(text string) string { return text }

// RuleIn puts the rules of the value in words, "" for none. say says a text of this package,
// which may be a format, in the language of the words.
func (f *Field) RuleIn(say func(string) string) string {
	var words []string
	if f.Kind == List {
		words = append(words, fmt.Sprintf(say(itemCountFormat), f.Low, f.High))
		if each := f.Element.RuleIn(say); each != "" {
			words = append(words, fmt.Sprintf(say("each %s"), each))
		}
		return strings.Join(words, say("; "))
	}
	switch {
	case f.MaxLength > 0 && f.MinLength > 0:
		words = append(words, fmt.Sprintf(say("%d to %d characters"), f.MinLength, f.MaxLength))
	case f.MaxLength > 0:
		words = append(words, fmt.Sprintf(say("at most %d characters"), f.MaxLength))
	case f.MinLength > 0:
		words = append(words, fmt.Sprintf(say("at least %d characters"), f.MinLength))
	}
	switch {
	case f.Bounded && f.Kind == Money:
		words = append(words, fmt.Sprintf(say("%s to %s with at most two decimals"), Fen(f.Low), Fen(f.High)))
	case f.Bounded:
		words = append(words, fmt.Sprintf(say("%d to %d"), f.Low, f.High))
	case f.Kind == Money:
		words = append(words, say("limited to two decimals"))
	}
	if f.OneOf != nil {
		words = append(words, fmt.Sprintf(say("one of %s"), strings.Join(f.OneOf, say(", "))))
	}
	if f.DateTime {
		words = append(words, say("YYYY-MM-DD HH:MM:SS"))
	}
	return strings.Join(words, say("; "))
}

// bounds are the rules of the field's own value in words: of a list, those of its
// elements are not.
func (f *Field) bounds() string {
	if f.Kind == List {
		return fmt.Sprintf(itemCountFormat, f.Low, f.High)
	}
	return f.Rule
}

const itemCountFormat = "%d to %d items"

// TypeName is the field's type in words.
func (f *Field) TypeName() string {
	switch f.Kind {
	case Integer:
		return "integer"
	case Boolean:
		return "boolean"
	case Money:
		return "number"
	case Base64:
		return "base64 text"
	case Object:
		return "object"
	case List:
		return "list"
	default:
		switch f.Number {
		case "whole":
			return "text or integer"
		case "any":
			return "text or number"
		}
		return "text"
	}
}

// encoding is what any value of the type must keep to, whatever its rules.
func (f *Field) encoding() string {
	switch f.Kind {
	case Integer, Money:
		return "within the range of a 64-bit number"
	case Base64:
		return "standard base64"
	default:
		return "valid UTF-8 without NUL"
	}
}
