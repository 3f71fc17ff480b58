package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

// mysqlDialect is MySQL 8, MariaDB 10.11 and TiDB: nothing in it is of one of
// them only. No collation that is binary and without padding is in all three,
// so our texts are columns of bytes, which hold UTF-8.
func mysqlDialect() dialect {
	return dialect{
		open:      openMySQL,
		goose:     goose.DialectMySQL,
		name:      "mysql",
		migrating: migratingMySQL,
		probe:     "DO 0",
		columns: "SELECT LOWER(column_name), is_nullable = 'YES' FROM information_schema.columns" +
			" WHERE table_schema = DATABASE() AND table_name = ?",
		tableExists: "SELECT EXISTS (SELECT 1 FROM information_schema.tables" +
			" WHERE table_schema = DATABASE() AND table_name = ?)",
		now:         "SELECT UNIX_TIMESTAMP()",
		forUpdate:   " FOR UPDATE",
		contains:    mysqlContains,
		snapshot:    &sql.TxOptions{Isolation: sql.LevelRepeatableRead},
		joinInOrder: " STRAIGHT_JOIN ",
		forceIndex:  " FORCE INDEX (%s)",
		duplicate:   func(err error) bool { return mysqlNumber(err) == 1062 },
		transient:   mysqlTransient,
		doneBefore:  mysqlDoneBefore,
	}
}

// mysqlNumber is the server's number of err, 0 if it is no error of the server.
func mysqlNumber(err error) uint16 {
	if failure, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return failure.Number
	}
	return 0
}

// mysqlTransient is a lock's time-out or a deadlock; TiDB's commit refused, schema
// changed or write conflict; a statement that was lost; or a server that was left.
func mysqlTransient(err error) bool {
	if _, left := errors.AsType[leftError](err); left {
		return true
	}
	return slices.Contains([]uint16{1205, 1213, 8022, 8028, 9007, unknownStatement, needsReprepare}, mysqlNumber(err))
}

// mysqlDoneBefore is a column or a key that is there: MySQL adds none IF NOT EXISTS.
func mysqlDoneBefore(err error) bool { return mysqlNumber(err) == 1060 || mysqlNumber(err) == 1061 }

func openMySQL(options Options) (reader, writer *sqlx.DB, err error) {
	config, err := mysqlConfig(options.DSN)
	if err != nil {
		return nil, nil, err
	}
	config.Timeout = options.Timeout // of connecting
	pool, err := mysqlPool(config, options.Timeout, options.MaxOpen)
	if err != nil {
		return nil, nil, err
	}
	// Users wait for a slot of ours. Package sql counts connections that it is about to
	// close as open, and would have them wait without an end.
	pool.SetMaxOpenConns(0)
	return pool, pool, nil
}

// mysqlConfig is dsn with what the queries rely on.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	config, err := mysql.ParseDSN(dsn)
	if err != nil || config.DBName == "" {
		// The driver's error may show a part of dsn, and so of the password.
		return nil, errors.New("the DSN must have the form user:password@tcp(host:3306)/database?name=value")
	}
	config.ClientFoundRows = true
	config.InterpolateParams = true
	config.MultiStatements = false
	config.Logger = &mysql.NopLogger{} // it repeats errors that are returned as well
	config.CheckConnLiveness = true    // a server that was stopped costs no call
	config.RejectReadOnly = false      // mysqlConnection does, and keeps the reason
	// For the driver, which writes values into texts; the server's are set by setUp.
	return config, config.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin"))
}

// mysqlPool holds connections that keep the deadline of who uses them. The time-out, if
// any, is for one who has none.
func mysqlPool(config *mysql.Config, timeout time.Duration, connections int) (*sqlx.DB, error) {
	if _, err := mysql.NewConnector(config); err != nil {
		return nil, errors.New("the DSN has an invalid address or TLS parameter")
	}
	config.ReadTimeout, config.WriteTimeout = 0, 0 // they would put the deadline off at each packet
	pool := sqlx.NewDb(sql.OpenDB(&mysqlConnector{config: config, timeout: timeout, began: time.Now().Add(-settled)}), "mysql")
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxLifetime(3 * time.Minute) // before a proxy or the server closes it
	return pool, nil
}

// mysqlContains folds A-Z by itself: LOWER and the collations fold É too. Of
// the column it folds only the letters that pattern has.
func mysqlContains(column, pattern string) (condition, parameter string) {
	for upper := 'A'; upper <= 'Z'; upper++ {
		lower := upper - 'A' + 'a'
		pattern = strings.ReplaceAll(pattern, string(upper), string(lower))
		if strings.ContainsRune(pattern, lower) {
			column = fmt.Sprintf("REPLACE(%s, '%c', '%c')", column, upper, lower)
		}
	}
	return column + " LIKE ? ESCAPE '!'", pattern
}

// migratingMySQL holds a lock of the server: DDL commits by itself, so that no
// transaction can hold others back. goose's own lock would be too late, for it
// looks for its table before, and finds it half made. The server lets go of the
// lock when the connection ends, however that comes about.
func migratingMySQL(ctx context.Context, options Options) (pool *sqlx.DB, done func(), err error) {
	config, err := mysqlConfig(options.DSN)
	if err != nil {
		return nil, nil, err
	}
	config.Timeout = options.Timeout // of connecting
	if pool, err = mysqlPool(config, 0, 2); err != nil {
		return nil, nil, err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	done = func() {
		_ = conn.Close()
		_ = pool.Close()
	}
	for held := false; !held; {
		// A lock for each database, its name of at most 64 characters.
		err := conn.QueryRowContext(ctx, "SELECT COALESCE(GET_LOCK(CONCAT('campusgate.', SHA1(DATABASE())), 10), 0)").Scan(&held)
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("lock migrations: %w", err)
		}
	}
	return pool, done, nil
}
