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

const auditColumns = "audit_time, user_id, call_name, target, value_before, value_after"

// fields are auditColumns.
func (a *Audit) fields() []any {
	return []any{&a.Time, &a.UserID, &a.Call, &a.Target, &a.Before, &a.After}
}

// AddAudit writes a row, in the transaction of the change. Of a text that is too long it
// keeps the beginning.
func (tx *Tx) AddAudit(ctx context.Context, a Audit) error {
	return tx.sql.Exec(ctx, "add audit", engine.SQL(`
		INSERT INTO audit (`+auditColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
		a.Time, a.UserID, a.Call, cut(a.Target, 255), cut(a.Before, 4096), cut(a.After, 4096)))
}

// AddAudits is [Tx.AddAudit] of several rows, whose texts are short.
func (tx *Tx) AddAudits(ctx context.Context, audits []Audit) error {
	return engine.InsertRows(ctx, tx.sql, "add audits", "audit ("+auditColumns+")", audits, (*Audit).fields)
}

// cut is the beginning of a text that a column of so many bytes holds.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return strings.ToValidUTF8(text[:size], "")
}

// An AuditFilter says which rows of the audit to list; all conditions must hold.
type AuditFilter struct {
	UserID, Call string // "" is any
	From, Before int64  // Unix seconds
}

// auditIndexes are those of the rows of a filter, by whether it has a user and a call, each
// in the order of the list: MariaDB may take that of all times instead.
var auditIndexes = map[[2]bool]string{
	{false, false}: "audit_times", {true, false}: "audit_users", {false, true}: "audit_calls", {true, true}: "audit_user_calls",
}

// AuditList lists rows, the newest first; total counts all of them up to 10,000, whatever
// the page.
func (q *Queries) AuditList(ctx context.Context, f AuditFilter, page Page) (list []Audit, total int64, err error) {
	filter := q.sql.Filter()
	for _, c := range []struct{ condition, value string }{{"user_id = ?", f.UserID}, {"call_name = ?", f.Call}} {
		if c.value != "" {
			filter.And(c.condition, c.value)
		}
	}
	filter.And("audit_time >= ? AND audit_time < ?", f.From, f.Before)
	from := " FROM audit" + q.sql.ForceIndex(auditIndexes[[2]bool{f.UserID != "", f.Call != ""}])
	list, err = engine.Collect(ctx, q.sql, "audit list", engine.SQL("SELECT "+auditColumns+from).
		Where(filter).Then(" ORDER BY audit_time DESC, audit_id DESC").Page(page), (*Audit).fields)
	if err != nil {
		return nil, 0, err
	}
	err = q.sql.Get(ctx, "count audit list", engine.SQL("SELECT COUNT(*) FROM (SELECT 1"+from).
		Where(filter).Then(" LIMIT ?) counted", maxCounted), &total)
	return list, total, err
}

// Audits are all rows in the order of writing.
func (q *Queries) Audits(ctx context.Context, page Page) ([]Audit, error) {
	return engine.Collect(ctx, q.sql, "audits", engine.SQL(
		"SELECT "+auditColumns+" FROM audit ORDER BY audit_id").Page(page),
		(*Audit).fields)
}
