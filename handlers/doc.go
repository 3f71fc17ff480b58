// Package handlers is the campus's API: what each type/subtype of the document
// does. handlers.go shows all of them on one page.
//
// A handler is func(ctx, Req) (Res, error). It takes and returns values; bytes,
// HTTP, JSON and tokens are done by package dispatch before and after it. From a
// handler to SQL is one call of package storage. A failure that a client may see
// is a *dispatch.Error.
package handlers
