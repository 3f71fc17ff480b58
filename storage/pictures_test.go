package storage_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A step is a claim and what comes of it.
type claimStep struct {
	source, name, userID string
	byOwner              bool
	wantFresh            bool
	wantErr              error
}

func TestClaimPicture(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		steps []claimStep
	}{
		{"the first owns it", []claimStep{
			{"shop", "a", "12", true, true, nil},
			{"shop", "a", "12", true, false, nil},
			{"shop", "a", "13", true, false, storage.ErrConflict},
			{"shop", "a", "012", true, false, storage.ErrConflict},
		}},
		{"names are exact and of their source", []claimStep{
			{"shop", "a", "12", true, true, nil},
			{"shop", "A", "13", true, true, nil},
			{"shop", "a ", "13", true, true, nil},
			{"product", "a", "13", true, true, nil},
		}},
		{"anonymous, then by the owner, then never anonymous again", []claimStep{
			{"portrait", "12", "12", false, true, nil},
			{"portrait", "12", "12", false, false, nil},
			{"portrait", "12", "12", true, false, nil},
			{"portrait", "12", "12", true, false, nil},
			{"portrait", "12", "12", false, false, storage.ErrConflict},
			{"portrait", "12", "12", true, false, nil},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			storagetest.Each(t, func(t *testing.T, db *storage.DB) {
				for i, s := range test.steps {
					fresh, err := db.ClaimPicture(t.Context(), s.source, s.name, s.userID, s.byOwner)
					if fresh != s.wantFresh || !errors.Is(err, s.wantErr) {
						t.Errorf("step %d %+v: %v, %v", i, s, fresh, err)
					}
				}
			})
		})
	}
}

func TestReleasePicture(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		claim := func(userID string, wantFresh bool, wantErr error) {
			t.Helper()
			fresh, err := db.ClaimPicture(ctx, "shop", "a", userID, true)
			if fresh != wantFresh || !errors.Is(err, wantErr) {
				t.Errorf("claim by %s: %v, %v", userID, fresh, err)
			}
		}
		release := func(userID string) {
			t.Helper()
			if err := db.ReleasePicture(ctx, "shop", "a", userID); err != nil {
				t.Error(err)
			}
		}
		release("12") // nothing to release
		claim("12", true, nil)
		release("13") // not theirs
		claim("13", false, storage.ErrConflict)
		release("12")
		claim("13", true, nil)
		claim("13", false, nil)
		release("13") // the second upload may have succeeded
		claim("12", false, storage.ErrConflict)
	})
}

// A removal takes the owner away, and is told for an hour.
func TestRemovePicture(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		now := time.Unix(1_600_000_000, 0)
		tea := storage.PictureName{Source: "shop", Name: "茶.png"}
		if _, err := db.ClaimPicture(t.Context(), tea.Source, tea.Name, "12", true); err != nil {
			t.Fatal(err)
		}
		for _, wantOwned := range []bool{true, false} { // the same second twice
			if owned, err := db.RemovePicture(t.Context(), tea, now); err != nil || owned != wantOwned {
				t.Errorf("RemovePicture = %t, %v, want %t", owned, err, wantOwned)
			}
		}
		if fresh, err := db.ClaimPicture(t.Context(), tea.Source, tea.Name, "13", true); err != nil || !fresh {
			t.Errorf("another user's claim = %t, %v", fresh, err)
		}
		other := storage.PictureName{Source: "shop", Name: "a"}
		if _, err := db.RemovePicture(t.Context(), other, now.Add(50*time.Minute)); err != nil {
			t.Error(err)
		}
		for after, want := range map[time.Duration][]storage.PictureName{
			0: {tea, other}, time.Hour: {tea, other}, time.Hour + time.Second: {other}, 2 * time.Hour: nil,
		} {
			if got, err := db.RemovedPictures(t.Context(), now.Add(after)); err != nil || !slices.Equal(got, want) {
				t.Errorf("after %s: %v, %v, want %v", after, got, err, want)
			}
		}
	})
}
