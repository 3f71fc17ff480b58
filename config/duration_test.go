package config

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"10s": 10 * time.Second, "1.5h": 90 * time.Minute, "0": 0, "-1s": -time.Second, "0d": 0,
		"7d": 168 * time.Hour, "1d12h30m": 36*time.Hour + 30*time.Minute, "1d0.5h": 24*time.Hour + 30*time.Minute,
		"65535d23h59m59.9s": 65536*day - 100*time.Millisecond,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%q is %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "-1d", "+1d", "1.5d", "1D", "1 d", "1dd", "1d1d", "1d24h", "1d-1h", "1h1d", "1d1", "65536d", "day"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q is %s, want an error", text, got)
		}
	}
}
