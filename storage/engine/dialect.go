package engine

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

// A dialect holds all that differs between databases, but for the migrations.
type dialect struct {
	// open returns the pool to read from and the pool to write to, which
	// may be one and the same.
	open func(Options) (reader, writer *sqlx.DB, err error)
	// tend looks after an open database until the context ends; nil where the server does.
	tend func(context.Context, Options)
	// embedded databases run in this process: a reader waits for no network and
	// for no other's lock.
	embedded bool
	// prepares says that statements are prepared for a whole pool. MySQL's
	// connections prepare what each of them is asked again (type preparing): a
	// server allows few statements over all its connections.
	prepares bool
	// prepared is what is prepared for a text of a statement, where prepares is true.
	prepared func(text string) string
	// goose is the migration library's name of the database.
	goose goose.Dialect
	// name is that of the folder of the database's migrations.
	name string
	// migrating returns a pool whose statements may take any time, once no
	// other process has one, and what gives it back; nil where the writer
	// will do: a transaction keeps others from the same migration.
	migrating func(context.Context, Options) (pool *sqlx.DB, done func(), err error)
	// doneBefore reports whether a migration failed because it was done before, by a
	// process that ended before it noted the version; nil where a migration is a
	// transaction with its version.
	doneBefore func(error) bool
	// probe tries a connection of the writer. It changes nothing, and fails
	// where a file cannot be written.
	probe string
	// tableExists selects whether there is a table ?.
	tableExists string
	// columns selects the names of the columns of table ?, and whether they may be NULL.
	columns string
	// now selects the database's time in Unix seconds.
	now string
	// forUpdate ends a SELECT whose rows are locked until the transaction ends.
	forUpdate string
	// contains returns a condition that holds when the column matches the
	// LIKE pattern with the escape !, the case of A-Z aside, and the
	// parameter of its one ?.
	contains func(column, pattern string) (condition, parameter string)
	// snapshot begins a transaction that sees one moment; nil where every one of the
	// reader does.
	snapshot *sql.TxOptions
	// joinInOrder joins two tables, the first of which is read first, in its order.
	joinInOrder string
	// forceIndex stands behind a table, with the name of its index; "" where none is needed.
	forceIndex string
	// duplicate reports whether an error is that of a unique index, by its code.
	duplicate func(error) bool
	// transient reports whether an error is one after which the same transaction, begun
	// again, may succeed: the database was busy or broke a deadlock.
	transient func(error) bool
}

func dialectOf(driver string) (dialect, error) {
	switch driver {
	case "sqlite":
		return sqliteDialect(), nil
	case "mysql":
		return mysqlDialect(), nil
	default:
		return dialect{}, fmt.Errorf("unknown database driver %q (known: sqlite, mysql)", driver)
	}
}
