package media_test

import (
	"testing"

	"campusgate/handlers/handlerstest"
)

// The accounts of every gateway.
const (
	alice, aliceToken = handlerstest.Alice, handlerstest.AliceToken
	bob, bobToken     = handlerstest.Bob, handlerstest.BobToken
	lostToken         = handlerstest.LostToken
)

// denial is a row of a field table: data that a call refuses.
type denial struct {
	name, data string
	status     int
	message    string
	key        string // that the detail names
}

func (d denial) check(t *testing.T, a handlerstest.Answer) {
	t.Helper()
	a.WantDenied(t, d.data, d.status, d.message, d.key)
}
