package channel

import (
	"fmt"
	"strings"
	"time"
)

// Beijing is the zone of channels' clocks, bills and days. It needs no zone database, which
// small containers lack.
var Beijing = time.FixedZone("CST", 8*60*60)

// maxYuan is how many digits yuan have at most: a hundred million is what a channel takes.
const maxYuan = 12

// ParseYuan reads yuan as channels write them, with at most two decimals, as fen: 20, 20.0
// and 20.00 are 2000. It reads digits, so that no fen is lost on the way.
func ParseYuan(text string) (fen int64, err error) {
	yuan, cents, pointed := strings.Cut(text, ".")
	if yuan == "" || len(yuan) > maxYuan || len(cents) > 2 || pointed && cents == "" {
		return 0, fmt.Errorf("%.32q is no yuan with at most two decimals", text)
	}
	for _, digit := range []byte(yuan + (cents + "00")[:2]) {
		if digit < '0' || digit > '9' {
			return 0, fmt.Errorf("%.32q is no yuan with at most two decimals", text)
		}
		fen = fen*10 + int64(digit-'0')
	}
	return fen, nil
}

// FormatYuan writes fen, not negative, as yuan with two decimals: 1 is 0.01.
func FormatYuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }
