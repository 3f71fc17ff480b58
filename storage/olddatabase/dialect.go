package olddatabase

import (
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// A dialect is what differs between the databases.
type dialect struct {
	quote string
	// asText returns an expression for the text of a column's value.
	asText func(column string) string
	// settings are statements that begin the transaction.
	settings []string
	// noTable reports whether an error says that there is no such table.
	noTable func(error) bool
}

func (d dialect) quoted(name string) string {
	return d.quote + strings.ReplaceAll(name, d.quote, d.quote+d.quote) + d.quote
}

// errDSN replaces the drivers' errors, which show a part of the DSN, and so of the password.
var errDSN = errors.New("the DSN is neither like postgres://user:password@host/database" +
	" nor like user:password@tcp(host:3306)/database")

// dialectOf tells the databases apart by their DSN.
func dialectOf(dsn string) (dialect, driver.Connector, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") || strings.Contains(dsn, "host=") {
		config, err := pgx.ParseConfig(dsn)
		if err != nil || config.Database == "" {
			return dialect{}, nil, errDSN
		}
		config.DefaultQueryExecMode = pgx.QueryExecModeExec // a pooler between may not keep statements
		return postgreSQL(), stdlib.GetConnector(*config), nil
	}
	config, err := mysql.ParseDSN(dsn)
	if err != nil || config.DBName == "" {
		return dialect{}, nil, errDSN
	}
	config.ParseTime = false // times are text
	config.Logger = &mysql.NopLogger{}
	if err := config.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return dialect{}, nil, errDSN
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return dialect{}, nil, errDSN
	}
	return mySQL(), connector, nil
}

func postgreSQL() dialect {
	return dialect{
		quote: `"`,
		// The driver has its own ideas of times and numbers, and none of infinity.
		asText: func(column string) string { return column + "::text" },
		settings: []string{
			"SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0", // it waits for what is written
			"SET LOCAL datestyle = 'ISO'", "SET LOCAL client_encoding = 'UTF8'",
		},
		noTable: func(err error) bool {
			failure, ok := errors.AsType[*pgconn.PgError](err)
			return ok && failure.Code == "42P01"
		},
	}
}

func mySQL() dialect {
	return dialect{
		quote:    "`",
		asText:   func(column string) string { return column }, // without parameters it sends all as text
		settings: []string{"SET SESSION net_write_timeout = 3600"},
		noTable: func(err error) bool {
			failure, ok := errors.AsType[*mysql.MySQLError](err)
			return ok && failure.Number == 1146
		},
	}
}
