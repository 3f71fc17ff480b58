package storage_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func addNotices(t *testing.T, db *storage.DB, notices ...storage.Notice) {
	t.Helper()
	for _, notice := range notices {
		err := db.InTx(t.Context(), func(tx *storage.Tx) error { return tx.AddNotice(t.Context(), notice) })
		if err != nil {
			t.Fatal(err)
		}
	}
}

// keysOf are the keys of a user's notices, as they are listed.
func keysOf(t *testing.T, db *storage.DB, userID string, unread bool) []string {
	t.Helper()
	list, total, err := db.Notices(t.Context(), userID, unread, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for _, notice := range list {
		keys = append(keys, notice.Key)
	}
	if total != int64(len(keys)) {
		t.Errorf("%d are counted of %q", total, keys)
	}
	return keys
}

func TestNotice(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		want := storage.Notice{
			UserID: "12", Key: "order 1 shipped", Kind: "order", Title: "订单已发货", Content: "a\nb ", OrderID: "01", ProductID: 1000001, CreatTime: 5,
		}
		again := want
		again.Title = "another"
		addNotices(t, db, want, again)
		list, total, err := db.Notices(t.Context(), "12", false, storage.Page{})
		if err != nil || total != 1 || len(list) != 1 || list[0].NoticeID == 0 {
			t.Fatalf("%+v, %d, %v", list, total, err)
		}
		want.NoticeID = list[0].NoticeID
		if diff := cmp.Diff(want, list[0]); diff != "" {
			t.Errorf("Notices (-want +got):\n%s", diff)
		}
		// Keys and users are told apart byte for byte.
		addNotices(t, db, storage.Notice{UserID: "012", Key: want.Key, CreatTime: 6}, storage.Notice{UserID: "12", Key: "Order 1 shipped", CreatTime: 6},
			storage.Notice{UserID: "12", Key: want.Key + " ", CreatTime: 6})
		if got := keysOf(t, db, "12", false); len(got) != 3 {
			t.Errorf("%q", got)
		}
	})
}

// A step that several take at once makes one notice.
func TestNoticeMadeOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		var adding sync.WaitGroup
		for i := range 8 {
			adding.Go(func() {
				err := db.InTx(t.Context(), func(tx *storage.Tx) error {
					return tx.AddNotice(t.Context(), storage.Notice{UserID: "12", Key: strconv.Itoa(i % 2), CreatTime: 1})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		adding.Wait()
		if got := keysOf(t, db, "12", false); len(got) != 2 {
			t.Errorf("%q", got)
		}
	})
}

func TestNotices(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for i, user := range []string{"12", "12", "13", "12", "12"} {
			addNotices(t, db, storage.Notice{UserID: user, Key: strconv.Itoa(i), CreatTime: int64(10 - i)}) // a clock may go back
		}
		ids := map[string]int64{}
		for _, user := range []string{"12", "13"} {
			list, _, err := db.Notices(ctx, user, false, storage.Page{})
			if err != nil {
				t.Fatal(err)
			}
			for _, notice := range list {
				ids[notice.Key] = notice.NoticeID
			}
		}
		if diff := cmp.Diff([]string{"4", "3", "1", "0"}, keysOf(t, db, "12", false)); diff != "" {
			t.Errorf("newest first (-want +got):\n%s", diff)
		}
		for _, c := range []struct {
			page  storage.Page
			count int
		}{{storage.Page{Limit: 3}, 3}, {storage.Page{Limit: 3, Offset: 3}, 1}, {storage.Page{Limit: 3, Offset: 4}, 0}} {
			if list, total, err := db.Notices(ctx, "12", true, c.page); err != nil || len(list) != c.count || total != 4 {
				t.Errorf("%+v: %d of %d, %v", c.page, len(list), total, err)
			}
		}

		read := func(user string, keys ...string) {
			t.Helper()
			var chosen []int64
			for _, key := range keys {
				chosen = append(chosen, ids[key])
			}
			if err := db.ReadNotices(ctx, user, append(chosen, 987654321)); err != nil {
				t.Error(err)
			}
		}
		wantUnread := func(user string, want ...string) {
			t.Helper()
			if diff := cmp.Diff(append([]string{}, want...), keysOf(t, db, user, true)); diff != "" {
				t.Errorf("unread of %s (-want +got):\n%s", user, diff)
			}
			if count, err := db.CountUnread(ctx, user); err != nil || count != int64(len(want)) {
				t.Errorf("%d unread of %s, %v", count, user, err)
			}
		}
		wantUnread("12", "4", "3", "1", "0")
		read("12", "1", "2", "0") // "2" is another's
		wantUnread("12", "4", "3")
		wantUnread("13", "2")
		read("12", "1")
		if err := db.ReadNotices(ctx, "12", nil); err != nil {
			t.Error(err)
		}
		wantUnread("12", "4", "3")
		if err := db.ReadAllNotices(ctx, "12"); err != nil {
			t.Error(err)
		}
		wantUnread("12")
		wantUnread("13", "2")
		if diff := cmp.Diff([]string{"4", "3", "1", "0"}, keysOf(t, db, "12", false)); diff != "" {
			t.Errorf("read ones are listed too (-want +got):\n%s", diff)
		}
	})
}

// A notice is part of the step that makes it.
func TestNoticeOfAStepThatFails(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		err := db.InTx(t.Context(), func(tx *storage.Tx) error {
			if err := tx.AddNotice(t.Context(), storage.Notice{UserID: "12", Key: "a", CreatTime: 1}); err != nil {
				return err
			}
			return errPoor
		})
		if err == nil || len(keysOf(t, db, "12", false)) != 0 {
			t.Errorf("%v", err)
		}
		// One that is there already does not spoil a step.
		addNotices(t, db, storage.Notice{UserID: "12", Key: "a", CreatTime: 1})
		err = db.InTx(t.Context(), func(tx *storage.Tx) error {
			for _, key := range []string{"a", "b"} {
				if err := tx.AddNotice(t.Context(), storage.Notice{UserID: "12", Key: key, CreatTime: 2}); err != nil {
					return err
				}
			}
			return nil
		})
		if diff := cmp.Diff([]string{"b", "a"}, keysOf(t, db, "12", false)); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}
