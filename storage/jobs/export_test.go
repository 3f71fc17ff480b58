package jobs

import "time"

// RenewAt has leases renewed when a time is sent, in place of every 15 seconds.
func (r *Runner) RenewAt(times <-chan time.Time) {
	r.renewals = func() (<-chan time.Time, func()) { return times, func() {} }
}
