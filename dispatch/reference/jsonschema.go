package reference

import (
	"bytes"
	"encoding/json"
	"strconv"

	"campusgate/dispatch"
)

// object is a JSON object whose members keep their order: a reader wants a row's
// fields as they come.
type object []objectMember

type objectMember struct {
	key   string
	value any
}

// writeJSON writes a value without white space, and <, > and & as they are: no page shows
// this text unescaped. It writes each part once, where a MarshalJSON of objects would have
// every object written again for each one around it.
func writeJSON(out *bytes.Buffer, value any) error {
	switch value := value.(type) {
	case object:
		out.WriteByte('{')
		for i, m := range value {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, m.key); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeJSON(out, m.value); err != nil {
				return err
			}
		}
		out.WriteByte('}')
		return nil
	case []any:
		out.WriteByte('[')
		for i, element := range value {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, element); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	default:
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return err
		}
		out.Truncate(out.Len() - 1) // the end of the line
		return nil
	}
}

// described adds a description where there is one.
func described(schema object, description string) object {
	if description == "" {
		return schema
	}
	return append(schema, objectMember{"description", description})
}

func refer(component string) object {
	return object{{"$ref", "#/components/schemas/" + component}}
}

// The texts that are taken for values of other types.
const (
	integerText  = `-?[0-9]+`
	moneyText    = `-?[0-9]+(\.[0-9]+)?`
	dateTimeText = `[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}`
)

// requestSchema describes the data of a posted call.
func requestSchema(fields []field) object {
	var (
		properties object
		required   = []string{}
		conditions []any
	)
	for _, f := range fields {
		properties = append(properties, objectMember{f.Name, described(f.jsonSchema(), f.comment())})
		if f.Required || f.Present {
			required = append(required, f.Name)
		}
		if f.When != "" && !f.Unless {
			conditions = append(conditions, f.condition())
		}
	}
	described := object{{"type", "object"}, {"properties", properties}, {"required", required}}
	if conditions != nil {
		described = append(described, objectMember{"allOf", conditions})
	}
	return described
}

// condition is the rule when=: where the other key is so much, this one is needed.
func (f field) condition() object {
	other := f.When
	holds := object{{"type", "integer"}, {"minimum", f.WhenAtLeast}}
	return object{
		{"if", object{{"properties", object{{other, holds}}}, {"required", []string{other}}}},
		{"then", object{{"required", []string{f.Name}}}},
	}
}

// mayBeEmpty reports whether "" is taken.
func (f field) mayBeEmpty() bool { return !f.Required && !f.Filled && f.Kind != dispatch.Boolean }

// textPattern is a whole text of the form, or an empty one where it may be.
func (f field) textPattern(form string) string {
	if f.mayBeEmpty() {
		return "^(" + form + ")?$"
	}
	return "^" + form + "$"
}

// jsonSchema describes the field in a JSON body, where null counts as absent.
func (f field) jsonSchema() object {
	switch {
	case f.OneOf != nil:
		return object{{"enum", f.choices()}}
	case f.Kind == dispatch.Integer:
		s := object{{"type", f.types("integer", "string")}, {"pattern", f.textPattern(integerText)}}
		return append(s, f.bounds()...)
	case f.Kind == dispatch.Money:
		s := object{{"type", f.types("number", "string")}, {"pattern", f.textPattern(moneyText)}}
		return append(s, f.bounds()...)
	case f.Kind == dispatch.Boolean:
		return object{{"type", f.types("boolean")}}
	case f.Kind == dispatch.List:
		return f.listSchema()
	case f.Kind == dispatch.Object:
		s := requestSchema(f.members())
		s[0].value = f.types("object")
		return s
	case f.Kind == dispatch.Base64:
		return append(f.textSchema(f.types("string")), objectMember{"contentEncoding", "base64"})
	case f.Number == "whole":
		return f.textSchema(f.types("string", "integer"))
	case f.Number == "any":
		return f.textSchema(f.types("string", "number"))
	default:
		return f.textSchema(f.types("string"))
	}
}

// listSchema describes a list. An empty one counts as empty, and is taken where "" is.
func (f field) listSchema() object {
	s := object{{"type", f.types("array")}, {"items", f.element().jsonSchema()}, {"maxItems", f.High}}
	if !f.mayBeEmpty() {
		return append(s, objectMember{"minItems", max(f.Low, 1)})
	}
	return s
}

