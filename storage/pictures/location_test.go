package pictures_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"campusgate/storage/pictures"
)

// The place in all of these pictures, as EXIF and XMP write it.
const place = "30,13.8076N"

// gpsOf writes 30° 13' 48.457" as EXIF's three fractions.
func gpsOf(order binary.AppendByteOrder) (value []byte) {
	for _, number := range []uint32{30, 1, 13, 1, 48457, 1000} {
		value = order.AppendUint32(value, number)
	}
	return value
}

// exifOf is EXIF with a place among an orientation, a time and a thumbnail.
func exifOf(order binary.AppendByteOrder) []byte {
	mark := "II"
	if order.String() == binary.BigEndian.String() {
		mark = "MM"
	}
	entry := func(tag, kind uint16, count, value uint32) []byte {
		e := order.AppendUint16(order.AppendUint16(nil, tag), kind)
		e = order.AppendUint32(e, count)
		if kind == 3 && count == 1 {
			return order.AppendUint16(order.AppendUint16(e, uint16(value)), 0)
		}
		return order.AppendUint32(e, value)
	}
	directory := func(next uint32, entries ...[]byte) []byte {
		d := order.AppendUint16(nil, uint16(len(entries)))
		return order.AppendUint32(append(d, slices.Concat(entries...)...), next)
	}
	const first, values, sub, gps, thumbnail = 8, 70, 90, 110, 160
	exif := make([]byte, 260)
	copy(exif, order.AppendUint32(order.AppendUint16([]byte(mark), 42), first))
	copy(exif[first:], directory(thumbnail,
		entry(0x0112, 3, 1, 6),       // turned by 90°
		entry(0x0132, 2, 20, values), // the time
		entry(0x8825, 4, 1, gps),     // GPS
		entry(0x8769, 4, 1, sub)))    // EXIF
	copy(exif[values:], "2021:06:01 12:00:00\x00")
	copy(exif[sub:], directory(0, entry(0x9000, 7, 4, 0x30333230)))
	copy(exif[gps:], directory(0, entry(1, 2, 2, 0x4e004e00), entry(2, 5, 3, gps+30)))
	copy(exif[gps+30:], gpsOf(order)) // in part below the thumbnail's directory
	copy(exif[thumbnail+10:], directory(0, entry(0x0201, 4, 1, 200)))
	order.(binary.ByteOrder).PutUint32(exif[first+2+4*12:], thumbnail+10)
	return exif
}

// orientation reads EXIF's, as a viewer does.
func orientation(t *testing.T, exif []byte) uint16 {
	t.Helper()
	var order binary.ByteOrder = binary.LittleEndian
	if exif[0] == 'M' {
		order = binary.BigEndian
	}
	at := order.Uint32(exif[4:])
	for i := range int(order.Uint16(exif[at:])) {
		entry := exif[int(at)+2+12*i:]
		if order.Uint16(entry) == 0x0112 {
			return order.Uint16(entry[8:])
		}
	}
	t.Error("there is no orientation")
	return 0
}

// xmpOf is a packet with a place in each of the ways to write it.
const xmpOf = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
	`<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="` + place + `" tiff:Orientation="6" drone-dji:GpsLongtitude='` + place + `'>` +
	`<exif:GPSLongitude>` + place + `</exif:GPSLongitude><exif:GPSProcessingMethod rdf:parseType="Resource"><a>` + place + `</a></exif:GPSProcessingMethod>` +
	`<exif:GPSAltitude x="` + place + `"/><dc:title>a title</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>`

func segment(marker byte, data string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

// inserted is a JPEG with segments behind its first marker.
func inserted(picture []byte, segments ...[]byte) []byte {
	return slices.Concat(picture[:2], slices.Concat(segments...), picture[2:])
}

func riff(name, data string) []byte {
	chunk := append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data))), data...)
	return append(chunk, make([]byte, len(data)&1)...)
}

