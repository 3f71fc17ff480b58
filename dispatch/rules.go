package dispatch

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The words of a rule tag. How a key has to be there:
//
//	required     there and not empty
//	present      there, may be empty
//	filled       may be absent; where it is there, not empty
//	clearable    may be absent; "" is told from absence: it sets a pointer to zero
//	(none)       may be absent or empty
//	when=KEY>=N  required where the integer KEY, declared before, is N or more
//	unless=KEY>=N  not looked at where it is
//
// What its value has to be:
//
//	max=N        text of at most N characters
//	range=A..B   an integer, or yuan, from A to B; range=any is an id: one beyond
//	             int64 is no error, it exists nowhere
//	oneof=A|B    one of these
//	datetime     text YYYY-MM-DD HH:MM:SS
//	number=whole a text that is also taken from a whole number, as its digits
//	number=any   a text that is also taken from any number, as it is written
//
// The type comes from the Go field: string, int64, bool (a JSON boolean only),
// Fen, []byte (base64) or a pointer to one of the first four, nil when absent.

// DateTime is the layout of all times on the wire.
const DateTime = time.DateTime

type kind int

const (
	text kind = iota
	integer
	boolean
	money
	binary64
)

// class orders failures as the protocol checks them.
type class int

const (
	noFailure class = iota
	missing
	empty
	wrongType
	wrongValue
	wrongTime
	wrongEncoding
)

// field is one compiled field of a request.
type field struct {
	name     string
	index    int
	goType   reflect.Type
	kind     kind
	optional bool // a pointer
	doc      string

	required, present, filled, clearable bool
	when                                 int // index of the field of when= or unless=, or -1
	whenAtLeast                          int64
	unless                               bool

	max            int
	bounded, anyID bool
	low, high      int64 // in fen for money
	oneOf          []string
	datetime       bool
	number         string // "", whole or any

	rule string // the bounds in words, for details and the reference
}

// compileField reads a struct field's tags. earlier are the fields before it.
func compileField(structField reflect.StructField, index int, earlier []field) (field, error) {
	f := field{
		name: structField.Tag.Get("json"), doc: structField.Tag.Get("doc"),
		index: index, goType: structField.Type, when: -1,
	}
	if !structField.IsExported() {
		return f, errors.New("not exported")
	}
	if f.name == "" || strings.Contains(f.name, ",") {
		return f, errors.New("no plain json name")
	}
	if err := f.setKind(structField.Type); err != nil {
		return f, err
	}
	for word := range strings.FieldsSeq(structField.Tag.Get("rule")) {
		if err := f.setRule(word, earlier); err != nil {
			return f, fmt.Errorf("bad rule %q: %w", word, err)
		}
	}
	f.rule = f.describe()
	return f, nil
}

func (f *field) setKind(t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		f.optional, t = true, t.Elem()
	}
	switch {
	case t == reflect.TypeFor[Fen]():
		f.kind = money
	case t.Kind() == reflect.String:
		f.kind = text
	case t.Kind() == reflect.Int64:
		f.kind = integer
	case t.Kind() == reflect.Bool:
		f.kind = boolean
	case t == reflect.TypeFor[[]byte]() && !f.optional:
		f.kind = binary64
	default:
		return fmt.Errorf("a field of type %s", t)
	}
	return nil
}

var errRuleKind = errors.New("not for this type")

func (f *field) setRule(word string, earlier []field) (err error) {
	name, value, _ := strings.Cut(word, "=")
	switch name {
	case "required":
		f.required = true
	case "present":
		f.present = true
	case "filled":
		f.filled = true
	case "clearable":
		f.clearable = true
		if !f.optional {
			return errRuleKind
		}
	case "when", "unless":
		f.unless = name == "unless"
		return f.setWhen(value, earlier)
	case "max":
		f.max, err = strconv.Atoi(value)
		if f.kind != text {
			return errRuleKind
		}
		if err == nil && f.max < 1 {
			return errors.New("not a positive number")
		}
	case "range":
		return f.setRange(value)
	case "oneof":
		f.oneOf = strings.Split(value, "|")
		if f.kind != text && f.kind != integer {
			return errRuleKind
		}
	case "datetime":
		f.datetime = true
		if f.kind != text {
			return errRuleKind
		}
	case "number":
		f.number = value
		if f.kind != text || value != "whole" && value != "any" {
			return errRuleKind
		}
	default:
		return errors.New("no such word")
	}
	return err
}

