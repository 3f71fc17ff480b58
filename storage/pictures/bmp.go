package pictures

import (
	"context"
	"encoding/binary"
	"math/bits"
	"slices"
)

// Headers of a BMP, by their size, and its compressions.
const (
	bmpFileHeader = 14
	bmpCore       = 12 // OS/2 1
	bmpInfo       = 40

	bmpPlain      = 0
	bmpRLE8       = 1
	bmpRLE4       = 2
	bmpMasks      = 3
	bmpRLE24      = 4 // OS/2 2 alone
	bmpMasksAlpha = 6

	bmpMaxSide   = 1<<16 - 1
	bmpRowBits   = 32 // rows are padded to
	bmpMaskBytes = 4
)

// bmpFile is the header of a BMP, read as Chromium does. golang.org/x/image/bmp knows
// no OS/2, no run lengths, and half of the depths.
type bmpFile struct {
	width, height int
	depth         int
	compression   uint32
	pixels        []byte
}

func readBMP(picture []byte) (*bmpFile, error) {
	if len(picture) < bmpFileHeader+bmpCore {
		return nil, ErrBroken
	}
	offset := int64(binary.LittleEndian.Uint32(picture[10:]))
	size := int64(binary.LittleEndian.Uint32(picture[bmpFileHeader:]))
	end := bmpFileHeader + size
	if end > int64(len(picture)) {
		return nil, ErrBroken
	}
	// What a shorter header leaves out is 0.
	header := make([]byte, max(size, 64))
	copy(header, picture[bmpFileHeader:end])
	file := &bmpFile{}
	var palette int64
	switch {
	case size == bmpCore:
		palette = file.core(header)
	case slices.Contains([]int64{bmpInfo, 52, 56, 108, 124}, size), size >= 16 && size <= 64 && (size%4 == 0 || size == 42 || size == 46):
		palette = file.info(header)
	default:
		return nil, ErrBroken
	}
	if !file.valid(size) {
		return nil, ErrBroken
	}
	if masks := file.masks(size); masks > 0 {
		if end+masks > int64(len(picture)) || !contiguous(picture[end:end+masks]) {
			return nil, ErrBroken
		}
		end += masks
	}
	end += palette
	if end > int64(len(picture)) {
		return nil, ErrBroken
	}
	file.pixels = picture[min(max(end, offset), int64(len(picture))):]
	return file, nil
}

// core reads OS/2 1's header, and returns the size of the palette.
func (f *bmpFile) core(header []byte) (palette int64) {
	f.width, f.height = int(binary.LittleEndian.Uint16(header[4:])), int(binary.LittleEndian.Uint16(header[6:]))
	f.depth = int(binary.LittleEndian.Uint16(header[10:]))
	if f.depth > 8 {
		return 0
	}
	return 3 << f.depth
}

// info reads any other header, and returns the size of the palette.
func (f *bmpFile) info(header []byte) (palette int64) {
	f.width, f.height = int(int32(binary.LittleEndian.Uint32(header[4:]))), int(int32(binary.LittleEndian.Uint32(header[8:]))) //nolint:gosec // signed
	f.depth = int(binary.LittleEndian.Uint16(header[14:]))
	f.compression = binary.LittleEndian.Uint32(header[16:])
	if f.height < 0 { // from the top
		f.height = -f.height
	}
	colours := int64(binary.LittleEndian.Uint32(header[32:]))
	if f.depth > 8 {
		return 0 // a palette is a hint at most, and the offset says where the pixels are
	}
	if most := int64(1) << f.depth; colours == 0 || colours > most {
		colours = most
	}
	const bytes = 4 // of each
	return bytes * colours
}

func (f *bmpFile) valid(header int64) bool {
	if f.width <= 0 || f.height <= 0 || f.width > bmpMaxSide || f.height > bmpMaxSide {
		return false
	}
	depths := map[uint32][]int{
		bmpPlain: {1, 2, 4, 8, 16, 24, 32}, bmpRLE8: {8}, bmpRLE4: {4}, bmpMasks: {16, 32}, bmpMasksAlpha: {16, 32},
	}
	switch {
	case header == bmpCore:
		return slices.Contains([]int{1, 4, 8, 24}, f.depth)
	case f.isOS2(header):
		depths[bmpRLE24] = []int{24}
		delete(depths, bmpMasks)
		delete(depths, bmpMasksAlpha)
	}
	return slices.Contains(depths[f.compression], f.depth)
}

// isOS2 reports whether a header is OS/2 2's, which has other compressions.
func (f *bmpFile) isOS2(header int64) bool {
	return header < bmpInfo || header > bmpInfo && header <= 64 && header != 52 && header != 56
}

// masks is the size of the masks behind the header, where they are not in it.
func (f *bmpFile) masks(header int64) int64 {
	switch {
	case header != bmpInfo:
		return 0
	case f.compression == bmpMasks:
		return 3 * bmpMaskBytes
	case f.compression == bmpMasksAlpha:
		return 4 * bmpMaskBytes
	default:
		return 0
	}
}

// contiguous reports whether no mask has a hole.
func contiguous(masks []byte) bool {
	for mask := range slices.Chunk(masks, bmpMaskBytes) {
		value := binary.LittleEndian.Uint32(mask)
		if value>>bits.TrailingZeros32(value)&(value>>bits.TrailingZeros32(value)+1) != 0 {
			return false
		}
	}
	return true
}

func (f *bmpFile) size() pictureSize { return still(f.width, f.height) }

func (f *bmpFile) draw(context.Context) error {
	switch f.compression {
	case bmpRLE8, bmpRLE4, bmpRLE24:
		if !f.runLengths() {
			return ErrPartial
		}
	default:
		if row := (f.width*f.depth + bmpRowBits - 1) / bmpRowBits * bmpRowBits / 8; len(f.pixels) < row*f.height {
			return ErrPartial
		}
	}
	return nil
}

// runLengths reports whether run lengths reach an end: the mark of it, the last row,
// or a place outside. What was left out is transparent.
func (f *bmpFile) runLengths() bool {
	const endOfRow, endOfPicture, move = 0, 1, 2
	data := f.pixels
	for x, y := 0, 0; y < f.height; {
		if len(data) < 2 {
			return false
		}
		count, value := int(data[0]), int(data[1])
		data = data[2:]
		switch {
		case count > 0: // value, count times
			if f.depth == 24 { // of three bytes
				data = data[min(2, len(data)):]
			}
			x += count
		case value == endOfRow:
			x, y = 0, y+1
		case value == endOfPicture:
			return true
		case value == move:
			if len(data) < 2 {
				return false
			}
			x, y = x+int(data[0]), y+int(data[1])
			data = data[2:]
			if x >= f.width {
				return true
			}
		default: // as many values
			size := (value*f.depth + 15) / 16 * 2
			if len(data) < size {
				return false
			}
			data = data[size:]
			x += value
		}
	}
	return true
}
