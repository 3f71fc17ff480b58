package contact_test

import "campusgate/handlers/handlerstest"

// The accounts of every gateway.
const (
	alice, aliceToken = handlerstest.Alice, handlerstest.AliceToken
	bob, bobToken     = handlerstest.Bob, handlerstest.BobToken
)
