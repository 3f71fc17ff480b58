package trade

import (
	"fmt"
	"regexp"
	"testing"
)

func TestPurchaseIDHasItsDigits(t *testing.T) {
	for _, now := range []int64{1574951152, 0, 9999999999} {
		if id := purchaseID(now); !regexp.MustCompile(fmt.Sprintf(`^%010d[0-9]{7}$`, now)).MatchString(id) {
			t.Errorf("the order id %s of second %d", id, now)
		}
	}
}
