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
	return time.Unix(unix, 0).In(c.Location).Format(dispatch.DateTime)
}

// parse reads a text that the rule datetime let through.
func (c Clock) parse(text string) (int64, error) {
	parsed, err := time.ParseInLocation(dispatch.DateTime, text, c.Location)
	return parsed.Unix(), err
}

// parseOr is parse with a time for the empty text.
func (c Clock) parseOr(text string, empty int64) (int64, error) {
	if text == "" {
		return empty, nil
	}
	return c.parse(text)
}
