package bench

import (
	"os"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// browsing is the p99 of a page of goods that is asked for at a fixed rate, until ended says
// so, for as many requests at least.
func browsing(t *testing.T, addresses []string, atLeast int, ended <-chan struct{}) time.Duration {
	t.Helper()
	const perSecond, together = 200, 50
	connections := campusgatetest.Dial(t, addresses, 16)
	defer closeAll(connections)
	work := campusgatetest.Asking(campusgatetest.Posting("/browse", campusgatetest.Envelope("product/search", `{"key":"生发水","count":20}`)), 200)
	var times []time.Duration
	for over := false; !over || len(times) < atLeast; {
		done, _ := pace(t, connections, work, perSecond, together)
		times = append(times, done.times...)
		select {
		case <-ended:
			over = true
		default:
		}
	}
	return percentile(times, 99)
}

// over is a channel that is closed.
func over() <-chan struct{} {
	ended := make(chan struct{})
	close(ended)
	return ended
}

// judgeBrowsing compares the p99 of browsing beside something with that alone. Times are judged
// by the benchmark alone.
func judgeBrowsing(t *testing.T, beside string, quiet, loaded time.Duration) {
	t.Helper()
	ratio := float64(loaded) / float64(quiet)
	t.Logf("browsing, p99: %s alone, %s beside %s: %.2f times", quiet.Round(time.Microsecond), loaded.Round(time.Microsecond), beside, ratio)
	if os.Getenv("BENCH") != "" && ratio >= 2 {
		t.Errorf("browsing beside %s takes %.2f times, want below 2", beside, ratio)
	}
}

// effortful is one of two numbers: that of the benchmark, and that of its play.
func effortful[T any](bench, play T) T {
	if os.Getenv("BENCH") != "" {
		return bench
	}
	return play
}
