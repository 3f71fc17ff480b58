package storage_test

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func addJobs(t *testing.T, db *storage.DB, jobs ...storage.Job) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		for _, job := range jobs {
			if err := tx.AddJob(t.Context(), job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantJobs compares all jobs but for their ids, which differ between databases.
func wantJobs(t *testing.T, db *storage.DB, want ...storage.Job) {
	t.Helper()
	got := jobsOf(t, db, storage.JobFilter{})
	for i := range got {
		got[i].ID = 0
	}
	if diff := cmp.Diff(append([]storage.Job{}, want...), got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func jobsOf(t *testing.T, db *storage.DB, filter storage.JobFilter) []storage.Job {
	t.Helper()
	list, err := db.Jobs(t.Context(), filter)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// takeDue takes the first due job of a kind.
func takeDue(t *testing.T, db *storage.DB, kind string, now int64, by string, until int64) storage.Job {
	t.Helper()
	due, err := db.DueJobs(t.Context(), []string{kind}, now, 1)
	if err != nil || len(due) != 1 {
		t.Fatalf("DueJobs = %v, %v; want one", due, err)
	}
	taken, err := db.TakeJob(t.Context(), due[0], by, until)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func TestAddJob(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		addJobs(t, db,
			storage.Job{Kind: "mail", Key: "a", Data: "1", Due: 10},
			storage.Job{Kind: "mail", Key: "A", Due: 20},
			storage.Job{Kind: "mail", Key: "a ", Due: 30},
			storage.Job{Kind: "clock", Key: "a", Due: 40},
			storage.Job{Kind: "mail", Key: "a", Data: "2", Due: 5}, // there already
		)
		errStop := errors.New("stop")
		err := db.InTx(ctx, func(tx *storage.Tx) error {
			if err := tx.AddJob(ctx, storage.Job{Kind: "mail", Key: "rolled back", Due: 1}); err != nil {
				t.Error(err)
			}
			if err := tx.AddJob(ctx, storage.Job{Kind: "mail", Key: "A", Due: 1}); err != nil {
				t.Error(err)
			}
			return errStop
		})
		if !errors.Is(err, errStop) {
			t.Error(err)
		}
		wantJobs(t, db,
			storage.Job{Kind: "mail", Key: "a", Data: "1", Due: 10, Wishes: 2},
			storage.Job{Kind: "mail", Key: "A", Due: 20, Wishes: 1},
			storage.Job{Kind: "mail", Key: "a ", Due: 30, Wishes: 1},
			storage.Job{Kind: "clock", Key: "a", Due: 40, Wishes: 1},
		)
		for _, job := range []storage.Job{{Kind: "mail", Key: "b"}, {Key: "b", Due: 1}} {
			err := db.InTx(ctx, func(tx *storage.Tx) error { return tx.AddJob(ctx, job) })
			if err == nil || !strings.Contains(err.Error(), "kind and due must be given") {
				t.Errorf("AddJob(%+v): %v", job, err)
			}
		}
	})
}

// Transactions that add the same job at once wait for each other, and it is one job.
// A job that waits for another try can be had at once; one that runs or is dead stays so.
func TestHastenJob(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 10})
		hasten := func(key string, now int64) {
			t.Helper()
			err := db.InTx(t.Context(), func(tx *storage.Tx) error { return tx.HastenJob(t.Context(), "mail", key, now) })
			if err != nil {
				t.Fatal(err)
			}
		}
		hasten("none", 5)
		taken := takeDue(t, db, "mail", 10, "one", 70)
		hasten("a", 11)
		wantJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 70, Tries: 1, Wishes: 1, TakenBy: "one"})
		taken.Due, taken.LastError = 900, "silent"
		if err := db.PutBackJob(t.Context(), taken); err != nil {
			t.Fatal(err)
		}
		hasten("a", 1000)
		wantJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 900, Tries: 1, Wishes: 1, LastError: "silent"})
		hasten("a", 12)
		wantJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 12, Wishes: 1, LastError: "silent"})
		taken = takeDue(t, db, "mail", 12, "two", 80)
		taken.Dead, taken.Due = true, 80
		if err := db.PutBackJob(t.Context(), taken); err != nil {
			t.Fatal(err)
		}
		hasten("a", 13)
		wantJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 80, Tries: 1, Wishes: 1, Dead: true, LastError: "silent"})
	})
}

func TestAddJobTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		const together = 16
		var group sync.WaitGroup
		for range together {
			group.Go(func() { addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 10}) })
		}
		group.Wait()
		wantJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 10, Wishes: together})
	})
}

