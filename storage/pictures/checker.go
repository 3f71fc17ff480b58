package pictures

import (
	"context"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// Limits of the contract's pic/upload.
const (
	// MaxBytes is the size of the largest portrait, in bytes. What other uploads may
	// have is the operator's choice.
	MaxBytes = 1024 << 10
	// MaxPixels is how many pixels a picture may have, and how many are being
	// decoded at one time in a process.
	MaxPixels = 40_000_000
)

// What decoding costs beside the pixels, in pixels.
const (
	// frameCost is what a frame of an animation begins with: 1 MiB holds 40,000 frames of
	// 1 pixel.
	frameCost = 1024
	// leastCost is a decoder's own tables, which a small picture can fill too.
	leastCost = 1 << 20
)

// Checker checks uploads. It is safe for concurrent use.
type Checker struct {
	maxPixels int64
	decoding  *semaphore.Weighted // in pixels
	running   atomic.Int64        // pictures
}

// NewChecker returns a checker for [MaxPixels]; tests may want fewer.
func NewChecker(maxPixels int64) *Checker {
	return &Checker{maxPixels: maxPixels, decoding: semaphore.NewWeighted(maxPixels)}
}

// Check decodes a whole picture once and returns its content type. It fails with a
// *[BadPictureError], or with the context's error if the picture's turn did not
// come in time, or if decoding took too long: such a picture may be a good one.
func (c *Checker) Check(ctx context.Context, picture []byte, maxBytes int) (contentType string, err error) {
	if len(picture) > maxBytes {
		return "", errTooLarge(maxBytes)
	}
	contentType, err = Inspect(picture)
	if err != nil {
		return "", err
	}
	var file drawn
	err = guard(func() (err error) {
		file, err = formats[contentType](picture)
		return err
	})
	if err != nil {
		return "", err
	}
	cost, err := c.cost(file.size())
	if err != nil {
		return "", err
	}
	if err := c.decoding.Acquire(ctx, cost); err != nil {
		return "", fmt.Errorf("wait to decode picture: %w", err)
	}
	defer c.decoding.Release(cost)
	c.running.Add(1)
	defer c.running.Add(-1)
	err = guard(func() error { return file.draw(ctx) })
	switch {
	case err != nil && ctx.Err() != nil:
		return "", fmt.Errorf("decode picture: %w", ctx.Err())
	case err != nil:
		return "", err
	}
	return contentType, nil
}

// Decoding is how many pictures are being decoded; those that wait for their turn
// are not.
func (c *Checker) Decoding() int64 { return c.running.Load() }

// cost is what decoding a picture costs, if it may have that size.
func (c *Checker) cost(size pictureSize) (int64, error) {
	switch {
	case size.canvas <= 0:
		return 0, ErrBroken
	case size.canvas > c.maxPixels || size.pixels > c.maxPixels:
		return 0, ErrTooManyPixels
	}
	return min(max(size.pixels+size.frames*frameCost, leastCost), c.maxPixels), nil
}

// pictureSize is what a picture claims, before anything of that size is decoded.
type pictureSize struct {
	canvas         int64 // pixels that are shown
	pixels, frames int64 // of an animation together
}

// still is the size of what has one frame.
func still(width, height int) (size pictureSize) {
	size.canvas = int64(width) * int64(height)
	size.add(int64(width), int64(height))
	return size
}

func (s *pictureSize) add(width, height int64) {
	s.pixels += width * height
	s.frames++
}

// drawn is a picture as a browser reads it. What no browser draws is [ErrBroken], what
// it draws in part is [ErrPartial].
type drawn interface {
	size() pictureSize
	// draw decodes as much as it takes to know that every pixel is there.
	draw(ctx context.Context) error
}

var formats = map[string]func(picture []byte) (drawn, error){
	PNG:  func(picture []byte) (drawn, error) { return readPNG(picture) },
	JPEG: func(picture []byte) (drawn, error) { return readJPEG(picture) },
	GIF:  func(picture []byte) (drawn, error) { return readGIF(picture) },
	BMP:  func(picture []byte) (drawn, error) { return readBMP(picture) },
	WebP: func(picture []byte) (drawn, error) { return readWebP(picture) },
}

// guard calls a decoder. One that panics has met a broken picture.
func guard(decode func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrBroken
		}
	}()
	return decode()
}
