package dispatch

import (
	"fmt"
	"reflect"
	"slices"
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
