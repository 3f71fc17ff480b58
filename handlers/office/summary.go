package office

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// maxDays is how many days are summed up at once.
const maxDays = 92

type summarize struct{ dates }

// daySummary is what the market did on a day.
type daySummary struct {
	Date     string       `json:"date"`
	Users    int64        `json:"users" doc:"accounts that came"`
	Orders   int64        `json:"orders" doc:"that were made"`
	Paid     int64        `json:"paid" doc:"orders that were paid, whenever they were made"`
	PayPrice dispatch.Fen `json:"pay_price" doc:"what was paid for these, without debts"`
	Refunded dispatch.Fen `json:"refunded" doc:"what buyers were given back, whenever they had paid: money, and debts that were lowered"`
}

func (summarize) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "For admins. One row a day of the server's time zone, also of days on which nothing happened, the newest first: at most 92. " +
			"The sums are those of the ledger, which `campusgate audit` proves. `purchase/*` is not in them.",
		Example: `{"date_begin": "2019-11-01", "date_end": "2019-11-28"}`,
	}
}

func (o officeCalls) summary(ctx context.Context, in summarize) (wire.List[daySummary], error) {
	first, last, err := in.days()
	if err != nil {
		return wire.List[daySummary]{}, err
	}
	if !last.Before(first.next(maxDays).Time) {
		return wire.List[daySummary]{}, dispatch.Fail(dispatch.ValueError, "date_end: must be at most 92 days from date_begin, both counted")
	}
	days, err := o.summaries(ctx, first, last)
	if err != nil {
		return wire.List[daySummary]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(days, int64(len(days)), func(s storage.DaySummary) daySummary {
		return daySummary{
			o.dayAt(s.Begin).text(), s.Users, s.Orders, s.Paid, dispatch.Fen(s.PayPrice), dispatch.Fen(s.Refunded),
		}
	}), nil
}

// summaries are those of some days, the newest first: as they are kept, and of days that are
// not, as today, counted now.
func (o officeCalls) summaries(ctx context.Context, first, last day) (days []storage.DaySummary, err error) {
	found, err := o.DB.DaySummaries(ctx, o.begin(first), o.begin(last.next(1)))
	if err != nil {
		return nil, err
	}
	kept := map[[2]int64]storage.DaySummary{}
	for _, s := range found {
		kept[[2]int64{s.Begin, s.End}] = s
	}
	now := o.Clock.Unix()
	for at := last; !at.Before(first.Time); at = at.next(-1) {
		s := storage.DaySummary{Begin: o.begin(at), End: o.begin(at.next(1))}
		if same, ok := kept[[2]int64{s.Begin, s.End}]; ok {
			s = same
		} else if s.Begin <= now {
			if s, err = o.DB.SummarizeDay(ctx, s.Begin, s.End); err != nil {
				return nil, err
			}
		}
		days = append(days, s)
	}
	return days, nil
}

// closedAfter is how long after its end a day is kept, in seconds: every transaction that
// began in it is over, and the replicas' clocks agree so far.
const closedAfter = 60 * 60

// keepDays is a job that keeps the days that are over, but for those on which nothing
// happened. Done twice or killed, it goes on behind the last that is kept; where that is of
// another time zone it begins anew.
func (o officeCalls) keepDays(ctx context.Context, _ storage.Job) error {
	from, err := o.keptUntil(ctx)
	if err != nil {
		return err
	}
	for {
		next, err := o.DB.NextSummarized(ctx, from)
		if err != nil || next == 0 {
			return err
		}
		at := o.dayAt(next)
		end := o.begin(at.next(1))
		if end+closedAfter > o.Clock.Unix() {
			return nil
		}
		s, err := o.DB.SummarizeDay(ctx, o.begin(at), end)
		if err != nil {
			return err
		}
		if err := o.DB.KeepDaySummary(ctx, s); err != nil {
			return err
		}
		from = end
	}
}

// keptUntil is the end of the last day that is kept, 0 where that is of another time zone or
// none is.
func (o officeCalls) keptUntil(ctx context.Context) (int64, error) {
	last, err := o.DB.LastDaySummary(ctx)
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil
	}
	if at := o.dayAt(last.Begin); o.begin(at) != last.Begin || o.begin(at.next(1)) != last.End {
		return 0, err
	}
	return last.End, err
}