func (f field) mayBeAbsent() bool { return !f.Required && !f.Present }

func (f field) types(names ...string) []string {
	if f.mayBeAbsent() {
		return append(names, "null")
	}
	return names
}

// textSchema adds the rules of text to its type; they say nothing of numbers.
func (f field) textSchema(types any) object {
	s := object{{"type", types}}
	switch {
	case f.DateTime:
		s = append(s, objectMember{"pattern", f.textPattern(dateTimeText)})
	case !f.mayBeEmpty():
		s = append(s, objectMember{"minLength", max(1, f.MinLength)})
	}
	if f.MaxLength > 0 {
		s = append(s, objectMember{"maxLength", f.MaxLength})
	}
	if f.Password {
		s = append(s, objectMember{"format", "password"})
	}
	return s
}

// bounds are those of a number; as text they are described only.
func (f field) bounds() object {
	if !f.Bounded {
		return nil
	}
	if f.Kind == dispatch.Money {
		// A page's 0.009999999999999998 is 0.01.
		return object{{"exclusiveMinimum", dispatch.Fen(f.Low - 1)}, {"exclusiveMaximum", dispatch.Fen(f.High + 1)}}
	}
	return object{{"minimum", f.Low}, {"maximum", f.High}}
}

// choices are the values of the rule oneof=, an integer's also as text.
func (f field) choices() []any {
	var numbers, texts []any
	for _, choice := range f.OneOf {
		texts = append(texts, choice)
		if f.Kind == dispatch.Integer {
			number, _ := strconv.ParseInt(choice, 10, 64) // a choice of text matches none
			numbers = append(numbers, number)
		}
	}
	if f.mayBeEmpty() {
		texts = append(texts, "")
	}
	if f.mayBeAbsent() {
		texts = append(texts, nil)
	}
	return append(numbers, texts...)
}

// parameterSchema describes the field as a query parameter, which is an integer or
// text.
func (f field) parameterSchema() object {
	switch {
	case f.Kind != dispatch.Integer:
		return f.textSchema("string")
	case f.OneOf != nil:
		var numbers []any
		for _, choice := range f.OneOf {
			numbers = append(numbers, json.Number(choice))
		}
		return object{{"type", "integer"}, {"enum", numbers}}
	default:
		return append(object{{"type", "integer"}}, f.bounds()...)
	}
}

// typeNames are the JSON Schema's of an answer.
var typeNames = map[dispatch.Kind]string{
	dispatch.Text: "string", dispatch.Integer: "integer", dispatch.Boolean: "boolean", dispatch.Money: "number",
}

// jsonSchema describes an answer's data. It is exact: every member that is not optional
// is always there, and no other.
func (s shape) jsonSchema() object {
	name := typeNames[s.Kind]
	schema := object{{"type", name}}
	switch {
	case s.Kind == dispatch.Tables:
		rows := object{{"type", "array"}, {"items", object{{"type", "object"}}}}
		schema = object{{"type", "object"}, {"additionalProperties", rows}}
	case s.Kind == dispatch.Object && len(s.Members) > 0:
		schema = refer(s.Name)
	case s.Kind == dispatch.Object:
		schema = closed(nil, nil)
	case s.Nullable:
		schema = object{{"type", []string{name, "null"}}}
	}
	if s.Nullable && s.Kind == dispatch.Object {
		schema = object{{"anyOf", []any{schema, object{{"type", "null"}}}}}
	}
	if s.List {
		return object{{"type", "array"}, {"items", schema}}
	}
	return schema
}

// structureSchema describes a structure by its members.
func (s shape) structureSchema() object {
	var properties object
	required := []string{}
	for _, member := range s.members() {
		schema := described(member.jsonSchema(), member.doc)
		properties = append(properties, objectMember{member.name, schema})
		if !member.optional {
			required = append(required, member.name)
		}
	}
	return closed(properties, required)
}

// closed is an object without other members than the given ones.
func closed(properties object, required []string) object {
	if required == nil {
		required = []string{}
	}
	return object{
		{"type", "object"},
		{"properties", properties},
		{"required", required},
		{"additionalProperties", false},
	}
}
