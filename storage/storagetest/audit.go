package storagetest

import (
	"context"
	"testing"

	"campusgate/storage"
)

// Audit fails the test where the balances are not what the ledger says, or wallets differ
// from it by another amount than this, in fen. Every test that moves money ends with it.
func Audit(t testing.TB, db *storage.DB, external int64) {
	t.Helper()
	if report := CheckLedger(t, db); report.External != external {
		t.Errorf("audit: wallets differ from the ledger by %d fen, want %d", report.External, external)
	}
}

// CheckLedger is Audit for a test that looks at the wallets itself; it runs also when the
// test is over.
func CheckLedger(t testing.TB, db *storage.DB) storage.LedgerReport {
	t.Helper()
	report, err := db.CheckLedger(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range report.Off() {
		t.Error("audit: " + line)
	}
	return report
}
