package account_test

import "campusgate/handlers/handlerstest"

const (
	aliceToken = handlerstest.AliceToken
	bobToken   = handlerstest.BobToken
)
