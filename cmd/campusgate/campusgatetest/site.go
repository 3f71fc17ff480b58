package campusgatetest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// SiteName is the name that the shipped configurations of nginx serve.
const SiteName = "www.zustservice.cn"

// Site is a shipped configuration of nginx, run by a real one.
type Site struct {
	Folder      string
	Plain, Safe string // where nginx listens
	Roots       *x509.CertPool
}

// A Place is what an operator, or here a test, changes in a shipped file: how it is
// shipped, and how it is here.
type Place [2]string

// Deployed is the path of a file that operators get, from the folder of a package that
// lies beside this one.
func Deployed(name string) string { return filepath.Join("..", "..", "..", "deploy", name) }

// NewSite writes the files that nginx will read, and finds it addresses.
func NewSite(t testing.TB) *Site {
	t.Helper()
	s := &Site{Folder: t.TempDir(), Plain: FreeAddress(t), Safe: FreeAddress(t)}
	s.writeFrontend(t)
	s.writeCertificate(t)
	return s
}

func (s *Site) writeFrontend(t testing.TB) {
	t.Helper()
	frontend := filepath.Join(s.Folder, "campus")
	Must(t, os.Mkdir(frontend, 0o750))
	Must(t, os.WriteFile(filepath.Join(frontend, "index.html"), []byte("<title>campus</title>"), 0o600))
	Must(t, os.WriteFile(filepath.Join(frontend, "app.js"), []byte(strings.Repeat("// campus\n", 1000)), 0o600))
}

// writeCertificate makes one for the site's name that signs itself.
func (s *Site) writeCertificate(t testing.TB) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{SiteName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	Must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	Must(t, err)
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	Must(t, os.WriteFile(filepath.Join(s.Folder, "fullchain.pem"), public, 0o600))
	Must(t, os.WriteFile(filepath.Join(s.Folder, "privkey.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	s.Roots = x509.NewCertPool()
	s.Roots.AppendCertsFromPEM(public)
}

// configuration is the shipped file with the places of this test: addresses,
// folders, and the user that may read them. Nothing else is changed.
func (s *Site) configuration(t testing.TB, name string, places []Place) string {
	t.Helper()
	text, err := os.ReadFile(Deployed(name))
	Must(t, err)
	shipped := string(text)
	var temporary strings.Builder // Debian's are below /var/lib/nginx
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary.WriteString("    " + kind + "_temp_path " + filepath.Join(s.Folder, kind) + ";\n")
	}
	for _, place := range append(places, []Place{
		{"user www-data;", "user root;"},
		{"pid /run/nginx.pid;", "pid " + filepath.Join(s.Folder, "nginx.pid") + ";"},
		{"error_log /var/log/nginx/", "error_log " + s.Folder + "/"},
		{"access_log /var/log/nginx/", "access_log " + s.Folder + "/"},
		{"http {\n", "http {\n" + temporary.String()},
		{"listen 80;", "listen " + s.Plain + ";"},
		{"listen 443 ", "listen " + s.Safe + " "},
		{"ssl_certificate /etc/nginx/tls/", "ssl_certificate " + s.Folder + "/"},
		{"ssl_certificate_key /etc/nginx/tls/", "ssl_certificate_key " + s.Folder + "/"},
		{"#~^https://servicewechat", "~^https://servicewechat"},
		{"root /srv/campus;", "root " + filepath.Join(s.Folder, "campus") + ";"},
	}...) {
		before, after, found := strings.Cut(shipped, place[0])
		if !found || strings.Contains(after, place[0]) {
			t.Fatalf("%s has not one %q", name, place[0])
		}
		shipped = before + place[1] + after
	}
	file := filepath.Join(s.Folder, "nginx.conf")
	Must(t, os.WriteFile(file, []byte(shipped), 0o600))
	return file
}

// Start checks a shipped configuration as an operator does, and has the program, which
// is nginx, serve it until the test ends.
func (s *Site) Start(t testing.TB, program, name string, places ...Place) {
	t.Helper()
	file := s.configuration(t, name, places)
	arguments := []string{"-p", s.Folder, "-e", "stderr", "-c", file}
	if output, err := exec.CommandContext(t.Context(), program, append(arguments, "-t")...).CombinedOutput(); err != nil {
		t.Fatalf("nginx -t: %v\n%s", err, output)
	}
	command := exec.CommandContext(t.Context(), program, append(arguments, "-g", "daemon off;")...)
	// On SIGTERM the master ends its workers; it comes however the tests end.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	output := NewStream()
	command.Stdout, command.Stderr = output, output
	Must(t, command.Start())
	t.Cleanup(func() { _ = command.Wait() }) // the test's context has ended it
	for late := time.Now().Add(Patience); ; {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Safe)
		if err == nil {
			Must(t, connection.Close())
			return
		}
		if time.Now().After(late) {
			t.Fatalf("nginx: %v\n%s", err, output)
		}
	}
}

// Transport is what a client at an address of its own sends by.
func (s *Site) Transport(address string) *http.Transport {
	return &http.Transport{
		TLSClientConfig: s.TLS(),
		DialContext: func(ctx context.Context, network, target string) (net.Conn, error) {
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
			if strings.HasSuffix(target, ":80") {
				return dialer.DialContext(ctx, network, s.Plain)
			}
			return dialer.DialContext(ctx, network, s.Safe)
		},
	}
}

// TLS is how a client knows the site.
func (s *Site) TLS() *tls.Config { return &tls.Config{RootCAs: s.Roots, ServerName: SiteName} }
