// Package olddatabasetest makes databases as the old server left them, for tests.
package olddatabasetest

import (
	"database/sql"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"campusgate/storage/olddatabase"
	"campusgate/storage/storagetest"
)

// A Database is an old one.
type Database struct {
	DSN string
	SQL *sql.DB
	// Numbered says that parameters are $1, $2 and so on, and not ?.
	numbered bool
}

// Each runs test as a subtest on an old database of each kind, with empty tables.
func Each(t *testing.T, test func(t *testing.T, old *Database)) {
	t.Helper()
	t.Run("from PostgreSQL", func(t *testing.T) { t.Parallel(); test(t, PostgreSQL(t)) })
	t.Run("from MariaDB", func(t *testing.T) { t.Parallel(); test(t, MariaDB(t)) })
}

// PostgreSQL makes the tables as the old server had them. Prices are of every type that
// was seen, and tables have columns of others behind.
func PostgreSQL(t testing.TB) *Database {
	t.Helper()
	d := open(t, "pgx", storagetest.PostgreSQL(t))
	d.numbered = true
	d.Exec(t, `CREATE TABLE property (id bigint PRIMARY KEY, type int, state int,
		lab varchar(50) NOT NULL, title varchar(20) NOT NULL, content varchar(500) NOT NULL, occurrence_time timestamp,
		user_id varchar(15), user_name varchar(10), user_phone varchar(15), user_qq varchar(15),
		user2_id varchar(15), user2_name varchar(10), user2_phone varchar(15), user2_qq varchar(15),
		publish_time timestamp, update_time timestamp, pic_num int, pic_url1 text, pic_url2 text, pic_url3 text)`)
	d.Exec(t, `CREATE TABLE shop (shop_id bigint, shop_name text, shop_content text, user_id bigint,
		creat_time timestamp, pic_url text, notes text)`)
	d.Exec(t, `CREATE TABLE product (product_id bigint, product_name text, product_content text, product_key text,
		product_price numeric, product_disprice double precision, product_sale int, product_click int, product_collection int,
		shop_id bigint, creat_time timestamp, update_time timestamp, pic_url text, product_status int)`)
	// A column's name is not what stands in it: the old server never asked for it.
	d.Exec(t, `CREATE TABLE purchase_base (id text, purchase_state text, user_id text, purchase_type int,
		purchase_price double precision, "creat Time" timestamp, pay_method text, shop_id bigint)`)
	d.Exec(t, `CREATE TABLE purchase_info (purchase_id text, product_id bigint, product_num int,
		product_unitprice double precision, product_totalprice numeric)`)
	d.Exec(t, `CREATE TABLE users (id bigint, password text, "Name" text, wealth double precision)`)
	d.Exec(t, `CREATE TABLE tokens (token text, user_id bigint, expires timestamp)`)
	return d
}

// MariaDB makes the tables as a campus copied them: of a character set of that time, and
// with dates that only MySQL has.
func MariaDB(t testing.TB) *Database {
	t.Helper()
	d := open(t, "mysql", storagetest.MariaDB(t))
	d.Exec(t, `CREATE TABLE property (id bigint PRIMARY KEY, type int, state int,
		lab varchar(50) NOT NULL, title varchar(20) NOT NULL, content varchar(500) NOT NULL, occurrence_time datetime,
		user_id varchar(15), user_name varchar(10), user_phone varchar(15), user_qq varchar(15),
		user2_id varchar(15), user2_name varchar(10), user2_phone varchar(15), user2_qq varchar(15),
		publish_time datetime, update_time datetime, pic_num int, pic_url1 text, pic_url2 text, pic_url3 text) CHARSET utf8mb4`)
	d.Exec(t, `CREATE TABLE shop (shop_id int, shop_name varchar(200), shop_content text, user_id varchar(15),
		creat_time timestamp NULL, pic_url text) CHARSET gbk`)
	d.Exec(t, `CREATE TABLE product (product_id int, product_name text, product_content mediumtext, product_key text,
		product_price double, product_disprice decimal(20,4), product_sale int, product_click int, product_collection int,
		shop_id int, creat_time datetime, update_time datetime, pic_url text, product_status int) CHARSET utf8mb4`)
	d.Exec(t, `CREATE TABLE purchase_base (purchase_id varchar(30), purchase_state varchar(10), user_id bigint, purchase_type int,
		purchase_price decimal(20,3), creat_time datetime, pay_method varchar(10)) CHARSET utf8mb4`)
	d.Exec(t, `CREATE TABLE purchase_info (purchase_id varchar(30), product_id int, product_num int,
		product_unitprice decimal(20,4), product_totalprice double) CHARSET utf8mb4`)
	d.Exec(t, `CREATE TABLE users (id int, wealth double, name varchar(20)) CHARSET utf8mb4`)
	d.Exec(t, `CREATE TABLE tokens (token varchar(64), user_id int) CHARSET utf8mb4`)
	return d
}

func open(t testing.TB, driver, dsn string) *Database {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // it has nothing to lose
	return &Database{DSN: dsn, SQL: db}
}

// Exec changes the database.
func (d *Database) Exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := d.SQL.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Name is what the server calls the database.
func (d *Database) Name(t testing.TB) (name string) {
	t.Helper()
	if err := d.SQL.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

// Insert adds rows to a table, each with a value for each of its columns that the old server
// knew.
func (d *Database) Insert(t testing.TB, table olddatabase.Table, rows ...[]any) {
	t.Helper()
	names := d.columns(t, table)
	const chunk = 500
	for len(rows) > 0 {
		some := rows[:min(chunk, len(rows))]
		rows = rows[len(some):]
		var values []string
		var args []any
		for _, row := range some {
			var marks []string
			for _, value := range row {
				args = append(args, value)
				marks = append(marks, d.mark(len(args)))
			}
			values = append(values, "("+strings.Join(marks, ", ")+")")
		}
		d.Exec(t, "INSERT INTO "+table.Name+" ("+strings.Join(names, ", ")+") VALUES "+strings.Join(values, ", "), args...)
	}
}

// columns are a table's columns in the database by the places, or names, of the old server's.
func (d *Database) columns(t testing.TB, table olddatabase.Table) (names []string) {
	t.Helper()
	rows, err := d.SQL.QueryContext(t.Context(), "SELECT * FROM "+table.Name+" WHERE 1 = 0")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err = rows.Columns()
	if err != nil || rows.Err() != nil {
		t.Fatal(err, rows.Err())
	}
	if table.Name == olddatabase.Users.Name {
		names = []string{"id", "name", "wealth"}
		if d.numbered {
			names[1] = `"Name"`
		}
		return names
	}
	for i, name := range names {
		if strings.Contains(name, " ") {
			names[i] = `"` + name + `"`
		}
	}
	return names[:len(table.Columns)]
}

func (d *Database) mark(number int) string {
	if d.numbered {
		return "$" + strconv.Itoa(number)
	}
	return "?"
}
