package dispatch

import (
	"errors"
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
//	clearable=N  the same of an integer that may be zero: "" sets it to N
//	(none)       may be absent or empty
//	when=KEY>=N  required where the integer KEY, declared before, is N or more
//	unless=KEY>=N  not looked at where it is
//
// What its value has to be:
//
//	items=A..B   a list of A to B elements; every list has this rule
//	max=N        text of at most N characters
//	min=N        text of at least N characters
//	range=A..B   an integer, or yuan, from A to B; range=any is an id: one beyond
//	             int64 is no error, it exists nowhere
//	oneof=A|B    one of these
//	datetime     text YYYY-MM-DD HH:MM:SS
//	number=whole a text that is also taken from a whole number, as its digits
//	number=any   a text that is also taken from any number, as it is written
//	password     a text that no page shows; the reference says so, and nothing is checked
//
// Of a list, those behind items hold for each of its elements, which has to be there
// and not empty.
//
// The type comes from the Go field: string, int64, bool (a JSON boolean only),
// Fen, []byte (base64), a struct (an object), a pointer to one of these but []byte,
// nil when absent, or a slice of one of the first four or of structs (a list). The
// fields of an embedded struct are fields of the request.

// DateTime is the layout of all times on the wire.
const DateTime = time.DateTime

var errRuleKind = errors.New("does not apply to this type")

func (f *Field) setRule(word string, earlier []Field) (err error) {
	name, value, _ := strings.Cut(word, "=")
	if f.Kind == List && slices.Contains([]string{"max", "min", "range", "oneof", "datetime", "number", "password"}, name) {
		return f.Element.setRule(word, nil)
	}
	switch name {
	case "required":
		f.Required = true
	case "present":
		f.Present = true
	case "filled":
		f.Filled = true
	case "clearable":
		f.Clearable = true
		if !f.optional || value != "" && f.Kind != Integer {
			return errRuleKind
		}
		if value != "" {
			f.cleared, err = strconv.ParseInt(value, 10, 64)
		}
	case "when", "unless":
		f.Unless = name == "unless"
		return f.setWhen(value, earlier)
	case "items":
		return f.setItems(value)
	case "max":
		f.MaxLength, err = f.length(value)
	case "min":
		f.MinLength, err = f.length(value)
	case "range":
		return f.setRange(value)
	case "oneof":
		f.OneOf = strings.Split(value, "|")
		if f.Kind != Text && f.Kind != Integer {
			return errRuleKind
		}
	case "datetime":
		f.DateTime = true
		if f.Kind != Text {
			return errRuleKind
		}
	case "password":
		f.Password = true
		if f.Kind != Text {
			return errRuleKind
		}
	case "number":
		f.Number = value
		if f.Kind != Text || value != "whole" && value != "any" {
			return errRuleKind
		}
	default:
		return errors.New("unknown rule")
	}
	return err
}

// length is a text's max or min.
func (f *Field) length(value string) (int, error) {
	if f.Kind != Text {
		return 0, errRuleKind
	}
	length, err := strconv.Atoi(value)
	if err == nil && length < 1 {
		err = errors.New("not a positive number")
	}
	return length, err
}

func (f *Field) setWhen(condition string, earlier []Field) (err error) {
	key, least, _ := strings.Cut(condition, ">=")
	for i, other := range earlier {
		if other.Name == key && other.Kind == Integer && !other.optional {
			f.when, f.When = i, key
			f.WhenAtLeast, err = strconv.ParseInt(least, 10, 64)
			return err
		}
	}
	return errors.New("no integer field of that name is declared before it")
}

func (f *Field) setItems(value string) (err error) {
	if f.Kind != List {
		return errRuleKind
	}
	low, high, _ := strings.Cut(value, "..")
	f.Bounded = true
	if f.Low, err = strconv.ParseInt(low, 10, 32); err != nil {
		return err
	}
	if f.High, err = strconv.ParseInt(high, 10, 32); err != nil {
		return err
	}
	if f.Low < 0 || f.Low > f.High || f.High == 0 {
		return errors.New("an empty range")
	}
	return nil
}

func (f *Field) setRange(value string) error {
	if value == "any" && f.Kind == Integer {
		f.anyID = true
		return nil
	}
	low, high, _ := strings.Cut(value, "..")
	f.Bounded = true
	for _, bound := range []struct {
		text string
		to   *int64
	}{{low, &f.Low}, {high, &f.High}} {
		switch f.Kind {
		case Integer:
			number, err := strconv.ParseInt(bound.text, 10, 64)
			if err != nil {
				return err
			}
			*bound.to = number
		case Money:
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
	if f.Low > f.High {
		return errors.New("an empty range")
	}
	return nil
}

// fitsText checks a text against the rules.
func (f *Field) fitsText(value string) class {
	switch {
	case f.MaxLength > 0 && len(value) > f.MaxLength && utf8.RuneCountInString(value) > f.MaxLength:
		return wrongValue
	case f.MinLength > 0 && utf8.RuneCountInString(value) < f.MinLength:
		return wrongValue
	case f.OneOf != nil && !slices.Contains(f.OneOf, value):
		return wrongValue
	case f.DateTime && !isDateTime(value):
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
func (f *Field) fitsInteger(value int64) class {
	if f.Bounded && (value < f.Low || value > f.High) {
		return wrongValue
	}
	if f.OneOf != nil && !slices.Contains(f.OneOf, strconv.FormatInt(value, 10)) {
		return wrongValue
	}
	return noFailure
}
