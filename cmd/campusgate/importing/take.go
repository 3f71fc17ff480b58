package importing

import (
	"context"

	"campusgate/storage"
	"campusgate/storage/olddatabase"
)

// A batch is written when it has so many rows, or so many bytes of texts: MySQL's packets
// may be of 4 MiB.
const (
	batchRows  = 1000
	batchBytes = 1 << 20
)

// A taking takes the rows of one table over.
type taking[Row any] struct {
	table olddatabase.Table
	// ours are the rows that we have by their ids. Those that are added go there too.
	ours map[string]storage.Origin
	// read reads a row.
	read func(*fields) Row
	// origin returns a row's id, and what tells it from another row with this id.
	origin func(Row) (id string, origin storage.Origin)
	// refuse says why a new row cannot be added beside the others, "" where it can; nil
	// refuses none.
	refuse func(Row) (reason string)
	// add adds a batch in a transaction.
	add func(context.Context, []Row) error

	run     *run
	summary Summary
	seen    map[string]bool // ids in the old table
	batch   []Row
	bytes   int // of the batch
}

// take takes a table over.
func take[Row any](ctx context.Context, r *run, t taking[Row]) error {
	t.run, t.summary.Table, t.seen = r, t.table.Name, map[string]bool{}
	defer func() { r.summaries = append(r.summaries, t.summary) }()
	for old, err := range r.From.Rows(ctx, t.table) {
		if err != nil {
			return err
		}
		t.summary.Read++
		if err := t.takeRow(old); err != nil {
			return err
		}
		if len(t.batch) == batchRows || t.bytes >= batchBytes {
			if err := t.flush(ctx); err != nil {
				return err
			}
		}
	}
	return t.flush(ctx)
}

// takeRow adds a row to the batch, or says in the report why it does not.
func (t *taking[Row]) takeRow(old olddatabase.Row) error {
	f := &fields{rows: []olddatabase.Row{old}, location: t.run.Location}
	row := t.read(f)
	id, origin := t.origin(row)
	known, there := t.ours[id]
	if len(f.problems) == 0 {
		f.problems = t.conflicts(row, id, there && known != origin, !there)
	}
	if len(f.problems) > 0 {
		t.summary.LeftOut++
		return t.run.report.add(f, false, f.problems)
	}
	t.seen[id] = true
	if there {
		t.summary.There++
	} else {
		t.ours[id] = origin
		t.batch, t.bytes = append(t.batch, row), t.bytes+old.Bytes()
	}
	if len(f.remarks) > 0 {
		t.summary.Changed++
		return t.run.report.add(f, true, f.remarks)
	}
	return nil
}

// conflicts are the reasons why a row cannot stand beside those that we have.
func (t *taking[Row]) conflicts(row Row, id string, another, fresh bool) []string {
	switch {
	case t.seen[id]:
		return []string{"the id is there twice"}
	case another:
		return []string{"the new database has another row with this id"}
	case fresh && t.refuse != nil:
		if reason := t.refuse(row); reason != "" {
			return []string{reason}
		}
	}
	return nil
}

// flush writes the batch.
func (t *taking[Row]) flush(ctx context.Context) error {
	if len(t.batch) > 0 && !t.run.DryRun {
		if err := t.add(ctx, t.batch); err != nil {
			return err
		}
	}
	t.summary.Added += len(t.batch)
	t.batch, t.bytes = t.batch[:0], 0
	t.run.Progress(t.table.Name, t.summary.Read, t.run.totals[t.table.Name])
	return nil
}
