package pictures

import (
	"bufio"
	"compress/lzw"
	"context"
	"encoding/binary"
	"io"
)

// Blocks of a GIF (GIF89a specification).
const (
	gifHeader     = 13 // bytes, up to the global color table
	gifDescriptor = 10 // bytes, with the separator

	gifExtension = 0x21
	gifFrame     = 0x2c
	gifControl   = 0xf9
)

// gifFile is the frames of a GIF, read as Chromium does: what is neither a frame nor
// an extension ends it, and a frame may be larger than the screen. image/gif refuses
// both.
type gifFile struct {
	width, height int
	frames        []gifPixels
}

// gifPixels is a frame's compressed pixels.
type gifPixels struct {
	width, height int
	codeSize      byte
	data          [][]byte
	ended         bool // with an empty block, as it should
}

func readGIF(picture []byte) (*gifFile, error) {
	if len(picture) < gifHeader {
		return nil, ErrBroken
	}
	file := &gifFile{
		width: int(binary.LittleEndian.Uint16(picture[6:])), height: int(binary.LittleEndian.Uint16(picture[8:])),
	}
	for i := gifHeader + colorTable(picture[10]); i < len(picture); {
		var ok bool
		switch picture[i] {
		case gifExtension:
			if i, ok = skipExtension(picture, i); !ok {
				return nil, ErrBroken
			}
		case gifFrame:
			i = file.frame(picture, i)
		default:
			i = len(picture)
		}
	}
	switch {
	case len(file.frames) == 0:
		return nil, ErrPartial
	case file.width == 0 || file.height == 0:
		return nil, ErrBroken
	}
	return file, nil
}

// frame reads the frame at i, and returns the index behind it. The first one makes
// the screen as large as it needs. One that is cut before its pixels is none.
func (f *gifFile) frame(picture []byte, i int) int {
	if i+gifDescriptor > len(picture) {
		return len(picture)
	}
	field := func(at int) int { return int(binary.LittleEndian.Uint16(picture[i+at:])) }
	frame := gifPixels{width: field(5), height: field(7)}
	if len(f.frames) == 0 {
		f.width, f.height = max(f.width, field(1)+frame.width), max(f.height, field(3)+frame.height)
	}
	i += gifDescriptor + colorTable(picture[i+9])
	if i < len(picture) {
		frame.codeSize = picture[i]
	}
	for i++; i < len(picture); {
		size := int(picture[i])
		i++
		if size == 0 {
			frame.ended = true
			break
		}
		frame.data = append(frame.data, picture[i:min(i+size, len(picture))])
		i += size
	}
	f.frames = append(f.frames, frame)
	return i
}

// colorTable is the size in bytes of the table that packed flags announce.
func colorTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipExtension returns the index behind the extension at i, or false for one that no
// browser reads: its control has one block, of four bytes.
func skipExtension(picture []byte, i int) (next int, ok bool) {
	const head, controlSize = 2, 4
	next = i + head
	for next < len(picture) && picture[next] != 0 {
		next += 1 + int(picture[next])
	}
	if i+1 < len(picture) && picture[i+1] == gifControl && next < len(picture) && next != i+head+1+controlSize {
		return 0, false
	}
	return min(next+1, len(picture)), true
}

func (f *gifFile) size() (size pictureSize) {
	size.canvas = int64(f.width) * int64(f.height)
	for _, frame := range f.frames {
		size.add(int64(frame.width), int64(frame.height))
	}
	return size
}

func (f *gifFile) draw(ctx context.Context) error {
	for i, frame := range f.frames {
		// A cut behind the last pixel of a still picture does not show.
		if !frame.ended && i > 0 {
			return ErrPartial
		}
		if err := frame.draw(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p gifPixels) draw(ctx context.Context) error {
	const least, most = 2, 8
	pixels := p.width * p.height
	switch {
	case pixels == 0:
		return nil
	case p.codeSize < least || p.codeSize > most:
		return ErrPartial
	}
	codes := lzw.NewReader(bufio.NewReader(&joined{ctx, p.data}), lzw.LSB, int(p.codeSize))
	defer codes.Close()
	if _, err := io.CopyN(io.Discard, codes, int64(pixels)); err != nil {
		return ErrPartial
	}
	return nil
}
