package bench

import (
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readsMany are what a statement may have that is meant to look at many rows.
var readsMany = []string{
	// product/list by a field without an index: docs/scale.md says why there is none.
	"FROM products WHERE product_type = ? AND product_status IN (?) ORDER BY product_price, seq LIMIT ?",
	// The number of what two common words have together: docs/scale.md again.
	"SELECT COUNT(*) FROM (SELECT ? FROM product_text_grams l STRAIGHT_JOIN product_text_grams g1 ",
}

var values = regexp.MustCompile(`'(?:[^'\\]|\\.|'')*'|\b-?\d+\b`)

// watchReads fails the test where a statement on MariaDB's campus of a size looks at more than
// a tenth as many rows, which no call and no clock has a reason for: SQLite's plans are looked
// at by every test, but MariaDB's follow from what is in the tables.
func watchReads(t *testing.T, dsn string, size int) {
	t.Helper()
	const least = 50_000 // more than what is counted of a long list: 10,000 rows, each in up to four tables
	db, err := sql.Open("mysql", dsn)
	must(t, err)
	for _, setting := range []string{"log_output = 'TABLE'", "long_query_time = 0", "log_slow_admin_statements = OFF", "slow_query_log = ON"} {
		_, err := db.ExecContext(t.Context(), "SET GLOBAL "+setting)
		must(t, err)
	}
	_, err = db.ExecContext(t.Context(), "SET GLOBAL min_examined_row_limit = ?", max(size/10, least))
	must(t, err)
	_, err = db.ExecContext(t.Context(), "TRUNCATE mysql.slow_log")
	must(t, err)
	t.Cleanup(func() {
		defer func() { must(t, db.Close()) }()
		rows, err := db.Query("SELECT CONVERT(sql_text USING utf8mb4), rows_examined FROM mysql.slow_log ORDER BY rows_examined DESC LIMIT 1000") //nolint:noctx // the test's is done
		must(t, err)
		defer func() { must(t, rows.Close()) }()
		var told []string
		for rows.Next() {
			var text string
			var examined int
			must(t, rows.Scan(&text, &examined))
			shape := strings.Join(strings.Fields(values.ReplaceAllString(text, "?")), " ")
			if slices.Contains(told, shape) || slices.ContainsFunc(readsMany, func(part string) bool { return strings.Contains(shape, part) }) {
				continue
			}
			told = append(told, shape)
			t.Errorf("%d rows are read by %.1000s", examined, shape)
		}
		must(t, rows.Err())
	})
}
