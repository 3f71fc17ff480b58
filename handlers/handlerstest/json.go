package handlerstest

import (
	"fmt"
	"slices"
	"strings"
)

// Quoted is a JSON text of a text that needs no escapes.
func Quoted(text string) string { return `"` + text + `"` }

// Shortened is a name that fits into that of a subtest.
func Shortened(name string) string {
	if letters := []rune(name); len(letters) > 40 {
		return string(letters[:40]) + "…"
	}
	return name
}

// Object is a JSON object of keys and JSON values in turn, where changes, written
// alike, replace some of the values.
func Object(pairs, changes []string) string {
	for i := 0; i < len(changes); i += 2 {
		for at := 0; at < len(pairs); at += 2 {
			if pairs[at] == changes[i] {
				pairs[at+1] = changes[i+1]
			}
		}
	}
	var members []string
	for pair := range slices.Chunk(pairs, 2) {
		members = append(members, Quoted(pair[0])+":"+pair[1])
	}
	return "{" + strings.Join(members, ",") + "}"
}

// JSONText is a JSON text of any bytes, as a client sends them that does not care
// for UTF-8.
func JSONText(text string) string {
	var quotedText strings.Builder
	quotedText.WriteByte('"')
	for _, b := range []byte(text) {
		if b < ' ' || b == '"' || b == '\\' {
			fmt.Fprintf(&quotedText, `\u%04x`, b)
		} else {
			quotedText.WriteByte(b)
		}
	}
	quotedText.WriteByte('"')
	return quotedText.String()
}
