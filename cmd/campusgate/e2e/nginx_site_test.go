package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// The name that the sites serve, and who is the account service in the tests.
const (
	siteName      = "www.zustservice.cn"
	accountCaller = "127.0.0.9"
)

// site is a shipped nginx configuration, run in front of real programs on the
// configuration that is shipped with it.
type site struct {
	test        *testing.T // ends all of it
	folder      string
	plain, safe string // where nginx listens
	sample      string // the programs' configuration
	replicas    []*campusgatetest.Process
	environ     []string // of the replicas
	token       string
	roots       *x509.CertPool
}

// A place is what an operator, or here a test, changes in a shipped file.
type place struct{ shipped, here string }

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
	s.startNginx(t, program, "nginx.conf",
		place{"server gateway-1:4081 ", "server " + s.replicas[0].Address + " "},
		place{"server gateway-2:4081 ", "server " + s.replicas[1].Address + " "},
		place{"server account:8080;", "server " + account.Listener.Addr().String() + ";"})
	return s
}

// startSingleSite starts nginx-single.conf with the gateway of one machine.
func startSingleSite(t *testing.T) *site {
	t.Helper()
	program := storagetest.Program(t, "nginx")
	s := newSite(t, "single.toml", 1, campusgatetest.Embedded(t.TempDir())...)
	s.startNginx(t, program, "nginx-single.conf", place{"server 127.0.0.1:4081;", "server " + s.replicas[0].Address + ";"})
	return s
}

// newSite starts what nginx will stand in front of, and writes its files.
func newSite(t *testing.T, sample string, replicas int, environ ...string) *site {
	t.Helper()
	environ = append(environ, "CAMPUSGATE_METRICS_LISTEN=", "CAMPUSGATE_LIMITS_PER_MINUTE=60")
	campusgatetest.Run(t, environ, "migrate", "-c", deployed(sample)).Want(t, exitOK)
	s := &site{
		test: t, folder: t.TempDir(), environ: environ, plain: campusgatetest.FreeAddress(t), safe: campusgatetest.FreeAddress(t),
		sample: sample, token: campusgatetest.AddUser(t, environ, student, "王凌超", "100"),
	}
	for range replicas {
		s.replicas = append(s.replicas, s.startReplica(t))
	}
	s.writeFrontend(t)
	s.writeCertificate(t)
	return s
}

// deployed is the path of a file that operators get.
func deployed(name string) string { return filepath.Join("..", "..", "..", "deploy", name) }

func (s *site) startReplica(t *testing.T, environ ...string) *campusgatetest.Process {
	t.Helper()
	file, err := filepath.Abs(deployed(s.sample))
	must(t, err)
	return campusgatetest.Start(t, s.folder, append(s.environ, environ...), "-c", file)
}

func (s *site) writeFrontend(t *testing.T) {
	t.Helper()
	frontend := filepath.Join(s.folder, "campus")
	must(t, os.Mkdir(frontend, 0o750))
	must(t, os.WriteFile(filepath.Join(frontend, "index.html"), []byte("<title>campus</title>"), 0o600))
	must(t, os.WriteFile(filepath.Join(frontend, "app.js"), []byte(strings.Repeat("// campus\n", 1000)), 0o600))
}

// writeCertificate makes one for the site's name that signs itself.
func (s *site) writeCertificate(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{siteName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	must(t, os.WriteFile(filepath.Join(s.folder, "fullchain.pem"), public, 0o600))
	must(t, os.WriteFile(filepath.Join(s.folder, "privkey.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(public)
}

// configuration is the shipped file with the places of this test: addresses,
// folders, and the user that may read them. Nothing else is changed.
func (s *site) configuration(t *testing.T, name string, places []place) string {
	t.Helper()
	text, err := os.ReadFile(deployed(name))
	must(t, err)
	shipped := string(text)
	var temporary strings.Builder // Debian's are below /var/lib/nginx
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary.WriteString("    " + kind + "_temp_path " + filepath.Join(s.folder, kind) + ";\n")
	}
	for _, place := range append(places, []place{
		{"user www-data;", "user root;"},
		{"pid /run/nginx.pid;", "pid " + filepath.Join(s.folder, "nginx.pid") + ";"},
		{"error_log /var/log/nginx/", "error_log " + s.folder + "/"},
		{"access_log /var/log/nginx/", "access_log " + s.folder + "/"},
		{"http {\n", "http {\n" + temporary.String()},
		{"listen 80;", "listen " + s.plain + ";"},
		{"listen 443 ", "listen " + s.safe + " "},
		{"ssl_certificate /etc/nginx/tls/", "ssl_certificate " + s.folder + "/"},
		{"ssl_certificate_key /etc/nginx/tls/", "ssl_certificate_key " + s.folder + "/"},
		{"#~^https://servicewechat", "~^https://servicewechat"},
		{"root /srv/campus;", "root " + filepath.Join(s.folder, "campus") + ";"},
	}...) {
		if strings.Count(shipped, place.shipped) != 1 {
			t.Fatalf("%s has not one %q", name, place.shipped)
		}
		shipped = strings.Replace(shipped, place.shipped, place.here, 1)
	}
	file := filepath.Join(s.folder, "nginx.conf")
	must(t, os.WriteFile(file, []byte(shipped), 0o600))
	return file
}

// startNginx checks a shipped configuration as an operator does, and serves it until
// the test ends.
func (s *site) startNginx(t *testing.T, program, name string, places ...place) {
	t.Helper()
	file := s.configuration(t, name, places)
	arguments := []string{"-p", s.folder, "-e", "stderr", "-c", file}
	if output, err := exec.CommandContext(t.Context(), program, append(arguments, "-t")...).CombinedOutput(); err != nil {
		t.Fatalf("nginx -t: %v\n%s", err, output)
	}
	command := exec.CommandContext(t.Context(), program, append(arguments, "-g", "daemon off;")...)
	// On SIGTERM the master ends its workers; it comes however the tests end.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	output := campusgatetest.NewStream()
	command.Stdout, command.Stderr = output, output
	must(t, command.Start())
	t.Cleanup(func() { _ = command.Wait() }) // the test's context has ended it
	for late := time.Now().Add(campusgatetest.Patience); ; {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.safe)
		if err == nil {
			must(t, connection.Close())
			return
		}
		if time.Now().After(late) {
			t.Fatalf("nginx: %v\n%s", err, output)
		}
	}
}

// client is a browser at an address of its own. It follows no redirects.
func (s *site) client(t *testing.T, address string) *http.Client {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: s.roots},
		ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, target string) (net.Conn, error) {
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
			if strings.HasSuffix(target, ":80") {
				return dialer.DialContext(ctx, network, s.plain)
			}
			return dialer.DialContext(ctx, network, s.safe)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}
