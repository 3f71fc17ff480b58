package office

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// The days are kept to the end wherever the job was stopped, anew where the server's time
// zone is another, and in a zone whose days are not all of 24 hours.
func TestKeepDays(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx, now := t.Context(), time.Date(2026, 4, 2, 1, 0, 0, 0, time.UTC)
		keep := func(zone string) error {
			t.Helper()
			location, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			clock := wire.Clock{Now: func() time.Time { return now }, Location: location}
			return officeCalls{Deps{DB: db, Clock: clock}}.keepDays(ctx, storage.Job{})
		}
		kept := func(want int, users int64) {
			t.Helper()
			days, err := db.DaySummaries(ctx, 0, now.Unix())
			if err != nil {
				t.Fatal(err)
			}
			var came int64
			for _, day := range days {
				came += day.Users
			}
			if len(days) != want || came != users {
				t.Errorf("%d days with %d users are kept, want %d with %d", len(days), came, want, users)
			}
			storagetest.CheckLedger(t, db)
		}
		if err := keep("UTC"); err != nil {
			t.Fatal(err)
		}
		kept(0, 0) // nothing has happened yet
		err := db.InTx(ctx, func(tx *storage.Tx) error {
			err := tx.InsertProfile(ctx, storage.Profile{UserID: "late", CreatTime: time.Date(2026, 3, 8, 4, 30, 0, 0, time.UTC).Unix()})
			for i := range 20 {
				made := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC).Add(time.Duration(i) * 12 * time.Hour)
				err = errors.Join(err, tx.InsertProfile(ctx, storage.Profile{UserID: fmt.Sprint("u", i), CreatTime: made.Unix()}))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		faults, stopped := storagetest.FaultsOf(db), 0
		for at := int64(1); ; at++ {
			faults.Set(storagetest.Fault{At: at, Err: errors.New("killed")})
			err := keep("UTC")
			if faults.Hit() == "" && err == nil {
				break
			}
			if err == nil {
				t.Errorf("%s: the job does not fail", faults.Hit())
			}
			stopped++
		}
		faults.Set(storagetest.Fault{})
		if stopped < 8 {
			t.Errorf("the job was stopped %d times", stopped)
		}
		kept(11, 21) // 1 to 11 March
		for range 2 {
			if err := keep("America/Havana"); err != nil { // on 8 March clocks skip midnight
				t.Fatal(err)
			}
			kept(11+11, 21+21)
		}
	})
}
