package engine

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// SQLite's log, the file -wal, is written from its beginning again when a moment comes
// in which nobody reads from it, and never made smaller. Of 32 MiB it has outgrown the
// logPages after which that is tried twice over: readers have followed each other without
// a gap, or something large was written.
const (
	// logPages of 4 KiB are moved into the file at once. Most are those of a few that every
	// sale writes, and are moved once; readers find as many in one table of the log's index.
	logPages   = 4000
	maxLog     = 32 << 20
	watchedLog = time.Second // how often its size is looked at
	logPause   = time.Minute // after which it is tried at the latest, while it is held
)

// tendSQLite makes the log small whenever it has grown, until ctx ends. What fails is
// tried again, later and later: each try keeps writers waiting.
func tendSQLite(ctx context.Context, options Options) {
	path, err := filepath.Abs(options.DSN)
	if err != nil {
		return // it was opened by it
	}
	pause := watchedLog
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		file, err := os.Stat(path + "-wal")
		if err != nil || file.Size() <= maxLog || truncateLog(ctx, path) {
			pause = watchedLog
		} else {
			pause = min(2*pause, logPause)
		}
		timer.Reset(pause)
	}
}

// truncateLog moves the log into the file and makes it empty, and reports whether it
// could: a reader may hold it for longer than the wait.
func truncateLog(ctx context.Context, path string) bool {
	pool, err := openSQLiteFile(path, url.Values{"_pragma": {"busy_timeout(100)"}})
	if err != nil {
		return false
	}
	defer pool.Close()
	var busy, pages, moved int
	err = pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	return err == nil && busy == 0
}
