package account

import (
	"strconv"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
)

// TestRememberedTokensAreBounded: of more tokens than there is room for, those that
// expire first are forgotten.
func TestRememberedTokensAreBounded(t *testing.T) {
	t.Parallel()
	authenticator := NewAuthenticator(nil, time.Minute, storage.SessionRules{}, time.Now)
	now := authenticator.accounts.Now()
	for i := range maxRemembered + 10 {
		authenticator.accounts.Put(strconv.Itoa(i), dispatch.Account{User: "1"}, now, now+time.Duration(i+1)*time.Hour)
	}
	if got := authenticator.accounts.Len(); got != maxRemembered {
		t.Errorf("%d tokens are remembered, want %d", got, maxRemembered)
	}
	if authenticator.accounts.Get("9", now) != nil || authenticator.accounts.Get("10", now) == nil {
		t.Error("others are forgotten than those that expire first")
	}
}
