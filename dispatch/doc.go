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
// A request is checked in this order:
//
//  1. the limit of requests of the client's address, then the path
//  2. the token, where all calls of the path want one
//  3. the envelope, then type and subtype
//  4. the token, where the path's calls differ in what they want
//  5. of an upload, how many of the address are running
//  6. the keys of data: there, not empty, of the right type, of a right value
//  7. the caller's role, then whether the account is frozen
//  8. the handler's own: whose the object is, and what state it is in
//
// A query has no envelope, and its parameters an order of their own: see
// [Registry.Get]. TestDispatch, TestMixedPath, TestOrder (of the keys), TestNeed and
// TestQuery hold these orders.
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
