package storage_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func TestTokenUser(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "1180310086", Name: "Wang"})
		for token, userID := range map[string]string{
			"abc0":   "1180310086",
			"nobody": "",
			"gone":   "1180310099",
			"zero":   "01180310086",
		} {
			if err := db.InsertToken(ctx, token, userID); err != nil {
				t.Fatal(err)
			}
		}

		tests := []struct {
			name, token string
			want        string
			wantErr     error
		}{
			{"known", "abc0", "1180310086", nil},
			{"unknown", "abc1", "", storage.ErrNotFound},
			{"empty", "", "", storage.ErrNotFound},
			{"the text null", "null", "", storage.ErrNotFound},
			{"other case", "ABC0", "", storage.ErrNotFound},
			{"trailing blank", "abc0 ", "", storage.ErrNotFound},
			{"a wildcard", "abc_", "", storage.ErrNotFound},
			{"of no user", "nobody", "", storage.ErrNoUser},
			{"of a user that is gone", "gone", "", storage.ErrNoUser},
			{"of a user id that is only numerically equal", "zero", "", storage.ErrNoUser},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				got, err := db.TokenUser(t.Context(), test.token)
				if got != (storage.Bearer{UserID: test.want}) || !errors.Is(err, test.wantErr) {
					t.Errorf("TokenUser(%q) = %+v, %v; want %q, %v", test.token, got, err, test.want, test.wantErr)
				}
			})
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for _, token := range []string{"b", "a"} {
			if err := db.InsertToken(ctx, token, "1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.InsertToken(ctx, "a", "2"); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("a token in use: %v, want ErrConflict", err)
		}
		for userID, want := range map[string][]string{"1": {"a", "b"}, "2": {}, "01": {}} {
			got, err := db.Tokens(ctx, userID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Tokens(%q) (-want +got):\n%s", userID, diff)
			}
		}
	})
}

func TestUser(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := storage.User{ID: "12", Name: "Zhao", Wealth: 1234}
		insertUser(t, db, want)

		got, err := db.User(ctx, "12")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("User (-want +got):\n%s", diff)
		}
		for _, id := range []string{"", "1", "012", "+12", "12 ", "12.0", "12abc", "99999999999999999999"} {
			if _, err := db.User(ctx, id); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("User(%q): %v, want ErrNotFound", id, err)
			}
		}
	})
}

func TestInsertUserOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		insertUser(t, db, storage.User{ID: "12"})
		if err := db.InsertUser(t.Context(), storage.User{ID: "12"}); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("the same id again: %v, want ErrConflict", err)
		}
	})
}

// The embedded table's id is a number: it would keep "012" as 12, another user.
func TestInsertUserRefusesAnIDThatWouldChange(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	if err := db.InsertUser(t.Context(), storage.User{ID: "012"}); err == nil {
		t.Error("InsertUser took 012")
	}
	if _, err := db.User(t.Context(), "12"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("User(12) after the refusal: %v, want ErrNotFound", err)
	}
}

func TestWealthIsExactToTheFen(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "12", Wealth: 1})
		for _, fen := range []int64{0, 1, 9, 10, 99, 100, 1234, 10_01, 4503599627370497, -5, -1234, 99999999} {
			err := db.InTx(ctx, func(tx *storage.Tx) error {
				if _, err := tx.LockWealth(ctx, "12"); err != nil {
					return err
				}
				return tx.SetWealth(ctx, "12", fen)
			})
			if err != nil {
				t.Fatal(err)
			}
			if u, err := db.User(ctx, "12"); err != nil || u.Wealth != fen {
				t.Errorf("%d fen came back as %d, %v", fen, u.Wealth, err)
			}
		}
	})
}

func TestLocksOfNoUser(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "12", Wealth: 1})
		for _, id := range []string{"13", "012"} {
			locks := map[string]func(*storage.Tx) error{
				"LockUser":   func(tx *storage.Tx) error { return tx.LockUser(ctx, id) },
				"LockWealth": func(tx *storage.Tx) error { _, err := tx.LockWealth(ctx, id); return err },
				"SetWealth":  func(tx *storage.Tx) error { return tx.SetWealth(ctx, id, 2) },
			}
			for name, lock := range locks {
				if err := db.InTx(ctx, lock); !errors.Is(err, storage.ErrNotFound) {
					t.Errorf("%s(%q): %v, want ErrNotFound", name, id, err)
				}
			}
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func insertUser(t *testing.T, db *storage.DB, u storage.User) {
	t.Helper()
	if err := db.InsertUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
}

func TestDeleteToken(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		insertUser(t, db, storage.User{ID: "12", Name: "Zhao"})
		for _, token := range []string{"abc", "abd"} {
			if err := db.InsertToken(t.Context(), token, "12"); err != nil {
				t.Fatal(err)
			}
		}
		for _, none := range []string{"ABC", "abc ", "ab%", ""} {
			if err := db.DeleteToken(t.Context(), none); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("DeleteToken(%q): %v, want ErrNotFound", none, err)
			}
		}
		if err := db.DeleteToken(t.Context(), "abc"); err != nil {
			t.Error(err)
		}
		for user, want := range map[string][]string{"12": {"abd"}, "012": {}} {
			if got, err := db.Tokens(t.Context(), user); err != nil || !slices.Equal(got, want) {
				t.Errorf("Tokens(%s) = %q, %v, want %q", user, got, err, want)
			}
		}
	})
}
