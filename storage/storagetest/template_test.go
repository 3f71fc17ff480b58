package storagetest

import (
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
)

// A copy is what the migrations make: LIKE leaves out what it does not know, such as
// foreign keys.
func TestCopyOfTheTemplateIsMigrated(t *testing.T) {
	migrated, copied := MariaDB(t), MariaDB(t)
	if err := migrate(storage.Options{Driver: "mysql", DSN: migrated}); err != nil {
		t.Fatal(err)
	}
	if err := copyTemplate(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tables(t, migrated), tables(t, copied)); diff != "" {
		t.Errorf("-migrated +copied:\n%s", diff)
	}
	if err := open(t, storage.Options{Driver: "mysql", DSN: copied}).CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
}

// tables are the statements that make the database's tables.
func tables(t *testing.T, dsn string) map[string]string {
	t.Helper()
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	names, err := tableNames(t.Context(), config.DBName)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]string{}
	for _, name := range names {
		var text string
		row := mariaDB.server.admin.QueryRowContext(t.Context(), "SHOW CREATE TABLE "+config.DBName+"."+name)
		if err := row.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		tables[name] = text
	}
	return tables
}
