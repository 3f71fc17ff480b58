package storagetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// guard makes a server in the folder $1 and runs it as the program $2 until its
// standard input ends, which it does when the test's process does, however that
// comes about. It leaves nothing behind.
const guard = `
trap '' HUP INT TERM
folder=$1
program=$2
shift 2
mariadb-install-db "$@" --auth-root-authentication-method=normal --skip-test-db </dev/null >"$folder/log" 2>&1 && {
	"$program" "$@" --socket="$folder/socket" --pid-file="$folder/pid" --skip-networking \
		--general-log --log-output=TABLE --skip-log-bin --innodb-flush-log-at-trx-commit=0 \
		--performance-schema=off --key-buffer-size=1M --lock-wait-timeout=20 </dev/null >>"$folder/log" 2>&1 &
}
cat >/dev/null
kill -KILL $!
wait
rm -rf "$folder"`

// mariaDB is one server for all tests of a process: to start it takes seconds.
var mariaDB struct {
	start  sync.Once
	server *server
	err    error
}

// A server is a MariaDB of this process.
type server struct {
	life      io.Closer // guard's input, closed by the end of this process
	admin     *sql.DB
	config    *mysql.Config
	databases atomic.Int64
}

// MariaDB returns the DSN of a new, empty database, on a server that this process starts
// for itself. It is dropped when the test ends.
func MariaDB(t testing.TB) (dsn string) {
	t.Helper()
	program, _ := mariaDBPrograms(t)
	mariaDB.start.Do(func() { mariaDB.server, mariaDB.err = startMariaDB(context.WithoutCancel(t.Context()), program) })
	s := mariaDB.server
	if mariaDB.err != nil {
		t.Fatal(mariaDB.err)
	}
	config := s.config.Clone()
	config.DBName = fmt.Sprintf("test%d", s.databases.Add(1))
	if _, err := s.admin.ExecContext(t.Context(), "CREATE DATABASE "+config.DBName); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE "+config.DBName); err != nil {
			t.Error(err)
		}
	})
	return config.FormatDSN()
}

// mariaDBPrograms are the server and what makes its system tables.
func mariaDBPrograms(t testing.TB) (server, installer string) {
	t.Helper()
	return Program(t, "mariadbd"), Program(t, "mariadb-install-db")
}

// Statements returns the different statements that [MariaDB]'s server has been
// asked, none if it was not started. Longer ones than its log holds are absent.
func Statements(ctx context.Context) ([]string, error) {
	if mariaDB.server == nil {
		return nil, nil
	}
	rows, err := mariaDB.server.admin.QueryContext(ctx,
		"SELECT DISTINCT CAST(argument AS BINARY) FROM mysql.general_log "+
			"WHERE command_type IN ('Query', 'Prepare') AND LENGTH(argument) < 60000")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var statements []string
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			return nil, err
		}
		statements = append(statements, statement)
	}
	return statements, rows.Err()
}

func startMariaDB(ctx context.Context, program string) (*server, error) {
	folder, err := newFolder("mariadb")
	if err != nil {
		return nil, err
	}
	arguments := append([]string{"-c", guard, "sh", folder, program}, settings(folder)...)
	guarded := exec.CommandContext(ctx, "sh", arguments...)
	life, err := guarded.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := guarded.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	s := &server{life: life, config: clientOf(folder)}
	if s.admin, err = connect(ctx, s.config); err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "log"))
		_ = life.Close()
		return nil, fmt.Errorf("start mariadbd: %w:\n%s", err, log)
	}
	return s, nil
}

// newFolder makes a folder for a server, in memory where that has room: on a disk a
// server that makes tables does little but wait.
func newFolder(name string) (string, error) {
	const memory, room = "/dev/shm", 1 << 30
	var system syscall.Statfs_t
	if err := syscall.Statfs(memory, &system); err == nil && system.Bavail*uint64(system.Bsize) >= room {
		return os.MkdirTemp(memory, name)
	}
	return os.MkdirTemp("", name)
}

// settings are those that a server in the folder is made with and runs with. A server
// that starts deletes the temporary tables in its folder for them, so no two share one.
func settings(folder string) []string {
	settings := []string{
		"--no-defaults", "--datadir=" + filepath.Join(folder, "data"), "--tmpdir=" + folder,
		"--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
		"--innodb-flush-method=nosync", // where the folder is on a disk, which may stop for seconds
	}
	if os.Geteuid() == 0 {
		settings = append(settings, "--user=root")
	}
	return settings
}

// clientOf asks the server in the folder.
func clientOf(folder string) *mysql.Config {
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.Logger = "root", "unix", filepath.Join(folder, "socket"), &mysql.NopLogger{}
	return config
}

// connect waits until the server answers.
func connect(ctx context.Context, config *mysql.Config) (*sql.DB, error) {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return awaitAnswer(ctx, sql.OpenDB(connector))
}
