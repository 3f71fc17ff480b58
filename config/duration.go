package config

import (
	"strconv"
	"strings"
	"time"
)

// day is what d stands for in a duration: 24 hours.
const day = 24 * time.Hour

// parseDuration is [time.ParseDuration] with days, which stand first: 7d, 1d12h.
func parseDuration(text string) (time.Duration, error) {
	number, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	days, err := strconv.ParseUint(number, 10, 16) // more would not fit into a Duration
	if err != nil || rest == "" {
		return time.Duration(days) * day, err
	}
	more, err := time.ParseDuration(rest)
	if err == nil && (more < 0 || more >= day) {
		err = strconv.ErrRange
	}
	return time.Duration(days)*day + more, err
}
