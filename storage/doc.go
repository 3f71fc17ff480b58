// Package storage keeps notices, shops, products, orders and the ownership of
// pictures in an SQL database, and reads the account service's users and
// tokens there. Of these two tables it changes only users.wealth.
//
// A [DB] runs single queries; [DB.InTx] runs several as one transaction on a
// [Tx]. Both embed [Queries], so every query is written once. What needs a
// lock (LockUser, LockWealth, LockOffer) exists on Tx only.
//
// Each table has a file, which alone names it; users and tokens share accounts.go,
// where a wallet is read and changed (users.wealth, whose type is in wealth.go), and
// coupon_records.go reads coupons and counts in them.
// Package engine runs what stands there on any of the databases. Package search finds
// words in a list from the list's description of itself. Neither knows a table. Package
// jobs runs what [Tx.AddJob] asks for.
//
// # Conventions
//
// Times are Unix seconds, UTC, made by the caller: the wire shows seconds, and
// an order by time must agree with what is shown. The leases of jobs alone are by the
// database's clock ([Queries.Now]), which all replicas share. Money is int64 fen (a
// hundredth of a yuan). User ids are text, whatever type their column has, and
// are compared as text: "012" and "12" are two users.
//
// A part match ignores the case of A-Z only; exact matches and unique names
// heed case and trailing blanks. This is so on every database.
//
// Errors are [ErrNotFound], [ErrConflict], [ErrNoUser] and [ErrBalance], wrapped with what
// was tried; every other error is a failure of the database.
//
// Money moves by [Tx.Move] alone, which writes the balances and the ledger together;
// [DB.CheckLedger] proves it. [Tx.SetWealth] is what an account service does.
//
// # Portable SQL
//
// A query is written once for SQLite, MySQL, MariaDB and TiDB. Where they
// differ, the engine has a word for it; only migrations are written per
// database. So in a query:
//
//   - Parameters are ?, values are never pasted in. ORDER BY comes from a
//     fixed table of fields (see [Sort]).
//   - Columns are named, never *: users and tokens may have more than ours.
//   - Write COALESCE, NULLIF, CASE, EXISTS, LIMIT ? OFFSET ?, CAST(x AS CHAR).
//     Not ||, / on integers, RETURNING (use Insert), NOW(), ON CONFLICT,
//     ON DUPLICATE KEY, or a row count of an upsert.
//   - An optional change is col = COALESCE(?, col) with a nil pointer: one
//     text for every combination.
//   - Part matches are Filter.Part's, with ! as the escape: a backslash is an
//     escape in MySQL's literals as well.
//   - A product that can be bought now has values in the columns on_offer and offer_…,
//     which the database computes; the market's search reads the indexes of these. What
//     changes any of them, or the texts, calls [Tx.OfferChanged].
//   - A part match in a large table goes through a table of grams (package
//     search). Whoever changes a row changes its grams in the same transaction.
//     REPLACE writes them: all columns of a table of grams are its key.
//   - A state changes by a guarded UPDATE (WHERE id = ? AND state = ?) of one
//     row. It counts rows found, not rows changed, so that an update that
//     changes nothing is not ErrNotFound (MySQL: clientFoundRows=true).
//   - Uniqueness is decided by the unique index, never by asking first. Text
//     identities need a binary comparison without padding: on MySQL our texts
//     are VARBINARY, because MySQL, MariaDB and TiDB have no such collation in
//     common.
//   - A row that is read to be written is read with ForUpdate, and
//     rows are locked in ascending id order. SQLite has one writer and needs
//     neither; MySQL loses updates or deadlocks without. What is read after a
//     lock was waited for is as new as the lock: transactions read committed.
//   - users and tokens are not joined with other tables. They are asked for one
//     id at a time, which is bound as text, and the id that was found is compared
//     in Go: a join would compare number and text columns, which loses the index
//     and takes "012" for 12. There are two exceptions: shopOwner joins shops to
//     their owners' names, and TokenUser joins tokens to users on SQLite.
//   - users.wealth is decimal text when written, and never computed in SQL:
//     SQLite and DOUBLE columns would add binary fractions.
//
// # Migrations
//
// A migration is a file in each folder of migrations, of the same number and name:
// 0100_carts.sql in sqlite and in mysql, where one of them may have nothing to do
// (SELECT 1). Its first line is "-- +goose Up". Numbers go up from 0100; the older
// ones, which differ between the folders, stay as they are. What was released is never
// changed. On MySQL a file has one statement that may run twice (IF NOT EXISTS),
// because DDL commits by itself and the process may die before the number is noted.
// MySQL adds no column or key IF NOT EXISTS: that it is there, which is the first thing
// that ALTER TABLE … ADD looks at, tells the engine that the migration was done.
// On SQLite a migration is a transaction; write IF NOT EXISTS there too, because
// the tests of older databases run the later migrations again. They first take away
// the columns that migrations add (addedColumns in grams_test.go).
package storage
