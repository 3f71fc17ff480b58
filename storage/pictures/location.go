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

func dropFromJPEG(picture []byte) {
	var extended [][]byte // one packet, in parts of 64 KB
	applicationData(picture, func(data []byte) {
		switch {
		case bytes.HasPrefix(data, []byte(exifHead)):
			dropFromEXIF(data)
		case bytes.HasPrefix(data, []byte(xmpHead)):
			dropFromXMP(data[len(xmpHead):])
		case bytes.HasPrefix(data, []byte(extendedXMPHead)) && len(data) > extendedXMPSize:
			extended = append(extended, data[extendedXMPSize:])
		}
	})
	if len(extended) == 0 {
		return
	}
	packet := slices.Concat(extended...)
	dropFromXMP(packet)
	for _, part := range extended {
		packet = packet[copy(part, packet):]
	}
}

// applicationData calls do with each APP1 of a JPEG. Phones put further pictures
// behind the first: for depth, for bright screens, or the one before it was edited.
func applicationData(picture []byte, do func(data []byte)) {
	const app1 = jpegAPP0 + 1
	soi := []byte{0xff, jpegSOI, 0xff}
	for at := 0; ; {
		start := bytes.Index(picture[at:], soi)
		if start < 0 {
			return
		}
		file := jpegFile{data: picture, pos: at + start + 2}
		for {
			marker, data, ok := file.beforePixels()
			if !ok {
				break
			}
			if marker == app1 {
				do(data)
			}
		}
		at = file.pos
	}
}

// beforePixels returns the next segment, as far as there are such before the pixels.
func (f *jpegFile) beforePixels() (marker byte, data []byte, ok bool) {
	marker, err := f.marker()
	switch {
	case err != nil:
		f.pos = len(f.data)
		return 0, nil, false
	case marker == jpegSOI:
		f.pos -= 2 // it is looked at again
		return 0, nil, false
	case marker == jpegSOS || marker == jpegEOI || f.pos+2 > len(f.data):
		return 0, nil, false
	case marker == jpegTEM, jpegRST0 <= marker && marker <= jpegRST7:
		return marker, nil, true
	}
	length := max(2, int(binary.BigEndian.Uint16(f.data[f.pos:])))
	data = f.data[min(f.pos+2, len(f.data)):min(f.pos+length, len(f.data))]
	f.pos = min(f.pos+length, len(f.data))
	return marker, data, true
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
