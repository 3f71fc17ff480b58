package storage

import (
	"database/sql/driver"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// A wealth is the value of users.wealth in fen. The account service's column
// holds yuan and may be of any numeric type; NULL is 0.
type wealth int64

// Scan reads yuan exactly, to the nearest fen. A float stands for its shortest
// decimal, so that the nearest binary value of 12.34 is 12.34 again.
func (w *wealth) Scan(value any) error {
	var text string
	switch v := value.(type) {
	case nil:
		*w = 0
		return nil
	case int64:
		text = strconv.FormatInt(v, 10)
	case uint64: // MySQL's BIGINT UNSIGNED
		text = strconv.FormatUint(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	case float32: // MySQL's FLOAT
		text = strconv.FormatFloat(float64(v), 'f', -1, 32)
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return fmt.Errorf("wealth is a %T", value)
	}
	// Nearly all have at most two decimals: without the point they are fen. A digit
	// is before it, as a sign alone is no number.
	whole, cents, _ := strings.Cut(text, ".")
	if whole != "" && whole[len(whole)-1] >= '0' && len(cents) <= 2 {
		if fen, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64); err == nil {
			*w = wealth(fen)
			return nil
		}
	}
	yuan, ok := new(big.Rat).SetString(text)
	if !ok {
		return fmt.Errorf("wealth %q is not a number", text)
	}
	fen, err := strconv.ParseInt(yuan.Mul(yuan, big.NewRat(100, 1)).FloatString(0), 10, 64)
	if err != nil {
		return fmt.Errorf("wealth %q yuan is too large", text)
	}
	*w = wealth(fen)
	return nil
}

// Value writes yuan as decimal text, which a DECIMAL column takes exactly and
// a floating one to the nearest value.
func (w wealth) Value() (driver.Value, error) { return yuan(int64(w)), nil }

// yuan is an amount of fen as decimal text.
func yuan(amount int64) string {
	sign, fen := "", uint64(amount)
	if amount < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}
