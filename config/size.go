package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, from 0.
type Size int64

// sizeUnits are what a size may end in, the largest first. Only powers of 1024: whether MB means 1000 or 1024 is
// something people differ on.
var sizeUnits = []struct {
	suffix string
	bytes  Size
}{
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"", 1},
}

var errSize = errors.New("not a size")

// parseSize reads a whole number of bytes, KiB, MiB or GiB.
func parseSize(text string) (Size, error) {
	for _, unit := range sizeUnits {
		digits, found := strings.CutSuffix(text, unit.suffix)
		if !found {
			continue
		}
		number, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return 0, err
		}
		if Size(number) > math.MaxInt64/unit.bytes {
			return 0, errSize
		}
		return Size(number) * unit.bytes, nil
	}
	return 0, errSize
}

// String returns the size as a configuration file has it, in the largest unit that is exact.
func (s Size) String() string {
	for _, unit := range sizeUnits {
		if s != 0 && s%unit.bytes == 0 {
			return strconv.FormatInt(int64(s/unit.bytes), 10) + unit.suffix
		}
	}
	return "0"
}
