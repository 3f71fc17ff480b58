// Package pictures checks uploaded pictures and keeps them, each under a [Key].
//
// A [Checker] reads an upload as a browser does, [DropLocation] takes out of it where
// it was taken. A [Disk] stores pictures in a folder, a [COS] in a
// bucket; every store passes the suite in picturestest. A [Cache] keeps the hot ones
// of any store in memory.
package pictures

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// ErrNotFound says that a key has no picture. A store that failed never says so.
var ErrNotFound = errors.New("picture not found")

// errKey is Put's: to Get, what is no key has no picture.
var errKey = errors.New("key is not of plain names")

// Cache-Control of pictures: of those that never change, for their name is the MD5 of
// what was uploaded, and of all others.
const (
	CacheForever = "public, max-age=31536000, immutable"
	Revalidate   = "no-cache"
)

// A Key names a picture by who it is from, such as "shop", and by its own name. The
// name is the MD5 of the picture where it has the form of one: see [IsDigest].
type Key struct{ From, Name string }

// String is <from>/<name>, as stores keep it.
func (k Key) String() string { return k.From + "/" + k.Name }

// check refuses a key that could lead to another folder, or to a name that only a
// store itself uses, which begins with "." or "~".
func (k Key) check() error {
	for _, part := range []string{k.From, k.Name} {
		if part == "" || strings.ContainsAny(part[:1], ".~") || strings.ContainsAny(part, "/\\\x00") {
			return errKey
		}
	}
	return nil
}

// clone is a key for longer than a request, in whose buffer its texts may lie.
func (k Key) clone() Key { return Key{strings.Clone(k.From), strings.Clone(k.Name)} }

// IsDigest reports whether a name has the form of an MD5 in hexadecimal, in either
// letter case. Nearly every picture that is shown has such a name: a regular expression
// took a tenth of the time of showing it.
func IsDigest(name string) bool {
	return len(name) == hex.EncodedLen(md5.Size) && strings.Trim(name, "0123456789abcdefABCDEF") == ""
}

// Digest is the MD5 of a picture in hexadecimal, the protocol's name of it.
func Digest(picture []byte) string {
	sum := md5.Sum(picture)
	return hex.EncodeToString(sum[:])
}

// maxFileName is the longest name in bytes that a file has as it is: file systems
// allow 255, and 64 characters may be 256.
const maxFileName = 200

// fileName is a part of a key as the name of a file.
func fileName(part string) string {
	if len(part) <= maxFileName {
		return part
	}
	sum := sha256.Sum256([]byte(part))
	return "~" + hex.EncodeToString(sum[:])
}
