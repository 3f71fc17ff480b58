package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// A DaySummary is what the market did from Begin to before End, in Unix seconds. Money is
// fen.
type DaySummary struct {
	Begin, End int64
	Users      int64 // accounts that came
	Orders     int64 // that were made
	Paid       int64 // orders that were paid, whenever they were made
	PayPrice   int64 // the sum of these
	Refunded   int64 // of what buyers gave, whenever that was: money, and debts that were lowered
}

const summaryColumns = "day_begin, day_end, users, orders, paid, pay_price, refunded"

// fields are summaryColumns.
func (s *DaySummary) fields() []any {
	return []any{&s.Begin, &s.End, &s.Users, &s.Orders, &s.Paid, &s.PayPrice, &s.Refunded}
}

// SummarizeDay counts what is in the tables of a day, each by an index of its own: so many
// rows are read as the day has.
func (q *Queries) SummarizeDay(ctx context.Context, begin, end int64) (s DaySummary, err error) {
	s.Begin, s.End = begin, end
	if s.Users, err = q.profilesMade(ctx, begin, end); err != nil {
		return s, err
	}
	if s.Orders, err = q.ordersMade(ctx, begin, end); err != nil {
		return s, err
	}
	if s.Paid, s.PayPrice, err = q.ordersPaid(ctx, begin, end); err != nil {
		return s, err
	}
	s.Refunded, err = q.refunded(ctx, begin, end)
	return s, err
}

// NextSummarized is the first second from a time on in which something happened that is in a
// summary; 0: nothing has happened since.
func (q *Queries) NextSummarized(ctx context.Context, from int64) (next int64, err error) {
	from = max(from, 1)
	for _, source := range []func(context.Context, int64) (int64, error){q.nextProfile, q.nextOrder, q.nextPaid, q.nextRefunded} {
		at, err := source(ctx, from)
		if err != nil {
			return 0, err
		}
		if at > 0 && (next == 0 || at < next) {
			next = at
		}
	}
	return next, nil
}

// KeepDaySummary keeps a day that is over. One that is kept stays as it is.
func (q *Queries) KeepDaySummary(ctx context.Context, s DaySummary) error {
	err := q.sql.Exec(ctx, "keep day summary", engine.SQL(
		"INSERT INTO day_summaries ("+summaryColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)", s.fields()...))
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// LastDaySummary is the latest that is kept. [ErrNotFound]: none is.
func (q *Queries) LastDaySummary(ctx context.Context) (s DaySummary, err error) {
	err = q.sql.Get(ctx, "last day summary", engine.SQL(
		"SELECT "+summaryColumns+" FROM day_summaries ORDER BY day_begin DESC, day_end DESC LIMIT 1"), s.fields()...)
	return s, err
}

// DaySummaries are those that are kept of days which begin from a time to before another,
// by their beginnings. Some may be of other time zones.
func (q *Queries) DaySummaries(ctx context.Context, from, before int64) ([]DaySummary, error) {
	return engine.Collect(ctx, q.sql, "day summaries", engine.SQL(
		"SELECT "+summaryColumns+" FROM day_summaries WHERE day_begin >= ? AND day_begin < ? ORDER BY day_begin, day_end", from, before),
		(*DaySummary).fields)
}
