// Package dispatch speaks the campus platform's envelope protocol: it turns
// requests into typed calls and their results into envelopes. It knows no handler,
// no database, no type of the campus and no HTTP library: package server serves it,
// package reference documents it.
//
//	POST /api/external/captcha
//	{"id": 1, "status": 0, "type": "img", "subtype": "validate", "data": {"hash": "…"}}
//
//	{"id":1,"status":0,"message":"successful","data":{}}
//
// A request passes, in this order: the path, the address's limits, the token
// where all calls of the path want one, the envelope, type and subtype, the token
// where the path's calls differ, the keys of data (there, not empty, of the right
// type, of a right value), the caller's role, and then the handler, which decides
// the rest of permission, and state.
//
// An [Endpoint] is declared once, by [Handle], [Query] or [Plain], with what it needs
// of its caller, a [Need]. The tags of its request struct declare its fields;
// decoding, validation, the status of a failure and the API reference all come from
// them:
//
//	type addProperty struct {
//		Type  int64  `json:"type" rule:"required oneof=1|2" doc:"1: lost, 2: found"`
//		Title string `json:"title" rule:"required max=20"`
//	}
//
// The rule words are listed in rules.go. A [Registry] is complete and checked
// before a server listens, and never changes afterwards.
package dispatch
