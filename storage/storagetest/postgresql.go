package storagetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// guardPostgreSQL makes a server in the folder $1 with the programs of the folder $2 and
// runs it until its standard input ends, as guard does.
const guardPostgreSQL = `
trap '' HUP INT TERM
folder=$1
programs=$2
cd "$folder"
"$programs/initdb" -D data -U campus -A trust -E UTF8 --locale=C -N >log 2>&1 </dev/null && {
	"$programs/postgres" -D data -k "$folder" -h '' -F >>log 2>&1 </dev/null &
}
cat >/dev/null
kill -QUIT $!
wait
cd / && rm -rf "$folder"`

// postgreSQL is one server for all tests of a process.
var postgreSQL struct {
	start  sync.Once
	server *postgreSQLServer
	err    error
}

type postgreSQLServer struct {
	life      io.Closer // the guard's input, closed by the end of this process
	admin     *sql.DB
	folder    string
	databases atomic.Int64
}

// PostgreSQL returns the DSN of a new, empty database, as [MariaDB] does. Nothing of ours
// runs on PostgreSQL: it stands for databases that others made.
func PostgreSQL(t testing.TB) (dsn string) {
	t.Helper()
	programs := postgreSQLPrograms(t)
	postgreSQL.start.Do(func() {
		postgreSQL.server, postgreSQL.err = startPostgreSQL(context.WithoutCancel(t.Context()), programs)
	})
	s := postgreSQL.server
	if postgreSQL.err != nil {
		t.Fatal(postgreSQL.err)
	}
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	if _, err := s.admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.dsn(name)
}

func (s *postgreSQLServer) dsn(database string) string {
	return "postgres://campus@/" + database + "?" + url.Values{"host": {s.folder}}.Encode()
}

func startPostgreSQL(ctx context.Context, programs string) (*postgreSQLServer, error) {
	folder, err := newFolder("postgresql")
	if err != nil {
		return nil, err
	}
	guarded := exec.CommandContext(ctx, "sh", "-c", guardPostgreSQL, "sh", folder, programs)
	if err := unprivileged(guarded, folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	life, err := guarded.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := guarded.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	s := &postgreSQLServer{life: life, folder: folder}
	if s.admin, err = s.connect(ctx); err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "log"))
		_ = life.Close()
		return nil, fmt.Errorf("start postgres: %w:\n%s", err, log)
	}
	return s, nil
}

// postgreSQLPrograms is the folder of the server's programs. Debian keeps each version's
// in one of its own, out of the path.
func postgreSQLPrograms(t testing.TB) (folder string) {
	t.Helper()
	server := "postgres"
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) > 0 { // the pattern is right
		server = found[len(found)-1]
	}
	return filepath.Dir(Program(t, server))
}

// unprivileged runs a command as nobody where the tests run as root, which PostgreSQL
// refuses.
func unprivileged(command *exec.Cmd, folder string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(nobody.Gid)
	if err != nil {
		return err
	}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(folder, uid, gid)
}

// connect waits until the server answers.
func (s *postgreSQLServer) connect(ctx context.Context) (*sql.DB, error) {
	config, err := pgx.ParseConfig(s.dsn("postgres"))
	if err != nil {
		return nil, err
	}
	return awaitAnswer(ctx, stdlib.OpenDB(*config))
}
