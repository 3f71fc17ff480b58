package e2e

import (
	"syscall"
	"testing"
)

// The shipped nginx-single.conf, in a real nginx, in front of the program on
// single.toml and the embedded default.
func TestNginxOnOneMachine(t *testing.T) {
	t.Parallel()
	s := startSingleSite(t)
	t.Run("the frontend is served", s.testFrontend)
	t.Run("paths pass as they were sent", s.testPaths)
	t.Run("pictures", s.testPictures)
	t.Run("nobody is trusted", s.testNobodyIsTrusted)
	t.Run("the gateway may end and come back", s.testRestart)
	t.Run("no log holds a token", s.testLogs)
}

// Neither who claims to be on the machine itself nor who is: the gateway's own loopback
// would be trusted by default.
func (s *site) testNobodyIsTrusted(t *testing.T) {
	for _, address := range []string{"127.0.0.3", "127.0.0.1"} {
		if !s.limits(t, address, "127.0.0.1") {
			t.Errorf("%s is a trusted caller", address)
		}
	}
	if got := browse(t, s.client(t, "127.0.0.4"), api("/captcha"), generate); got.code != 200 {
		t.Errorf("somebody else is limited too: %+v", got)
	}
}

// The connections that nginx has kept are those of the gateway before: no POST is sent
// into one.
func (s *site) testRestart(t *testing.T) {
	client := s.client(t, "127.0.0.7")
	for range 2 {
		before := s.replicas[0]
		if status := before.Signal(t, syscall.SIGTERM).Wait(); status != exitOK {
			t.Fatalf("exit status %d:\n%s", status, before.Stderr)
		}
		if got := browse(t, client, api("/captcha"), generate); got.code != 502 {
			t.Errorf("without a gateway: %+v", got)
		}
		s.replicas[0] = s.startReplica(s.test, "CAMPUSGATE_SERVER_LISTEN="+before.Address)
		for range 5 {
			if got := browse(t, client, api("/captcha"), generate); got.code != 200 || got.status(t) != 0 {
				t.Fatalf("the gateway is back: %+v", got)
			}
		}
	}
}
