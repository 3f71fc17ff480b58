package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/storagetest"
)

// eachDatabase runs a benchmark on both.
func eachDatabase(b *testing.B, bench func(b *testing.B, db *storage.DB)) {
	for kind, open := range map[string]func(testing.TB) *storage.DB{"sqlite": storagetest.Open, "mariadb": storagetest.OpenMariaDB} {
		b.Run(kind, func(b *testing.B) { bench(b, open(b)) })
	}
}

// byDatabase returns a runner by the database's clock, of a kind and nine others.
func byDatabase(b *testing.B, db *storage.DB, kind jobs.Kind) *jobs.Runner {
	b.Helper()
	kinds := []jobs.Kind{kind}
	for i := range 9 {
		kinds = append(kinds, idle(fmt.Sprint("other", i)))
	}
	r, err := jobs.New(db, kinds, jobs.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// processorTime is what this process has had of all cores; a server of the database is
// another process.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// A thousand orders are due at one instant, and each is a transaction that writes.
func BenchmarkThousandDue(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db *storage.DB) {
		const count = 1000
		var ids atomic.Int64
		left, done := atomic.Int64{}, make(chan struct{})
		r := byDatabase(b, db, jobs.Kind{Name: "order", Run: func(ctx context.Context, job storage.Job) error {
			defer func() {
				if left.Add(-1) == 0 {
					done <- struct{}{}
				}
			}()
			return db.InTx(ctx, func(tx *storage.Tx) error {
				id := strconv.FormatInt(ids.Add(1), 10)
				return tx.InsertPurchase(ctx, storage.Purchase{PurchaseID: id, UserID: job.Key})
			})
		}})
		used := time.Duration(0)
		for b.Loop() {
			b.StopTimer()
			addMany(b, db, "order", count, 1)
			left.Store(count)
			before := processorTime(b)
			b.StartTimer()
			stop, wait := start(b, r)
			<-done
			stop()
			wait()
			used += processorTime(b) - before
		}
		b.ReportMetric(float64(used.Milliseconds())/float64(b.N), "cpu-ms/op")
	})
}

// A queue in which nothing is due is asked for ten seconds, beside ten thousand jobs that
// wait.
func BenchmarkIdle(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db *storage.DB) {
		addMany(b, db, "order", 10_000, time.Now().Add(time.Hour).Unix())
		r := byDatabase(b, db, idle("order"))
		before, began := processorTime(b), time.Now()
		for b.Loop() {
			stop, wait := start(b, r)
			time.Sleep(10 * time.Second)
			stop()
			wait()
		}
		b.ReportMetric(100*float64(processorTime(b)-before)/float64(time.Since(began)), "%cpu")
	})
}
