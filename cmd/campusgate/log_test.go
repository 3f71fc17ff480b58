package main

import (
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/config"
)

// Lines of requests may wait for each other, but come out by themselves; any other
// line is written at once, behind those that waited.
func TestRequestLinesAreWrittenTogether(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			stderr := campusgatetest.NewStream()
			logger, flush := newServingLogger(stderr, config.Log{Level: "info", Format: format})
			logger.Info("request", "id", 1)
			stderr.Await(t, `request.*1`)
			logger.With("id", 2).Info("request")
			logger.Info("captcha")
			if got := stderr.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "captcha") {
				t.Errorf("another line does not come at once:\n%s", got)
			}
			logger.WithGroup("g").Warn("request", "id", 3)
			if got := stderr.String(); strings.Count(got, "\n") != 4 {
				t.Errorf("a warning does not come at once:\n%s", got)
			}
			for range 3 {
				logger.Info("request", "filler", strings.Repeat("x", linesBytes/3))
			}
			if got := stderr.String(); len(got) < linesBytes {
				t.Errorf("%d bytes are written, want all but what may wait", len(got))
			}
			logger.Info("request", "id", 4)
			flush()
			if got := stderr.String(); strings.Count(got, "\n") != 8 {
				t.Errorf("flush has left something:\n%.300s", got)
			}
		})
	}
}
