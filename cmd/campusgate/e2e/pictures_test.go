package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drawing tells of a picture whether the browser draws it: an img loads it; it is
// whole as a bitmap; and so is each frame of an animation.
const drawing = `(async (names) => {
	const types = {png: "image/png", jpg: "image/jpeg", gif: "image/gif", bmp: "image/bmp", webp: "image/webp"};
	const draw = async (name) => {
		const bytes = await (await fetch(name)).arrayBuffer();
		const type = types[name.split(".").pop()];
		const img = new Image();
		img.src = URL.createObjectURL(new Blob([bytes], {type}));
		if (!await new Promise((done) => { img.onload = () => done(true); img.onerror = () => done(false); })) return "no";
		try {
			(await createImageBitmap(new Blob([bytes], {type}))).close();
			const decoder = new ImageDecoder({data: bytes, type});
			await decoder.tracks.ready;
			await decoder.completed;
			for (let i = 0; i < decoder.tracks.selectedTrack.frameCount; i++) {
				const frame = await decoder.decode({frameIndex: i, completeFramesOnly: true});
				frame.image.close();
				if (!frame.complete) return "part";
			}
			decoder.close();
		} catch {
			return "part";
		}
		return "whole";
	};
	const drawn = {};
	for (const name of names.split(" ")) drawn[name] = await draw(name);
	return drawn;
})`

// What is written down of the pictures that tools make is what Chromium does: the
// checker's own test holds it against that.
func TestChromiumDraws(t *testing.T) {
	testdata := filepath.Join("..", "..", "..", "storage", "pictures", "testdata")
	list, err := os.ReadFile(filepath.Join(testdata, "drawn.txt"))
	must(t, err)
	var names []string
	want := map[string]string{}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) < 2 || fields[0] == "#":
		case strings.Contains(line, "Debian's build alone"):
		default:
			names = append(names, fields[0])
			want[fields[0]] = fields[1]
		}
	}
	corpus := http.FileServer(http.Dir(filepath.Join(testdata, "corpus")))
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html><link rel=icon href=data:,>"))
			return
		}
		corpus.ServeHTTP(w, r)
	}))
	t.Cleanup(page.Close)
	p := english.open(t, screens[0], page.URL)
	got := evaluate[map[string]string](p, drawing+`("`+strings.Join(names, " ")+`")`)
	for _, name := range names {
		if got[name] != want[name] {
			t.Errorf("%s: Chromium draws %q, drawn.txt says %q", name, got[name], want[name])
		}
	}
}
