package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/storagetest"
)

// killedDriver and killedDSN tell a process of this test that it is the replica to be
// killed, and its database.
const killedDriver, killedDSN = "KILLED_DRIVER", "KILLED_DSN"

// A replica that is killed within a job's transaction leaves nothing of it, and another
// does the whole job when the lease has expired.
func TestKill(t *testing.T) {
	t.Parallel()
	if driver := os.Getenv(killedDriver); driver != "" {
		beKilled(t, storage.Options{Driver: driver, DSN: os.Getenv(killedDSN)})
	}
	for driver, dsn := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "a.db") },
		"mysql":  func(t *testing.T) string { t.Helper(); return storagetest.MariaDB(t) },
	} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			options := storage.Options{Driver: driver, DSN: dsn(t)}
			db := openDatabase(t, options)
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			add(t, db, storage.Job{Kind: "order", Key: "a", Due: 1})
			killReplica(t, options)
			if list := stored(t, db); len(list) != 1 || list[0].TakenBy == "" || list[0].Tries != 1 {
				t.Fatalf("after the kill: %+v", list)
			}
			late := int64(0)
			now := func(ctx context.Context) (int64, error) {
				now, err := db.Now(ctx)
				return now + late, err
			}
			r, err := jobs.New(db, []jobs.Kind{order(db, func() {})}, jobs.Options{Now: now, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			runDue(t, r, 0)
			late = 61
			runDue(t, r, 1)
			if _, err := db.Purchase(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			wantStored(t, db)
		})
	}
}

func openDatabase(t *testing.T, options storage.Options) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // it has nothing to lose
	return db
}

// order is a kind whose jobs add a row, and come by within the transaction.
func order(db *storage.DB, within func()) jobs.Kind {
	return jobs.Kind{Name: "order", Run: func(ctx context.Context, job storage.Job) error {
		return db.InTx(ctx, func(tx *storage.Tx) error {
			err := tx.InsertPurchase(ctx, storage.Purchase{PurchaseID: job.Key})
			if errors.Is(err, storage.ErrConflict) {
				return nil // it was done before
			}
			within()
			return err
		})
	}}
}

// killReplica runs this test in another process, which takes the job, and kills it.
func killReplica(t *testing.T, options storage.Options) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
	command.Env = append(os.Environ(), killedDriver+"="+options.Driver, killedDSN+"="+options.DSN)
	life, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer life.Close()
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = command.Wait() }() // which tells of the kill
	line, err := bufio.NewReader(output).ReadString('\n')
	if killed := command.Process.Kill(); err != nil || killed != nil || line != "within\n" {
		t.Errorf("the replica said %q, %v; kill: %v", line, err, killed)
	}
}

// beKilled runs the job until it is killed within its transaction, or the test's own
// process has ended.
func beKilled(t *testing.T, options storage.Options) {
	t.Helper()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	db := openDatabase(t, options)
	r, err := jobs.New(db, []jobs.Kind{order(db, func() {
		fmt.Fprintln(os.Stdout, "within")
		select {}
	})}, jobs.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r.Run(t.Context())
}
