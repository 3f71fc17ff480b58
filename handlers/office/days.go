package office

import (
	"time"

	"campusgate/dispatch"
)

// dates are the first and the last day of some, of the server's time zone.
type dates struct {
	DateBegin string `json:"date_begin" rule:"required" doc:"YYYY-MM-DD, the first day"`
	DateEnd   string `json:"date_end" rule:"required" doc:"YYYY-MM-DD, the last day"`
}

// A day is one of the calendar, in whatever time zone: midnight in UTC.
type day struct{ time.Time }

// next is the day behind it, or so many.
func (d day) next(days int) day { return day{d.AddDate(0, 0, days)} }

// text is as on the wire.
func (d day) text() string { return d.Format(time.DateOnly) }

// days are the two that are asked for.
func (d dates) days() (first, last day, err error) {
	for _, one := range []struct {
		key, text string
		to        *day
	}{{"date_begin", d.DateBegin, &first}, {"date_end", d.DateEnd, &last}} {
		parsed, err := time.Parse(time.DateOnly, one.text)
		if err != nil {
			return first, last, dispatch.Fail(dispatch.ValueError, one.key+": must be a day that exists, as YYYY-MM-DD")
		}
		one.to.Time = parsed
	}
	if last.Before(first.Time) {
		return first, last, dispatch.Fail(dispatch.ValueError, "date_end: must not be before date_begin")
	}
	return first, last, nil
}

// begin is the first second of a day, and the one behind the last of the day before.
func (d Deps) begin(of day) int64 {
	return time.Date(of.Year(), of.Month(), of.Day(), 0, 0, 0, 0, d.Clock.Location).Unix()
}

// dayAt is the day of a time.
func (d Deps) dayAt(unix int64) day {
	year, month, dom := time.Unix(unix, 0).In(d.Clock.Location).Date()
	at := day{time.Date(year, month, dom, 0, 0, 0, 0, time.UTC)}
	if next := at.next(1); d.begin(next) <= unix { // where clocks skip midnight, a day begins an hour before it
		return next
	}
	return at
}
