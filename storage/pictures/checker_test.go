package pictures_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/image/bmp"

	"campusgate/storage/pictures"
)

// drawn is a small picture with some colours.
func drawn(width, height int) *image.Paletted {
	picture := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black, color.Transparent})
	for i := range picture.Pix {
		picture.Pix[i] = byte(i % 3)
	}
	return picture
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var buffer bytes.Buffer
	must(t, encode(&buffer))
	return buffer.Bytes()
}

func animation(frames, width, height int) *gif.GIF {
	animated := &gif.GIF{}
	for range frames {
		animated.Image = append(animated.Image, drawn(width, height))
		animated.Delay = append(animated.Delay, 10)
	}
	return animated
}

// webps are of 1 × 1 pixel: Go has no encoder.
var webps = map[string]string{
	"lossy webp":    "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
	"lossless webp": "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
	"alpha webp":    "UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==",
}

func webpOf(t testing.TB, kind string) []byte {
	t.Helper()
	picture, err := base64.StdEncoding.DecodeString(webps[kind])
	must(t, err)
	return picture
}

type sample struct {
	name, contentType string
	picture           []byte
}

// samples are good pictures, of at most 12 × 9 pixels.
func samples(t testing.TB) []sample {
	t.Helper()
	still := drawn(12, 9)
	deep := image.NewNRGBA64(still.Rect)
	return []sample{
		{"png", "image/png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, still) })},
		{"16-bit png", "image/png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, deep) })},
		{"jpeg", "image/jpeg", encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, still, nil) })},
		{"gif", "image/gif", encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, still, nil) })},
		{"animated gif", "image/gif", encoded(t, func(b *bytes.Buffer) error { return gif.EncodeAll(b, animation(5, 12, 9)) })},
		{"bmp", "image/bmp", encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, still) })},
		{"lossy webp", "image/webp", webpOf(t, "lossy webp")},
		{"lossless webp", "image/webp", webpOf(t, "lossless webp")},
		{"webp with alpha", "image/webp", webpOf(t, "alpha webp")},
	}
}

func TestCheckTellsTheKind(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if got, err := checker.Check(t.Context(), s.picture, pictures.MaxBytes); got != s.contentType || err != nil {
				t.Errorf("Check = %q, %v, want %q", got, err, s.contentType)
			}
			if got, err := pictures.Inspect(s.picture); got != s.contentType || err != nil {
				t.Errorf("Inspect = %q, %v, want %q", got, err, s.contentType)
			}
		})
	}
}

func TestCheckRefusesWhatIsNoPicture(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	for _, text := range []string{
		"", "a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "<html></html>", "%PDF-1.7",
		"BM", "BMW is a make of cars", "GIF", "GIF88a", "RIFF1234WAVEfmt ", "RIFF", "RIFF1234WEBP",
		"\x89PNG", "\x89PNG\n\n\x1a\n", "\xff\xd8", "II*\x00", "\x00\x00\x01\x00",
	} {
		if _, err := checker.Check(t.Context(), []byte(text), pictures.MaxBytes); !errors.Is(err, pictures.ErrNotPicture) {
			t.Errorf("Check(%q) = %v, want ErrNotPicture", text, err)
		}
		if _, err := pictures.Inspect([]byte(text)); !errors.Is(err, pictures.ErrNotPicture) {
			t.Errorf("Inspect(%q) = %v, want ErrNotPicture", text, err)
		}
	}
}

// A picture that is cut is refused wherever it is, but for what does not show: the
// end of a PNG behind its pixels, and of a GIF.
func TestCheckRefusesACutPicture(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	ends := map[string]int{"png": len("....IEND...."), "16-bit png": len("....IEND...."), "gif": 4}
	for _, s := range samples(t) {
		if s.name == "animated gif" { // it may end behind any of its frames
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			const kind = 16 // bytes that tell it
			for size := kind; size < len(s.picture)-ends[s.name]; size++ {
				if _, err := checker.Check(t.Context(), s.picture[:size], pictures.MaxBytes); !errors.Is(err, pictures.ErrBroken) {
					t.Errorf("Check of %d of %d bytes = %v, want ErrBroken", size, len(s.picture), err)
				}
			}
		})
	}
}

