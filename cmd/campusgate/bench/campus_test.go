package bench

import (
	"database/sql"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// benchCampus is a database with what the benchmark asks for, and the gateways on it.
type benchCampus struct {
	environ  []string // of its gateways
	replicas int
	floor    floorOptions
}

func (c *benchCampus) driver() string { return c.floor.Driver }

// newEmbedded is the embedded default.
func newEmbedded(t testing.TB, fill func(testing.TB, *storage.DB)) *benchCampus {
	t.Helper()
	folder := t.TempDir()
	c := &benchCampus{environ: campusgatetest.Embedded(folder), replicas: 1, floor: floorOptions{Driver: "sqlite", DSN: campusgatetest.DatabaseIn(folder)}}
	c.fill(t, fill)
	return c
}

// newShared is MariaDB, Redis and a bucket, with two replicas.
func newShared(t testing.TB, database *storagetest.Process, redis *redistest.Server, name string, fill func(testing.TB, *storage.DB)) *benchCampus {
	t.Helper()
	dsn := createDatabase(t, database.DSN, name)
	c := &benchCampus{
		environ: append(campusgatetest.Sharing(t, dsn, redis.Address()), "CAMPUSGATE_CAPTCHA_LOG_CODES=false"), replicas: 2,
		floor: floorOptions{Driver: "mysql", DSN: dsn, Redis: redis.Address()},
	}
	c.fill(t, fill)
	return c
}

func createDatabase(t testing.TB, dsn, name string) string {
	t.Helper()
	administer(t, dsn, "CREATE DATABASE "+name)
	config, err := mysql.ParseDSN(dsn)
	must(t, err)
	config.DBName = name
	return config.FormatDSN()
}

// administer runs one statement.
func administer(t testing.TB, dsn, statement string) {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), statement)
	must(t, err)
}

func (c *benchCampus) fill(t testing.TB, fill func(testing.TB, *storage.DB)) {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{Driver: c.driver(), DSN: c.floor.DSN, Timeout: 10 * time.Minute})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Migrate(t.Context()))
	fill(t, db)
}

// startServers are what a shared campus needs.
func startServers(t testing.TB) (*storagetest.Process, *redistest.Server) {
	t.Helper()
	database := storagetest.StartMariaDB(t)
	administer(t, database.DSN, "SET GLOBAL max_connections = 1000") // all sides together have hundreds
	return database, redistest.Start(t)
}
