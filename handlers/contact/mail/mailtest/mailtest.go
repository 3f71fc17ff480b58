// Package mailtest is an SMTP server inside a test: with STARTTLS or TLS and an account,
// it takes mails, or does with them what it is told to.
package mailtest

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"mime"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/contact/mail"
)

// The only account that the server knows, and the sender that it expects.
const (
	Username = "campus@example.org"
	Password = "the-word-for-mails"
	From     = "校园平台 <campus@example.org>"
)

// Message is a mail that the server took, with its lines as they were sent.
type Message struct{ From, To, Text string }

// Header is a header of the mail, decoded; it ends the test where there is not exactly
// one.
func (m Message) Header(t testing.TB, key string) string {
	t.Helper()
	values := m.read(t).Header[key]
	if len(values) != 1 {
		t.Fatalf("%d headers %s:\n%s", len(values), key, m.Text)
	}
	decoded, err := new(mime.WordDecoder).DecodeHeader(values[0])
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// Body is the mail's text, decoded, with \n at the end of its lines.
func (m Message) Body(t testing.TB) string {
	t.Helper()
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.read(t).Body))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), "\r\n", "\n")
}

func (m Message) read(t testing.TB) *netmail.Message {
	t.Helper()
	read, err := netmail.ReadMessage(strings.NewReader(m.Text))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// Server is an SMTP server.
type Server struct {
	t       testing.TB
	secure  string // starttls, tls or none
	files   certificate
	address string
	serving sync.WaitGroup

	mutex       sync.Mutex
	listener    net.Listener
	connections map[net.Conn]bool
	calls       int // connections so far
	messages    []Message
	replies     map[string]string // by address, to RCPT
	answers     map[string]string // by command, of whoever it is
	hanging     string            // the command that is never answered
	mute        bool              // takes a mail, and breaks the connection in place of an answer
	ways        string            // to log in
	arriving    func()            // before a mail is answered
	changed     chan struct{}     // closed at the next event
}

// Start runs a server on a free port of 127.0.0.1 until the test ends; secure is
// starttls, tls or none.
func Start(t testing.TB, secure string) *Server {
	t.Helper()
	s := &Server{
		t: t, secure: secure, files: newCertificate(t), address: "127.0.0.1:0",
		connections: map[net.Conn]bool{}, changed: make(chan struct{}), ways: "LOGIN PLAIN",
	}
	s.Take()
	s.Restart()
	t.Cleanup(s.Stop)
	return s
}

// Options are those of the server's account, with a time-out that no test reaches.
func (s *Server) Options() mail.Options {
	host, port := s.HostPort()
	return mail.Options{
		Host: host, Port: port, Username: Username, Password: Password, From: From,
		TLS: s.secure, Timeout: 30 * time.Second, RootCAs: s.files.authorities,
	}
}

// HostPort is where the server listens.
func (s *Server) HostPort() (host string, port int) {
	address := s.listener.Addr().(*net.TCPAddr)
	return address.IP.String(), address.Port
}

// CertificateFile is a PEM file with the certificate of the server's authority, as
// SSL_CERT_FILE names one.
func (s *Server) CertificateFile() string { return s.files.file }

// Stop ends the server and its connections.
func (s *Server) Stop() {
	s.mutex.Lock()
	listener := s.listener
	s.mutex.Unlock()
	_ = listener.Close() // it may be stopped already
	s.Break()
	s.serving.Wait()
}

// Restart runs a stopped server again, on the same port.
func (s *Server) Restart() {
	s.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.secure == "tls" {
		listener = tls.NewListener(listener, s.files.config)
	}
	s.mutex.Lock()
	s.listener, s.address = listener, listener.Addr().String()
	s.mutex.Unlock()
	s.serving.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			s.event(func() { s.connections[connection], s.calls = true, s.calls+1 })
			s.serving.Go(func() {
				s.converse(connection)
				_ = connection.Close()
				s.event(func() { delete(s.connections, connection) })
			})
		}
	})
}

// Break ends the connections that are open.
func (s *Server) Break() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for connection := range s.connections {
		_ = connection.Close()
	}
}

// Take answers as usual again.
func (s *Server) Take() { s.behave(func() {}) }

// RefuseAddress answers a recipient with a reply, as in "550 5.1.1 no such user".
func (s *Server) RefuseAddress(address, reply string) {
	s.event(func() { s.replies[address] = reply })
}

// Answer answers a command, or "greeting", or the end of a mail as ".", with a reply.
func (s *Server) Answer(command, reply string) { s.behave(func() { s.answers[command] = reply }) }

// LogIn offers other ways to log in than LOGIN and PLAIN, divided by blanks.
func (s *Server) LogIn(ways string) { s.event(func() { s.ways = ways }) }

// Hang never answers a command, or does not greet.
func (s *Server) Hang(command string) { s.behave(func() { s.hanging = command }) }

// Mute takes mails and breaks the connection without an answer.
func (s *Server) Mute() { s.behave(func() { s.mute = true }) }

// OnMail calls a function when a mail has come, before it is answered.
func (s *Server) OnMail(arriving func()) { s.behave(func() { s.arriving = arriving }) }

func (s *Server) behave(change func()) {
	s.event(func() {
		s.replies, s.answers, s.hanging, s.mute, s.arriving = map[string]string{}, map[string]string{}, "", false, func() {}
		change()
	})
}

// event changes the server, and wakes who waits for that.
func (s *Server) event(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Calls is how many connections came.
func (s *Server) Calls() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.calls
}

// Messages are the mails that were taken, in order.
func (s *Server) Messages() []Message {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.messages)
}

// Await waits until the server shows what is looked for, for a minute at most.
func (s *Server) Await(ctx context.Context, found func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		s.mutex.Lock()
		changed := s.changed
		s.mutex.Unlock()
		if found() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			s.t.Fatalf("the mail server waits for what does not come: %v", ctx.Err())
		}
	}
}

// Open is how many connections are open.
func (s *Server) Open() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.connections)
}
