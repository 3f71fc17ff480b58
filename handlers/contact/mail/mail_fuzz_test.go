package mail

import (
	"encoding/base64"
	"io"
	"maps"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/wire"
)

// FuzzMessage: whatever a mail is made of, it has the headers of a mail and no others, its
// subject and text read back as they were given, and no line is longer than SMTP allows.
func FuzzMessage(f *testing.F) {
	f.Add("alice@example.org", "你好", "text\n.\nmore", "notice-1-2")
	f.Add("alice@example.org", "a\r\nBcc: bob@example.org", "\r\n.\r\nMAIL FROM:<>", "a\r\nX: y")
	f.Add("a@b.cn\r\nBcc: c@d.cn", "=?utf-8?q?a?=", "\x00\xff", "a.b")
	f.Add("a@b.cn", strings.Repeat("长", 200), strings.Repeat("x", 2000), "1")
	f.Add("a@b.cn", "   a  \u2028 b\x00c ", "", "..")
	f.Add("a@b.cn", strings.Repeat("a b  ", 40), "a\rb", "1")
	sender, err := New(Options{From: "校园平台 <campus@example.org>"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to, subject, text, id string) {
		written, err := sender.message(to, subject, text, id)
		if err != nil {
			if wire.IsEmail(to) && mailID.MatchString(id) {
				t.Fatal(err)
			}
			return
		}
		if !wire.IsEmail(to) {
			return // Send refuses it before
		}
		checkLines(t, string(written))
		message, err := mail.ReadMessage(strings.NewReader(string(written)))
		if err != nil {
			t.Fatalf("%v:\n%s", err, written)
		}
		want := []string{
			"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To",
		}
		if got := slices.Sorted(maps.Keys(message.Header)); !slices.Equal(got, want) {
			t.Fatalf("headers %q:\n%s", got, written)
		}
		for key, values := range message.Header {
			if len(values) != 1 {
				t.Errorf("%s: %q", key, values)
			}
		}
		if got := message.Header.Get("Message-Id"); got != "<"+id+"@example.org>" {
			t.Errorf("id %q", got)
		}
		if addresses, err := message.Header.AddressList("To"); err != nil || len(addresses) != 1 || addresses[0].Address != to {
			t.Errorf("to %v, %v", addresses, err)
		}
		if got, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil || got != oneLine(subject, maxSubject) {
			t.Errorf("subject %q, %v, want %q", got, err, oneLine(subject, maxSubject))
		}
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, message.Body))
		if want := lineEnds.Replace(strings.ToValidUTF8(text, "\uFFFD")); err != nil || string(body) != want {
			t.Errorf("text %q, %v, want %q", body, err, want)
		}
	})
}

// checkLines holds a mail against RFC 5322, 2.1.1.
func checkLines(t *testing.T, written string) {
	t.Helper()
	for line := range strings.SplitSeq(written, "\r\n") {
		if strings.ContainsAny(line, "\r\n\x00") || len(line) > 998 {
			t.Errorf("the line %q", line)
		}
		if line != "" && strings.TrimSpace(line) == "" {
			t.Errorf("a line of blanks: %q", written)
		}
	}
}