func TestCheckRefusesALargePicture(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	picture := samples(t)[0].picture
	padded := slices.Concat(picture, make([]byte, pictures.MaxBytes-len(picture)))
	if _, err := checker.Check(t.Context(), padded, pictures.MaxBytes); err != nil {
		t.Errorf("Check of 1024 KiB = %v", err)
	}
	padded = append(padded, 0)
	_, err := checker.Check(t.Context(), padded, pictures.MaxBytes)
	var bad *pictures.BadPictureError
	if !errors.As(err, &bad) || bad.Error() != "larger than 1024 KiB" {
		t.Errorf("Check of 1024 KiB and 1 byte = %v", err)
	}
	if _, err := checker.Check(t.Context(), padded, 2*pictures.MaxBytes); err != nil {
		t.Errorf("Check of 1024 KiB and 1 byte, of at most 2 MiB = %v", err)
	}
}

// pngHeader is a PNG of that size with no pixels: 57 bytes.
func pngHeader(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32(nil, width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 6, 0, 0, 0) // 8 bits, RGBA
	var noPixels bytes.Buffer
	_ = zlib.NewWriter(&noPixels).Close() // a buffer takes all
	picture := []byte("\x89PNG\r\n\x1a\n")
	picture = appendChunk(picture, "IHDR", header)
	picture = appendChunk(picture, "IDAT", noPixels.Bytes())
	return appendChunk(picture, "IEND", nil)
}

func appendChunk(picture []byte, name string, data []byte) []byte {
	picture = binary.BigEndian.AppendUint32(picture, uint32(len(data)))
	chunk := append([]byte(name), data...)
	picture = append(picture, chunk...)
	return binary.BigEndian.AppendUint32(picture, crc32.ChecksumIEEE(chunk))
}

// gifOf is a GIF of frames that are all of the screen's size, as many as fit;
// each has the same few bytes, which do for 1 pixel.
func gifOf(width, height uint16, frames int) []byte {
	size := binary.LittleEndian.AppendUint16(nil, width)
	size = binary.LittleEndian.AppendUint16(size, height)
	picture := append([]byte("GIF89a"), size...)
	picture = append(picture, 0x80, 0, 0)         // a global table of 2 colours
	picture = append(picture, make([]byte, 6)...) // black and black
	for range frames {
		picture = append(picture, 0x21, 0xf9, 4, 1, 0, 0, 0, 0) // a transparent colour: a palette of its own
		picture = append(picture, 0x2c, 0, 0, 0, 0)
		picture = append(picture, size...)
		picture = append(picture, 0, 2, 2, 0x44, 0x01, 0) // 1 pixel
	}
	return append(picture, 0x3b)
}

// webpLossless is the header of a lossless WebP of that size.
func webpLossless(width, height uint32) []byte {
	picture := []byte("RIFF\x20\x00\x00\x00WEBPVP8L\x14\x00\x00\x00\x2f")
	picture = binary.LittleEndian.AppendUint32(picture, width-1|(height-1)<<14)
	return append(picture, make([]byte, 15)...)
}

// webpExtended says 1 × 1 in its header, and holds another.
func webpExtended(inner []byte) []byte {
	picture := []byte("RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00")
	picture = append(picture, make([]byte, 10)...)
	return append(picture, inner[12:]...)
}

