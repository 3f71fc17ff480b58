// Package mail sends mails of plain text by an SMTP server.
package mail

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"campusgate/handlers/wire"
)

// Options are a server's and an account's, named as their configuration keys.
type Options struct {
	Host     string
	Port     int
	Username string // "" sends without logging in
	Password string
	From     string // an address, or name <address>
	// TLS is starttls or tls, which are never done without, or none: then a password goes
	// to the machine itself only.
	TLS string
	// Timeout bounds a connection up to the end of a mail's text.
	Timeout time.Duration
	// AnswerTimeout bounds the wait for the answer to that, in which a server may look for
	// spam: to give up early is to send the mail again. 0 is 5 minutes.
	AnswerTimeout time.Duration
	// RootCAs are whose certificates are believed, nil for the machine's.
	RootCAs *x509.CertPool
}

// A RefusedError is a server's answer that it will never take a mail. No error of this
// package holds the address that a mail was for.
type RefusedError struct {
	// Reason is the server's code, and the enhanced one (RFC 3463) where it gave one: its
	// text may repeat the address.
	Reason string
}

func (r *RefusedError) Error() string { return "mail refused: " + r.Reason }

var (
	// ErrUnconfirmed says that a mail was sent whole and not answered: the server may have
	// taken it.
	ErrUnconfirmed = errors.New("the mail was sent, and not confirmed")
	// ErrDenied says that the server does not take the account.
	ErrDenied = errors.New("the server refuses the account")
)

// A Sender sends mails, each by a connection of its own. It is safe for concurrent use.
type Sender struct {
	options               Options
	address, domain       string // From's, bare
	hide                  *strings.Replacer
	sent, refused, failed atomic.Int64
}

// New sends nothing yet. It fails where From is not an address.
func New(options Options) (*Sender, error) {
	message := gomail.NewMsg()
	if err := message.From(options.From); err != nil || !wire.IsEmail(message.GetFrom()[0].Address) {
		return nil, errors.New("must be an address, as in campus@example.org or Campus <campus@example.org>")
	}
	if options.AnswerTimeout == 0 {
		options.AnswerTimeout = 5 * time.Minute
	}
	address := message.GetFrom()[0].Address
	_, domain, _ := strings.Cut(address, "@")
	return &Sender{options: options, address: address, domain: domain, hide: hiding(options)}, nil
}

// Stats are how many mails a server has taken, how many it refused for good, and with how
// many it came to neither, since the start.
type Stats struct{ Sent, Refused, Failed int64 }

// Stats counts what became of the mails.
func (s *Sender) Stats() Stats {
	return Stats{Sent: s.sent.Load(), Refused: s.refused.Load(), Failed: s.failed.Load()}
}

// Send gives a mail to the server. nil: it has taken the mail. A [*RefusedError]: it never
// will. Any other error may pass, and where it is not [ErrUnconfirmed] the server has not
// taken the mail.
//
// to is an address that [wire.IsEmail] takes. id names the mail, by letters, digits, dots
// and hyphens: a mailbox may show one of two mails with the same id.
func (s *Sender) Send(ctx context.Context, to, subject, text, id string) error {
	err := s.send(ctx, to, subject, text, id)
	var refusal *RefusedError
	switch {
	case err == nil:
		s.sent.Add(1)
	case errors.As(err, &refusal):
		s.refused.Add(1)
	default:
		s.failed.Add(1)
	}
	return err
}

func (s *Sender) send(ctx context.Context, to, subject, text, id string) error {
	if !wire.IsEmail(to) {
		return &RefusedError{Reason: "no address"}
	}
	message, err := s.message(to, subject, text, id)
	if err != nil {
		return err
	}
	session, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer session.close()
	return s.deliver(ctx, session, to, message)
}

// deliver hands over a mail. The library does the same, but takes what fails after the
// server's answer for a failure of the mail, and hides what a connection ended with.
func (s *Sender) deliver(ctx context.Context, session session, to string, message []byte) error {
	client := session.client
	if err := client.Mail("<" + s.address + ">"); err != nil {
		return s.failure(ctx, "sender", err)
	}
	if err := client.Rcpt("<" + to + ">"); err != nil {
		return s.answer(ctx, "recipient", err)
	}
	text, err := client.Data()
	if err != nil {
		return s.answer(ctx, "mail", err)
	}
	if _, err := text.Write(message); err != nil {
		return s.failure(ctx, "mail", err) // without its last line it is none
	}
	session.extend(s.options.AnswerTimeout)
	err = text.Close()
	if _, answered := errors.AsType[*textproto.Error](err); err != nil && !answered {
		return fmt.Errorf("%w: %w", ErrUnconfirmed, s.failure(ctx, "mail", err))
	}
	return s.answer(ctx, "mail", err)
}

// message is a mail as it is sent, with a Message-ID that is the id's for ever.
func (s *Sender) message(to, subject, text, id string) ([]byte, error) {
	if !mailID.MatchString(id) {
		return nil, fmt.Errorf("mail id %q: must be letters, digits, dots and hyphens", id)
	}
	message := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	if err := errors.Join(message.From(s.options.From), message.To(to)); err != nil {
		return nil, errors.New("mail: an address is none to the library")
	}
	message.Subject(oneLine(subject, maxSubject))
	message.SetMessageIDWithValue(id + "@" + s.domain)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday note answers it
	message.SetBodyString(gomail.TypeTextPlain, lineEnds.Replace(strings.ToValidUTF8(text, "\uFFFD")))
	var written bytes.Buffer
	if _, err := message.WriteTo(&written); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	return written.Bytes(), nil
}

// maxSubject is the longest subject, in characters.
const maxSubject = 120

var (
	mailID   = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$`)
	lineEnds = strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n") // RFC 2046, 4.1.1
)

// oneLine is a text of at most the given number of characters, without line ends and other
// control characters; white space is single blanks.
func oneLine(text string, length int) string {
	characters := []rune(strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " "))
	return strings.TrimRight(string(characters[:min(len(characters), length)]), " ")
}
