package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A mysqlConnector makes connections that keep a deadline.
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
	return &mysqlConnection{driverConnection: newPreparing(connection), wire: wire}, nil
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
	wire net.Conn
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
