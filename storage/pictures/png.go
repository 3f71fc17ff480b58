package pictures

import (
	"bufio"
	"compress/flate"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

// pngFile is what of a PNG decides whether it is drawn, read as Chromium does.
// image/png refuses what browsers draw: a wrong checksum beside the pixels, no IEND,
// bytes behind; and it knows no animation.
type pngFile struct {
	width, height int64
	depth         byte
	colour        byte
	interlaced    bool
	frames        []pngFrame
}

// pngFrame is the compressed pixels of a still, or of a frame of an animation.
type pngFrame struct {
	width, height int64
	data          [][]byte
	whole         bool // no checksum of it is wrong, and no chunk of it is cut
}

// pngChunk is a chunk, without data if the file ends in it.
type pngChunk struct {
	name    []byte
	data    []byte
	intact  bool // its checksum is right
	present bool // whole, but perhaps for its checksum
}

const pngSignature = 8

// nextChunk returns the chunk at i and what follows it. Its name is empty where there is
// no more.
func nextChunk(picture []byte, i int) (chunk pngChunk, next int) {
	const head, sum = 8, 4
	if i+head > len(picture) {
		return pngChunk{}, len(picture)
	}
	length := int64(binary.BigEndian.Uint32(picture[i:]))
	chunk.name = picture[i+4 : i+head]
	if length > int64(len(picture)-i-head) {
		return chunk, len(picture)
	}
	end := i + head + int(length)
	chunk.data, chunk.present = picture[i+head:end], true
	if end+sum > len(picture) {
		return chunk, len(picture)
	}
	chunk.intact = binary.BigEndian.Uint32(picture[end:]) == crc32.ChecksumIEEE(picture[i+4:end])
	return chunk, end + sum
}

// isName reports whether a chunk's name is of letters, as all are.
func isName(name []byte) bool {
	for _, c := range name {
		if c |= 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return len(name) > 0
}

func readPNG(picture []byte) (*pngFile, error) {
	header, i := nextChunk(picture, pngSignature)
	if string(header.name) != "IHDR" || !header.intact || len(header.data) != 13 {
		return nil, ErrBroken
	}
	file := &pngFile{
		width: int64(binary.BigEndian.Uint32(header.data)), height: int64(binary.BigEndian.Uint32(header.data[4:])),
		depth: header.data[8], colour: header.data[9], interlaced: header.data[12] == 1,
	}
	const maxSide = 1<<31 - 1
	if file.width == 0 || file.width > maxSide || file.height == 0 || file.height > maxSide ||
		file.channels() == 0 || header.data[10] != 0 || header.data[11] != 0 || header.data[12] > 1 {
		return nil, ErrBroken
	}
	return file, file.readFrames(picture, i)
}

// pngColours are the colour types, each with its channels, and how many bits one has.
var pngColours = map[byte]struct {
	channels int64
	depths   string
}{
	0: {1, "\x01\x02\x04\x08\x10"}, 2: {3, "\x08\x10"}, 3: {1, "\x01\x02\x04\x08"}, 4: {2, "\x08\x10"}, 6: {4, "\x08\x10"},
}

// channels is how many a pixel has, or 0 for no colour type and depth of PNG.
func (f *pngFile) channels() int64 {
	kind, known := pngColours[f.colour]
	if !known || !strings.ContainsRune(kind.depths, rune(f.depth)) {
		return 0
	}
	return kind.channels
}

// readFrames reads the chunks from i on. What comes before the pixels has to be in
// order; behind them, only the further frames of an animation count.
func (f *pngFile) readFrames(picture []byte, i int) error {
	var animation pngAnimation
	palette := false
	for {
		chunk, next := nextChunk(picture, i)
		switch {
		case string(chunk.name) == "IDAT":
			if f.colour == 3 && !palette {
				return ErrPartial
			}
			still := pngFrame{width: f.width, height: f.height, whole: true}
			i = still.read(picture, i)
			if !animation.running {
				f.frames = []pngFrame{still}
				return nil
			}
			return f.readAnimation(&animation, still, picture, i)
		case !chunk.present || !isName(chunk.name):
			return ErrBroken
		case string(chunk.name) == "PLTE":
			if !chunk.intact {
				return ErrBroken
			}
			palette = true
		case chunk.name[0]&0x20 == 0: // none of the others may be left out
			return ErrBroken
		default:
			if !animation.note(chunk, f.width, f.height) {
				return ErrBroken
			}
		}
		i = next
	}
}

// read gathers the chunks of pixels from i on, and returns what follows them.
func (p *pngFrame) read(picture []byte, i int) int {
	for {
		chunk, next := nextChunk(picture, i)
		if string(chunk.name) != "IDAT" {
			return i
		}
		p.whole = p.whole && chunk.intact
		p.data = append(p.data, chunk.data)
		i = next
	}
}

func (f *pngFile) size() (size pictureSize) {
	size.canvas = f.width * f.height
	for _, frame := range f.frames {
		size.add(frame.width, frame.height)
	}
	size.pixels = max(size.pixels, size.canvas)
	return size
}

func (f *pngFile) draw(ctx context.Context) error {
	for _, frame := range f.frames {
		if err := f.drawFrame(ctx, frame); err != nil {
			return err
		}
	}
	return nil
}

// drawFrame inflates the pixels of a frame. The checksum behind them is not looked at, nor
// what comes after the last pixel.
func (f *pngFile) drawFrame(ctx context.Context, frame pngFrame) error {
	if !frame.whole {
		return ErrPartial
	}
	data := &joined{ctx: ctx, parts: frame.data}
	header := make([]byte, 2)
	if _, err := io.ReadFull(data, header); err != nil {
		return ErrPartial
	}
	const deflate, maxWindow, dictionary = 8, 7, 0x20
	if header[0]&15 != deflate || header[0]>>4 > maxWindow || header[1]&dictionary != 0 || binary.BigEndian.Uint16(header)%31 != 0 {
		return ErrPartial
	}
	pixels := bufio.NewReader(flate.NewReader(bufio.NewReader(data)))
	for _, pass := range f.passes(frame.width, frame.height) {
		rowBytes := (pass.width*f.channels()*int64(f.depth) + 7) / 8
		for range pass.height {
			filter, err := pixels.ReadByte()
			if err == nil && filter > 4 {
				err = ErrPartial
			}
			if err == nil {
				_, err = pixels.Discard(int(rowBytes))
			}
			if err != nil {
				return ErrPartial
			}
		}
	}
	return nil
}

type pngPass struct{ width, height int64 }

// passes are the pictures of which an interlaced one is made.
func (f *pngFile) passes(width, height int64) []pngPass {
	if !f.interlaced {
		return []pngPass{{width, height}}
	}
	var passes []pngPass
	for _, p := range []struct{ x, y, dx, dy int64 }{
		{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
	} {
		pass := pngPass{(width - p.x + p.dx - 1) / p.dx, (height - p.y + p.dy - 1) / p.dy}
		if pass.width > 0 && pass.height > 0 {
			passes = append(passes, pass)
		}
	}
	return passes
}