// photos are pictures with a place, each in one way.
func photos(t testing.TB) map[string][]byte {
	t.Helper()
	still := map[string][]byte{}
	for _, s := range samples(t) {
		still[s.name] = s.picture
	}
	little, big := string(exifOf(binary.LittleEndian)), string(exifOf(binary.BigEndian))
	const xmpHead, extension = "http://ns.adobe.com/xap/1.0/\x00", "http://ns.adobe.com/xmp/extension/\x00"
	half := strings.Index(xmpOf, place) + 3
	part := func(text string) string {
		return extension + strings.Repeat("0", 32) + "\x00\x00\x00\x00\x00\x00\x00\x00" + text
	}
	extended := still["webp with alpha"]
	withChunks := func(chunks ...[]byte) []byte {
		file := append(bytes.Clone(extended), slices.Concat(chunks...)...)
		binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8))
		return file
	}
	afterIHDR := func(name, data string) []byte {
		const end = 33
		return slices.Concat(still["png"][:end], appendChunk(nil, name, []byte(data)), still["png"][end:])
	}
	one := inserted(still["jpeg"], segment(0xe1, "Exif\x00\x00"+little))
	return map[string][]byte{
		"jpeg, EXIF":                one,
		"jpeg, EXIF of big ends":    inserted(still["jpeg"], segment(0xe1, "Exif\x00\x00"+big)),
		"jpeg, XMP":                 inserted(still["jpeg"], segment(0xe1, xmpHead+xmpOf)),
		"jpeg, extended XMP":        inserted(still["jpeg"], segment(0xe1, part(xmpOf[:half])), segment(0xe1, part(xmpOf[half:]))),
		"jpeg, all of it":           inserted(still["jpeg"], segment(0xe0, "JFIF"), []byte{0, 0xff}, segment(0xe1, "Exif\x00\x00"+big), segment(0xe1, xmpHead+xmpOf)),
		"jpeg, a second one":        slices.Concat(still["jpeg"], one),
		"jpeg, behind the pixels":   slices.Concat(still["jpeg"][:len(still["jpeg"])-2], segment(0xe1, "Exif\x00\x00"+big), []byte{0xff, 0xd9}),
		"jpeg, XMP of UTF-16":       inserted(still["jpeg"], segment(0xe1, xmpHead+"\xff\xfe"+wide(xmpOf))),
		"webp, XMP of UTF-16":       withChunks(riff("XMP ", wide(xmpOf))),
		"png, eXIf":                 afterIHDR("eXIf", big),
		"png, XMP":                  afterIHDR("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmpOf),
		"png, compressed XMP":       afterIHDR("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00"+deflated(t, xmpOf)),
		"png, a profile":            afterIHDR("tEXt", "Raw profile type exif\x00"+profile("exif", "Exif\x00\x00"+little)),
		"png, a compressed profile": afterIHDR("zTXt", "Raw profile type APP1\x00\x00"+deflated(t, profile("APP1", "Exif\x00\x00"+big))),
		"png, a profile of XMP":     afterIHDR("zTXt", "Raw profile type xmp\x00\x00"+deflated(t, profile("xmp", xmpOf))),
		"png, a tag":                afterIHDR("tEXt", "exif:GPSLatitude\x00"+place),
		"png, a compressed tag":     afterIHDR("zTXt", "exif:GPSLatitude\x00\x00"+deflated(t, place)),
		"webp, EXIF":                withChunks(riff("EXIF", little)),
		"webp, EXIF with a head":    withChunks(riff("EXIF", "Exif\x00\x00"+big)),
		"webp, XMP":                 withChunks(riff("EXIF", "odd"), riff("XMP ", xmpOf)),
	}
}

// wide is a text of ASCII in UTF-16.
func wide(text string) string {
	var all strings.Builder
	for _, letter := range []byte(text) {
		all.Write([]byte{letter, 0})
	}
	return all.String()
}

func profile(name, data string) string {
	digits := fmt.Sprintf("%x", data)
	var lines strings.Builder
	for i := 0; i < len(digits); i += 72 {
		lines.WriteString(digits[i:min(i+72, len(digits))] + "\n")
	}
	return fmt.Sprintf("\n%s\n%8d\n%s", name, len(data), lines.String())
}

// The place is gone, however it was written, and nothing else: what the picture shows,
// which way up, when it was taken, its title.
func TestDropLocation(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	for name, photo := range photos(t) {
		before := plain(t, photo)
		if !hasPlace(before) {
			t.Errorf("%s: the test finds no place", name)
		}
		if _, err := checker.Check(t.Context(), photo, pictures.MaxBytes); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		dropped := pictures.DropLocation(bytes.Clone(photo))
		if _, err := checker.Check(t.Context(), dropped, pictures.MaxBytes); err != nil {
			t.Errorf("%s: without its place: %v", name, err)
		}
		after := plain(t, dropped)
		if hasPlace(after) {
			t.Errorf("%s: the place is still there", name)
		}
		if len(after) != len(before) {
			t.Errorf("%s: %d bytes, were %d", name, len(after), len(before))
		}
		for _, mark := range []string{"II*\x00", "MM\x00*"} {
			if i := bytes.Index(after, []byte(mark)); i >= 0 && orientation(t, after[i:]) != 6 {
				t.Errorf("%s: the orientation has changed", name)
			}
		}
		for _, kept := range []string{"2021:06:01 12:00:00", "a title", `tiff:Orientation="6"`} {
			if bytes.Contains(before, []byte(kept)) && !bytes.Contains(after, []byte(kept)) {
				t.Errorf("%s: %s is gone", name, kept)
			}
		}
		if again := pictures.DropLocation(bytes.Clone(dropped)); !bytes.Equal(again, dropped) {
			t.Errorf("%s: a second time changes it again", name)
		}
	}
}

