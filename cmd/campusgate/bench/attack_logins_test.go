package bench

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// TestAttackLogins: 200 clients at once log in. Each password costs 19 MiB for a moment,
// but as many are hashed at once as there are cores: the process grows by less than
// 150 MiB, and captchas are checked beside it.
func TestAttackLogins(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector needs memory of its own")
	}
	const clients, limit = 200, 150 << 20
	b := campusgatetest.Start(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_WRITE_TIMEOUT=60s"})
	idle := campusgatetest.Memory(t, b.PID(), "VmRSS")
	var logins sync.WaitGroup
	for client := range clients {
		logins.Go(func() {
			// There is no such account, which takes the same work.
			body := campusgatetest.Envelope("user/login", fmt.Sprintf(`{"user_name":"nobody%d","password":"correct horse"}`, client))
			address := fmt.Sprintf("198.51.100.%d", client)
			if got, err := campusgatetest.Send(t.Context(), http.MethodPost, b.URL("/account"), body, "X-Real-IP", address); err != nil || got.Status != 103 {
				t.Errorf("client %d: %v %s", client, err, got.Raw)
			}
		})
	}
	ended := make(chan struct{})
	go func() { logins.Wait(); close(ended) }()
	var took []time.Duration
	validate := campusgatetest.Envelope("img/validate", `{"hash":"0123456789abcdef0123456789abcdef"}`)
	for logging := true; logging; {
		select {
		case <-ended:
			logging = false
		case <-time.After(5 * time.Millisecond):
			began := time.Now()
			if got := campusgatetest.Request(t, http.MethodPost, b.URL("/captcha"), validate); got.Status != -1 {
				t.Errorf("img/validate: %s", got.Raw)
			}
			took = append(took, time.Since(began))
		}
	}
	peak := campusgatetest.Memory(t, b.PID(), "VmHWM")
	slices.Sort(took)
	t.Logf("idle %d MiB, peak %d MiB; img/validate %d times: p50 %s, p99 %s",
		idle>>20, peak>>20, len(took), took[len(took)/2], took[len(took)*99/100])
	if peak-idle > limit {
		t.Errorf("the process grows by %d MiB, want at most %d", (peak-idle)>>20, limit>>20)
	}
}
