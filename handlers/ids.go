package handlers

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"campusgate/storage"
)

// idAttempts is how many random ids are tried before the call fails: with a tenth
// of all ids taken, this many in a row are taken once in 10^20.
const idAttempts = 20

// withFreshID calls insert, which makes a random id and fails with
// [storage.ErrConflict] where it is taken, until it succeeds.
func withFreshID(insert func() error) error {
	err := storage.ErrConflict
	for attempt := 0; attempt < idAttempts && errors.Is(err, storage.ErrConflict); attempt++ {
		err = insert()
	}
	return knownOrDatabase(err)
}

// randomID has the given number of digits, the first not 0.
func randomID(digits int) int64 {
	low := int64(1)
	for range digits - 1 {
		low *= 10
	}
	return low + rand.Int64N(9*low)
}

// purchaseID is 17 digits: the unix second, and seven at random.
func purchaseID(now int64) string {
	return fmt.Sprintf("%010d%07d", now, rand.IntN(10_000_000))
}
