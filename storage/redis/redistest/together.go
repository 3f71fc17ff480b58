package redistest

import (
	"sync"
	"sync/atomic"
	"testing"
)

// Together calls from many goroutines at once, counts those that said yes, and fails
// the test where one failed.
func Together(t *testing.T, callers int, call func(caller int) (bool, error)) int {
	t.Helper()
	var yes atomic.Int64
	var running sync.WaitGroup
	start := make(chan struct{})
	for caller := range callers {
		running.Go(func() {
			<-start
			said, err := call(caller)
			if err != nil {
				t.Error(err)
			}
			if said {
				yes.Add(1)
			}
		})
	}
	close(start)
	running.Wait()
	return int(yes.Load())
}
