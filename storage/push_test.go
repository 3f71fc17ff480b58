package storage_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// TestPushAfterCommit: what a transaction pushes is told once, when it is committed, and of
// one that is not, nothing.
func TestPushAfterCommit(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		var told [][]storage.Push
		db.OnPush(func(pushes []storage.Push) {
			if has, err := db.HasNotice(t.Context(), "1", "k"); err != nil || !has {
				t.Errorf("it is told before others see it: %t, %v", has, err)
			}
			told = append(told, pushes)
		})
		stop := errors.New("stop")
		err := db.InTx(t.Context(), func(tx *storage.Tx) error {
			tx.Push("1", "never")
			return stop
		})
		if !errors.Is(err, stop) || told != nil {
			t.Fatalf("%v, told %v", err, told)
		}
		err = db.InTx(t.Context(), func(tx *storage.Tx) error {
			tx.Push("2", "outer")
			return tx.AddNotice(t.Context(), storage.Notice{UserID: "1", Key: "k", Kind: "x", CreatTime: 1})
		})
		want := [][]storage.Push{{{UserID: "2", Data: "outer"}, {UserID: "1", Data: storage.Notice{UserID: "1", Key: "k", Kind: "x", CreatTime: 1}}}}
		if diff := cmp.Diff(want, told); err != nil || diff != "" {
			t.Errorf("%v, told (-want +got):\n%s", err, diff)
		}
	})
}
