package pictures

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"io"
	"strings"
)

// maxText bounds what the compressed texts of a PNG are inflated to.
const maxText = 8 << 20

// dropFromPNG looks into eXIf, and into the texts that hold XMP or what tools keep of
// other formats.
func dropFromPNG(picture []byte) []byte {
	texts := pngTexts{left: maxText}
	var changed []byte
	done := 0
	for i := pngSignature; i < len(picture); {
		chunk, next := nextChunk(picture, i)
		if !chunk.present {
			break
		}
		switch string(chunk.name) {
		case "eXIf":
			dropFromEXIF(chunk.data)
		case "tEXt", "zTXt", "iTXt":
			if written := texts.drop(string(chunk.name), chunk.data); written != nil {
				changed = append(append(changed, picture[done:i]...), pngChunkOf(chunk.name, written)...)
				done = next
			}
		}
		if chunk.intact && string(chunk.name) != "IDAT" {
			binary.BigEndian.PutUint32(picture[next-4:], crc32.ChecksumIEEE(picture[i+4:next-4]))
		}
		i = next
	}
	if done == 0 {
		return picture
	}
	return append(changed, picture[done:]...)
}

func pngChunkOf(name, data []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data))) //nolint:gosec // of a picture
	chunk = append(append(chunk, name...), data...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

type pngTexts struct{ left int }

// drop takes a place out of a text's chunk. One that is compressed has to be written
// anew: it is returned.
func (t *pngTexts) drop(name string, data []byte) []byte {
	keyword, rest, _ := bytes.Cut(data, []byte{0})
	compressed := name == "zTXt"
	switch {
	case !isMetadata(string(keyword)):
		return nil
	case compressed && len(rest) > 0:
		rest = rest[1:] // the method
	case name == "iTXt" && len(rest) > 2:
		compressed = rest[0] == 1
		_, rest, _ = bytes.Cut(rest[2:], []byte{0}) // the language
		_, rest, _ = bytes.Cut(rest, []byte{0})     // the keyword in it
	}
	if !compressed {
		dropFromText(string(keyword), rest)
		return nil
	}
	text, err := t.inflate(rest)
	if err != nil {
		return nil // no reader has it either
	}
	before := bytes.Clone(text)
	if dropFromText(string(keyword), text); bytes.Equal(before, text) {
		return nil
	}
	after := bytes.NewBuffer(bytes.Clone(data[:len(data)-len(rest)]))
	writer := zlib.NewWriter(after)
	_, _ = writer.Write(text) // a buffer takes all
	_ = writer.Close()
	return after.Bytes()
}

func (t *pngTexts) inflate(data []byte) ([]byte, error) {
	reader, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(reader, int64(t.left)))
	t.left -= len(text)
	return text, err
}

const rawProfile = "Raw profile type "

// isPlace reports whether a text is a tag alone, as ImageMagick writes each of them.
func isPlace(keyword string) bool { return locationKeyword.MatchString(keyword) }

func isMetadata(keyword string) bool {
	return keyword == "XML:com.adobe.xmp" || strings.HasPrefix(keyword, rawProfile) || isPlace(keyword)
}

// dropFromText changes XMP, or a profile that ImageMagick keeps: its name and length,
// and then its bytes in hexadecimal.
func dropFromText(keyword string, text []byte) {
	if isPlace(keyword) {
		fillBlank(text)
		return
	}
	if !strings.HasPrefix(keyword, rawProfile) {
		dropFromXMP(text)
		return
	}
	const lines = 3 // the first is empty
	parts := bytes.SplitN(text, []byte("\n"), lines+1)
	if len(parts) <= lines {
		return
	}
	digits := bytes.Join(bytes.Fields(parts[lines]), nil)
	profile := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(profile, digits); err != nil {
		return
	}
	dropFromEXIF(profile)
	dropFromXMP(bytes.TrimPrefix(profile, []byte(xmpHead)))
	hex.Encode(digits, profile)
	for i, c := range parts[lines] {
		if len(digits) > 0 && c > ' ' {
			parts[lines][i], digits = digits[0], digits[1:]
		}
	}
}
