package dispatch

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
)

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
	switch {
	case f.cleared != 0:
		f.place(target).SetInt(f.cleared)
	case f.Kind == Text, f.Clearable:
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