func TestDueJobs(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for i, due := range []int64{30, 10, 20, 10, 31} {
			addJobs(t, db, storage.Job{Kind: "mail", Key: strconv.Itoa(i), Due: due})
		}
		addJobs(t, db, storage.Job{Kind: "clock", Key: "5", Due: 15}, storage.Job{Kind: "newer", Key: "6", Due: 1}, storage.Job{Kind: "mail", Key: "7", Due: 2})
		dead := takeDue(t, db, "mail", 30, "r/1", 90)
		dead.Dead, dead.Due = true, 3
		if err := db.PutBackJob(t.Context(), dead); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			kinds []string
			now   int64
			limit int
			want  string
		}{
			{[]string{"mail", "clock"}, 30, 9, "1 3 5 2 0"},
			{[]string{"mail", "clock"}, 30, 2, "1 3"},
			{[]string{"mail", ""}, 29, 9, "1 3 2"},
			{[]string{"mail", "clock"}, 9, 9, ""},
			{[]string{"", ""}, 99, 9, ""},
			{[]string{"Mail", "mail "}, 99, 9, ""},
		} {
			due, err := db.DueJobs(t.Context(), test.kinds, test.now, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, job := range due {
				keys = append(keys, job.Key)
			}
			if got := strings.Join(keys, " "); got != test.want {
				t.Errorf("due at %d of %q: %q, want %q", test.now, test.kinds, got, test.want)
			}
		}
	})
}

// Of those who saw a job due one takes it. Whoever has lost a lease changes nothing.
func TestTakeJob(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Data: "1", Due: 10})
		seen, err := db.DueJobs(ctx, []string{"mail"}, 10, 9)
		if err != nil || len(seen) != 1 {
			t.Fatalf("DueJobs = %v, %v", seen, err)
		}
		first, err := db.TakeJob(ctx, seen[0], "r/1", 70)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.TakeJob(ctx, seen[0], "s/1", 70); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("taken twice: %v, want ErrNotFound", err)
		}
		want := storage.Job{ID: first.ID, Kind: "mail", Key: "a", Data: "1", Due: 70, Tries: 1, Wishes: 1, TakenBy: "r/1"}
		if diff := cmp.Diff([]storage.Job{want}, jobsOf(t, db, storage.JobFilter{})); diff != "" || first != want {
			t.Errorf("taken %+v (-want +stored):\n%s", first, diff)
		}
		if err := db.RenewJob(ctx, first, 80); err != nil {
			t.Error(err)
		}
		if _, err := db.TakeJob(ctx, first, "s/1", 140); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("taken by the lease before it was renewed: %v, want ErrNotFound", err)
		}
		second := takeDue(t, db, "mail", 80, "s/1", 140)
		for name, late := range map[string]error{
			"renew": db.RenewJob(ctx, first, 150), "finish": db.FinishJob(ctx, first), "put back": db.PutBackJob(ctx, first),
			"retry": db.RetryJob(ctx, first.ID, 150),
		} {
			if !errors.Is(late, storage.ErrNotFound) {
				t.Errorf("%s without a lease: %v, want ErrNotFound", name, late)
			}
		}
		wantJobs(t, db, storage.Job{Kind: "mail", Key: "a", Data: "1", Due: 140, Tries: 2, Wishes: 1, TakenBy: "s/1"})
		if err := db.FinishJob(ctx, second); err != nil {
			t.Error(err)
		}
		wantJobs(t, db)
	})
}

// What is asked for again while it runs is not finished by that run.
func TestAddJobThatRuns(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 10})
		taken := takeDue(t, db, "mail", 10, "r/1", 70)
		addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 20})
		if err := db.FinishJob(ctx, taken); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("FinishJob: %v, want ErrNotFound", err)
		}
		wantJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 70, Tries: 1, Wishes: 2, TakenBy: "r/1"})
	})
}

