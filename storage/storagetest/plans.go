package storagetest

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"campusgate/storage/engine"
)

// smallTables do not grow with the campus, or by a row a day.
var smallTables = []string{"categories", "day_summaries", "ledger_openings", "offer_changes", "property_gram_fills", "secrets", "sqlite_master"}

// wholeTables are what a statement may have from FROM on where it is meant to read a whole table.
var wholeTables = []string{
	// shop/list is of all shops: the contract knows no page of it, and a part of a name may
	// be anywhere.
	"FROM shops s LEFT JOIN users u ON u.id = s.user_id ",

	// What waits is a queue, that is emptied.
	"FROM product_reviews r ",

	// The commands audit and doctor, and what opens the ledger at first.
	"FROM orders o",
	"FROM order_lines l JOIN orders o ON o.order_id = l.order_id WHERE o.closed_time = 0 ",
	"FROM payments p LEFT JOIN orders o ON o.pay_id = p.pay_id WHERE p.purpose = ? ",
	"FROM coupon_records r LEFT JOIN orders o ON o.pay_id = r.order_id WHERE r.state IN (?) ",
	"FROM products",
	"FROM profiles",
	"FROM profiles WHERE beli > 0",
	"FROM users",
	"FROM ledger",
	"FROM identities WHERE key_id <> 0",

	// The command import, which compares the ids of both databases.
	"FROM properties",
	"FROM purchases",
	"FROM shops",
	"FROM tokens",

	// The command jobs, and the metrics.
	"FROM jobs ORDER BY run_time, job_id",
	"FROM jobs GROUP BY kind ORDER BY kind",

	// The tests, which compare everything.
	"FROM audit ORDER BY audit_id",
	"FROM coupons c) AS total FROM coupons c ORDER BY c.coupon_id DESC",
	"FROM ledger ORDER BY ledger_id",
	"FROM orders o LEFT JOIN shops s ON s.shop_id = o.shop_id LEFT JOIN users u ON u.id = o.user_id ORDER BY o.order_id DESC",
	"FROM profiles WHERE +state < ? ORDER BY seq DESC",

	// user/list of all: hardly any row is left out.
	"FROM profiles WHERE +state < ? ORDER BY seq DESC LIMIT ? ",
}

// asked are the statements of a database that no other of the process was asked before.
type asked struct {
	mutex sync.Mutex
	texts []string
}

// known are the statements that have been explained, and how they were written.
var known, written sync.Map

var (
	blanks  = regexp.MustCompile(`\s+`)
	several = regexp.MustCompile(`\?(?:, ?\?)+`)
	scanned = regexp.MustCompile(`^SCAN (\w+)(?: USING .*)?$`)
	named   = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: (?:AS )?(\w+))?`)
)

// note keeps a statement that is new.
func (a *asked) note(text string) {
	if _, found := written.LoadOrStore(text, true); found || text == engine.Committing || text == engine.Committed {
		return
	}
	if _, found := known.LoadOrStore(shapeOf(text), true); found {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.texts = append(a.texts, text)
}

// shapeOf is a statement however many values its lists have.
func shapeOf(text string) string {
	return several.ReplaceAllString(strings.TrimSpace(blanks.ReplaceAllString(text, " ")), "?")
}

// explain fails a test whose statements read a whole table that grows. SQLite plans by the
// indexes that there are, however few rows a test has: what it finds holds for MySQL too,
// whose plans are about the size.
func (a *asked) explain(t testing.TB, path string) {
	t.Helper()
	if len(a.texts) == 0 {
		return
	}
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	tables, err := column(pool, "SELECT name FROM sqlite_master WHERE type = 'table'", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range a.texts {
		steps, err := column(pool, "EXPLAIN QUERY PLAN "+text, 3, make([]any, strings.Count(text, "?"))...)
		if err != nil { // of another schema than this database has by now
			known.Delete(shapeOf(text))
			written.Delete(text)
			continue
		}
		if table := wholly(shapeOf(text), steps); slices.Contains(tables, table) && !slices.Contains(smallTables, table) {
			t.Errorf("every row of %s is read by\n%s\nas follows:\n%s", table, text, strings.Join(steps, "\n"))
		}
	}
}

// wholly is the table that a statement reads as a whole; "" is none.
func wholly(shape string, steps []string) string {
	sorted := slices.ContainsFunc(steps, func(step string) bool { return strings.HasPrefix(step, "USE TEMP B-TREE") })
	for _, step := range steps {
		found := scanned.FindStringSubmatch(step)
		if found == nil {
			continue
		}
		table, rest := tableOf(shape, found[1])
		// A page in the sequence of an index, with no row left out, ends the reading.
		page := strings.Contains(rest, "LIMIT ?") && !strings.Contains(rest, " WHERE ") && !sorted
		first := strings.Contains(shape, "EXISTS (SELECT 1 FROM "+table+")") // ends with any row
		if !page && !first && !meant(rest) {
			return table
		}
	}
	return ""
}

// meant reports whether a statement is one of wholeTables, or changes every row.
func meant(statement string) bool {
	if strings.HasPrefix(statement, "UPDATE ") && !strings.Contains(statement, " WHERE ") {
		return true
	}
	return slices.ContainsFunc(wholeTables, func(whole string) bool {
		return statement == whole || strings.HasSuffix(whole, " ") && strings.HasPrefix(statement, whole)
	})
}

// tableOf is the table that a statement calls by name, or by another, and the statement from
// the word before it on.
func tableOf(shape, name string) (table, rest string) {
	for _, found := range named.FindAllStringSubmatchIndex(shape, -1) {
		table := shape[found[2]:found[3]]
		if table == name || found[4] >= 0 && shape[found[4]:found[5]] == name {
			return table, shape[found[0]:]
		}
	}
	return name, ""
}

// column is a column of what a query finds.
func column(pool *sql.DB, query string, index int, args ...any) (found []string, err error) {
	rows, err := pool.QueryContext(context.Background(), query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	row, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		found = append(found, row[index].String)
	}
	return found, rows.Err()
}
