package engine

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A list ends at its time limit or its caller's, while it looks for a row and between two.
func TestTheTimeLimitEndsAList(t *testing.T) {
	t.Parallel()
	const (
		endless = "WITH RECURSIVE numbers (id, size) AS (SELECT 1, 1 UNION ALL SELECT id + 1, 1 FROM numbers) SELECT id, size FROM numbers"
		limit   = 20 * time.Millisecond
	)
	db := openThings(t)
	for name, list := range map[string]Statement{
		"rows":              SQL(endless),
		"rows, by an index": SQL(endless).Indexed(),
		"no row":            SQL(endless + " WHERE size = 2"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Collect(t.Context(), db.Within(limit), "list", list, (*thing).fields); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with its limit: %v, want DeadlineExceeded", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if _, err := Collect(ctx, db.Queries, "list", list, (*thing).fields); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with its caller's: %v, want DeadlineExceeded", err)
			}
		})
	}
}
