package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// TestAttackGuessesOverReplicas: an address has 30 failed guesses a minute over all
// replicas together, however it goes from one to the other; its neighbour has its
// own.
func TestAttackGuessesOverReplicas(t *testing.T) {
	t.Parallel()
	replicas := startTwo(t, campusgatetest.Shared(t))
	hash := replicas[0].Solve(t)
	guess := func(replica int, address, hash string) int {
		t.Helper()
		body := campusgatetest.Envelope("img/validate", `{"hash":"`+hash+`"}`)
		return campusgatetest.Request(t, http.MethodPost, replicas[replica].URL("/captcha"), body, "X-Real-IP", address).Status
	}
	for i := range 30 {
		if status := guess(i%2, "198.51.100.7", fmt.Sprintf("%032d", i)); status != -1 {
			t.Fatalf("guess %d: status %d", i, status)
		}
	}
	for replica := range replicas {
		if status := guess(replica, "198.51.100.7", hash); status != -1 {
			t.Errorf("replica %d looks at the 31st guess: status %d", replica, status)
		}
		if status := guess(replica, "198.51.100.8", hash); status != 0 {
			t.Errorf("replica %d refuses a neighbour: status %d", replica, status)
		}
	}
}
