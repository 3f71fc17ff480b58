package pictures

import "encoding/binary"

// pngAnimation is how far the frames of an animated PNG have been read. One that is
// not as it should be is drawn as far as it is, like one that has no more frames.
type pngAnimation struct {
	running   bool // there is an acTL
	maxFrames uint32
	sequence  uint32
	first     bool // the still picture is the first frame
}

// note looks at a chunk before the pixels. It is false where no browser draws what
// follows.
func (a *pngAnimation) note(chunk pngChunk, width, height int64) bool {
	switch {
	case !chunk.intact:
	case string(chunk.name) == "acTL" && len(chunk.data) == 8 && !a.running:
		a.maxFrames = binary.BigEndian.Uint32(chunk.data)
		a.running = a.maxFrames > 0
	case string(chunk.name) == "fcTL" && a.running && !a.first:
		frame, ok := a.control(chunk, width, height)
		a.first = ok
		return !ok || frame.width == width && frame.height == height
	}
	return true
}

// control reads the header of a frame, whose place has to be within the picture.
func (a *pngAnimation) control(chunk pngChunk, width, height int64) (frame pngFrame, ok bool) {
	if string(chunk.name) != "fcTL" || !chunk.intact || len(chunk.data) != 26 || !a.follows(chunk) {
		return pngFrame{}, false
	}
	field := func(i int) int64 { return int64(binary.BigEndian.Uint32(chunk.data[i:])) }
	frame = pngFrame{width: field(4), height: field(8), whole: true}
	inside := field(12)+frame.width <= width && field(16)+frame.height <= height
	return frame, inside && frame.width > 0 && frame.height > 0
}

// follows compares a chunk's number, and counts on.
func (a *pngAnimation) follows(chunk pngChunk) bool {
	if len(chunk.data) < 4 || binary.BigEndian.Uint32(chunk.data) != a.sequence {
		return false
	}
	a.sequence++
	return true
}

// readAnimation reads the frames behind the still picture, from i on.
func (f *pngFile) readAnimation(a *pngAnimation, still pngFrame, picture []byte, i int) error {
	if a.first {
		f.frames = append(f.frames, still)
	} else if !still.whole { // nobody gets past it
		return ErrPartial
	}
	for len(f.frames) < int(a.maxFrames) {
		chunk, next := nextChunk(picture, i)
		if !chunk.present || !isName(chunk.name) || chunk.name[0]&0x20 == 0 {
			break
		}
		i = next
		frame, ok := a.control(chunk, f.width, f.height)
		if string(chunk.name) == "fcTL" && !ok {
			break
		}
		if ok {
			if i = a.pixels(&frame, picture, i); frame.data == nil {
				break
			}
			f.frames = append(f.frames, frame)
		}
	}
	if len(f.frames) == 0 {
		return ErrPartial
	}
	return nil
}

// pixels gathers those of a frame from i on, and returns what follows them. Their
// checksums are not looked at.
func (a *pngAnimation) pixels(frame *pngFrame, picture []byte, i int) int {
	for {
		chunk, next := nextChunk(picture, i)
		if string(chunk.name) != "fdAT" {
			return i
		}
		i = next
		if !chunk.present {
			frame.whole = false
			frame.data = append(frame.data, nil)
			return i
		}
		if !a.follows(chunk) {
			return i
		}
		frame.data = append(frame.data, chunk.data[4:])
	}
}
