package market_test

import "campusgate/handlers/handlerstest"

// The accounts of every gateway.
const (
	alice, aliceToken = handlerstest.Alice, handlerstest.AliceToken
	bobToken          = handlerstest.BobToken
)
