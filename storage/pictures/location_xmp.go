package pictures

import (
	"bytes"
	"regexp"
)

// locationName is a name of XMP that tells a place, with any prefix: EXIF's
// GPSLatitude, and what drones write, one of them misspelt.
const locationName = `[\w.-]+:(?i:gps[\w.-]*|[\w.-]*(?:latitude|longt?itude)[\w.-]*)`

var (
	locationKeyword   = regexp.MustCompile(`^` + locationName + `$`)
	locationElement   = regexp.MustCompile(`<(` + locationName + `)(?:\s[^>]*)?>`)
	locationAttribute = regexp.MustCompile(`\s` + locationName + `\s*=\s*(?:"[^"]*"|'[^']*')`)
)

// dropFromXMP writes blanks over what tells a place in a packet of XMP: elements, and
// the attributes that stand for them. A packet that is not in UTF-8, as XMP has to be
// in these formats, is blanked whole: its names are not found.
func dropFromXMP(packet []byte) {
	if bytes.IndexByte(packet[:min(4, len(packet))], 0) >= 0 {
		fillBlank(packet)
		return
	}
	for rest := packet; ; {
		found := locationElement.FindSubmatchIndex(rest)
		if found == nil {
			break
		}
		name, end := rest[found[2]:found[3]], found[1]
		if rest[end-2] != '/' {
			end += closing(rest[end:], name)
		}
		fillBlank(rest[found[0]:end])
		rest = rest[end:]
	}
	for _, found := range locationAttribute.FindAllIndex(packet, -1) {
		fillBlank(packet[found[0]:found[1]])
	}
}

// closing is the length of what an element holds, with its end. One without an end
// holds all that follows.
func closing(rest, name []byte) int {
	at := bytes.Index(rest, append([]byte("</"), name...))
	if at < 0 {
		return len(rest)
	}
	end := bytes.IndexByte(rest[at:], '>')
	if end < 0 {
		return len(rest)
	}
	return at + end + 1
}

func fillBlank(text []byte) {
	for i := range text {
		text[i] = ' '
	}
}
