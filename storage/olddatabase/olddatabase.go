// Package olddatabase reads the database of the server that campusgate replaces, on
// PostgreSQL, or MySQL or MariaDB, and changes nothing there.
//
// Values are text, as the database writes them: what a campus's tables hold is not what
// their columns promise, and a value that cannot be read is its row's fault alone.
package olddatabase

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// A DB shows the old database as it was when it was opened.
type DB struct {
	dialect dialect
	pool    *sql.DB
	tx      *sql.Tx
	columns map[string][]string // of each table that is there, as it names them
}

// Open opens the database that a DSN names: a URL postgres://user:password@host/database or
// PostgreSQL's list host=… dbname=…, or MySQL's user:password@tcp(host:3306)/database.
// ErrNoTables: it has none of [Own].
func Open(ctx context.Context, dsn string) (*DB, error) {
	d, connector, err := dialectOf(dsn)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: d, pool: sql.OpenDB(connector), columns: map[string][]string{}}
	if err := db.begin(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// ErrNoTables says that the database has no table of the old server.
var ErrNoTables = errors.New("no table of the old server is in the database")

func (db *DB) begin(ctx context.Context) (err error) {
	for _, table := range append(Own(), Users, Tokens) {
		if err := db.look(ctx, table); err != nil {
			return fmt.Errorf("table %s: %w", table.Name, err)
		}
	}
	if !slices.ContainsFunc(Own(), db.Has) {
		return ErrNoTables
	}
	// One view of all tables: an order that is made meanwhile has no half.
	db.tx, err = db.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	for _, statement := range db.dialect.settings {
		if _, err := db.tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// look finds the columns of a table, if it is there.
func (db *DB) look(ctx context.Context, table Table) error {
	rows, err := db.pool.QueryContext(ctx, "SELECT * FROM "+db.dialect.quoted(table.Name)+" WHERE 1 = 0")
	if err != nil {
		if db.dialect.noTable(err) {
			return nil
		}
		return err
	}
	defer rows.Close()
	there, err := rows.Columns()
	if err != nil {
		return err
	}
	if table.byName {
		there, err = namedColumns(table, there)
	}
	if err == nil && len(there) < len(table.Columns) {
		err = fmt.Errorf("it has %d columns, and %d are needed", len(there), len(table.Columns))
	}
	if err != nil {
		return err
	}
	db.columns[table.Name] = there[:len(table.Columns)]
	return rows.Err()
}

// namedColumns are those of there that a table wants, in its order.
func namedColumns(table Table, there []string) (named []string, err error) {
	for _, column := range table.Columns {
		place := slices.IndexFunc(there, func(name string) bool { return strings.EqualFold(name, column) })
		if place < 0 {
			return nil, fmt.Errorf("it has no column %s", column)
		}
		named = append(named, there[place])
	}
	return named, nil
}

// Close ends the view of the database.
func (db *DB) Close() error {
	if db.tx != nil {
		_ = db.tx.Rollback() // nothing was written
	}
	return db.pool.Close()
}

// Has reports whether a table is there.
func (db *DB) Has(table Table) bool { return db.columns[table.Name] != nil }

// Rows are those of a table in the order in which they were added; none where it is not
// there. One table is read at a time.
func (db *DB) Rows(ctx context.Context, table Table) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		err := db.each(ctx, table, table.Columns, true, func(row Row) bool { return yield(row, nil) })
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// IDs are the ids of a table's rows in any order, nil for NULL.
func (db *DB) IDs(ctx context.Context, table Table) iter.Seq2[*string, error] {
	return func(yield func(*string, error) bool) {
		err := db.each(ctx, table, table.Columns[:1], false, func(row Row) bool { return yield(row.values[0], nil) })
		if err != nil {
			yield(nil, err)
		}
	}
}

// name is what a column is called in the database. Without its table PostgreSQL would sort
// by the text that is selected under this name.
func (db *DB) name(table Table, column string) string {
	at := slices.Index(table.Columns, column)
	return db.dialect.quoted(table.Name) + "." + db.dialect.quoted(db.columns[table.Name][at])
}

func (db *DB) selectFrom(table Table, columns []string, sorted bool) string {
	var terms, order []string
	for _, column := range columns {
		terms = append(terms, db.dialect.asText(db.name(table, column)))
	}
	text := "SELECT " + strings.Join(terms, ", ") + " FROM " + db.dialect.quoted(table.Name)
	if !sorted {
		return text
	}
	for _, column := range table.orderBy {
		term := db.name(table, column)
		if table.newestFirst {
			term += " DESC"
		}
		order = append(order, term)
	}
	return text + " ORDER BY " + strings.Join(order, ", ")
}

// each calls found for each row until that returns false.
func (db *DB) each(ctx context.Context, table Table, columns []string, sorted bool, found func(Row) bool) (err error) {
	if !db.Has(table) {
		return nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("read table %s: %w", table.Name, err)
		}
	}()
	rows, err := db.tx.QueryContext(ctx, db.selectFrom(table, columns, sorted))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := Row{Table: table, values: make([]*string, len(columns))}
		dest := make([]any, len(columns))
		for i := range dest {
			dest[i] = &row.values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if !found(row) {
			return nil
		}
	}
	return rows.Err()
}
