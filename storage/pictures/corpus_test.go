package pictures_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/storage/pictures"
)

// sampled is a picture of testdata/corpus, and its line of testdata/drawn.txt.
type sampled struct {
	name     string
	bytes    []byte
	chromium string // whether it draws the picture: whole, in part, or no
	ours     string // the same, but for what drawn.txt says why
}

func corpus(t testing.TB) (all []sampled) {
	t.Helper()
	list, err := os.ReadFile(filepath.Join("testdata", "drawn.txt"))
	must(t, err)
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		s := sampled{name: fields[0], chromium: fields[1], ours: fields[1]}
		if len(fields) > 2 {
			s.ours = fields[2]
		}
		s.bytes, err = os.ReadFile(filepath.Join("testdata", "corpus", s.name))
		must(t, err)
		all = append(all, s)
	}
	return all
}

// What Chromium draws whole is taken, what it draws in part or not at all is refused,
// and the detail says which. That drawn.txt tells the truth of Chromium is a test of
// the whole program's, TestChromiumDraws.
func TestCheckTakesWhatIsDrawn(t *testing.T) {
	t.Parallel()
	checker := pictures.NewChecker(pictures.MaxPixels)
	files, err := os.ReadDir(filepath.Join("testdata", "corpus"))
	must(t, err)
	all := corpus(t)
	if len(files) != len(all) {
		t.Errorf("%d files, but %d are listed", len(files), len(all))
	}
	for _, s := range all {
		contentType, err := checker.Check(t.Context(), s.bytes, pictures.MaxBytes)
		got := "whole"
		switch {
		case errors.Is(err, pictures.ErrPartial):
			got = "part"
		case err != nil:
			got = "no"
		}
		if got != s.ours || err == nil && contentType != typeOf(s.name) {
			t.Errorf("%s: %s (%v, %s), want %s", s.name, got, err, contentType, s.ours)
		}
	}
}

func typeOf(file string) string {
	return map[string]string{
		".png": pictures.PNG, ".jpg": pictures.JPEG, ".gif": pictures.GIF, ".bmp": pictures.BMP, ".webp": pictures.WebP,
	}[filepath.Ext(file)]
}

// The limit of pixels is for all frames of an animation together.
func TestCheckAddsUpFrames(t *testing.T) {
	t.Parallel()
	const one = 20 * 14
	for _, s := range corpus(t) {
		if !strings.Contains(s.name, "pillow-animated") {
			continue
		}
		for most, want := range map[int64]error{3*one - 1: pictures.ErrTooManyPixels, 3 * one: nil} {
			if _, err := pictures.NewChecker(most).Check(t.Context(), s.bytes, pictures.MaxBytes); !errors.Is(err, want) {
				t.Errorf("%s: Check of at most %d pixels = %v, want %v", s.name, most, err, want)
			}
		}
	}
}
