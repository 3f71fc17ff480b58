package wire

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"time"
)

// HashOf is what the protocol calls the hash of a code. MD5 is the document's choice: it
// hides a short-lived code, and nothing rests on its collisions.
func HashOf(code, salt string) string {
	sum := md5.Sum([]byte(code + salt))
	return hex.EncodeToString(sum[:])
}

// NumberCode is 6 digits.
func NumberCode() string {
	number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return fmt.Sprintf("%06d", number)
}

// MailCodeTime is how long a code by mail lives.
const MailCodeTime = 10 * time.Minute

// A MailedCode is the data of a job that mails a code ([storage.MailCodeJob]).
type MailedCode struct {
	To      string `json:"to"`
	Code    string `json:"code"`
	Expires int64  `json:"expires"` // Unix seconds
}