func TestCheckRefusesBombs(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	bmpBomb := encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, drawn(1, 1)) })
	binary.LittleEndian.PutUint32(bmpBomb[18:], 20_000)
	binary.LittleEndian.PutUint32(bmpBomb[22:], 20_000)
	jpegBomb := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, drawn(1, 1), nil) })
	size := bytes.Index(jpegBomb, []byte{0xff, 0xc0}) + 5
	binary.BigEndian.PutUint16(jpegBomb[size:], 65_535)
	binary.BigEndian.PutUint16(jpegBomb[size+2:], 65_535)
	for _, c := range []struct {
		name    string
		picture []byte
		want    error
	}{
		{"a png of 400 megapixels in 57 bytes", pngHeader(20_000, 20_000), pictures.ErrTooManyPixels},
		{"a png whose pixels are more than 64 bits count", pngHeader(1<<31-1, 1<<31-1), pictures.ErrTooManyPixels},
		{"a png of one pixel too many", pngHeader(pictures.MaxPixels+1, 1), pictures.ErrTooManyPixels},
		{"a png of 40 megapixels without any", pngHeader(8000, 5000), pictures.ErrBroken},
		{"a png of no size", pngHeader(0, 0), pictures.ErrBroken},
		{"a bmp of 400 megapixels", bmpBomb, pictures.ErrTooManyPixels},
		{"a jpeg of 4294 megapixels", jpegBomb, pictures.ErrTooManyPixels},
		{"a webp of 268 megapixels", webpLossless(1<<14, 1<<14), pictures.ErrTooManyPixels},
		{"a webp that hides 268 megapixels", webpExtended(webpLossless(1<<14, 1<<14)), pictures.ErrBroken},
		{"a gif whose screen is too large", gifOf(65_535, 65_535, 1), pictures.ErrTooManyPixels},
		{"a gif whose frames together are too large", gifOf(6000, 6000, 2), pictures.ErrTooManyPixels},
		{"a gif of 40,000 frames of a thousand pixels", gifOf(100, 11, 40_000), pictures.ErrTooManyPixels},
		{"a gif without a frame", gifOf(1, 1, 0), pictures.ErrBroken},
		{"a gif of no size", gifOf(0, 0, 1), pictures.ErrBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := checker.Check(t.Context(), c.picture, pictures.MaxBytes); !errors.Is(err, c.want) {
				t.Errorf("Check = %v, want %v", err, c.want)
			}
		})
	}
}

func TestCheckTakesAGIFOfManyFrames(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	if _, err := checker.Check(t.Context(), gifOf(1, 1, 10_000), pictures.MaxBytes); err != nil {
		t.Errorf("Check = %v", err)
	}
}

func TestCheckErrorsAreForClients(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		pictures.ErrNotPicture:    "not a png, jpeg, gif, bmp or webp",
		pictures.ErrTooManyPixels: "more than 40 megapixels",
		pictures.ErrBroken:        "cannot be decoded: no browser draws it",
		pictures.ErrPartial:       "cannot be decoded whole: browsers draw a part of it",
	} {
		var bad *pictures.BadPictureError
		if !errors.As(err, &bad) || bad.Error() != want {
			t.Errorf("%v is no *BadPictureError with the text %q", err, want)
		}
	}
}

// blockedContext holds the first caller of Err until it is let go: a decoder, for
// it reads through the context.
type blockedContext struct {
	context.Context
	reached, goOn chan struct{}
	once          sync.Once
}

func (b *blockedContext) Err() error {
	b.once.Do(func() {
		close(b.reached)
		<-b.goOn
	})
	return b.Context.Err()
}

func TestCheckDecodesOneBudgetAtATime(t *testing.T) {
	t.Parallel()
	picture := samples(t)[0].picture
	synctest.Test(t, func(t *testing.T) {
		checker := pictures.NewChecker(12 * 9) // one of them at a time
		first := &blockedContext{Context: t.Context(), reached: make(chan struct{}), goOn: make(chan struct{})}
		done := make(chan error, 1)
		go func() {
			_, err := checker.Check(first, picture, pictures.MaxBytes)
			done <- err
		}()
		<-first.reached

		waiting, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := checker.Check(waiting, picture, pictures.MaxBytes)
		var bad *pictures.BadPictureError
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &bad) {
			t.Errorf("Check of a second picture = %v, want the context's error", err)
		}

		close(first.goOn)
		if err := <-done; err != nil {
			t.Errorf("Check of the first picture = %v", err)
		}
		if _, err := checker.Check(t.Context(), picture, pictures.MaxBytes); err != nil {
			t.Errorf("Check after both = %v", err)
		}
	})
}

