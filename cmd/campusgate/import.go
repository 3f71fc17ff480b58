package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"campusgate/cmd/campusgate/importing"
	"campusgate/config"
	"campusgate/handlers/market"
	"campusgate/storage"
	"campusgate/storage/olddatabase"
)

// batchTimeout bounds the transaction of one batch: the machine may be busy.
const batchTimeout = 10 * time.Minute

func setupImport(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	from := flags.String("from", "", "the old database: a `DSN` like postgres://user:password@host/database, or user:password@tcp(host:3306)/database of MySQL")
	accounts := flags.Bool("accounts", false, "take users and tokens over too")
	merge := flags.Bool("merge", false, "take over into a database that has other rows")
	dryRun := flags.Bool("dry-run", false, "write the report, and nothing to the database")
	report := flags.String("report", "import-report.jsonl", "`FILE` that lists the rows that are not kept as they were")
	return func(ctx context.Context, c *config.Config) error {
		if *from == "" {
			return p.misused(flags, "--from is missing")
		}
		old, err := olddatabase.Open(ctx, *from)
		if err != nil {
			return fmt.Errorf("--from: %w", err)
		}
		defer func() { _ = old.Close() }() // it was only read
		if *accounts && (!old.Has(olddatabase.Users) || !old.Has(olddatabase.Tokens)) {
			return errors.New("--accounts: the old database has no tables users and tokens")
		}
		progress := newProgress(p.stderr, time.Now)
		defer progress.stop()
		run := func(c *config.Config, open opener) error {
			return p.withDatabase(ctx, c, open, func(db *storage.DB) error {
				return p.importInto(ctx, *report, importing.Options{
					From: old, To: db.Within(batchTimeout), Accounts: *accounts, Merge: *merge, DryRun: *dryRun,
					Location: c.Server.Timezone, Clean: market.ContentCleaner(),
					Progress: progress.show,
				})
			})
		}
		if *dryRun {
			return p.rehearse(c, run)
		}
		return run(c, p.openDatabase)
	}
}

// rehearse calls run as a dry run wants it: with a database that is only looked at, or an
// empty one that goes away where the file of SQLite was not made yet.
func (p process) rehearse(c *config.Config, run func(*config.Config, opener) error) error {
	if _, err := os.Stat(c.Database.DSN.Reveal()); c.Database.Driver != "sqlite" || !errors.Is(err, os.ErrNotExist) {
		return run(c, connectCurrent)
	}
	folder, err := os.MkdirTemp("", "campusgate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // it holds nothing
	aside := *c
	aside.Database.DSN = config.Secret(filepath.Join(folder, "campusgate.db"))
	return run(&aside, p.openDatabase)
}

// importInto runs an import with its report, and prints what it did.
func (p process) importInto(ctx context.Context, name string, options importing.Options) error {
	report, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600) // it has people's phone numbers
	if err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	options.Report = report
	options.Accepted = func() error { return report.Truncate(0) } // a refused import keeps the last one's
	summaries, err := importing.Run(ctx, options)
	err = errors.Join(err, report.Close())
	p.printSummaries(summaries, name, options)
	switch {
	case errors.Is(err, importing.ErrOtherRows):
		return fmt.Errorf("database.dsn: %w; --merge adds to them", err)
	case err != nil && len(summaries) > 0:
		return fmt.Errorf("import: %w; the same command goes on from here", err)
	case err != nil:
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

func (p process) printSummaries(summaries []importing.Summary, report string, options importing.Options) {
	if len(summaries) == 0 {
		return
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "table\tread\tadded\tthere before\tchanged\tleft out\t")
	listed := false
	for _, s := range summaries {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t\n", s.Table, s.Read, s.Added, s.There, s.Changed, s.LeftOut)
		listed = listed || s.Changed > 0 || s.LeftOut > 0
	}
	_ = table.Flush() // as every other print: a broken stdout is the caller's
	if options.DryRun {
		fmt.Fprintln(p.stdout, "nothing was written: this is what would be done")
	}
	if listed {
		fmt.Fprintf(p.stdout, "%s lists each row that was left out or changed, and why\n", report)
	}
}
