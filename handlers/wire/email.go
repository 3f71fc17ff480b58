package wire

import (
	"regexp"
	"strings"
)

// The longest address that SMTP carries, and what may stand before its @, in bytes (RFC
// 5321, 4.5.3.1, without the angle brackets).
const (
	maxEmail     = 254
	maxLocalPart = 64
)

// emailAddress is an address as people have them: a dot-atom and the name of a host with
// a top-level domain, all ASCII. Quoted local parts,
// comments, IP addresses and addresses beyond ASCII are standard too, and belong to
// nobody whom a mail server would not refuse.
var emailAddress = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*" +
	`@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// IsEmail reports whether a text is the address of a mailbox, without a name or anything
// else around it. Such an address can stand in a header or in a command of SMTP as it is.
func IsEmail(text string) bool {
	return len(text) <= maxEmail && strings.IndexByte(text, '@') <= maxLocalPart && emailAddress.MatchString(text)
}

// MaskEmail is an address as logs show it: a***@example.org.
func MaskEmail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "***"
	}
	return address[:1] + "***" + address[at:]
}