func TestDeadJobs(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		bury := func() (dead storage.Job) {
			t.Helper()
			dead = takeDue(t, db, "mail", 30, "r/1", 90)
			dead.Dead, dead.Tries, dead.Due, dead.LastError = true, 12, 30, "refused"
			if err := db.PutBackJob(ctx, dead); err != nil {
				t.Fatal(err)
			}
			return dead
		}
		addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 10}, storage.Job{Kind: "clock", Key: "b", Due: 50})
		dead := bury()
		buried := storage.Job{Kind: "mail", Key: "a", Due: 30, Tries: 12, Wishes: 1, Dead: true, LastError: "refused"}
		waiting := storage.Job{Kind: "clock", Key: "b", Due: 50, Wishes: 1}
		wantJobs(t, db, buried, waiting)
		if _, err := db.TakeJob(ctx, jobsOf(t, db, storage.JobFilter{})[0], "s/1", 99); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("a dead job was taken: %v", err)
		}
		if list := jobsOf(t, db, storage.JobFilter{Dead: true}); len(list) != 1 || list[0].Key != "a" {
			t.Errorf("dead: %+v", list)
		}
		if list := jobsOf(t, db, storage.JobFilter{Kind: "clock"}); len(list) != 1 || list[0].Key != "b" {
			t.Errorf("of a kind: %+v", list)
		}
		if list := jobsOf(t, db, storage.JobFilter{Kind: "clock", Dead: true}); len(list) != 0 {
			t.Errorf("dead ones of a kind: %+v", list)
		}

		for kind, want := range map[string]int{"": 1, "mail": 1, "clock": 0} {
			list, total, err := db.DeadJobs(ctx, kind, storage.Page{Limit: 9})
			if err != nil || len(list) != want || total != int64(want) || want == 1 && list[0].Key != "a" {
				t.Errorf("dead ones of kind %q: %+v, %d, %v", kind, list, total, err)
			}
		}
		locked := func(id int64) (job storage.Job, err error) {
			err = db.InTx(ctx, func(tx *storage.Tx) error {
				job, err = tx.LockJob(ctx, id)
				return err
			})
			return job, err
		}
		if job, err := locked(dead.ID); err != nil || job.Key != "a" || !job.Dead {
			t.Errorf("locked %+v, %v", job, err)
		}
		if _, err := locked(dead.ID + 100); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("no such job: %v, want ErrNotFound", err)
		}

		if err := db.RetryJob(ctx, dead.ID, 40); err != nil {
			t.Error(err)
		}
		again := storage.Job{Kind: "mail", Key: "a", Due: 40, Wishes: 1, LastError: "refused"}
		wantJobs(t, db, again, waiting)
		if err := db.RetryJob(ctx, dead.ID+100, 40); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("no such job: %v, want ErrNotFound", err)
		}
		if err := db.RetryJob(ctx, dead.ID, 20); err != nil { // that waits
			t.Error(err)
		}
		bury()
		addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 45}) // asked for again
		again.Due, again.Wishes = 45, 2
		wantJobs(t, db, again, waiting)
	})
}

func TestJobCounts(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		count := func(want ...storage.JobCount) {
			t.Helper()
			got, err := db.JobCounts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]storage.JobCount{}, want...), got); diff != "" {
				t.Errorf("JobCounts (-want +got):\n%s", diff)
			}
		}
		count()
		addJobs(t, db, storage.Job{Kind: "mail", Key: "a", Due: 10}, storage.Job{Kind: "mail", Key: "b", Due: 30},
			storage.Job{Kind: "mail", Key: "c", Due: 20}, storage.Job{Kind: "clock", Key: "a", Due: 5})
		dead := takeDue(t, db, "mail", 10, "r/1", 70)
		takeDue(t, db, "mail", 20, "r/2", 80)
		count(storage.JobCount{Kind: "clock", Waiting: 1, FirstDue: 5}, storage.JobCount{Kind: "mail", Waiting: 1, Running: 2, FirstDue: 30})
		dead.Dead = true
		if err := db.PutBackJob(t.Context(), dead); err != nil {
			t.Fatal(err)
		}
		count(storage.JobCount{Kind: "clock", Waiting: 1, FirstDue: 5}, storage.JobCount{Kind: "mail", Waiting: 1, Running: 1, Dead: 1, FirstDue: 30})
		dead = takeDue(t, db, "clock", 10, "r/3", 70)
		dead.Dead = true
		if err := db.PutBackJob(t.Context(), dead); err != nil {
			t.Fatal(err)
		}
		count(storage.JobCount{Kind: "clock", Dead: 1}, storage.JobCount{Kind: "mail", Waiting: 1, Running: 1, Dead: 1, FirstDue: 30})
	})
}

func TestNow(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		before := time.Now().Unix()
		now, err := db.Now(t.Context())
		if after := time.Now().Unix(); err != nil || now < before || now > after { // the servers run on this machine
			t.Errorf("the database's time is %d, %v; want one of %d to %d", now, err, before, after)
		}
	})
}
