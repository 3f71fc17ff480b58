package dispatch

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// maxFields is how many fields a request may declare: the walk over data keeps
// their places on the stack.
const maxFields = 32

// schema is a request struct's tags, compiled once.
type schema struct {
	fields []Field
	byName map[string]int
}

// compileSchema panics on a bad tag: a server with one must not start.
func compileSchema(t reflect.Type) *schema {
	s := &schema{byName: map[string]int{}}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("dispatch: %s: not a struct of at most %d fields", t, maxFields))
	}
	s.compile(t, nil)
	return s
}

// compile adds the fields of the struct at index. Those of an embedded one are fields
// of the request, also where an outer field has the name that one of them has in Go.
func (s *schema) compile(t reflect.Type, index []int) {
	for structField := range t.Fields() {
		structField.Index = slices.Concat(index, structField.Index)
		if structField.Anonymous && structField.Type.Kind() == reflect.Struct && structField.Tag == "" {
			s.compile(structField.Type, structField.Index)
			continue
		}
		f, err := compileField(structField, s.fields)
		if err != nil {
			panic(fmt.Sprintf("dispatch: %s.%s: %v", t, structField.Name, err))
		}
		if len(s.fields) == maxFields {
			panic(fmt.Sprintf("dispatch: %s: not a struct of at most %d fields", t, maxFields))
		}
		if _, twice := s.byName[f.Name]; twice {
			panic(fmt.Sprintf("dispatch: %s.%s: %q is declared twice", t, structField.Name, f.Name))
		}
		s.byName[f.Name] = len(s.fields)
		s.fields = append(s.fields, f)
	}
}

// form is how a value came: in JSON, or as the text of a query parameter.
type form int

const (
	absent form = iota
	textForm
	numberForm
	booleanForm
	listForm
	objectForm
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
	case c == '[':
		return value{form: listForm, raw: raw}
	default:
		return value{form: objectForm, raw: raw}
	}
}

// decode fills the struct at target from the object data. Of several failures it
// returns the one that the protocol checks first: absence, emptiness, type,
// value; then the first field.
func (s *schema) decode(data []byte, target reflect.Value, classes *failureStatuses) *Error {
	return s.decodeObject(data, target, classes).toError(classes)
}

// fill is decode from values that are not in one object.
func (s *schema) fill(values []value, target reflect.Value, classes *failureStatuses) *Error {
	return s.fillFields(values, target, classes).toError(classes)
}

func (s *schema) decodeObject(data []byte, target reflect.Value, classes *failureStatuses) fault {
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
	return s.fillFields(values[:len(s.fields)], target, classes)
}

func (s *schema) fillFields(values []value, target reflect.Value, classes *failureStatuses) (worst fault) {
	for i := range s.fields {
		f := &s.fields[i]
		holds := f.when >= 0 && s.fields[f.when].at(target).Int() >= f.WhenAtLeast
		if holds && f.Unless {
			continue
		}
		worst = worst.or(f.decode(values[i], f.Required || holds, f.at(target), classes), classes)
	}
	return worst
}

// fault is the failure of a field, or of something inside it.
type fault struct {
	class class
	field *Field // whose rule is broken
	// path leads to it where it is inside another: items[2].product_num.
	path string
}

// or is the one of two faults that is answered: of one class the first.
func (f fault) or(later fault, classes *failureStatuses) fault {
	if later.class != noFailure && (f.class == noFailure || classes.rank(later.class) < classes.rank(f.class)) {
		return later
	}
	return f
}

// within is the fault inside of an outer place.
func (f fault) within(outer string) fault {
	switch {
	case f.class == noFailure, outer == "":
	case f.path == "" && f.field.Name == "": // an element itself
		f.path = outer
	case f.path == "":
		f.path = outer + "." + f.field.Name
	default:
		f.path = outer + "." + f.path
	}
	return f
}

// rank is a failure's place in the order of checks. A wrong time is of the wrong
// type in a query; the ways to be a wrong value are one class.
func (c *failureStatuses) rank(failure class) class {
	if failure == wrongTime && c.Time == c.Type {
		return wrongType
	}
	return min(failure, wrongValue)
}

// toError says where which rule was broken, nil for no fault.
func (f fault) toError(classes *failureStatuses) *Error {
	if f.class == noFailure {
		return nil
	}
	path := cmp.Or(f.path, f.field.Name)
	switch f.class {
	case missing:
		return Fail(classes.Missing, path+": missing")
	case empty:
		return Fail(classes.Empty, path+": must not be empty")
	case wrongType:
		return Fail(classes.Type, path+": must be "+articles[f.field.Kind]+f.field.TypeName())
	case wrongTime:
		return Fail(classes.Time, path+": must be "+f.field.Rule)
	case wrongEncoding:
		return Fail(classes.Value, path+": must be "+f.field.encoding())
	default:
		return Fail(classes.Value, path+": must be "+f.field.bounds())
	}
}

