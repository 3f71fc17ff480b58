package storage_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// setEmail gives a user an email, by the profile that is made for it.
func setEmail(t *testing.T, db *storage.DB, userID, email string) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(t.Context(), userID, 1)
		if err != nil {
			return err
		}
		profile.Email = email
		return tx.UpdateProfile(t.Context(), profile)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantGathered compares the keys of a user's next mail, and returns the mail's id.
func wantGathered(t *testing.T, db *storage.DB, userID string, limit int64, count int64, want ...string) (id int64) {
	t.Helper()
	var mail storage.NoticeMail
	err := db.InTx(t.Context(), func(tx *storage.Tx) (err error) {
		mail, err = tx.GatherNotices(t.Context(), userID, limit)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, notice := range mail.Notices {
		got = append(got, notice.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" || mail.Count != count || (mail.ID == 0) != (len(want) == 0) {
		t.Errorf("mail %d of %d notices, want %d (-want +got):\n%s", mail.ID, mail.Count, count, diff)
	}
	return mail.ID
}

func TestGatherNotices(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		addNotices(t, db, storage.Notice{UserID: "12", Key: "before mails are sent", CreatTime: 1})
		db.MailNotices()
		addNotices(t, db, storage.Notice{UserID: "12", Key: "before there is an email", CreatTime: 1})
		setEmail(t, db, "12", "a@example.org")
		setEmail(t, db, "13", "b@example.org")
		wantGathered(t, db, "12", 2, 0)
		add := func(user string, keys ...string) {
			t.Helper()
			for _, key := range keys {
				addNotices(t, db, storage.Notice{UserID: user, Key: key, CreatTime: 1})
			}
		}
		add("12", "a", "b", "c")
		add("13", "d")
		first := wantGathered(t, db, "12", 2, 3, "c", "b")
		add("12", "e")
		if again := wantGathered(t, db, "12", 2, 3, "c", "b"); again != first {
			t.Errorf("the same mail is %d and %d", first, again)
		}
		check(db.UngatherNotices(ctx, "12", first))
		second := wantGathered(t, db, "12", 9, 4, "e", "c", "b", "a")
		add("12", "f")
		check(db.EndMail(ctx, "12", first)) // which is none
		check(db.EndMail(ctx, "13", second))
		wantGathered(t, db, "12", 9, 4, "e", "c", "b", "a")
		check(db.EndMail(ctx, "12", second))
		check(db.UngatherNotices(ctx, "12", second)) // it is over
		third := wantGathered(t, db, "12", 9, 1, "f")
		add("12", "g")
		check(db.EndMail(ctx, "12", third))
		check(db.EndMails(ctx, "12"))
		wantGathered(t, db, "12", 9, 0)
		wantGathered(t, db, "13", 9, 1, "d")
	})
}

// A mail is asked for with the notice, and by one job for all of a user's.
func TestNoticeAsksForAMail(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		db.MailNotices()
		setEmail(t, db, "12", "a@example.org")
		setEmail(t, db, "14", "")
		for i, user := range []string{"12", "12", "13", "14"} {
			addNotices(t, db, storage.Notice{UserID: user, Key: strconv.Itoa(i), CreatTime: 7})
		}
		err := db.InTx(t.Context(), func(tx *storage.Tx) error {
			return errors.Join(tx.AddNotice(t.Context(), storage.Notice{UserID: "15", Key: "a", CreatTime: 7}), errPoor)
		})
		if !errors.Is(err, errPoor) {
			t.Fatal(err)
		}
		waiting, err := db.Jobs(t.Context(), storage.JobFilter{})
		if err != nil || len(waiting) != 1 || waiting[0].Kind != storage.MailJob || waiting[0].Key != "12" || waiting[0].Due != 7 {
			t.Errorf("%+v, %v", waiting, err)
		}
	})
}

func TestMailTurns(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		setEmail(t, db, "12", "a@example.org")
		steps := []struct {
			name string
			do   func() error
			want error
		}{
			{"the first", func() error { return db.TakeMailTurn(ctx, "12", 1000, 700) }, nil},
			{"too early", func() error { return db.TakeMailTurn(ctx, "12", 1299, 999) }, storage.ErrNotFound},
			{"another's", func() error { return db.TakeMailTurn(ctx, "13", 1299, 999) }, storage.ErrNotFound},
			{"the next", func() error { return db.TakeMailTurn(ctx, "12", 1300, 1000) }, nil},
			{"give back what is over", func() error { return db.ReturnMailTurn(ctx, "12", 1000, 0) }, storage.ErrNotFound},
			{"give back", func() error { return db.ReturnMailTurn(ctx, "12", 1300, 1000) }, nil},
			{"as if it had not been", func() error { return db.TakeMailTurn(ctx, "12", 1301, 1001) }, nil},
		}
		for _, step := range steps {
			if err := step.do(); !errors.Is(err, step.want) || step.want == nil && err != nil {
				t.Errorf("%s: %v, want %v", step.name, err, step.want)
			}
		}
	})
}
