package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"campusgate/storage/engine"
)

type (
	// Options say which database to use and how.
	Options = engine.Options
	// A Page is a part of a list: Limit rows after the first Offset.
	Page = engine.Page
	// A Sort sorts a list by a field of its rows, named as on the wire: one of
	// [ShopFields] or [ProductFields].
	Sort = engine.Sort
	// A SettingError names a setting of the database server that refuses what is to be
	// written.
	SettingError = engine.SettingError
)

var (
	// ErrNotFound says that no row is what was asked for: none has the id,
	// or it is another user's, or it is in another state.
	ErrNotFound = engine.ErrNotFound
	// ErrConflict says that an id or a name is taken, as the unique index
	// decided, that a picture belongs to someone else, or that the stock is sold.
	ErrConflict = engine.ErrConflict
	// ErrNoUser says that a token is known but its user is missing.
	ErrNoUser = errors.New("token has no user")
	// ErrSchemaOld says that the database lacks migrations.
	ErrSchemaOld = engine.ErrSchemaOld
)

// A DB is an open database, safe for concurrent use. Each method is a
// transaction of its own; [DB.InTx] joins several.
type DB struct {
	Queries
	engine *engine.DB
}

// Queries are all queries that make sense inside and outside a transaction.
type Queries struct {
	sql         engine.Queries
	shopOwner   string // joins users u to shops s
	seller      string // joins users u to products p with their shops s
	buyer       string // joins users u to orders o
	orderSeller string // the same, of their sellers
	peer        string // joins users u to conversations v
	few         int    // rows that are worth sorting, for tests; 0 is the search's default
	counts      *searchCounts
	orders      *orderCounts

	mailNotices bool
	tell        func([]Push) // of what is pushed; nil: nobody listens
	pushes      *[]Push      // [Tx].pushed of the outermost transaction; nil outside of one
	counters    *[]Counter   // its counted, the same
}

// A Tx is a transaction. It lives as long as the function that [DB.InTx] gave
// it to, and is used by one goroutine.
type Tx struct {
	Queries
	pushed  []Push
	counted []Counter
	few     [4]Counter // room for these, which most transactions have no more of
}

// Open opens the database and tries one connection. It does not touch the
// schema: see [DB.Migrate] and [DB.CheckSchema].
func Open(ctx context.Context, options Options) (*DB, error) {
	opened, err := engine.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	db := &DB{Queries: Queries{sql: opened.Queries, counts: &searchCounts{}, orders: &orderCounts{}}, engine: opened}
	if db.shopOwner, err = shopOwner(ctx, db.sql); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), db.Close())
	}
	db.seller = strings.ReplaceAll(db.shopOwner, "s.user_id", sellerOfP)
	db.peer = strings.ReplaceAll(db.shopOwner, "s.user_id", "v.peer_id")
	db.buyer = strings.ReplaceAll(db.shopOwner, "s.user_id", "o.user_id")
	db.orderSeller = strings.ReplaceAll(db.shopOwner, "s.user_id", "o.seller_id")
	return db, nil
}

// Close closes all connections. Queries still running end with an error.
func (db *DB) Close() error { return db.engine.Close() }

// Pools are the connection pools by name: reader and writer on SQLite, and the one
// of both elsewhere.
func (db *DB) Pools() map[string]func() sql.DBStats { return db.engine.Pools() }

// Within is the same database with another time limit than [Options].Timeout, for work
// that no client waits for.
func (db *DB) Within(limit time.Duration) *DB {
	patient := *db
	patient.sql = db.sql.Within(limit)
	return &patient
}

// HasTable reports whether the database has a table of that name, whoever made it.
func (q *Queries) HasTable(ctx context.Context, name string) (bool, error) {
	return q.sql.TableExists(ctx, name)
}

// Backup copies an embedded database, as it is at one moment, to a file that is not
// there yet, and verifies the copy. Others go on reading and writing meanwhile.
func (db *DB) Backup(ctx context.Context, file string) error { return db.engine.Backup(ctx, file) }

// Verify reads a whole file of SQLite that nobody uses, and says what is wrong with it.
func Verify(ctx context.Context, file string) error { return engine.Verify(ctx, file) }

// Ping asks the database for an answer, without queueing behind writers: a
// [*SettingError] where its server answers, but would refuse what is written.
func (db *DB) Ping(ctx context.Context) error { return db.engine.Ping(ctx) }

// InTx runs fn as one transaction: committed when fn returns nil, rolled back
// when it returns an error, which is InTx's, or panics.
//
// When the database is busy or breaks a deadlock, fn runs again, a bounded
// number of times: it must have no effect but on tx. Inside fn use tx only; on
// SQLite a write to the DB would wait for the transaction's own lock.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	return db.inTx(ctx, fn)
}

// inTx is InTx; called inside a transaction it joins that one.
func (q *Queries) inTx(ctx context.Context, fn func(*Tx) error) error {
	var last *Tx // the one that was committed, of several tries
	err := q.sql.InTx(ctx, func(inside engine.Queries) error {
		last = &Tx{Queries: *q}
		last.sql = inside
		if q.pushes == nil {
			last.counted = last.few[:0]
			last.pushes, last.counters = &last.pushed, &last.counted
		}
		return fn(last)
	})
	if err != nil {
		return err
	}
	if len(last.pushed) > 0 {
		q.tell(last.pushed)
	}
	for _, counter := range last.counted {
		counter.Inc()
	}
	return nil
}
