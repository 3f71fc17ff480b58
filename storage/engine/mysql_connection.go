package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A mysqlConnector makes connections that keep a deadline.
type mysqlConnector struct {
	config  *mysql.Config
	timeout time.Duration // of a user without a deadline; 0 is none
	began   time.Time
	// left is the moment, after began, before which all connections were made that are
	// used no more: their server is gone or has turned read-only.
	left atomic.Int64
}

// Driver is what package sql asks for.
func (c *mysqlConnector) Driver() driver.Driver { return mysql.MySQLDriver{} }

// Connect makes a connection, for use until the deadline of ctx.
func (c *mysqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	made := time.Since(c.began)
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
	if err := setUp(ctx, connection, c.timeout); err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return &mysqlConnection{driverConnection: newPreparing(connection), wire: wire, connector: c, made: made}, nil
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

// A mysqlConnection is the driver's. Like it, it has one user at a time.
type mysqlConnection struct {
	driverConnection
	wire      net.Conn
	connector *mysqlConnector
	made      time.Duration // the moment before it was, after connector.began
	tx        driver.Tx     // the last one
	spent     bool          // its last commit failed, and may have left the transaction open
}

// ResetSession is called when the connection is taken from the pool: from now on
// nothing waits for the server beyond the deadline of ctx.
func (c *mysqlConnection) ResetSession(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // and no harm to the connection: the query will fail by it
	}
	deadline, _ := ctx.Deadline()
	if err := c.wire.SetDeadline(deadline); err != nil || c.isLeft() {
		return driver.ErrBadConn
	}
	return c.driverConnection.ResetSession(ctx)
}

// IsValid is asked when the connection is given back.
func (c *mysqlConnection) IsValid() bool { return !c.spent && c.driverConnection.IsValid() }

// Close takes its leave of the server, whose deadline was another query's.
func (c *mysqlConnection) Close() error {
	_ = c.wire.SetDeadline(time.Now().Add(time.Second)) // it may be closed already
	return c.driverConnection.Close()
}

// QueryContext reads.
func (c *mysqlConnection) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.driverConnection.QueryContext(ctx, text, args)
	return rows, c.judged(err)
}

// ExecContext writes.
func (c *mysqlConnection) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.driverConnection.ExecContext(ctx, text, args)
	return result, c.judged(err)
}

// BeginTx returns the connection itself: it has one transaction at a time.
func (c *mysqlConnection) BeginTx(ctx context.Context, options driver.TxOptions) (_ driver.Tx, err error) {
	c.tx, err = c.driverConnection.BeginTx(ctx, options)
	return c, c.judged(err)
}

// Commit ends the transaction.
func (c *mysqlConnection) Commit() error {
	err := c.tx.Commit()
	c.spent = err != nil
	return c.judged(err)
}

// Rollback ends the transaction.
func (c *mysqlConnection) Rollback() error { return c.tx.Rollback() }

// Ping asks whether the server would refuse what is written.
func (c *mysqlConnection) Ping(ctx context.Context) error {
	err := settingsOf(ctx, c.driverConnection)
	if setting, ok := errors.AsType[*SettingError](err); ok && setting.readOnly() && c.leave() {
		return leftError{err}
	}
	return c.judged(err)
}

// settled is for how long the connections of a pool that was left are believed to lead to
// the server that its address stands for now.
const settled = time.Second

func (c *mysqlConnection) isLeft() bool { return int64(c.made) < c.connector.left.Load() }

// leave has all connections left that were made before now, unless others were left just
// now, and reports whether this one is left: the next one may lead elsewhere.
func (c *mysqlConnection) leave() bool {
	last, now := c.connector.left.Load(), time.Since(c.connector.began)
	if !c.isLeft() && now-time.Duration(last) >= settled {
		c.connector.left.CompareAndSwap(last, int64(now)) // or another one has done it
	}
	return c.isLeft()
}

// A leftError is a refusal of a read-only server that is left: the same transaction, or
// probe, may succeed on the next connection.
type leftError struct{ error }

// Unwrap is the server's error.
func (e leftError) Unwrap() error { return e.error }

// readOnlyErrors are the server's numbers for a write that a read-only one refuses:
// of a variable, of InnoDB's, of a transaction.
var readOnlyErrors = []uint16{1290, 1792, 1836, 1874}

// judged leaves the server where err says that it is read-only, or has gone.
func (c *mysqlConnection) judged(err error) error {
	switch {
	case err == nil:
		return nil
	case slices.Contains(readOnlyErrors, mysqlNumber(err)):
		if c.leave() {
			return leftError{err}
		}
	case !c.driverConnection.IsValid():
		c.leave()
	}
	return err
}
