package e2e

import "testing"

// maxFirstView bounds what a browser loads to show a page for the first time, in bytes.
const maxFirstView = 150 << 10

// The first view of the console and of the desk is small.
func TestFirstView(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	for path, shown := range map[string]string{"/console": "Try it", "/desk": "Log in"} {
		p := english.open(t, screens[0], r.URL(path))
		p.see(shown)
		got := evaluate[int](p, `performance.getEntries().reduce((sum, { transferSize = 0 }) => sum + transferSize, 0)`)
		ready := evaluate[float64](p, `performance.getEntries().reduce((last, { responseEnd = 0 }) => Math.max(last, responseEnd), 0)`)
		t.Logf("%s: %d bytes, all there after %.0f ms", path, got, ready)
		if got > maxFirstView || got == 0 {
			t.Errorf("%s loads %d bytes, at most %d are wanted", path, got, maxFirstView)
		}
	}
}
