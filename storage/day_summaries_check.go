package storage

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"campusgate/storage/engine"
)

// quarter is a quarter of an hour in seconds: where a day begins, in every time zone.
const quarter = 15 * 60

// dayFigures are what the checks have found in the tables, by quarters of an hour, to be held
// against the days that are kept.
type dayFigures map[int64]*DaySummary

// at are the figures of a time.
func (f dayFigures) at(unix int64) *DaySummary {
	key := unix / quarter
	if f[key] == nil {
		f[key] = &DaySummary{}
	}
	return f[key]
}

// order counts an order.
func (f dayFigures) order(o *Order) {
	if made, err := strconv.ParseInt(o.OrderID[:min(len(o.OrderID), secondDigits)], 10, 64); err == nil {
		f.at(made).Orders++
	}
	if o.PayTime > 0 {
		f.at(o.PayTime).Paid++
	}
}

// sum is what was found from a time to before another.
func (f dayFigures) sum(begin, end int64) DaySummary {
	sum := DaySummary{Begin: begin, End: end}
	for key := begin / quarter; key < end/quarter; key++ {
		if part := f[key]; part != nil {
			sum.Users, sum.Orders, sum.Paid = sum.Users+part.Users, sum.Orders+part.Orders, sum.Paid+part.Paid
			sum.PayPrice, sum.Refunded = sum.PayPrice+part.PayPrice, sum.Refunded+part.Refunded
		}
	}
	return sum
}

// checkDays holds the days that are kept against the ledger, the orders and the profiles.
func (q *Queries) checkDays(ctx context.Context, figures dayFigures) (check LedgerCheck, err error) {
	check = LedgerCheck{Name: "days"}
	var kept DaySummary
	days := 0
	err = q.sql.Each(ctx, "check days", engine.SQL("SELECT "+summaryColumns+" FROM day_summaries ORDER BY day_begin").Once(), kept.fields(), func() {
		days++
		if found := figures.sum(kept.Begin, kept.End); found != kept {
			check.off("the day that begins at %s is kept as %s, but had %s",
				time.Unix(kept.Begin, 0).UTC().Format(time.RFC3339), kept.figures(), found.figures())
		}
	})
	check.Figures = fmt.Sprintf("%d kept", days)
	return check, err
}

// figures are those of a day in words.
func (s DaySummary) figures() string {
	return fmt.Sprintf("%d users, %d orders, %d paid with %s yuan, %s refunded", s.Users, s.Orders, s.Paid, yuan(s.PayPrice), yuan(s.Refunded))
}
