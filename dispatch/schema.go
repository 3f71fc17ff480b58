package dispatch

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
)

// maxFields is how many fields a request may declare: the walk over data keeps
// their places on the stack.
const maxFields = 32

// schema is a request struct's tags, compiled once.
type schema struct {
	fields []field
	byName map[string]int
}

// compileSchema panics on a bad tag: a server with one must not start.
func compileSchema(t reflect.Type) *schema {
	s := &schema{byName: map[string]int{}}
	if t.Kind() != reflect.Struct || t.NumField() > maxFields {
		panic(fmt.Sprintf("dispatch: %s: not a struct of at most %d fields", t, maxFields))
	}
	for i := range t.NumField() {
		f, err := compileField(t.Field(i), i, s.fields)
		if err != nil {
			panic(fmt.Sprintf("dispatch: %s.%s: %v", t, t.Field(i).Name, err))
		}
		if _, twice := s.byName[f.name]; twice {
			panic(fmt.Sprintf("dispatch: %s.%s: %q is declared twice", t, t.Field(i).Name, f.name))
		}
		s.byName[f.name] = i
		s.fields = append(s.fields, f)
	}
	return s
}

// form is how a value came: in JSON, or as the text of a query parameter.
type form int

const (
	absent form = iota
	textForm
	numberForm
	booleanForm
	otherForm
)

// value is a value before its field decodes it.
type value struct {
	form form
	// raw is the JSON text; a text's is without its quotes.
	raw []byte
	// quoted text was in JSON and may hold escapes; a query's backslash is one.
	quoted bool
}

// jsonValue classifies a raw JSON value.
func jsonValue(raw []byte) value {
	if isNull(raw) {
		return value{}
	}
	switch c := raw[0]; {
	case c == '"':
		inner := raw[1 : len(raw)-1]
		return value{form: textForm, raw: inner, quoted: true}
	case c == '-' || '0' <= c && c <= '9':
		return value{form: numberForm, raw: raw}
	case c == 't' || c == 'f':
		return value{form: booleanForm, raw: raw}
	default:
		return value{form: otherForm, raw: raw}
	}
}

// decode fills the struct at target from the object data. Of several failures it
// returns the one that the protocol checks first: absence, emptiness, type,
// value; then the first field.
func (s *schema) decode(data []byte, target reflect.Value, classes *Classes) *Error {
	var values [maxFields]value
	walk, _ := openObject(data, true)
	for {
		key, raw, err := walk.next()
		if err != nil || raw == nil {
			break // data was walked whole with its envelope
		}
		if i, known := s.byName[string(key)]; known {
			values[i] = jsonValue(raw)
		}
	}
	return s.fill(values[:len(s.fields)], target, classes)
}

func (s *schema) fill(values []value, target reflect.Value, classes *Classes) *Error {
	worst, at := noFailure, 0
	for i := range s.fields {
		f := &s.fields[i]
		holds := f.when >= 0 && target.Field(f.when).Int() >= f.whenAtLeast
		if holds && f.unless {
			continue
		}
		required := f.required || holds
		failure := f.decode(values[i], required, target.Field(f.index))
		if failure != noFailure && (worst == noFailure || classes.rank(failure) < classes.rank(worst)) {
			worst, at = failure, i
		}
	}
	if worst == noFailure {
		return nil
	}
	return s.fields[at].fail(worst, classes)
}

// rank is a failure's place in the order of checks. A wrong time is of the wrong
// type in a query; the ways to be a wrong value are one class.
func (c *Classes) rank(failure class) class {
	if failure == wrongTime && c.Time == c.Type {
		return wrongType
	}
	return min(failure, wrongValue)
}

// fail says which rule the field broke.
func (f *field) fail(failure class, classes *Classes) *Error {
	switch failure {
	case missing:
		return Fail(classes.Missing, f.name+": missing")
	case empty:
		return Fail(classes.Empty, f.name+": may not be empty")
	case wrongType:
		return Fail(classes.Type, f.name+": must be "+f.typeName())
	case wrongTime:
		return Fail(classes.Time, f.name+": must be "+f.rule)
	case wrongEncoding:
		return Fail(classes.Value, f.name+": must be "+f.encoding())
	default:
		return Fail(classes.Value, f.name+": must be "+f.rule)
	}
}

