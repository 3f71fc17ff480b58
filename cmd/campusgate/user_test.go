package main

import (
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

const student = "1180310086"

// addUser adds an account with a token, which is returned.
func addUser(t testing.TB, environ []string, id, name, wealth string) (token string) {
	t.Helper()
	runCommand(t, environ, "user", "add", "--id", id, "--name", name, "--wealth", wealth).Want(t, exitOK)
	return strings.TrimSpace(runCommand(t, environ, "token", "issue", "--user", id).Want(t, exitOK).Stdout)
}

func TestUserAddKeepsWealthToTheFen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for id, c := range map[string]struct {
		wealth string
		fen    int64
	}{
		"1": {"0", 0},
		"2": {"0.01", 1},
		"3": {"0.29", 29}, // 0.29 * 100 is 28.999… as a float
		"4": {"12.3", 1230},
		"5": {"1000", 1000_00},
		"6": {"999999999.99", 999_999_999_99},
	} {
		runCommand(t, campusgatetest.Embedded(folder), "user", "add", "--id", id, "--name", "王凌超", "--wealth", c.wealth).Want(t, exitOK)
		user, err := campusgatetest.OpenEmbedded(t, folder).User(t.Context(), id)
		must(t, err)
		if want := (storage.User{ID: id, Name: "王凌超", Wealth: c.fen}); user != want {
			t.Errorf("--wealth %s: got %+v, want %+v", c.wealth, user, want)
		}
	}
}

func TestUserAddWithoutWealthIsPoor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	runCommand(t, campusgatetest.Embedded(folder), "user", "add", "--id", student, "--name", "王凌超").Want(t, exitOK)
	user, err := campusgatetest.OpenEmbedded(t, folder).User(t.Context(), student)
	must(t, err)
	if user.Wealth != 0 {
		t.Errorf("wealth %d fen, want 0", user.Wealth)
	}
}

func TestUserAddRefuses(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir())
	for _, wealth := range []string{"", "-1", "+1", "1.234", ".5", "1.", "1e3", "0x10", "1,5", " 1", "NaN", "Inf", "1000000000"} {
		runCommand(t, environ, "user", "add", "--id", student, "--name", "王凌超", "--wealth", wealth).
			Refused(t, exitUsage, "--wealth must be 0 to 999999999.99 with at most two decimals")
	}
	for _, id := range []string{"", "me", "-1", "1.5", "0x10", "007", "9223372036854775808"} {
		runCommand(t, environ, "user", "add", "--id", id, "--name", "王凌超").Refused(t, exitUsage, "--id must be a number")
	}
	add := []string{"user", "add", "--id", student, "--name", "王凌超"}
	runCommand(t, environ, add...).Want(t, exitOK)
	runCommand(t, environ, add...).Refused(t, exitFailed, "--id", student)
}
