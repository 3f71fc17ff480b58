package bench

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// TestAttackMemory: 64 clients at once upload the largest files, and in the long
// form the largest bodies and pictures of the most pixels too, three times over. The
// process stays within 1.25 GiB: 64 bodies of 8 MiB, their files and 320 MB of pixels
// take most of that, and above its limit the garbage collector allows no more. Then
// it answers as before.
func TestAttackMemory(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector needs memory of its own")
	}
	const clients, limit = 64, 5 << 28
	rounds := 1
	if campusgatetest.Torture() {
		rounds = 3
	}
	b := campusgatetest.Start(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_WRITE_TIMEOUT=5s", "CAMPUSGATE_LIMITS_PER_MINUTE=0"}, "--demo")
	path := b.URL("/pic?token=" + b.DemoToken(t, campusgatetest.DemoSeller))
	for _, kind := range largestUploads(t) {
		statuses := make(chan int, clients*rounds)
		var group sync.WaitGroup
		for client := range clients {
			group.Go(func() {
				for range rounds {
					answer, err := campusgatetest.Send(t.Context(), http.MethodPost, path, kind.body, "X-Real-IP", fmt.Sprintf("198.51.100.%d", client))
					if err != nil || len(answer.Data) == 0 {
						t.Errorf("%s: answered %.200s, %v", kind.name, answer.Raw, err)
					}
					statuses <- answer.Status
				}
			})
		}
		group.Wait()
		close(statuses)
		counts := map[int]int{}
		for status := range statuses {
			counts[status]++
			// Stored, no picture, or its time was over: before its turn, in the
			// database, in the store.
			if !slices.Contains([]int{0, -204, -302, -200, -500}, status) {
				t.Errorf("%s: status %d", kind.name, status)
			}
		}
		peak := campusgatetest.Memory(t, b.PID(), "VmHWM")
		t.Logf("%s, %d times from each of %d clients: statuses %v, peak memory %d MiB", kind.name, rounds, clients, counts, peak>>20)
		if peak > limit {
			t.Errorf("peak memory is %d MiB, want at most %d", peak>>20, limit>>20)
		}
	}
	if got := campusgatetest.Get(t, "http://"+b.Address+"/readyz").Raw; got != "ok\n" {
		t.Errorf("afterwards: %s", got)
	}
}

type namedBody struct{ name, body string }

func largestUploads(t *testing.T) []namedBody {
	const head = `{"id":1,"status":0,"type":"pic","subtype":"upload","data":{"from":"shop","base64":"`
	small, err := base64.StdEncoding.DecodeString(campusgatetest.OnePixel)
	must(t, err)
	ofPicture := func(picture []byte) string {
		return head + base64.StdEncoding.EncodeToString(slices.Concat(picture, make([]byte, 1024<<10-len(picture)))) + `"}}`
	}
	uploads := []namedBody{{"a file of 1024 KiB", ofPicture(small)}}
	if campusgatetest.Torture() {
		largest := ofPicture(maxPixels(t))
		uploads = append(uploads,
			namedBody{"a body of 8 MiB", head + strings.Repeat("A", 8<<20-len(head)-3) + `"}}`},
			namedBody{"a picture of 40 megapixels", largest},
			namedBody{"one under a name", strings.Replace(largest, `"from"`, `"name":"mine","from"`, 1)})
	}
	return uploads
}

// maxPixels is a PNG of 40 megapixels of 8 bytes: 320 MB when it is decoded.
func maxPixels(t *testing.T) []byte {
	t.Helper()
	const width, height = 8000, 5000
	var rows bytes.Buffer
	compressed, err := zlib.NewWriterLevel(&rows, zlib.BestSpeed)
	must(t, err)
	row := make([]byte, 1+8*width) // a filter, and pixels of 4 × 16 bits
	for range height {
		_, err := compressed.Write(row)
		must(t, err)
	}
	must(t, compressed.Close())
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"),
		pngChunk("IHDR", slices.Concat(bigEndian(width), bigEndian(height), []byte{16, 6, 0, 0, 0})),
		pngChunk("IDAT", rows.Bytes()), pngChunk("IEND", nil))
}

func pngChunk(kind string, data []byte) []byte {
	chunk := slices.Concat([]byte(kind), data)
	return slices.Concat(bigEndian(len(data)), chunk, bigEndian(int(crc32.ChecksumIEEE(chunk))))
}

func bigEndian(n int) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }
