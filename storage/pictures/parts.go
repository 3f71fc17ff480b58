package pictures

import (
	"context"
	"io"
)

// joined reads parts of a picture as one. It ends when its context does, and with it
// a decoder that would go on for long.
type joined struct {
	ctx   context.Context
	parts [][]byte
}

func (j *joined) Read(p []byte) (int, error) {
	if err := j.ctx.Err(); err != nil {
		return 0, err
	}
	for len(j.parts) > 0 {
		if n := copy(p, j.parts[0]); n > 0 || len(p) == 0 {
			j.parts[0] = j.parts[0][n:]
			return n, nil
		}
		j.parts = j.parts[1:]
	}
	return 0, io.EOF
}
