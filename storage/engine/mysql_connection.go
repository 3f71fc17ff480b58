package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"
)

// What a connection prepares at most. A server allows 16,382 statements over the
// connections of all programs (max_prepared_stmt_count), and a replica has
// database.max_open connections: 32 × (24 + 8) = 1,024 by default.
const (
	mostWritten  = 24  // texts that are written down in the source
	mostComposed = 8   // texts of lists, which have endlessly many
	mostSeen     = 128 // texts that it remembers to have been asked once
)

// The server's errors after which a statement, but no transaction, may be sent as text.
const (
	unknownStatement = 1243 // the server, or a proxy before several, does not know it
	needsReprepare   = 1615 // its tables have changed
)

// A mysqlConnector makes connections that keep a deadline and their own statements.
// Statements of package sql fail where the server has no room for one more, and a
// transaction would need each from outside of it.
type mysqlConnector struct {
	config  *mysql.Config
	timeout time.Duration // of a user without a deadline; 0 is none
}

// Driver is what package sql asks for.
func (c mysqlConnector) Driver() driver.Driver { return mysql.MySQLDriver{} }

// Connect makes a connection, for use until the deadline of ctx.
func (c mysqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	deadline, bounded := ctx.Deadline()
	if !bounded && c.timeout > 0 {
		deadline = time.Now().Add(c.timeout)
	}
	ctx, cancel := watched(ctx)
	defer cancel()
	var wire net.Conn
	config := c.config.Clone()
	config.DialFunc = func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		if wire, err = (&net.Dialer{}).DialContext(ctx, network, address); err != nil {
			return nil, err
		}
		return wire, wire.SetDeadline(deadline)
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	connected, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	connection, ok := connected.(driverConnection)
	if !ok {
		return nil, errors.Join(errors.New("the MySQL driver lacks a method"), connected.Close())
	}
	// The default would show TiDB's transactions the rows as they were before they
	// waited for a lock, and locks gaps between rows on the others.
	if _, err := connection.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return &mysqlConnection{
		driverConnection: connection, wire: wire, seen: map[string]struct{}{},
		statements: map[string]driverStatement{}, written: mostWritten, composed: mostComposed,
	}, nil
}

// driverConnection is what package sql uses of the driver's connection.
type driverConnection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// driverStatement is what is used of the driver's statement.
type driverStatement interface {
	driver.StmtExecContext
	driver.StmtQueryContext
}

// A mysqlConnection is the driver's. Like it, it has one user at a time.
type mysqlConnection struct {
	driverConnection
	wire              net.Conn
	seen              map[string]struct{} // texts that were asked once
	statements        map[string]driverStatement
	written, composed int // how many more may be prepared
}

// ResetSession is called when the connection is taken from the pool: from now on
// nothing waits for the server beyond the deadline of ctx.
func (c *mysqlConnection) ResetSession(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // and no harm to the connection: the query will fail by it
	}
	deadline, _ := ctx.Deadline()
	if err := c.wire.SetDeadline(deadline); err != nil {
		return driver.ErrBadConn
	}
	return c.driverConnection.ResetSession(ctx)
}

// Close takes its leave of the server, whose deadline was another query's.
func (c *mysqlConnection) Close() error {
	_ = c.wire.SetDeadline(time.Now().Add(time.Second)) // it may be closed already
	return c.driverConnection.Close()
}

// QueryContext reads, by a prepared statement where that is worth it.
func (c *mysqlConnection) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	statement, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if statement != nil {
		rows, err := statement.QueryContext(ctx, args)
		if !c.lost(ctx, err) {
			return rows, err
		}
	}
	return c.driverConnection.QueryContext(ctx, text, args)
}

// ExecContext writes, by a prepared statement where that is worth it.
func (c *mysqlConnection) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	statement, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if statement != nil {
		result, err := statement.ExecContext(ctx, args)
		if !c.lost(ctx, err) {
			return result, err
		}
	}
	return c.driverConnection.ExecContext(ctx, text, args)
}

// statement is the prepared one of text; nil where the text is sent as it is, because
// it is asked for the first time here or there is no room.
func (c *mysqlConnection) statement(ctx context.Context, text string) (driverStatement, error) {
	if statement, ok := c.statements[text]; ok {
		return statement, nil
	}
	u, ok := ctx.(unwatched)
	if !ok || u.statement.once {
		return nil, nil
	}
	room := &c.written
	if u.statement.composed {
		room = &c.composed
	}
	if *room == 0 || !c.seenBefore(text) {
		return nil, nil
	}
	prepared, err := c.PrepareContext(ctx, text)
	if mysqlNumber(err) != 0 && !mysqlTransient(err) { // a deadlock has ended the transaction
		c.prepareNoMore() // it has no room, as a rule; if it is the text, it will say so again
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	statement, ok := prepared.(driverStatement)
	if !ok {
		return nil, errors.Join(errors.New("the MySQL driver's statement lacks a method"), prepared.Close())
	}
	c.statements[text] = statement
	*room--
	return statement, nil
}

// seenBefore tells whether the text was asked here before, as far as that is remembered.
func (c *mysqlConnection) seenBefore(text string) bool {
	if _, ok := c.seen[text]; ok {
		return true
	}
	if len(c.seen) == mostSeen {
		clear(c.seen)
	}
	c.seen[text] = struct{}{}
	return false
}

// lost tells that the server could not find or use a statement, and that its text may
// be sent instead. A transaction has to begin again: it may have been on another
// server. Some proxies never find one: the connection has no more of them. It is
// renewed in a few minutes.
func (c *mysqlConnection) lost(ctx context.Context, err error) bool {
	number := mysqlNumber(err)
	if number != unknownStatement && number != needsReprepare {
		return false
	}
	clear(c.statements)
	c.prepareNoMore()
	u, ok := ctx.(unwatched)
	return ok && !u.inTx
}

func (c *mysqlConnection) prepareNoMore() { c.written, c.composed = 0, 0 }
