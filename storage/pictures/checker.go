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
	kind := formats[contentType]
	cost, err := c.measure(kind, picture)
	if err != nil {
		return "", err
	}
	if err := c.decoding.Acquire(ctx, cost); err != nil {
		return "", fmt.Errorf("wait to decode picture: %w", err)
	}
	defer c.decoding.Release(cost)
	c.running.Add(1)
	defer c.running.Add(-1)
	err = guard(func() error { return kind.draw(ctx, picture) })
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

// measure looks at the sizes that a picture claims, before anything of that size
// is decoded, and returns what decoding it costs.
func (c *Checker) measure(kind format, picture []byte) (cost int64, err error) {
	var size pictureSize
	err = guard(func() (err error) {
		size, err = kind.measure(picture)
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case size.canvas <= 0:
		return 0, ErrBroken
	case size.canvas > c.maxPixels || size.pixels > c.maxPixels:
		return 0, ErrTooManyPixels
	}
	return min(max(size.pixels+size.frames*frameCost, leastCost), c.maxPixels), nil
}

// pictureSize is what a picture claims.
type pictureSize struct {
	canvas         int64 // pixels that are shown
	pixels, frames int64 // of an animation together
}

// format is how one kind of picture is read. What no browser draws is [ErrBroken],
// what it draws in part is [ErrPartial].
type format struct {
	measure func(picture []byte) (pictureSize, error)
	draw    func(ctx context.Context, picture []byte) error
}

var formats = map[string]format{
	PNG:  {measurePNG, drawPNG},
	JPEG: {measureJPEG, drawJPEG},
	GIF:  {measureGIF, drawGIF},
	BMP:  {measureBMP, drawBMP},
	WebP: {measureWebP, drawWebP},
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
