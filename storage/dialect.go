package storage

import (
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

// A dialect holds all that differs between databases, but for the migrations.
type dialect struct {
	// open returns the pool to read from and the pool to write to, which
	// may be one and the same.
	open func(Options) (reader, writer *sqlx.DB, err error)
	// embedded databases run in this process: a reader waits for no network and
	// for no other's lock.
	embedded bool
	// goose is the migration library's name of the database.
	goose goose.Dialect
	// migrations is the folder of the database's migrations.
	migrations string
	// tableExists selects whether there is a table ?.
	tableExists string
	// forUpdate ends a SELECT whose rows are locked until the transaction ends.
	forUpdate string
	// contains is a condition on a column, %s, that holds when it matches
	// the LIKE pattern ? with the escape !, the case of A-Z aside.
	contains string
	// shopOwner joins users u to shops s.
	shopOwner string
	// duplicate tells the error of a unique index, by its code.
	duplicate func(error) bool
	// transient tells an error after which the same transaction, begun
	// again, may succeed: the database was busy or broke a deadlock.
	transient func(error) bool
}

func dialectOf(driver string) (dialect, error) {
	switch driver {
	case "sqlite":
		return sqliteDialect(), nil
	default:
		return dialect{}, fmt.Errorf("unknown database driver %q (known: sqlite)", driver)
	}
}
