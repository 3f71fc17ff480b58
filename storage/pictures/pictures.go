// Package pictures checks uploaded pictures and keeps them under keys
// <from>/<name>.
//
// A [Checker] decodes an upload. A [Disk] stores pictures in a folder, a [COS] in a
// bucket; every store passes the suite in picturestest. A [Cache] keeps the hot ones
// of any store in memory.
package pictures

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// ErrNotFound says that a key has no picture. A store that failed never says so.
var ErrNotFound = errors.New("picture not found")

// errKey is Put's: to Get, what is no key has no picture.
var errKey = errors.New("key is not <from>/<name> of plain names")

// maxFileName is the longest name in bytes that a file has as it is: file systems
// allow 255, and 64 characters may be 256.
const maxFileName = 200

// splitKey takes a key apart. Neither part can be a way to another folder, nor a
// name that only a store itself uses, which begins with "." or "~".
func splitKey(key string) (from, name string, err error) {
	from, name, _ = strings.Cut(key, "/")
	for _, part := range []string{from, name} {
		if part == "" || strings.ContainsAny(part[:1], ".~") || strings.ContainsAny(part, "/\\\x00") {
			return "", "", errKey
		}
	}
	return from, name, nil
}

// fileName is a part of a key as the name of a file.
func fileName(part string) string {
	if len(part) <= maxFileName {
		return part
	}
	sum := sha256.Sum256([]byte(part))
	return "~" + hex.EncodeToString(sum[:])
}
