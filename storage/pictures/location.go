package pictures

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// DropLocation takes out of a JPEG, PNG or WebP where it was taken: the GPS tags of
// EXIF and XMP. Nothing is decoded, and all else stays as it was, in its place; only a
// text that is compressed in a PNG may change its length. The bytes of picture itself
// are changed, so that none is copied.
func DropLocation(picture []byte) []byte {
	switch contentType, _ := Inspect(picture); contentType {
	case JPEG:
		dropFromJPEG(picture)
	case PNG:
		return dropFromPNG(picture)
	case WebP:
		dropFromWebP(picture)
	}
	return picture
}

// How the data of EXIF and XMP begin in the segments of a JPEG.
const (
	exifHead        = "Exif\x00\x00"
	xmpHead         = "http://ns.adobe.com/xap/1.0/\x00"
	extendedXMPHead = "http://ns.adobe.com/xmp/extension/\x00"
	// An extended packet goes on with its MD5, its length and its place in the whole.
	extendedXMPSize = len(extendedXMPHead) + 32 + 4 + 4
)

// dropFromJPEG looks at each APP1, wherever it stands. Phones put further pictures behind
// the first: for depth, for bright screens, or the one before it was edited. Pixels never
// look like a marker.
func dropFromJPEG(picture []byte) {
	marker := []byte{0xff, jpegAPP0 + 1}
	var extended [][]byte // one packet, in parts of 64 KB
	for rest := picture; ; {
		start := bytes.Index(rest, marker)
		if start < 0 || start+4 > len(rest) {
			break
		}
		rest = rest[start+2:]
		data := rest[2:max(2, min(int(binary.BigEndian.Uint16(rest)), len(rest)))]
		switch {
		case bytes.HasPrefix(data, []byte(exifHead)):
			dropFromEXIF(data)
		case bytes.HasPrefix(data, []byte(xmpHead)):
			dropFromXMP(data[len(xmpHead):])
		case bytes.HasPrefix(data, []byte(extendedXMPHead)) && len(data) > extendedXMPSize:
			extended = append(extended, data[extendedXMPSize:])
		default:
			continue // by the next bytes: it may be none
		}
		rest = rest[2+len(data):]
	}
	packet := slices.Concat(extended...)
	dropFromXMP(packet)
	for _, part := range extended {
		packet = packet[copy(part, packet):]
	}
}

func dropFromWebP(picture []byte) {
	const head = 12
	for rest := picture[min(head, len(picture)):]; ; {
		chunk, next, ok := nextRIFF(rest)
		if !ok {
			return
		}
		switch strings.TrimSpace(chunk.name) {
		case "EXIF":
			dropFromEXIF(chunk.data)
		case "XMP":
			dropFromXMP(chunk.data)
		}
		rest = next
	}
}
