package handlers

import (
	"time"

	"campusgate/dispatch"
)

// Clock makes the times of the wire: text YYYY-MM-DD HH:MM:SS in the server's
// time zone. Inside, times are unix seconds.
type Clock struct {
	Now      func() time.Time
	Location *time.Location
}

func (c Clock) now() int64 { return c.Now().Unix() }

func (c Clock) text(unix int64) string {
	at := time.Unix(unix, 0).In(c.Location)
	// RFC 3339 has a way of its own through the library, at half the cost. It is the
	// wire's text but for a T and its end.
	var buffer [len(time.RFC3339)]byte
	text, blank := at.AppendFormat(buffer[:0], time.RFC3339), len(time.DateOnly)
	if text[blank] != 'T' { // a year of other than four digits
		return at.Format(dispatch.DateTime)
	}
	text[blank] = ' '
	return string(text[:len(dispatch.DateTime)])
}

// read is the time of a text that the rule datetime let through. It is not ok
// where the zone's clocks skipped that time: it would come back as another.
func (c Clock) read(text string) (unix int64, ok bool) {
	parsed, err := time.ParseInLocation(dispatch.DateTime, text, c.Location)
	return parsed.Unix(), err == nil && parsed.Format(dispatch.DateTime) == text
}

// parse is the time of a key's text; an empty one is the time given.
func (c Clock) parse(key, text string, empty int64) (int64, error) {
	if text == "" {
		return empty, nil
	}
	unix, ok := c.read(text)
	if !ok {
		return 0, dispatch.Fail(dispatch.ValueError, key+": no time of the server's zone")
	}
	return unix, nil
}
