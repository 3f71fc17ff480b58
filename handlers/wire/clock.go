package wire

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

// Unix is the current time.
func (c Clock) Unix() int64 { return c.Now().Unix() }

// Text is a time as it stands in an answer.
func (c Clock) Text(unix int64) string {
	at := time.Unix(unix, 0).In(c.Location)
	// The library formats RFC 3339 at half the cost of any other layout, and only its
	// T and its end differ from the wire's text.
	var buffer [len(time.RFC3339)]byte
	text, blank := at.AppendFormat(buffer[:0], time.RFC3339), len(time.DateOnly)
	if text[blank] != 'T' { // a year of other than four digits
		return at.Format(dispatch.DateTime)
	}
	text[blank] = ' '
	return string(text[:len(dispatch.DateTime)])
}

// Read is the time of a text that the rule datetime has accepted. It is not ok
// where the zone's clocks skipped that time, which would be shown as another.
func (c Clock) Read(text string) (unix int64, ok bool) {
	parsed, err := time.ParseInLocation(dispatch.DateTime, text, c.Location)
	return parsed.Unix(), err == nil && parsed.Format(dispatch.DateTime) == text
}

// Parse is Read for the value of a key of data, with its failure; an empty text
// is the time given as empty.
func (c Clock) Parse(key, text string, empty int64) (int64, error) {
	if text == "" {
		return empty, nil
	}
	unix, ok := c.Read(text)
	if !ok {
		return 0, dispatch.Fail(dispatch.ValueError, key+": does not exist in the server's time zone")
	}
	return unix, nil
}
