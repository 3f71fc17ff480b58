package pictures

import "encoding/binary"

// Blocks of a GIF (GIF89a specification).
const (
	gifHeader     = 13 // bytes, up to the global color table
	gifDescriptor = 10 // bytes, with the separator

	gifExtension = 0x21
	gifFrame     = 0x2c
	gifTrailer   = 0x3b

	gifPlainText   = 0x01
	gifControl     = 0xf9
	gifComment     = 0xfe
	gifApplication = 0xff
)

// gifFrames adds up a GIF's frames and their pixels without decoding them. It must
// see the blocks that image/gif sees, or a picture could hide frames from it: what
// image/gif refuses or reads otherwise is [ErrBroken].
func gifFrames(picture []byte) (pixels, frames int64, err error) {
	if len(picture) < gifHeader {
		return 0, 0, ErrBroken
	}
	for i := gifHeader + colorTable(picture[10]); i < len(picture); {
		switch picture[i] {
		case gifExtension:
			i, err = skipExtension(picture, i)
		case gifFrame:
			if i+gifDescriptor > len(picture) {
				return 0, 0, ErrBroken
			}
			width := binary.LittleEndian.Uint16(picture[i+5:])
			height := binary.LittleEndian.Uint16(picture[i+7:])
			pixels += int64(width) * int64(height)
			frames++
			const codeSize = 1
			i, err = skipBlocks(picture, i+gifDescriptor+colorTable(picture[i+9])+codeSize)
		case gifTrailer:
			return pixels, frames, nil
		default:
			err = ErrBroken
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return 0, 0, ErrBroken // no trailer
}

// colorTable is the size in bytes of the table that packed flags announce.
func colorTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipExtension returns the index behind the extension at i.
func skipExtension(picture []byte, i int) (int, error) {
	const label, size = 1, 2
	if i+size >= len(picture) {
		return 0, ErrBroken
	}
	switch picture[i+label] {
	case gifPlainText:
		// image/gif takes the first block for 12 bytes whatever it says.
		if picture[i+size] != 12 {
			return 0, ErrBroken
		}
	case gifApplication:
		// image/gif does not take an empty first block for the end.
		if picture[i+size] == 0 {
			return 0, ErrBroken
		}
	case gifControl, gifComment:
	default:
		return 0, ErrBroken
	}
	return skipBlocks(picture, i+size)
}

// skipBlocks returns the index behind the empty block that ends the sequence at i.
func skipBlocks(picture []byte, i int) (int, error) {
	for i < len(picture) && picture[i] != 0 {
		i += 1 + int(picture[i])
	}
	if i >= len(picture) {
		return 0, ErrBroken
	}
	return i + 1, nil
}
