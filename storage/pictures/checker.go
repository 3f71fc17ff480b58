package pictures

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"sync/atomic"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
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

// What decoding costs beside the pixels, in pixels of up to 8 bytes.
const (
	// frameCost is a GIF frame's palette: 1 MiB holds 40,000 frames of 1 pixel.
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
	kind := decoderOf(contentType)
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
	err = guard(func() error { return kind.decode(&reader{ctx, bytes.NewReader(picture)}) })
	switch {
	case err != nil && ctx.Err() != nil:
		return "", fmt.Errorf("decode picture: %w", ctx.Err())
	case err != nil:
		return "", ErrBroken
	}
	return contentType, nil
}

// Decoding is how many pictures are being decoded; those that wait for their turn
// are not.
func (c *Checker) Decoding() int64 { return c.running.Load() }

// measure looks at the sizes that a picture claims, before anything of that size
// is allocated, and returns what decoding it costs.
func (c *Checker) measure(kind decoder, picture []byte) (cost int64, err error) {
	var config image.Config
	err = guard(func() (err error) {
		config, err = kind.config(bytes.NewReader(picture))
		return err
	})
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return 0, ErrBroken
	}
	pixels, frames := int64(config.Width)*int64(config.Height), int64(1)
	if pixels > c.maxPixels {
		return 0, ErrTooManyPixels
	}
	if kind.frames != nil {
		pixels, frames, err = kind.frames(picture)
		if err != nil {
			return 0, err
		}
	}
	if pixels > c.maxPixels {
		return 0, ErrTooManyPixels
	}
	return min(max(pixels+frames*frameCost, leastCost), c.maxPixels), nil
}

// decoder is one kind's. The decoders are called by name: what the image package
// has registered is any importer's choice.
type decoder struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) error
	// frames adds up what an animation decodes to; nil for stills.
	frames func([]byte) (pixels, frames int64, err error)
}

func decoderOf(contentType string) decoder {
	switch contentType {
	case PNG:
		return decoder{config: png.DecodeConfig, decode: still(png.Decode)}
	case JPEG:
		return decoder{config: jpeg.DecodeConfig, decode: still(jpeg.Decode)}
	case GIF:
		return decoder{config: gif.DecodeConfig, decode: allFrames, frames: gifFrames}
	case BMP:
		return decoder{config: bmp.DecodeConfig, decode: still(bmp.Decode)}
	default:
		return decoder{config: webp.DecodeConfig, decode: still(webp.Decode)}
	}
}

func still(decode func(io.Reader) (image.Image, error)) func(io.Reader) error {
	return func(r io.Reader) error {
		_, err := decode(r)
		return err
	}
}

func allFrames(r io.Reader) error {
	_, err := gif.DecodeAll(r)
	return err
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

// reader ends when its context does, and with it a decoder that would go on for
// minutes: a progressive JPEG can have thousands of scans over all its pixels.
type reader struct {
	ctx  context.Context
	from *bytes.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