func (f *field) setWhen(condition string, earlier []field) (err error) {
	key, least, _ := strings.Cut(condition, ">=")
	for i, other := range earlier {
		if other.name == key && other.kind == integer && !other.optional {
			f.when = i
			f.whenAtLeast, err = strconv.ParseInt(least, 10, 64)
			return err
		}
	}
	return errors.New("no integer of that name before it")
}

func (f *field) setRange(value string) error {
	if value == "any" && f.kind == integer {
		f.anyID = true
		return nil
	}
	low, high, _ := strings.Cut(value, "..")
	f.bounded = true
	for _, bound := range []struct {
		text string
		to   *int64
	}{{low, &f.low}, {high, &f.high}} {
		switch f.kind {
		case integer:
			number, err := strconv.ParseInt(bound.text, 10, 64)
			if err != nil {
				return err
			}
			*bound.to = number
		case money:
			yuan, err := strconv.ParseFloat(bound.text, 64)
			if err != nil {
				return err
			}
			fen, exact := fenOf(yuan)
			if !exact {
				return errors.New("not whole fen")
			}
			*bound.to = int64(fen)
		default:
			return errRuleKind
		}
	}
	if f.low > f.high {
		return errors.New("an empty range")
	}
	return nil
}

// describe says the rules in words.
func (f *field) describe() string {
	var words []string
	if f.max > 0 {
		words = append(words, fmt.Sprintf("at most %d characters", f.max))
	}
	switch {
	case f.bounded && f.kind == money:
		words = append(words, fmt.Sprintf("%s to %s, at most two decimals", Fen(f.low), Fen(f.high)))
	case f.bounded:
		words = append(words, fmt.Sprintf("%d to %d", f.low, f.high))
	case f.kind == money:
		words = append(words, "at most two decimals")
	}
	if f.oneOf != nil {
		words = append(words, "one of "+strings.Join(f.oneOf, ", "))
	}
	if f.datetime {
		words = append(words, "YYYY-MM-DD HH:MM:SS")
	}
	return strings.Join(words, "; ")
}

// typeName is the field's type in words.
func (f *field) typeName() string {
	switch f.kind {
	case integer:
		return "integer"
	case boolean:
		return "boolean"
	case money:
		return "number"
	case binary64:
		return "base64 text"
	default:
		switch f.number {
		case "whole":
			return "text, or a whole number"
		case "any":
			return "text, or a number"
		}
		return "text"
	}
}

// encoding is what any value of the type must keep to, whatever its rules.
func (f *field) encoding() string {
	switch f.kind {
	case integer, money:
		return "within the range of numbers"
	case binary64:
		return "base64 of the standard alphabet"
	default:
		return "valid UTF-8 without NUL"
	}
}

// needName says how the key has to be there.
func (f *field) needName(fields []field) string {
	switch {
	case f.required:
		return "yes"
	case f.present:
		return "yes, may be empty"
	case f.filled:
		return "no, not empty"
	case f.clearable:
		return `no, "" unsets it`
	case f.unless:
		return fmt.Sprintf("no; ignored where %s is %d or more", fields[f.when].name, f.whenAtLeast)
	case f.when >= 0:
		return fmt.Sprintf("where %s is %d or more", fields[f.when].name, f.whenAtLeast)
	default:
		return "no"
	}
}

// fitsText checks a text against the rules.
func (f *field) fitsText(value string) class {
	switch {
	case f.max > 0 && len(value) > f.max && utf8.RuneCountInString(value) > f.max:
		return wrongValue
	case f.oneOf != nil && !slices.Contains(f.oneOf, value):
		return wrongValue
	case f.datetime && !isDateTime(value):
		return wrongTime
	}
	return noFailure
}

// isDateTime asks for the very same text back: time.Parse alone would take
// fractions of a second and single digits.
func isDateTime(value string) bool {
	parsed, err := time.Parse(DateTime, value)
	return err == nil && parsed.Format(DateTime) == value
}

// fitsInteger checks an integer against the rules.
func (f *field) fitsInteger(value int64) class {
	if f.bounded && (value < f.low || value > f.high) {
		return wrongValue
	}
	if f.oneOf != nil && !slices.Contains(f.oneOf, strconv.FormatInt(value, 10)) {
		return wrongValue
	}
	return noFailure
}
