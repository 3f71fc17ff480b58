package dispatch

import (
	"math"
	"strconv"
)

// Request is a decoded envelope. Its texts may be slices of the body; Data is the
// raw object.
type Request struct {
	ID                  int64
	Type, Subtype, Data []byte
}

// Response is the envelope that goes back. Its keys stand in the wire's order.
type Response struct {
	ID      int64  `json:"id"`
	Status  int    `json:"status"`
	Message string `json:"message"`
	Data    any    `json:"data"`
	// Detail tells a developer which key broke which rule; only failures have it.
	Detail string `json:"detail,omitempty"`
}

// noID is answered where the request had no integer id.
const noID = -1

// emptyObject is the type of NoData.
type emptyObject struct{}

// NoData is the data of an answer that has none: {}.
var NoData any = emptyObject{}

func success(id int64, data any) Response {
	return Response{ID: id, Status: OK.Number, Message: OK.Text, Data: data}
}

func failure(id int64, err *Error) Response {
	response := Response{
		ID: id, Status: err.Status.Number, Message: err.Status.Text,
		Data: err.data, Detail: err.Detail,
	}
	if response.Data == nil {
		response.Data = NoData
	}
	return response
}

// parseRequest reads an envelope. The id is right even where an error is
// returned, so that every failure can echo it.
func parseRequest(body []byte) (Request, *Error) {
	request := Request{ID: noID}
	walk, ok := openObject(body, false)
	if !ok {
		return request, Fail(ErrorJSONKey, "the body is not a JSON object")
	}
	var id, typ, subtype, data []byte
	for {
		key, value, err := walk.next()
		if err != nil {
			return request, Fail(ErrorJSONKey, "the body is not a JSON object")
		}
		if value == nil {
			break
		}
		switch string(key) {
		case "id":
			id = value
		case "type":
			typ = value
		case "subtype":
			subtype = value
		case "data":
			data = value
		}
	}
	if skipSpace(body, walk.position) != len(body) {
		return request, Fail(ErrorJSONKey, "the body has text after its JSON object")
	}
	request.ID = parseID(id)
	for _, member := range []struct {
		name string
		raw  []byte
	}{{"type", typ}, {"subtype", subtype}, {"data", data}} {
		if isNull(member.raw) {
			return request, Fail(ErrorJSONKey, member.name+": missing")
		}
	}
	if typ[0] != '"' {
		return request, Fail(ErrorJSONValue, "type: must be text")
	}
	if subtype[0] != '"' {
		return request, Fail(ErrorJSONValue, "subtype: must be text")
	}
	if data[0] != '{' {
		return request, Fail(ErrorJSONValue, "data: must be an object")
	}
	request.Data = data
	var err error
	if request.Type, err = unquote(typ); err == nil {
		request.Subtype, err = unquote(subtype)
	}
	if err != nil {
		return request, Fail(ErrorJSONValue, "type, subtype: "+err.Error())
	}
	return request, nil
}

// isNull also holds for a key that is not there: null counts as absent.
func isNull(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// parseID gives an integer, or numeric text, as it is, and -1 for anything else.
func parseID(raw []byte) int64 {
	id, form := parseInteger(jsonValue(raw).plain())
	if form != integerFits {
		return noID
	}
	return id
}

type integerForm int

const (
	notInteger integerForm = iota
	integerTooBig
	integerFits
)

// parseInteger reads -?[0-9]+; one beyond int64 is saturated.
func parseInteger(text []byte) (int64, integerForm) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || skipDigits(digits, 0) != len(digits) {
		return 0, notInteger
	}
	value, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		if text[0] == '-' {
			return math.MinInt64, integerTooBig
		}
		return math.MaxInt64, integerTooBig
	}
	return value, integerFits
}
