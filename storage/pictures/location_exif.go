package pictures

import (
	"bytes"
	"encoding/binary"
)

// Tags of EXIF that lead to other directories, or to XMP.
const (
	tagSubDirectories = 0x014a
	tagXMP            = 0x02bc
	tagEXIF           = 0x8769
	tagGPS            = 0x8825
	tagInterop        = 0xa005
)

const exifEntry = 12 // bytes

// exif is EXIF's data, which are a TIFF: directories of entries that lead to their
// values by their place. Whatever is taken out leaves the rest in its place.
type exif struct {
	tiff  []byte
	order binary.ByteOrder
	// directories and values bound what data that lead in circles may cost.
	directories, values int
}

// dropFromEXIF blanks the directory of GPS, and takes the entry out that leads to it.
func dropFromEXIF(data []byte) {
	tiff := bytes.TrimPrefix(data, []byte(exifHead)) // WebP has it with and without
	if len(tiff) < 8 {
		return
	}
	e := exif{tiff: tiff, directories: 32, values: 2 * len(tiff)}
	switch string(tiff[:4]) {
	case "II*\x00":
		e.order = binary.LittleEndian
	case "MM\x00*":
		e.order = binary.BigEndian
	default:
		return
	}
	e.drop(int(e.order.Uint32(tiff[4:])))
}

// entries is the part of the data that the entries of the directory at a place take.
func (e *exif) entries(at int) []byte {
	if at < 8 || at+2 > len(e.tiff) {
		return nil
	}
	size := exifEntry * int(e.order.Uint16(e.tiff[at:]))
	entries := e.tiff[at+2:]
	return entries[:min(size, len(entries)/exifEntry*exifEntry)]
}

// drop goes through the directory at a place, those that it leads to, and the next.
func (e *exif) drop(at int) {
	for e.directories--; e.directories >= 0; e.directories-- {
		entries := e.entries(at)
		if entries == nil {
			return
		}
		kept := 0
		for i := 0; i < len(entries); i += exifEntry {
			entry := entries[i : i+exifEntry]
			switch e.order.Uint16(entry) {
			case tagGPS:
				e.blank(int(e.order.Uint32(entry[8:])))
				continue
			case tagEXIF, tagInterop, tagSubDirectories:
				e.drop(int(e.order.Uint32(entry[8:])))
			case tagXMP:
				dropFromXMP(e.value(entry))
			}
			copy(entries[kept:], entry)
			kept += exifEntry
		}
		end := at + 2 + len(entries)
		next := e.tiff[end:min(end+4, len(e.tiff))]
		following := 0
		if len(next) == 4 {
			following = int(e.order.Uint32(next))
		}
		if kept < len(entries) {
			e.order.PutUint16(e.tiff[at:], uint16(kept/exifEntry)) //nolint:gosec // less than it was
			behind := e.tiff[at+2+kept : end+len(next)]
			clear(behind[copy(behind, next):])
		}
		at = following
	}
}

// blank clears the directory at a place, and the values of its entries.
func (e *exif) blank(at int) {
	entries := e.entries(at)
	if entries == nil {
		return
	}
	for i := 0; i < len(entries); i += exifEntry {
		clear(e.value(entries[i : i+exifEntry]))
	}
	clear(e.tiff[at : at+2+len(entries)])
}

// value is where an entry's value is, if that is not in the entry itself.
func (e *exif) value(entry []byte) []byte {
	sizes := [...]uint64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
	kind := int(e.order.Uint16(entry[2:]))
	if kind >= len(sizes) {
		return nil
	}
	size, at := sizes[kind]*uint64(e.order.Uint32(entry[4:])), uint64(e.order.Uint32(entry[8:]))
	if size <= 4 || at < 8 || at+size > uint64(len(e.tiff)) || size > uint64(max(e.values, 0)) {
		return nil
	}
	e.values -= int(size) //nolint:gosec // not more than the data
	return e.tiff[at : at+size]
}
