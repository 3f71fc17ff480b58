package importing_test

import (
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/importing"
	"campusgate/handlers/market"
	"campusgate/storage"
	"campusgate/storage/olddatabase"
	"campusgate/storage/olddatabase/olddatabasetest"
)

// shanghai is where the old server's times are local.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// run imports from old into db, and returns the lines of the report.
func run(t *testing.T, old *olddatabasetest.Database, db *storage.DB, options importing.Options) ([]importing.Summary, string, error) {
	t.Helper()
	from, err := olddatabase.Open(t.Context(), old.DSN)
	must(t, err)
	defer func() { must(t, from.Close()) }()
	var report strings.Builder
	options.From, options.To, options.Report = from, db.Within(10*time.Minute), &report
	options.Location, options.Clean = shanghai, market.ContentCleaner()
	if options.Progress == nil {
		options.Progress = func(string, int, int) {}
	}
	summaries, err := importing.Run(t.Context(), options)
	return summaries, report.String(), err
}

// unix is a time of the old server.
func unix(t *testing.T, text string) int64 {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, text, shanghai)
	must(t, err)
	return at.Unix()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
