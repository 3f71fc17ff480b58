package pictures

import (
	"context"
	"encoding/binary"
)

// Markers of a JPEG (ITU T.81, table B.1).
const (
	jpegSOF0 = 0xc0 // baseline
	jpegSOF1 = 0xc1
	jpegSOF2 = 0xc2 // progressive
	jpegDHT  = 0xc4
	jpegRST0 = 0xd0
	jpegRST7 = 0xd7
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegDQT  = 0xdb
	jpegDNL  = 0xdc
	jpegDRI  = 0xdd
	jpegAPP0 = 0xe0
	jpegAPPF = 0xef
	jpegCOM  = 0xfe
	jpegTEM  = 0x01
)

// jpegFile reads a JPEG as libjpeg does, but for its values: it decodes the Huffman
// codes, and neither transforms nor stores what they stand for. image/jpeg knows some
// of the samplings only, and no picture without Huffman tables, as cameras make for
// video.
type jpegFile struct {
	data []byte
	pos  int

	progressive   bool
	width, height int
	components    []jpegComponent // nil before the frame's header
	mcusX, mcusY  int

	quantized [4]bool
	dc, ac    [4]*huffmanTable
	restart   int // MCUs between restart markers, 0 for none
	scans     int
}

type jpegComponent struct {
	id, quantization byte
	h, v             int      // sampling factors
	columns, rows    int      // blocks, in a scan of this component alone
	stride           int      // blocks in a row, with what fills the last MCU
	nonzero          []uint64 // progressive: for each block, which coefficients are not 0
}

// readJPEG reads up to the frame's header.
func readJPEG(picture []byte) (*jpegFile, error) {
	const soi = 2
	file := &jpegFile{
		data: picture, pos: soi,
		dc: [4]*huffmanTable{standardTables[0], standardTables[1]},
		ac: [4]*huffmanTable{standardTables[2], standardTables[3]},
	}
	for file.components == nil {
		marker, err := file.segment()
		if err == nil && marker == jpegEOI {
			err = ErrBroken
		}
		if err != nil {
			return nil, err
		}
	}
	return file, nil
}

func (f *jpegFile) size() pictureSize { return still(f.width, f.height) }

// draw goes on behind the frame's header, through all scans.
func (f *jpegFile) draw(ctx context.Context) error {
	for {
		marker, err := f.segment()
		switch {
		case err != nil && f.scans > 0:
			return ErrPartial
		case err != nil:
			return err
		case marker == jpegEOI && f.scans == 0:
			return ErrBroken
		case marker == jpegEOI:
			return nil
		case marker == jpegSOS:
			if err := f.scan(ctx); err != nil {
				return err
			}
		}
	}
}

// segment reads one segment, and leaves a scan's for [jpegFile.scan].
func (f *jpegFile) segment() (marker byte, err error) {
	marker, err = f.marker()
	switch {
	case err != nil:
		return 0, err
	case marker == jpegEOI, marker == jpegTEM, jpegRST0 <= marker && marker <= jpegRST7:
		return marker, nil
	case marker == jpegSOS && f.components == nil:
		return 0, ErrBroken
	case marker == jpegSOS:
		return marker, nil
	}
	if f.pos+2 > len(f.data) {
		return 0, ErrBroken
	}
	length := int(binary.BigEndian.Uint16(f.data[f.pos:]))
	isData := jpegAPP0 <= marker && marker <= jpegAPPF || marker == jpegCOM || marker == jpegDNL
	if isData && length < 2 {
		length = 2 // as libjpeg takes it
	}
	if length < 2 || f.pos+length > len(f.data) {
		return 0, ErrBroken
	}
	body := f.data[f.pos+2 : f.pos+length]
	f.pos += length
	switch {
	case isData:
		return marker, nil
	case marker == jpegSOF0, marker == jpegSOF1, marker == jpegSOF2:
		f.progressive = marker == jpegSOF2
		return marker, f.frame(body)
	case marker == jpegDHT:
		return marker, f.huffman(body)
	case marker == jpegDQT:
		return marker, f.quantization(body)
	case marker == jpegDRI && len(body) == 2:
		f.restart = int(binary.BigEndian.Uint16(body))
		return marker, nil
	default: // what no browser draws: lossless, hierarchical, arithmetic
		return 0, ErrBroken
	}
}

// marker skips what stands before the next marker.
func (f *jpegFile) marker() (byte, error) {
	for f.pos+1 < len(f.data) {
		if next := f.data[f.pos+1]; f.data[f.pos] == 0xff && next != 0 && next != 0xff {
			f.pos += 2
			return next, nil
		}
		f.pos++
	}
	return 0, ErrBroken
}

func (f *jpegFile) frame(body []byte) error {
	const fixed, each, maxFactor = 6, 3, 4
	if f.components != nil || len(body) < fixed || len(body) != fixed+each*int(body[5]) || body[0] != 8 {
		return ErrBroken
	}
	f.height, f.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if n := body[5]; f.height == 0 || f.width == 0 || n != 1 && n != 3 && n != 4 {
		return ErrBroken
	}
	hMax, vMax := 1, 1
	components := make([]jpegComponent, body[5])
	for i := range components {
		at := body[fixed+each*i:]
		c := jpegComponent{id: at[0], h: int(at[1] >> 4), v: int(at[1] & 15), quantization: at[2]}
		if c.h < 1 || c.h > maxFactor || c.v < 1 || c.v > maxFactor || int(c.quantization) >= len(f.quantized) {
			return ErrBroken
		}
		for _, other := range components[:i] {
			if other.id == c.id {
				return ErrBroken
			}
		}
		components[i] = c
		hMax, vMax = max(hMax, c.h), max(vMax, c.v)
	}
	f.mcusX, f.mcusY = up(f.width, 8*hMax), up(f.height, 8*vMax)
	for i := range components {
		c := &components[i]
		c.columns, c.rows = up(up(f.width*c.h, hMax), 8), up(up(f.height*c.v, vMax), 8)
		c.stride = f.mcusX * c.h
	}
	f.components = components
	return nil
}

// up divides and rounds up.
func up(a, b int) int { return (a + b - 1) / b }

func (f *jpegFile) quantization(body []byte) error {
	for len(body) > 0 {
		size, table := 1+64, body[0]&15
		if body[0]>>4 != 0 {
			size += 64
		}
		if len(body) < size || int(table) >= len(f.quantized) {
			return ErrBroken
		}
		f.quantized[table] = true
		body = body[size:]
	}
	return nil
}

func (f *jpegFile) huffman(body []byte) error {
	for len(body) > 0 {
		const counts = 1 + 16
		if len(body) < counts || body[0]&15 > 3 || body[0]>>4 > 1 {
			return ErrBroken
		}
		table, size := newHuffmanTable(body[1:counts], body[counts:])
		if table == nil {
			return ErrBroken
		}
		if body[0]>>4 == 0 {
			f.dc[body[0]&15] = table
		} else {
			f.ac[body[0]&15] = table
		}
		body = body[counts+size:]
	}
	return nil
}
