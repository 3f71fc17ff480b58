package bench

import (
	"slices"
	"sync"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

func closeAll(connections []*campusgatetest.Connection) {
	for _, c := range connections {
		_ = c.Close()
	}
}

// round is what all connections together did in one slice of time.
type round struct {
	took  time.Duration
	times []time.Duration // of each work
}

func (r round) perSecond() float64 { return float64(len(r.times)) / r.took.Seconds() }

// rush has every connection work without a pause, for the slice and to the end of
// what it has begun.
func rush(t testing.TB, connections []*campusgatetest.Connection, work campusgatetest.Work, slice time.Duration) round {
	t.Helper()
	times := make([][]time.Duration, len(connections))
	begin := time.Now()
	var group sync.WaitGroup
	for i, connection := range connections {
		group.Go(func() {
			for now := begin; ; {
				if err := work(connection); err != nil {
					t.Error(err)
					return
				}
				end := time.Now()
				times[i] = append(times[i], end.Sub(now))
				if now = end; now.Sub(begin) >= slice {
					return
				}
			}
		})
	}
	group.Wait()
	done := round{took: time.Since(begin), times: slices.Concat(times...)}
	if t.Failed() {
		t.FailNow()
	}
	return done
}

// pace begins work at a fixed rate, whether or not earlier work is done, on
// whichever connection is free. Times count from before there is one, so that a
// server that falls behind cannot hide it. How late the client itself woke is told
// beside them.
func pace(t testing.TB, connections []*campusgatetest.Connection, work campusgatetest.Work, perSecond, count int) (done round, late []time.Duration) {
	t.Helper()
	free := make(chan *campusgatetest.Connection, len(connections))
	for _, c := range connections {
		free <- c
	}
	times, late := make([]time.Duration, count), make([]time.Duration, count)
	begin := time.Now()
	var group sync.WaitGroup
	for i := range count {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
		time.Sleep(time.Until(due))
		woken := time.Now()
		late[i] = woken.Sub(due)
		group.Go(func() {
			c := <-free
			defer func() { free <- c }()
			if err := work(c); err != nil {
				t.Error(err)
			}
			times[i] = time.Since(woken)
		})
	}
	group.Wait()
	return round{took: time.Since(begin), times: times}, late
}

// percentile is one of 0 to 100 of the times.
func percentile(times []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