func hasPlace(plain []byte) bool {
	return bytes.Contains(plain, []byte(place)) || bytes.Contains(plain, []byte(wide(place))) || bytes.Contains(plain, []byte("48457/1000")) ||
		bytes.Contains(plain, gpsOf(binary.LittleEndian)) || bytes.Contains(plain, gpsOf(binary.BigEndian))
}

// A picture without a place stays as it is.
func TestDropLocationKeepsTheRest(t *testing.T) {
	t.Parallel()
	all := map[string][]byte{"nothing": nil, "text": []byte("GPS exif:GPSLatitude=\"1\"")}
	for _, s := range corpus(t) {
		all[s.name] = s.bytes
	}
	for name, picture := range all {
		if dropped := pictures.DropLocation(bytes.Clone(picture)); !bytes.Equal(dropped, picture) {
			t.Errorf("%s has changed", name)
		}
	}
}

// Photos as tools write them: testdata/README.md says how.
func TestDropLocationOfTools(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "location", "*"))
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, file := range files {
		photo, err := os.ReadFile(file)
		must(t, err)
		dropped := pictures.DropLocation(bytes.Clone(photo))
		if !hasPlace(plain(t, photo)) || hasPlace(plain(t, dropped)) {
			t.Errorf("%s: place before: %t, after: %t", file, hasPlace(plain(t, photo)), hasPlace(plain(t, dropped)))
		}
	}
}

// FuzzDropLocation looks for panics, for time without end, and for a picture that is
// no longer drawn.
func FuzzDropLocation(f *testing.F) {
	for _, photo := range photos(f) {
		f.Add(photo)
	}
	checker := pictures.NewChecker(100_000)
	f.Fuzz(func(t *testing.T, picture []byte) {
		_, before := checker.Check(t.Context(), picture, pictures.MaxBytes)
		dropped := pictures.DropLocation(bytes.Clone(picture))
		if _, after := checker.Check(t.Context(), dropped, 2*pictures.MaxBytes); before == nil && after != nil {
			t.Errorf("without its place: %v", after)
		}
	})
}

func deflated(t testing.TB, text string) string {
	t.Helper()
	return string(encoded(t, func(b *bytes.Buffer) error {
		writer := zlib.NewWriter(b)
		if _, err := writer.Write([]byte(text)); err != nil {
			return err
		}
		return writer.Close()
	}))
}

// plain is a picture with its compressed texts and its profiles as they read, and with
// an extended packet in one piece.
func plain(t *testing.T, picture []byte) []byte {
	t.Helper()
	all := bytes.Clone(picture)
	for _, part := range bytes.SplitAfter(picture, []byte("http://ns.adobe.com/xmp/extension/\x00"))[1:] {
		all = append(all, part[40:40+xmpPart(part)]...)
	}
	if !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		return all
	}
	all = nil
	for rest := picture[8:]; len(rest) >= 12; {
		size := int(binary.BigEndian.Uint32(rest))
		data := rest[8 : 8+size]
		if name := string(rest[4:8]); name == "zTXt" || name == "iTXt" {
			for i := range data {
				if reader, err := zlib.NewReader(bytes.NewReader(data[i:])); err == nil {
					text, err := io.ReadAll(reader)
					must(t, err)
					data = append(bytes.Clone(data[:i]), text...)
					break
				}
			}
		}
		if i := bytes.Index(data, []byte("Raw profile")); i >= 0 {
			lines := bytes.SplitN(data, []byte("\n"), 4)
			bytesOf, err := hex.DecodeString(string(bytes.ReplaceAll(lines[3], []byte("\n"), nil)))
			must(t, err)
			data = append(bytes.Clone(data), bytesOf...)
		}
		all = append(all, data...)
		rest = rest[12+size:]
	}
	return all
}

// xmpPart is the length of the part of a packet that follows an extension's name.
func xmpPart(part []byte) int {
	end := bytes.Index(part[40:], []byte{0xff})
	return end
}
