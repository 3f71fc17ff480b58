package reference

import (
	"fmt"
	"strings"

	"campusgate/dispatch"
)

// components are the schemas that have a name.
func (r reference) components() object {
	data := object{{"type", []string{"object", "array"}}, {"maxProperties", 0}, {"maxItems", 0}}
	all := object{
		{"Failure", closed(object{
			{"id", object{{"type", "integer"}}},
			{"status", object{{"type", "integer"}}},
			{"message", object{{"type", "string"}}},
			{"data", described(data, r.say("{}, or [] where the call returns a list"))},
			{"detail", described(object{{"type", "string"}}, r.say("which key broke which rule, for developers"))},
		}, []string{"id", "status", "message", "data"})},
		{"CommonFailure", r.failureSchema(dispatch.CommonStatuses()[1:], "")},
	}
	for _, s := range r.structures {
		all = append(all, objectMember{s.Name, s.structureSchema()})
	}
	for _, e := range r.calls {
		switch e.Kind {
		case dispatch.EnvelopeEndpoint:
			all = append(
				all,
				objectMember{e.typeName() + "Request", requestSchema(e.fields())},
				objectMember{e.typeName() + "Envelope", e.envelopeSchema()},
				objectMember{e.typeName() + "Answer", e.answerSchema(refer("CommonFailure"))},
			)
		case dispatch.QueryEndpoint:
			own := r.failureSchema([]dispatch.Status{dispatch.DatabaseFailure, dispatch.TooManyRequests, dispatch.UnknownError}, "")
			all = append(all, objectMember{e.typeName() + "Answer", e.answerSchema(own)})
		case dispatch.PlainEndpoint: // it answers no envelope
		}
	}
	return all
}

// envelopeSchema describes a posted request.
func (e call) envelopeSchema() object {
	subtype := object{{"const", e.Subtype}}
	if e.Alias != "" {
		subtype = object{{"enum", []string{e.Subtype, e.Alias}}}
	}
	id := object{{"type", []string{"integer", "string"}}}
	envelope := object{
		{"title", e.title()},
		{"description", strings.Join(e.sentences(), e.say(" "))},
		{"type", "object"},
		{"properties", object{
			{"id", described(id, e.say("returned as an integer, -1 if it is not one"))},
			{"status", object{{"description", e.say("ignored")}}},
			{"type", object{{"const", e.Type}}},
			{"subtype", subtype},
			{"data", refer(e.typeName() + "Request")},
		}},
		{"required", []string{"type", "subtype", "data"}},
	}
	if e.Need.Role != "" { // for programs: the description says it too
		envelope = append(envelope, objectMember{"x-role", e.Need.Role})
	}
	return envelope
}

// answerSchema describes a call's success, its own failures and those of others.
func (e call) answerSchema(common object) object {
	success := closed(object{
		{"id", object{{"type", "integer"}}},
		{"status", object{{"const", dispatch.OK.Number}}},
		{"message", object{{"const", dispatch.OK.Text}}},
		{"data", e.answer().jsonSchema()},
	}, []string{"id", "status", "message", "data"})
	variants := []any{append(success, e.titled(dispatch.OK)...)}
	for _, status := range e.Statuses() {
		if data, ok := e.FailureData(status); ok {
			variants = append(variants, e.failureWithData(status, shape{data, e.Language}))
		}
	}
	if local := e.Statuses(); len(local) > 0 {
		variants = append(variants, e.failureSchema(local, e.Reference.PassedOn))
	}
	return object{{"title", e.title()}, {"anyOf", append(variants, common)}}
}

// failureWithData is a failure whose answer has data.
func (l Language) failureWithData(status dispatch.Status, data shape) object {
	return append(closed(object{
		{"id", object{{"type", "integer"}}},
		{"status", object{{"const", status.Number}}},
		{"message", object{{"const", status.Text}}},
		{"data", data.jsonSchema()},
		{"detail", object{{"type", "string"}}},
	}, []string{"id", "status", "message", "data"}), l.titled(status)...)
}

// titled is a status as people read it: number, message and what it means.
func (l Language) titled(status dispatch.Status) object {
	return described(object{{"title", fmt.Sprintf("%d %s", status.Number, status.Text)}}, l.meaning(status))
}

// failureSchema is a failure with one of the statuses, each with its own text, or,
// where a table of somebody else is named, with a positive one of that.
func (l Language) failureSchema(statuses []dispatch.Status, passedOn string) object {
	var pairs []any
	for _, status := range statuses {
		pairs = append(pairs, append(l.titled(status), objectMember{"properties", object{
			{"status", object{{"const", status.Number}}},
			{"message", object{{"const", status.Text}}},
		}}))
	}
	if passedOn != "" {
		pairs = append(pairs, object{
			{"title", l.say(passedOn)},
			{"properties", object{{"status", object{{"minimum", 1}}}}},
		})
	}
	return object{{"allOf", []any{refer("Failure")}}, {"anyOf", pairs}}
}
