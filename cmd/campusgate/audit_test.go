package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
)

// The audit has a line for each thing that it proves, and one for each that is off.
func TestAudit(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	runCommand(t, environ, "audit").Refused(t, exitFailed, "database.dsn", "no such file")
	addUser(t, environ, student, "王凌超", "12.5")
	audit := func(status int, want string) {
		t.Helper()
		if diff := cmp.Diff(want, runCommand(t, environ, "audit").Want(t, status).Stdout); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	audit(exitOK, `rows: 1, which moved 12.50 yuan and 0 beli: ok
wallets: 1 with 12.50 yuan; external: 0.00 yuan in 0 of them: ok
beli: 0 free and 0 held of 1 users: ok
credits: 0 of 0.00 yuan, of which 0.00 held and 0.00 owed: ok
orders: 0, of which 0 open hold 0.00 yuan: ok
clocks: 0 jobs of 0 open orders: ok
records: 0 held and 0 used: ok
stock: 0 lines of open orders, with 0 pieces out of a stock: ok
unclaimed: 0.00 yuan of 0 attempts: ok
days: 0 kept: ok
`)
	execute(t, folder, `UPDATE users SET wealth = 10`) // as an account service may
	execute(t, folder, `UPDATE profiles SET beli = 5, beli_held = -1`)
	audit(exitFailed, `rows: 1, which moved 12.50 yuan and 0 beli: ok
wallets: 1 with 10.00 yuan; external: -2.50 yuan in 1 of them: ok
beli: 5 free and -1 held of 1 users: OFF
credits: 0 of 0.00 yuan, of which 0.00 held and 0.00 owed: ok
orders: 0, of which 0 open hold 0.00 yuan: ok
clocks: 0 jobs of 0 open orders: ok
records: 0 held and 0 used: ok
stock: 0 lines of open orders, with 0 pieces out of a stock: ok
unclaimed: 0.00 yuan of 0 attempts: ok
days: 0 kept: ok
OFF: beli: user `+student+` has 4, but the ledger says 0
OFF: beli: user `+student+` has 5 free and -1 held
OFF: beli: user `+student+` has -1 held, but the orders hold 0
`)
}
