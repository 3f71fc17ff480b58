package dispatch

import (
	"context"
	"io"
)

// A Stream writes what is never whole in memory. It runs after its handler has returned,
// when the request can no longer be looked at, with a context that has the caller and
// ends when the client is gone. It may take any time as long as the client reads:
// server.write_timeout bounds each write. An error ends the connection, so that the
// client cannot take a part for the whole.
//
// A posted call that answers a Stream has it write the answer's data: an object that has
// a list of objects for each name, with <, >, &, U+2028 and U+2029 as \u escapes. Such a
// call cannot have [Need].Once: there is no answer to keep.
type Stream func(ctx context.Context, w io.Writer) error
