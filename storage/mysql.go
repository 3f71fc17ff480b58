package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
		open:          openMySQL,
		openUnlimited: openMySQLUnlimited,
		goose:         goose.DialectMySQL,
		migrations:    "migrations/mysql",
		migrationLock: mysqlLock{},
		tableExists: "SELECT EXISTS (SELECT 1 FROM information_schema.tables" +
			" WHERE table_schema = DATABASE() AND table_name = ?)",
		forUpdate: " FOR UPDATE",
		// The default would show TiDB's transactions the rows as they were
		// before they waited for a lock, and locks gaps between rows on the others.
		isolation: sql.LevelReadCommitted,
		contains:  mysqlContains,
		shopOwner: mysqlShopOwner,
		duplicate: func(err error) bool { return mysqlNumber(err) == 1062 },
		transient: func(err error) bool {
			// A lock's time-out, a deadlock; and TiDB's: commit refused,
			// schema changed, write conflict.
			return slices.Contains([]uint16{1205, 1213, 8022, 8028, 9007}, mysqlNumber(err))
		},
	}
}

// mysqlNumber is the server's number of err, 0 if it is no error of the server.
func mysqlNumber(err error) uint16 {
	if failure, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return failure.Number
	}
	return 0
}

func openMySQL(options Options) (reader, writer *sqlx.DB, err error) {
	config, err := mysqlConfig(options.DSN)
	if err != nil {
		return nil, nil, err
	}
	config.Timeout, config.ReadTimeout, config.WriteTimeout = options.Timeout, options.Timeout, options.Timeout
	// The server goes on waiting for a lock when its client has gone, 50 s by
	// default. Half of Timeout leaves time to try again.
	config.Params["innodb_lock_wait_timeout"] = strconv.Itoa(max(1, int(options.Timeout/(2*time.Second))))
	pool, err := mysqlPool(config, options.MaxOpen)
	return pool, pool, err
}

// openMySQLUnlimited opens one connection.
func openMySQLUnlimited(options Options) (*sqlx.DB, error) {
	config, err := mysqlConfig(options.DSN)
	if err != nil {
		return nil, err
	}
	config.Timeout = options.Timeout // of connecting
	return mysqlPool(config, 1)
}

// mysqlConfig is dsn with what the queries rely on.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	config, err := mysql.ParseDSN(dsn)
	if err != nil || config.DBName == "" {
		// The driver's error may show a part of dsn, and so of the password.
		return nil, errors.New("the DSN is not like user:password@tcp(host:3306)/database?name=value")
	}
	config.ClientFoundRows = true
	config.InterpolateParams = true
	config.MultiStatements = false
	config.Logger = &mysql.NopLogger{} // it repeats errors that are returned as well
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	// Strict: a text that is too long is an error and not cut.
	config.Params["sql_mode"] = "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"
	return config, config.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin"))
}

func mysqlPool(config *mysql.Config, connections int) (*sqlx.DB, error) {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, errors.New("the DSN has a wrong address or TLS parameter")
	}
	pool := sqlx.NewDb(sql.OpenDB(connector), "mysql")
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

// mysqlShopOwner joins by users.id's own type and collation, else its index
// would be of no use, and then compares bytes: a number is equal to "012", and
// a collation takes "A1" for "a1".
func mysqlShopOwner(ctx context.Context, db *sqlx.DB) (string, error) {
	var column struct{ kind, charset, collation string }
	err := db.QueryRowxContext(ctx, `
		SELECT data_type, COALESCE(character_set_name, ''), COALESCE(collation_name, '')
		FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = 'users' AND column_name = 'id'`,
	).Scan(&column.kind, &column.charset, &column.collation)
	if errors.Is(err, sql.ErrNoRows) {
		column.kind, err = "bigint", nil // as our migration will make it
	}
	exactly := "CAST(CAST(u.id AS CHAR) AS BINARY) = s.user_id"
	switch {
	case err != nil:
		return "", fmt.Errorf("type of users.id: %w", err)
	case strings.HasSuffix(strings.ToLower(column.kind), "int"):
		return "u.id = CAST(s.user_id AS SIGNED) AND " + exactly, nil
	case column.collation != "":
		return fmt.Sprintf("u.id = CONVERT(s.user_id USING %s) COLLATE %s AND %s",
			column.charset, column.collation, exactly), nil
	case strings.HasSuffix(strings.ToLower(column.kind), "binary"):
		return "u.id = s.user_id", nil
	default:
		return exactly, nil
	}
}

// mysqlLock lets one of several processes migrate at a time: DDL commits by
// itself, so no transaction can. The server lets go of it with its connection.
type mysqlLock struct{}

// mysqlLockName is one lock for each database of a server, of at most 64
// characters.
const mysqlLockName = "CONCAT('campusgate.', SHA1(DATABASE()))"

// SessionLock waits until no other process holds the lock, or ctx ends.
func (mysqlLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for {
		var held sql.NullBool
		err := conn.QueryRowContext(ctx, "SELECT GET_LOCK("+mysqlLockName+", 10)").Scan(&held)
		if err := cmp.Or(ctx.Err(), err); err != nil {
			return fmt.Errorf("lock migrations: %w", err)
		}
		if held.Bool {
			return nil
		}
	}
}

// SessionUnlock gives the lock back.
func (mysqlLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	var released sql.NullBool
	if err := conn.QueryRowContext(ctx, "SELECT RELEASE_LOCK("+mysqlLockName+")").Scan(&released); err != nil {
		return fmt.Errorf("unlock migrations: %w", err)
	}
	return nil
}