func (f *field) decode(v value, required bool, target reflect.Value) class {
	if v.form == absent {
		if required || f.present {
			return missing
		}
		return noFailure
	}
	if v.form == textForm && len(v.raw) == 0 && f.kind != boolean {
		return f.decodeEmpty(required, target)
	}
	switch f.kind {
	case text:
		return f.decodeText(v, target)
	case integer:
		return f.decodeInteger(v, target)
	case money:
		return f.decodeMoney(v, target)
	case binary64:
		return f.decodeBinary(v, target)
	default:
		if v.form != booleanForm {
			return wrongType
		}
		f.place(target).SetBool(v.raw[0] == 't')
		return noFailure
	}
}

// decodeEmpty decides what "" means.
func (f *field) decodeEmpty(required bool, target reflect.Value) class {
	if required || f.filled {
		return empty
	}
	if f.kind == text || f.clearable {
		f.place(target).SetZero()
	}
	return noFailure
}

// place is where the value goes, behind the pointer of an optional field.
func (f *field) place(target reflect.Value) reflect.Value {
	if !f.optional {
		return target
	}
	target.Set(reflect.New(target.Type().Elem()))
	return target.Elem()
}

func (f *field) decodeText(v value, target reflect.Value) class {
	inner := v.raw
	switch v.form {
	case textForm:
		if v.escaped() {
			unescaped, ok := unescape(inner)
			if !ok {
				return wrongEncoding
			}
			inner = unescaped
		}
		if !storable(inner) {
			return wrongEncoding
		}
	case numberForm:
		_, whole := parseInteger(inner)
		if f.number == "" || f.number == "whole" && whole == notInteger {
			return wrongType
		}
	default:
		return wrongType
	}
	decoded := string(inner)
	if failure := f.fitsText(decoded); failure != noFailure {
		return failure
	}
	f.place(target).SetString(decoded)
	return noFailure
}

func (v value) escaped() bool { return v.quoted && bytes.IndexByte(v.raw, '\\') >= 0 }

// plain is a number's text, however it was sent; nil where it cannot be one.
func (v value) plain() []byte {
	switch {
	case v.form == textForm && v.escaped():
		unescaped, _ := unescape(v.raw)
		return unescaped
	case v.form == textForm || v.form == numberForm:
		return v.raw
	default:
		return nil
	}
}

func (f *field) decodeInteger(v value, target reflect.Value) class {
	number, whole := parseInteger(v.plain())
	if whole == notInteger {
		return wrongType
	}
	if whole == integerTooBig && !f.anyID {
		return wrongEncoding
	}
	if failure := f.fitsInteger(number); failure != noFailure {
		return failure
	}
	f.place(target).SetInt(number)
	return noFailure
}

func (f *field) decodeMoney(v value, target reflect.Value) class {
	plain := v.plain()
	if plain == nil || v.form == textForm && !isDecimal(plain) {
		return wrongType
	}
	yuan, err := strconv.ParseFloat(string(plain), 64)
	if err != nil {
		return wrongEncoding
	}
	fen, exact := fenOf(yuan)
	if !exact || f.bounded && (int64(fen) < f.low || int64(fen) > f.high) {
		return wrongValue
	}
	f.place(target).SetInt(int64(fen))
	return noFailure
}

func (f *field) decodeBinary(v value, target reflect.Value) class {
	if v.form != textForm {
		return wrongType
	}
	// Escapes are rare, and a backslash is in no base64: none is looked for in a
	// text that decodes as it stands.
	decoded, ok := decodeBase64(v.raw)
	if !ok && v.escaped() {
		decoded, ok = decodeBase64(v.plain())
	}
	if !ok {
		return wrongEncoding
	}
	target.SetBytes(decoded)
	return noFailure
}

// fillRequired decodes only the fields that are required: a query checks them
// before anything else.
func (s *schema) fillRequired(values []value, classes *Classes) *Error {
	for i := range s.fields {
		f := &s.fields[i]
		if !f.required {
			continue
		}
		scratch := reflect.New(f.goType).Elem()
		if failure := f.decode(values[i], true, scratch); failure != noFailure {
			return f.fail(failure, classes)
		}
	}
	return nil
}

// requires tells whether name is a required field.
func (s *schema) requires(name string) bool {
	i, known := s.byName[name]
	return known && s.fields[i].required
}
