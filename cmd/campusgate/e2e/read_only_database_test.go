package e2e

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// While the database is read-only, the probe and check say so, reads go on, and a write
// has its status; nothing has to be restarted.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	server := storagetest.StartMariaDB(t)
	admin, err := sql.Open("mysql", server.DSN)
	must(t, err)
	defer func() { _ = admin.Close() }() // it has done its work
	run := func(statement string) {
		t.Helper()
		_, err := admin.ExecContext(t.Context(), statement)
		must(t, err)
	}
	run("CREATE USER campus@localhost") // whom read_only binds
	run("GRANT ALL ON test.* TO campus@localhost")
	config, err := mysql.ParseDSN(server.DSN)
	must(t, err)
	config.User = "campus"
	c := openCampus(t, campusgatetest.Sharing(t, config.FormatDSN(), redistest.Start(t).Address()))

	run("SET GLOBAL read_only = 1")
	c.wantReady(t, "not ready: database (read_only)\n")
	checked := campusgatetest.Run(t, c.environ, "check").Want(t, exitFailed).Stdout
	if want := "database  mysql: FAILED: database.dsn: open database: the server is read-only: its read_only is on"; !strings.Contains(checked, want) {
		t.Errorf("check says %q, want %q", checked, want)
	}
	for _, q := range c.database {
		writes := strings.Contains(q.body, `"apply"`) || strings.Contains(q.body, `"update"`)
		c.want(t, writes, []question{q})
	}
	c.want(t, false, append(c.captchas, c.neither...))
	run("SET GLOBAL read_only = 0")
	c.awaitReady(t)
	c.want(t, false, c.database)
}
