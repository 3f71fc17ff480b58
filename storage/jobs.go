package storage

import (
	"context"
	"errors"
	"strings"

	"campusgate/storage/engine"
)

// A Job is something to be done at its time by any replica: see package jobs, which
// runs them. It may run more than once.
type Job struct {
	ID   int64
	Kind string // which code runs it, at most 64 bytes
	// Key tells it from the other jobs of its kind, as an order's id does: the same kind
	// and key is the same job. At most 255 bytes.
	Key  string
	Data string // what the code needs beside the key, at most 4096 bytes
	// Due is when it may be taken, in Unix seconds; of a job that is taken, when the
	// lease expires.
	Due       int64
	Tries     int64  // how often it was taken since it last succeeded
	Wishes    int64  // how often it was added
	TakenBy   string // whose lease it is, different for every lease; "" while it waits
	Dead      bool   // it failed too often, and waits for an operator
	LastError string // why it failed last, at most 1020 bytes
}

const jobColumns = "job_id, kind, job_key, data, run_time, tries, wishes, taken_by, dead, last_error"

// fields are jobColumns.
func (j *Job) fields() []any {
	return []any{&j.ID, &j.Kind, &j.Key, &j.Data, &j.Due, &j.Tries, &j.Wishes, &j.TakenBy, &j.Dead, &j.LastError}
}

// AddJob asks for a job, of which Kind, Key, Data and Due are given: it comes into being
// with the transaction. One that is there already stays as it is. If it runs at this
// moment it will run once more, as it may have read what was there before this
// transaction; if it is dead it begins anew.
func (tx *Tx) AddJob(ctx context.Context, job Job) error {
	const operation = "add job"
	if job.Kind == "" || job.Due <= 0 {
		return errors.New(operation + ": kind and due must be given")
	}
	for {
		// First the update: of several that add a job which is there, each would lock its row
		// for reading by an insert that fails, and none could change it then. Columns are
		// set one after the other on MySQL, so dead is the last.
		err := tx.sql.Change(ctx, operation, engine.SQL(`
			UPDATE jobs SET wishes = wishes + 1, run_time = CASE WHEN dead THEN ? ELSE run_time END,
				tries = CASE WHEN dead THEN 0 ELSE tries END, dead = FALSE
			WHERE kind = ? AND job_key = ?`, job.Due, job.Kind, job.Key))
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		err = tx.sql.Exec(ctx, operation, engine.SQL(
			`INSERT INTO jobs (kind, job_key, data, run_time) VALUES (?, ?, ?, ?)`, job.Kind, job.Key, job.Data, job.Due))
		if !errors.Is(err, ErrConflict) { // another transaction may have added it meanwhile
			return err
		}
	}
}

// HastenJob makes a job that waits for its time, or for another try, due now with all its
// tries. One that runs, is dead or is not there stays as it is.
func (tx *Tx) HastenJob(ctx context.Context, kind, key string, now int64) error {
	return tx.sql.Exec(ctx, "hasten job", engine.SQL(
		`UPDATE jobs SET run_time = ?, tries = 0 WHERE kind = ? AND job_key = ? AND run_time > ? AND taken_by = '' AND dead = FALSE`,
		now, kind, key, now))
}

