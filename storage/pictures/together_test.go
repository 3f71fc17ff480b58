package pictures_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"campusgate/storage/pictures"
)

// countingDisk counts the reads of a Disk. A Version whose answer is known waits
// at the gate, where there is one.
type countingDisk struct {
	*pictures.Disk
	puts, gets, versions atomic.Int64
	gate                 chan struct{}
}

func (d *countingDisk) Put(ctx context.Context, key pictures.Key, picture []byte) error {
	d.puts.Add(1)
	return d.Disk.Put(ctx, key, picture)
}

func (d *countingDisk) Get(ctx context.Context, key pictures.Key) ([]byte, error) {
	d.gets.Add(1)
	return d.Disk.Get(ctx, key)
}

func (d *countingDisk) Version(ctx context.Context, key pictures.Key) (string, error) {
	version, err := d.Disk.Version(ctx, key)
	if d.versions.Add(1) == 1 && d.gate != nil {
		<-d.gate
	}
	return version, err
}

// A reader may learn the version before another's read, and go on only after it:
// together they are still one read.
func TestCacheLateFirstReaderSharesTheRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		disk := &countingDisk{Disk: openDisk(t, folder), gate: make(chan struct{})}
		must(t, disk.Disk.Put(t.Context(), keyOf("portrait/1"), pngOf("a")))
		cache := pictures.NewCache(disk, megabyte)
		late := getting(t.Context(), cache, "portrait/1")
		wantPicture(t, cache, "portrait/1", pngOf("a"))
		close(disk.gate)
		if got := <-late; got.err != nil || !bytes.Equal(got.picture.Bytes, pngOf("a")) {
			t.Errorf("the late reader got %q, %v", got.picture.Bytes, got.err)
		}
		if got := disk.gets.Load(); got != 1 {
			t.Errorf("%d reads of the disk, want 1", got)
		}
	})
}

// What the late reader shares must be of its version, whatever is kept by then.
func TestCacheLateFirstReaderSeesAReplacement(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		disk := &countingDisk{Disk: openDisk(t, folder), gate: make(chan struct{})}
		must(t, disk.Disk.Put(t.Context(), keyOf("portrait/1"), pngOf("old")))
		cache := pictures.NewCache(disk, megabyte)
		late := getting(t.Context(), cache, "portrait/1")
		wantPicture(t, cache, "portrait/1", pngOf("old"))
		must(t, disk.Disk.Put(t.Context(), keyOf("portrait/1"), pngOf("new")))
		wantPicture(t, cache, "portrait/1", pngOf("new"))
		close(disk.gate)
		if got := <-late; got.err != nil || !bytes.Equal(got.picture.Bytes, pngOf("new")) {
			t.Errorf("the late reader got %q, %v", got.picture.Bytes, got.err)
		}
		wantPicture(t, cache, "portrait/1", pngOf("new"))
	})
}

// Two replicas on one folder: what one replaces, the other shows at once.
func TestCachesOfOneFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	here := pictures.NewCache(openDisk(t, folder), megabyte)
	there := pictures.NewCache(openDisk(t, folder), megabyte)
	for _, text := range []string{"first", "again", "other"} { // of one length
		must(t, there.Put(t.Context(), keyOf("portrait/1"), pngOf(text)))
		for _, cache := range []*pictures.Cache{here, there, here} {
			wantPicture(t, cache, "portrait/1", pngOf(text))
		}
	}
	must(t, os.Remove(filepath.Join(folder, "portrait", "1")))
	wantError(t, here, "portrait/1", pictures.ErrNotFound)
}

// The same upload again leaves the file as it is.
func TestCachePutOfItsDigestWritesOnce(t *testing.T) {
	t.Parallel()
	disk := &countingDisk{Disk: openDisk(t, t.TempDir())}
	picture := pngOf("a")
	key := "shop/" + digest(picture)
	for range 3 {
		must(t, pictures.NewCache(disk, megabyte).Put(t.Context(), keyOf(key), picture))
	}
	if got := disk.puts.Load(); got != 1 {
		t.Errorf("%d writes of the disk, want 1", got)
	}
}

// A folder that is taken away is a failing disk: Put says so.
func TestDiskWithoutItsFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "pictures")
	disk := openDisk(t, folder)
	must(t, disk.Put(t.Context(), keyOf("shop/1"), pngOf("a")))
	must(t, os.RemoveAll(folder))
	if err := disk.Put(t.Context(), keyOf("shop/1"), pngOf("a")); err == nil || errors.Is(err, pictures.ErrNotFound) {
		t.Errorf("Put = %v, want a failure", err)
	}
	if files, err := os.ReadDir(filepath.Dir(folder)); err != nil || len(files) != 0 {
		t.Errorf("%d files beside the folder, %v", len(files), err)
	}
}

// A picture in fewer than 100 bytes that asks for 336 MB costs nothing to refuse.
// It is not parallel: it measures the whole process.
func TestCheckRefusesABombBeforeItAllocates(t *testing.T) {
	bomb := pngHeader(12_000, 7_000)
	checker := pictures.NewChecker(pictures.MaxPixels)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := checker.Check(t.Context(), bomb, pictures.MaxBytes)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, pictures.ErrTooManyPixels) || len(bomb) >= 100 {
		t.Errorf("Check of %d bytes = %v, want ErrTooManyPixels", len(bomb), err)
	}
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 1<<20 {
		t.Errorf("%d bytes were allocated, want less than 1 MB", cost)
	}
}

// Nothing of the bytes comes back in the words for a client.
func TestCheckRepeatsNoBytes(t *testing.T) {
	t.Parallel()
	const secret = "13700000000"
	checker := pictures.NewChecker(1000)
	for _, s := range samples(t) {
		for _, picture := range [][]byte{
			[]byte(secret),
			append(bytes.Clone(s.picture[:16]), secret...),
			append(bytes.Clone(s.picture[:len(s.picture)/3]), secret...),
		} {
			_, err := checker.Check(t.Context(), picture, pictures.MaxBytes)
			var bad *pictures.BadPictureError
			if !errors.As(err, &bad) || bytes.Contains([]byte(err.Error()), []byte(secret[:4])) {
				t.Errorf("%s: Check = %v, want a *BadPictureError without the bytes", s.name, err)
			}
		}
	}
}
