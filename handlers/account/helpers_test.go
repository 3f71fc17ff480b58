package account_test

import (
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

const (
	phone, otherPhone = "13700007010", "13800000001"
	name              = "码三秃"

	aliceToken, bobToken, adminToken = handlerstest.AliceToken, handlerstest.BobToken, handlerstest.AdminToken
)

// The texts of the statuses of the table of user.
const (
	phoneRegistered    = "The phone was registered"
	userNameUsed       = "The user name was used"
	wrongCode          = "Error SMS code"
	wrongLogin         = "Phone or password is wrong"
	captchaNeeded      = "Captcha needed"
	passwordNotAllowed = "Password not allowed"
	userNotExist       = "User not exist"
	oldPasswordWrong   = "Old password is wrong"
)

// registered is a gateway with one account of our own, half a minute ago, so that its
// phone gets a next SMS.
func registered(t *testing.T, change ...func(*handlerstest.Options)) (g *handlerstest.Gateway, id, token string) {
	t.Helper()
	g = handlerstest.Start(t, change...)
	id, token = g.Register(phone, name)
	g.Clock.Advance(31 * time.Second)
	return g, id, token
}

// login is the data of a login by phone, with more members.
func login(password, more string) string {
	return `{"phone":"` + phone + `","password":"` + password + `"` + more + `}`
}
