package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// A session is a connection to the server, greeted and logged in.
type session struct {
	client     *smtp.Client
	connection *connection
}

// close says goodbye, and does not wait for the answer: what counts has been answered.
func (s session) close() {
	_, _ = s.client.Text.Cmd("QUIT")
	s.connection.end()
}

// extend has the session end so much later from now on.
func (s session) extend(limit time.Duration) { s.connection.endAfter(limit) }

// Check finds whether the server answers and takes the account. It sends nothing.
func (s *Sender) Check(ctx context.Context) error {
	session, err := s.connect(ctx)
	if err != nil {
		return err
	}
	session.close()
	return nil
}

// connect opens a session, which ends with ctx.
func (s *Sender) connect(ctx context.Context) (session, error) {
	var opened *connection
	// The library's own context is over once it has connected.
	dial := func(_ context.Context, network, address string) (_ net.Conn, err error) {
		opened, err = s.dial(ctx, network, address)
		switch {
		case err != nil:
			return nil, err
		case s.options.TLS == "tls":
			return tls.Client(opened, s.tlsConfig()), nil
		default:
			return opened, nil
		}
	}
	client, err := gomail.NewClient(s.options.Host, s.clientOptions(dial)...)
	if err != nil {
		return session{}, fmt.Errorf("mail client: %w", err)
	}
	connected, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if opened != nil {
			opened.end() // the library leaves it open
		}
		return session{}, s.failure(ctx, "connection", err)
	}
	return session{connected, opened}, nil
}

// clientOptions are those of a client that connects by dial.
func (s *Sender) clientOptions(dial gomail.DialContextFunc) []gomail.Option {
	o, policy := s.options, gomail.NoTLS
	if o.TLS == "starttls" {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{
		gomail.WithPort(o.Port), gomail.WithTimeout(o.Timeout), gomail.WithDialContextFunc(dial),
		gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(s.tlsConfig()), gomail.WithoutSMTPUTF8(),
	}
	if o.Username != "" {
		// These two are any server's; the library knows more where a server has neither.
		options = append(options, gomail.WithUsername(o.Username), gomail.WithPassword(o.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return options
}

func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.options.Host, RootCAs: s.options.RootCAs, MinVersion: tls.VersionTLS12}
}

// dial opens a connection that ends with ctx, and after the time-out in any case.
func (s *Sender) dial(ctx context.Context, network, address string) (*connection, error) {
	raw, err := (&net.Dialer{Timeout: s.options.Timeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	opened := &connection{Conn: raw, left: maxAnswers}
	opened.endAfter(s.options.Timeout)
	opened.stop = context.AfterFunc(ctx, func() { opened.endAfter(0) })
	return opened, nil
}

// maxAnswers is far above all that a server says in a session, in bytes; the library reads
// a line of any length.
const maxAnswers = 256 << 10

// A connection has a deadline for all that is done by it, which the library would put off
// at each step, and a bound on what is read.
type connection struct {
	net.Conn

	left  int
	stop  func() bool // heeding the context
	mutex sync.Mutex
	over  bool // for ever
}

// SetDeadline does nothing.
func (c *connection) SetDeadline(time.Time) error { return nil }

// endAfter sets the deadline; 0 is at once and for ever.
func (c *connection) endAfter(limit time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.over {
		return
	}
	c.over = limit == 0
	_ = c.Conn.SetDeadline(time.Now().Add(limit)) // it fails where the connection has ended
}

func (c *connection) end() {
	c.stop()
	_ = c.Close()
}

func (c *connection) Read(buffer []byte) (read int, err error) {
	if c.left == 0 {
		return 0, errors.New("the server talks without an end")
	}
	read, err = c.Conn.Read(buffer[:min(len(buffer), c.left)])
	c.left -= read
	return read, err
}
