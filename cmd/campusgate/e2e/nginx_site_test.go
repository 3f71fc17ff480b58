package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// accountCaller is who is the account service in the tests.
const accountCaller = "127.0.0.9"

// site is a shipped nginx configuration, run in front of real programs on the
// configuration that is shipped with it.
type site struct {
	*campusgatetest.Site

	test     *testing.T // ends all of it
	sample   string     // the programs' configuration
	replicas []*campusgatetest.Process
	environ  []string // of the replicas
	token    string
}

// startSite starts nginx.conf with two replicas and an account service.
func startSite(t *testing.T) *site {
	t.Helper()
	program := storagetest.Program(t, "nginx")
	// What the sandbox of a test has not: Tencent, addresses of other machines.
	s := newSite(t, "campusgate.toml", 2, append(campusgatetest.Shared(t),
		"CAMPUSGATE_PICTURES_STORE=disk", "CAMPUSGATE_SMS_DRIVER=log", "CAMPUSGATE_SERVER_TRUSTED_CALLERS="+accountCaller)...)
	account := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "account "+r.URL.Path+" for "+r.Header.Get("X-Real-IP")) // a client that left reads nothing
	}))
	t.Cleanup(account.Close)
	s.Start(t, program, "nginx.conf",
		campusgatetest.Place{"server gateway-1:4081 ", "server " + s.replicas[0].Address + " "},
		campusgatetest.Place{"server gateway-2:4081 ", "server " + s.replicas[1].Address + " "},
		campusgatetest.Place{"server account:8080;", "server " + account.Listener.Addr().String() + ";"})
	return s
}

// startSingleSite starts nginx-single.conf with the gateway of one machine.
func startSingleSite(t *testing.T) *site {
	t.Helper()
	program := storagetest.Program(t, "nginx")
	s := newSite(t, "single.toml", 1, campusgatetest.Embedded(t.TempDir())...)
	s.Start(t, program, "nginx-single.conf", campusgatetest.Place{"server 127.0.0.1:4081;", "server " + s.replicas[0].Address + ";"})
	return s
}

// newSite starts what nginx will stand in front of, and writes its files.
func newSite(t *testing.T, sample string, replicas int, environ ...string) *site {
	t.Helper()
	environ = append(environ, "CAMPUSGATE_METRICS_LISTEN=", "CAMPUSGATE_LIMITS_PER_MINUTE=60")
	campusgatetest.Run(t, environ, "migrate", "-c", campusgatetest.Deployed(sample)).Want(t, exitOK)
	s := &site{
		Site: campusgatetest.NewSite(t), test: t, environ: environ, sample: sample,
		token: campusgatetest.AddUser(t, environ, student, "王凌超", "100"),
	}
	for range replicas {
		s.replicas = append(s.replicas, s.startReplica(t))
	}
	return s
}

func (s *site) startReplica(t *testing.T, environ ...string) *campusgatetest.Process {
	t.Helper()
	file, err := filepath.Abs(campusgatetest.Deployed(s.sample))
	must(t, err)
	return campusgatetest.Start(t, s.Folder, append(s.environ, environ...), "-c", file)
}

// client is a browser at an address of its own. It follows no redirects.
func (s *site) client(t *testing.T, address string) *http.Client {
	t.Helper()
	transport := s.Transport(address)
	transport.ForceAttemptHTTP2 = true
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}
