package pictures

import (
	"context"
	"encoding/binary"

	"golang.org/x/image/webp"
)

// webpFile is the frames of a WebP, read as Chromium does. golang.org/x/image/webp
// knows no animation, and takes some chunks that browsers refuse: each frame is
// written as a still picture of its own, for it to decode.
type webpFile struct {
	width, height int // of the canvas
	frames        []webpFrame
}

type webpFrame struct {
	alpha         []byte // of ALPH, nil without
	name          string // VP8 or VP8L, as written
	data          []byte
	width, height int
}

// Bits of the flags in VP8X.
const (
	webpAnimated = 0x02
	webpAlpha    = 0x10
)

// riffChunk is a chunk of a RIFF, cut where the file is.
type riffChunk struct {
	name string
	data []byte
	cut  bool
}

// nextRIFF returns the first chunk of data, and what follows it. It is false where
// there is none.
func nextRIFF(data []byte) (chunk riffChunk, rest []byte, ok bool) {
	const head = 8
	if len(data) < head {
		return riffChunk{}, nil, false
	}
	size := int64(binary.LittleEndian.Uint32(data[4:]))
	chunk.name = string(data[:4])
	data = data[head:]
	if size > int64(len(data)) {
		chunk.data, chunk.cut = data, true
		return chunk, nil, true
	}
	chunk.data = data[:size]
	return chunk, data[min(size+size&1, int64(len(data))):], true
}

func readWebP(picture []byte) (*webpFile, error) {
	const head, form = 8, 4
	if len(picture) < head+form {
		return nil, ErrBroken
	}
	size := int64(binary.LittleEndian.Uint32(picture[4:]))
	if size < form || size > 1<<32-10 {
		return nil, ErrBroken
	}
	body := picture[head+form : min(head+size, int64(len(picture)))]
	switch {
	case size > int64(len(picture)-head):
		return nil, ErrPartial
	case !wholeChunks(body):
		return nil, ErrBroken
	}
	first, rest, ok := nextRIFF(body)
	var file *webpFile
	var err error
	switch {
	case !ok:
		err = ErrBroken
	case first.name == "VP8X":
		file, err = readExtended(first, rest)
	default:
		var frame webpFrame
		frame, _, err = readWebPFrame(body)
		file = &webpFile{width: frame.width, height: frame.height, frames: []webpFrame{frame}}
	}
	return file, err
}

func readExtended(header riffChunk, rest []byte) (*webpFile, error) {
	const size = 10
	if len(header.data) != size {
		return nil, ErrBroken
	}
	file := &webpFile{width: 1 + uint24(header.data[4:]), height: 1 + uint24(header.data[7:])}
	animated, inAnimation := header.data[0]&webpAnimated != 0, false
	for {
		chunk, next, ok := nextRIFF(rest)
		switch {
		case !ok && len(file.frames) == 0:
			return file, ErrBroken
		case !ok:
			return file, nil
		case chunk.name == "ANIM":
			inAnimation = true
		case chunk.name == "ANMF":
			if !animated || !inAnimation {
				return file, ErrBroken
			}
			if err := file.addFrame(chunk); err != nil {
				return file, err
			}
		case chunk.name == "ALPH" || chunk.name == "VP8 " || chunk.name == "VP8L":
			if animated || len(file.frames) > 0 {
				return file, ErrBroken
			}
			frame, behind, err := readWebPFrame(rest)
			if err == nil && (frame.width != file.width || frame.height != file.height) {
				err = ErrBroken
			}
			if err != nil {
				return file, err
			}
			if header.data[0]&webpAlpha == 0 {
				frame.alpha = nil // nobody looks at it
			}
			file.frames, next = append(file.frames, frame), behind
		}
		rest = next
	}
}

// addFrame reads a frame of an animation, which has to be within the canvas.
func (f *webpFile) addFrame(chunk riffChunk) error {
	const header = 16
	if chunk.cut || len(chunk.data) < header {
		return ErrBroken
	}
	frame, rest, err := readWebPFrame(chunk.data[header:])
	if err != nil {
		return ErrBroken
	}
	x, y := 2*uint24(chunk.data), 2*uint24(chunk.data[3:])
	if x+frame.width > f.width || y+frame.height > f.height || !wholeChunks(rest) {
		return ErrBroken
	}
	f.frames = append(f.frames, frame)
	return nil
}

func wholeChunks(data []byte) bool {
	for len(data) > 0 {
		chunk, rest, ok := nextRIFF(data)
		if !ok || chunk.cut {
			return false
		}
		data = rest
	}
	return true
}

// readWebPFrame reads the picture that data begins with, and returns what follows.
func readWebPFrame(data []byte) (frame webpFrame, rest []byte, err error) {
	chunk, rest, ok := nextRIFF(data)
	if ok && chunk.name == "ALPH" && !chunk.cut {
		frame.alpha = chunk.data
		chunk, rest, ok = nextRIFF(rest)
	}
	frame.name, frame.data = chunk.name, chunk.data
	switch {
	case !ok:
		return frame, nil, ErrBroken
	case chunk.name == "VP8 " && len(chunk.data) >= 10 && string(chunk.data[3:6]) == "\x9d\x01\x2a":
		frame.width = int(binary.LittleEndian.Uint16(chunk.data[6:]) & 0x3fff)
		frame.height = int(binary.LittleEndian.Uint16(chunk.data[8:]) & 0x3fff)
	case chunk.name == "VP8L" && len(chunk.data) >= 5 && chunk.data[0] == 0x2f:
		size := binary.LittleEndian.Uint32(chunk.data[1:])
		frame.width, frame.height = int(size&0x3fff)+1, int(size>>14&0x3fff)+1
	default:
		return frame, nil, ErrBroken
	}
	switch {
	case frame.width == 0 || frame.height == 0:
		return frame, nil, ErrBroken
	case chunk.cut:
		return frame, nil, ErrBroken
	}
	return frame, rest, nil
}

// still is a frame as a picture of its own.
func (f webpFrame) still() [][]byte {
	chunks := [][]byte{nil}
	add := func(name string, data []byte) {
		head := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data))) //nolint:gosec // of a picture
		chunks = append(chunks, head, data, make([]byte, len(data)&1))
	}
	if f.alpha != nil && f.name == "VP8 " {
		extended := []byte{webpAlpha, 0, 0, 0}
		extended = appendUint24(appendUint24(extended, f.width-1), f.height-1)
		add("VP8X", extended)
		add("ALPH", f.alpha)
	}
	add(f.name, f.data)
	size := len("WEBP")
	for _, chunk := range chunks {
		size += len(chunk)
	}
	chunks[0] = append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size)), "WEBP"...) //nolint:gosec // of a picture
	return chunks
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func appendUint24(b []byte, value int) []byte {
	return append(b, byte(value), byte(value>>8), byte(value>>16)) //nolint:gosec // three bytes of it
}

func (f *webpFile) size() (size pictureSize) {
	size.canvas = int64(f.width) * int64(f.height)
	for _, frame := range f.frames {
		size.add(int64(frame.width), int64(frame.height))
	}
	return size
}

func (f *webpFile) draw(ctx context.Context) error {
	for _, frame := range f.frames {
		if _, err := webp.Decode(&joined{ctx, frame.still()}); err != nil {
			return ErrPartial
		}
	}
	return nil
}
