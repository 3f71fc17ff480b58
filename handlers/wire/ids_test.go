package wire

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"campusgate/dispatch"
	"campusgate/storage"
)

func TestIDsHaveTheirDigits(t *testing.T) {
	for _, digits := range []int{7, 9} {
		for range 1000 {
			if id := strconv.FormatInt(RandomID(digits), 10); len(id) != digits || id[0] == '-' {
				t.Fatalf("%s has not %d digits", id, digits)
			}
		}
	}
}

// A taken id is tried again with another, and any other failure ends the call.
func TestIDTakenIsTriedAgain(t *testing.T) {
	taken := fmt.Errorf("insert: %w", storage.ErrConflict)
	known := dispatch.Fail(dispatch.Status{Number: 100, Text: "The name is used"}, "")
	for _, c := range []struct {
		name     string
		failures []error // of the first attempts
		attempts int
		want     error
	}{
		{"free at once", nil, 1, nil},
		{"taken twice", []error{taken, taken}, 3, nil},
		{"refused", []error{taken, known}, 2, known},
		{"broken", []error{errors.New("disk full")}, 1, dispatch.Fail(dispatch.DatabaseFailure, "")},
		{"all taken", slices.Repeat([]error{taken}, idAttempts), idAttempts, dispatch.Fail(dispatch.DatabaseFailure, "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			attempts := 0
			err := WithFreshID(func() error {
				attempts++
				if attempts <= len(c.failures) {
					return c.failures[attempts-1]
				}
				return nil
			})
			if attempts != c.attempts || statusOf(err) != statusOf(c.want) {
				t.Errorf("%d attempts, %v; want %d, %v", attempts, err, c.attempts, c.want)
			}
		})
	}
}

// statusOf is what a client sees of an error.
func statusOf(err error) dispatch.Status {
	var known *dispatch.Error
	if errors.As(err, &known) {
		return known.Status
	}
	return dispatch.OK
}
