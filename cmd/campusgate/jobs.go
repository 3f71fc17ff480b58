package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"campusgate/config"
	"campusgate/storage"
)

func setupJobsList(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	kind := flags.String("kind", "", "only jobs of this `KIND`")
	dead := flags.Bool("dead", false, "only jobs that failed too often")
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			list, err := db.Jobs(ctx, storage.JobFilter{Kind: *kind, Dead: *dead})
			if err != nil || len(list) == 0 {
				return err
			}
			table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tKIND\tKEY\tSTATE\tDUE\tTRIES\tLAST ERROR")
			for _, job := range list {
				fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n", job.ID, job.Kind, job.Key, stateOf(job),
					time.Unix(job.Due, 0).In(c.Server.Timezone).Format(time.DateTime), job.Tries, job.LastError)
			}
			return table.Flush()
		})
	}
}

// The states of a job, as jobs list and the metrics name them.
const (
	jobWaiting = "waiting"
	jobRunning = "running"
	jobDead    = "dead"
)

func stateOf(job storage.Job) string {
	switch {
	case job.Dead:
		return jobDead
	case job.TakenBy != "":
		return jobRunning
	default:
		return jobWaiting
	}
}

func setupJobsRetry(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	dead := flags.Bool("dead", false, "retry all jobs that failed too often")
	return func(ctx context.Context, c *config.Config) error {
		if *dead == (flags.NArg() > 0) {
			return p.misused(flags, "either ids or --dead must be given")
		}
		var ids []int64
		for _, text := range flags.Args() {
			id, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return p.misused(flags, fmt.Sprintf("%q is not the number of a job", text))
			}
			ids = append(ids, id)
		}
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			return db.Within(time.Minute).InTx(ctx, func(tx *storage.Tx) error { return retryJobs(ctx, tx, ids) })
		})
	}
}

// retryJobs makes all of the jobs due, or none; without ids those that are dead.
func retryJobs(ctx context.Context, tx *storage.Tx, ids []int64) error {
	if len(ids) == 0 {
		dead, err := tx.Jobs(ctx, storage.JobFilter{Dead: true})
		if err != nil {
			return err
		}
		for _, job := range dead {
			ids = append(ids, job.ID)
		}
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := tx.RetryJob(ctx, id, now)
		if errors.Is(err, storage.ErrNotFound) {
			return fmt.Errorf("job %d is done, or runs at this moment: none was retried", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