// endingContext ends while a decoder reads.
type endingContext struct {
	context.Context
	reads int
}

func (e *endingContext) Err() error {
	if e.reads--; e.reads < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestCheckStopsDecodingWithItsContext(t *testing.T) {
	t.Parallel()
	// Noise, so that it is long enough for several reads.
	noise := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	state := uint32(1)
	for i := range noise.Pix {
		state = state*1664525 + 1013904223
		noise.Pix[i] = byte(state >> 24)
	}
	checker := pictures.NewChecker(pictures.MaxPixels)
	for name, picture := range map[string][]byte{
		"png":  encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, noise) }),
		"jpeg": encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, noise, &jpeg.Options{Quality: 100}) }),
		"gif":  encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, noise, nil) }),
	} {
		ctx := &endingContext{Context: t.Context(), reads: 3}
		var bad *pictures.BadPictureError
		if _, err := checker.Check(ctx, picture, pictures.MaxBytes); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &bad) {
			t.Errorf("%s: Check = %v, want context.DeadlineExceeded", name, err)
		}
	}
}

func TestCheckConcurrently(t *testing.T) {
	t.Parallel()
	all := samples(t)
	checker := pictures.NewChecker(12 * 9 * 6)
	var running sync.WaitGroup
	for i := range 32 {
		running.Go(func() {
			s := all[i%len(all)]
			if got, err := checker.Check(t.Context(), s.picture, pictures.MaxBytes); got != s.contentType || err != nil {
				t.Errorf("Check of a %s = %q, %v", s.name, got, err)
			}
		})
	}
	running.Wait()
}

// FuzzCheck looks for panics, and for pictures beyond the limits that pass.
func FuzzCheck(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.picture)
		f.Add(s.picture[:len(s.picture)/2])
	}
	f.Add(pngHeader(20_000, 20_000))
	f.Add(gifOf(20, 20, 30))
	f.Add(webpExtended(webpLossless(1<<14, 1<<14)))
	for _, c := range corpus(f) {
		f.Add(c.bytes)
	}
	const maxPixels = 10_000
	checker := pictures.NewChecker(maxPixels)
	f.Fuzz(func(t *testing.T, picture []byte) {
		contentType, err := checker.Check(t.Context(), picture, pictures.MaxBytes)
		if err != nil {
			var bad *pictures.BadPictureError
			if !errors.As(err, &bad) || contentType != "" {
				t.Fatalf("Check = %q, %v, want a *BadPictureError alone", contentType, err)
			}
			return
		}
		if len(picture) > pictures.MaxBytes || !strings.HasPrefix(contentType, "image/") {
			t.Fatalf("%d bytes passed as %q", len(picture), contentType)
		}
		if pixels := decodedPixels(t, contentType, picture); pixels > maxPixels {
			t.Fatalf("%d pixels passed", pixels)
		}
	})
}

// decodedPixels are those that the library decodes, 0 where it does not.
func decodedPixels(t *testing.T, contentType string, picture []byte) (pixels int) {
	t.Helper()
	if contentType == pictures.GIF {
		animated, err := gif.DecodeAll(bytes.NewReader(picture))
		if err != nil {
			return 0
		}
		for _, frame := range animated.Image {
			pixels += frame.Rect.Dx() * frame.Rect.Dy()
		}
		return pixels
	}
	// The decoders are registered: this package and the one under test import them.
	config, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return 0
	}
	return config.Width * config.Height
}