// articles stand before the names of the types that want one.
var articles = map[Kind]string{Integer: "an ", Boolean: "a ", Money: "a ", Object: "an ", List: "a "}

// decode sets target from a value.
func (f *Field) decode(v value, required bool, target reflect.Value, classes *failureStatuses) fault {
	if f.Kind == List && v.form == listForm {
		return f.decodeList(v, required, target, classes)
	}
	if f.Kind == Object && v.form == objectForm {
		return f.schema.decodeObject(v.raw, f.place(target), classes).within(f.Name)
	}
	return fault{class: f.decodeValue(v, required, target), field: f}
}

// decodeList sets a slice. Its length is known, and bounded, before it is made.
func (f *Field) decodeList(v value, required bool, target reflect.Value, classes *failureStatuses) (worst fault) {
	length := int64(0)
	for walk := openList(v.raw); ; length++ {
		if walk.next() == nil {
			break
		}
	}
	switch {
	case length == 0 && (required || f.Filled):
		return fault{class: empty, field: f}
	case length < f.Low && length > 0, length > f.High:
		return fault{class: wrongValue, field: f}
	}
	list := reflect.MakeSlice(f.goType, int(length), int(length))
	walk := openList(v.raw)
	for i := range int(length) {
		failure := f.Element.decode(jsonValue(walk.next()), true, list.Index(i), classes)
		if failure.class != noFailure {
			worst = worst.or(failure.within(fmt.Sprintf("%s[%d]", f.Name, i)), classes)
		}
	}
	target.Set(list)
	return worst
}

// decodeValue sets target from a value that is no list and no object.
func (f *Field) decodeValue(v value, required bool, target reflect.Value) class {
	if v.form == absent {
		if required || f.Present {
			return missing
		}
		return noFailure
	}
	if v.form == textForm && len(v.raw) == 0 && f.Kind != Boolean {
		return f.decodeEmpty(required, target)
	}
	switch f.Kind {
	case Text:
		return f.decodeText(v, target)
	case Integer:
		return f.decodeInteger(v, target)
	case Money:
		return f.decodeMoney(v, target)
	case Base64:
		return f.decodeBase64(v, target)
	case Boolean:
		if v.form != booleanForm {
			return wrongType
		}
		f.place(target).SetBool(v.raw[0] == 't')
		return noFailure
	default: // a list or an object, and this is none
		return wrongType
	}
}

// decodeEmpty decides what "" means.
func (f *Field) decodeEmpty(required bool, target reflect.Value) class {
	if required || f.Filled {
		return empty
	}
	if f.Kind == Text || f.Clearable {
		f.place(target).SetZero()
	}
	return noFailure
}

// place is where the value goes, behind the pointer of an optional field.
func (f *Field) place(target reflect.Value) reflect.Value {
	if !f.optional {
		return target
	}
	target.Set(reflect.New(target.Type().Elem()))
	return target.Elem()
}

func (f *Field) decodeText(v value, target reflect.Value) class {
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
		if f.Number == "" || f.Number == "whole" && whole == notInteger {
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

func (f *Field) decodeInteger(v value, target reflect.Value) class {
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

func (f *Field) decodeMoney(v value, target reflect.Value) class {
	plain := v.plain()
	if plain == nil || v.form == textForm && !isDecimal(plain) {
		return wrongType
	}
	yuan, err := strconv.ParseFloat(string(plain), 64)
	if err != nil {
		return wrongEncoding
	}
	fen, exact := fenOf(yuan)
	if !exact || f.Bounded && (int64(fen) < f.Low || int64(fen) > f.High) {
		return wrongValue
	}
	f.place(target).SetInt(int64(fen))
	return noFailure
}

func (f *Field) decodeBase64(v value, target reflect.Value) class {
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
func (s *schema) fillRequired(values []value, classes *failureStatuses) *Error {
	for i := range s.fields {
		f := &s.fields[i]
		if !f.Required {
			continue
		}
		scratch := reflect.New(f.goType).Elem()
		if err := f.decode(values[i], true, scratch, classes).toError(classes); err != nil {
			return err
		}
	}
	return nil
}

// requires reports whether name is a required field.
func (s *schema) requires(name string) bool {
	i, known := s.byName[name]
	return known && s.fields[i].Required
}