// AddJobs is [Tx.AddJob] for jobs that are likely not there yet, which it adds at once.
func (tx *Tx) AddJobs(ctx context.Context, jobs []Job) error {
	if len(jobs) == 0 {
		return nil
	}
	err := engine.InsertRows(ctx, tx.sql, "add jobs", "jobs (kind, job_key, data, run_time)", jobs,
		func(j *Job) []any { return []any{&j.Kind, &j.Key, &j.Data, &j.Due} })
	if !errors.Is(err, ErrConflict) {
		return err
	}
	for _, job := range jobs {
		if err := tx.AddJob(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// DropJobs removes the jobs of a kind whose keys begin so, but those that run.
func (tx *Tx) DropJobs(ctx context.Context, kind, prefix string) error {
	return tx.sql.Exec(ctx, "drop jobs", engine.SQL(
		`DELETE FROM jobs WHERE kind = ? AND job_key >= ? AND job_key < ? AND taken_by = ''`, kind, prefix, prefix+"\x7f"))
}

// Now is the database's time in Unix seconds: what replicas compare leases with.
func (q *Queries) Now(ctx context.Context) (int64, error) { return q.sql.Now(ctx) }

// DueJobs are the jobs of these kinds that may be taken now, the longest due first, at
// most limit. There is at least one kind. Where their number does not vary, "" standing
// for none, the query is prepared once.
func (q *Queries) DueJobs(ctx context.Context, kinds []string, now int64, limit int) ([]Job, error) {
	args := []any{now}
	for _, kind := range kinds {
		args = append(args, kind)
	}
	return engine.Collect(ctx, q.sql, "due jobs", engine.SQL("SELECT "+jobColumns+
		" FROM jobs WHERE dead = FALSE AND run_time <= ? AND kind IN (?"+strings.Repeat(", ?", len(kinds)-1)+
		") ORDER BY run_time, job_id LIMIT ?", append(args, limit)...), (*Job).fields)
}

// TakeJob takes a job, as [Queries.DueJobs] found it, under a lease that expires at
// until, in Unix seconds. by is the lease's name, which no other has. [ErrNotFound]:
// another was quicker.
func (q *Queries) TakeJob(ctx context.Context, job Job, by string, until int64) (taken Job, err error) {
	err = q.sql.Change(ctx, "take job", engine.SQL(`
		UPDATE jobs SET run_time = ?, tries = tries + 1, taken_by = ?
		WHERE job_id = ? AND run_time = ? AND taken_by = ? AND dead = FALSE`,
		until, by, job.ID, job.Due, job.TakenBy))
	job.Due, job.TakenBy = until, by
	job.Tries++
	return job, err
}

// RenewJob has the lease of a job that was taken expire later. [ErrNotFound]: the lease
// is lost.
func (q *Queries) RenewJob(ctx context.Context, taken Job, until int64) error {
	return q.sql.Change(ctx, "renew job", engine.SQL(
		`UPDATE jobs SET run_time = ? WHERE job_id = ? AND taken_by = ?`, until, taken.ID, taken.TakenBy))
}

// FinishJob removes a job that was taken and is done. [ErrNotFound]: it was added again
// since it was taken, or the lease is lost.
func (q *Queries) FinishJob(ctx context.Context, taken Job) error {
	return q.sql.Change(ctx, "finish job", engine.SQL(
		`DELETE FROM jobs WHERE job_id = ? AND taken_by = ? AND wishes = ?`, taken.ID, taken.TakenBy, taken.Wishes))
}

// PutBackJob ends the lease of a job that was taken, which waits from now on with its
// Due, Tries, Dead and LastError. [ErrNotFound]: the lease is lost.
func (q *Queries) PutBackJob(ctx context.Context, taken Job) error {
	return q.sql.Change(ctx, "put job back", engine.SQL(`
		UPDATE jobs SET run_time = ?, tries = ?, dead = ?, last_error = ?, taken_by = ''
		WHERE job_id = ? AND taken_by = ?`,
		taken.Due, taken.Tries, taken.Dead, taken.LastError, taken.ID, taken.TakenBy))
}

// RetryJob makes a job due now, dead or waiting, with all its tries. [ErrNotFound]: there
// is none, or it is taken.
func (q *Queries) RetryJob(ctx context.Context, id, now int64) error {
	return q.sql.Change(ctx, "retry job", engine.SQL(
		`UPDATE jobs SET run_time = ?, tries = 0, dead = FALSE WHERE job_id = ? AND taken_by = ''`, now, id))
}

// A JobFilter selects jobs for [Queries.Jobs].
type JobFilter struct {
	Kind string // "" is every kind
	Dead bool   // only dead ones
}

// Jobs lists jobs, the longest due first.
func (q *Queries) Jobs(ctx context.Context, filter JobFilter) ([]Job, error) {
	conditions := q.sql.Filter()
	if filter.Kind != "" {
		conditions.And("kind = ?", filter.Kind)
	}
	if filter.Dead {
		conditions.And("dead = TRUE")
	}
	return engine.Collect(ctx, q.sql, "jobs", engine.SQL("SELECT "+jobColumns+" FROM jobs").
		Where(conditions).Then(" ORDER BY run_time, job_id"), (*Job).fields)
}

// DeadJobs lists those that are dead, of one kind or of all, the longest dead first; total
// counts them up to 10,000, whatever the page. MariaDB would read every job of the kind instead.
func (q *Queries) DeadJobs(ctx context.Context, kind string, page Page) (list []Job, total int64, err error) {
	dead := q.sql.Filter()
	dead.And("dead = TRUE")
	if kind != "" {
		dead.And("kind = ?", kind)
	}
	from := " FROM jobs" + q.sql.ForceIndex("jobs_due")
	list, err = engine.Collect(ctx, q.sql, "dead jobs", engine.SQL("SELECT "+jobColumns+from).
		Where(dead).Then(" ORDER BY run_time, job_id").Page(page), (*Job).fields)
	if err != nil {
		return nil, 0, err
	}
	err = q.sql.Get(ctx, "count dead jobs", engine.SQL("SELECT COUNT(*) FROM (SELECT 1"+from).
		Where(dead).Then(" LIMIT ?) counted", maxCounted), &total)
	return list, total, err
}

// LockJob returns a job, which stays so until the transaction's end. [ErrNotFound]: there is
// none.
func (tx *Tx) LockJob(ctx context.Context, id int64) (job Job, err error) {
	err = tx.sql.Get(ctx, "lock job", engine.SQL("SELECT "+jobColumns+" FROM jobs WHERE job_id = ?"+tx.sql.ForUpdate(), id), job.fields()...)
	return job, err
}

// A JobCount is how many jobs of a kind are in each state.
type JobCount struct {
	Kind                   string
	Waiting, Running, Dead int64
	FirstDue               int64 // Unix seconds, of those that are not dead; 0 where there is none
}

// JobCounts counts every job, so it takes longer the more there are.
func (q *Queries) JobCounts(ctx context.Context) ([]JobCount, error) {
	return engine.Collect(ctx, q.sql, "count jobs", engine.SQL(`
		SELECT kind, SUM(CASE WHEN dead = FALSE AND taken_by = '' THEN 1 ELSE 0 END),
			SUM(CASE WHEN taken_by <> '' THEN 1 ELSE 0 END), SUM(CASE WHEN dead THEN 1 ELSE 0 END),
			COALESCE(MIN(CASE WHEN dead THEN NULL ELSE run_time END), 0)
		FROM jobs GROUP BY kind ORDER BY kind`),
		func(c *JobCount) []any { return []any{&c.Kind, &c.Waiting, &c.Running, &c.Dead, &c.FirstDue} })
}
