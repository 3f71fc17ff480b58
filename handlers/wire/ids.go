package wire

import (
	"errors"
	"math/rand/v2"
	"strconv"

	"campusgate/storage"
)

// idAttempts is how many random ids are tried before the call fails. Even with a
// tenth of all ids taken, that many in a row are taken once in 10^20.
const idAttempts = 20

// WithFreshID calls insert until it succeeds. insert makes a random id each time,
// and fails with [storage.ErrConflict] where that is taken.
func WithFreshID(insert func() error) error {
	err := storage.ErrConflict
	for attempt := 0; attempt < idAttempts && errors.Is(err, storage.ErrConflict); attempt++ {
		err = insert()
	}
	return KnownOrDatabase(err)
}

// RandomID has the given number of digits, the first not 0.
func RandomID(digits int) int64 {
	low := int64(1)
	for range digits - 1 {
		low *= 10
	}
	return low + rand.Int64N(9*low)
}

// UserNumber is a user id as the number that most calls answer. An id that is no
// number is 0.
func UserNumber(id string) int64 {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return number
}
