package storage

import (
	"context"
	"strings"

	"campusgate/storage/engine"
)

// An Audit is one thing that an admin or an operator has changed or looked at. Before
// and After hold no password, code, token, identity or whole phone.
type Audit struct {
	Time          int64
	UserID        string // who; "" is the operator of the command line
	Call          string // type/subtype, or the command
	Target        string // on what: "user 1180310086"
	Before, After string
}

// fields are the columns of audit behind its id.
func (a *Audit) fields() []any {
	return []any{&a.Time, &a.UserID, &a.Call, &a.Target, &a.Before, &a.After}
}

// AddAudit writes a row, in the transaction of the change. Of a text that is too long it
// keeps the beginning.
func (tx *Tx) AddAudit(ctx context.Context, a Audit) error {
	return tx.sql.Exec(ctx, "add audit", engine.SQL(`
		INSERT INTO audit (audit_time, user_id, call_name, target, value_before, value_after) VALUES (?, ?, ?, ?, ?, ?)`,
		a.Time, a.UserID, a.Call, cut(a.Target, 255), cut(a.Before, 4096), cut(a.After, 4096)))
}

// cut is the beginning of a text that a column of so many bytes holds.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return strings.ToValidUTF8(text[:size], "")
}

// Audits are all rows in the order of writing.
func (q *Queries) Audits(ctx context.Context, page Page) ([]Audit, error) {
	return engine.Collect(ctx, q.sql, "audits", engine.SQL(
		`SELECT audit_time, user_id, call_name, target, value_before, value_after FROM audit ORDER BY audit_id`).Page(page),
		(*Audit).fields)
}
