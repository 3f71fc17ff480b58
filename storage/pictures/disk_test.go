package pictures_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage/pictures"
	"campusgate/storage/pictures/picturestest"
)

func openDisk(t testing.TB, folder string) *pictures.Disk {
	t.Helper()
	disk, err := pictures.OpenDisk(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// files are the regular files and links below a folder.
func files(t testing.TB, folder string) []string {
	t.Helper()
	found := []string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			path, err = filepath.Rel(folder, path)
			found = append(found, filepath.ToSlash(path))
		}
		return err
	})
	must(t, err)
	return found
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDisk(t *testing.T) {
	t.Parallel()
	picturestest.RunStore(t, func(t *testing.T) pictures.Store { return openDisk(t, t.TempDir()) })
}

func TestDiskFiles(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "made", "by", "the store")
	disk := openDisk(t, folder)
	long := strings.Repeat("𠀀", 64)
	for _, key := range []string{"shop/招牌.png", "portrait/1180310086", "shop/" + long} {
		must(t, disk.Put(t.Context(), keyOf(key), []byte("a picture")))
	}
	digest := sha256.Sum256([]byte(long))
	want := []string{"portrait/1180310086", "shop/~" + hex.EncodeToString(digest[:]), "shop/招牌.png"}
	got := files(t, folder)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for name, want := range map[string]fs.FileMode{".": 0o750, "shop": 0o750, ".tmp": 0o750, "shop/招牌.png": 0o640} {
		info, err := os.Stat(filepath.Join(folder, name))
		must(t, err)
		if got := info.Mode().Perm(); got&^want != 0 {
			t.Errorf("%s has the mode %o, want at most %o", name, got, want)
		}
	}
}

func TestDiskServesWhatLiesThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, os.Mkdir(filepath.Join(folder, "shop"), 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "shop", "old.png"), []byte("of the old server"), 0o600))
	got, err := openDisk(t, folder).Get(t.Context(), keyOf("shop/old.png"))
	if err != nil || string(got) != "of the old server" {
		t.Errorf("Get = %q, %v", got, err)
	}
}

func TestDiskSurvivesAReopening(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, openDisk(t, folder).Put(t.Context(), keyOf("shop/1"), []byte("a picture")))
	got, err := openDisk(t, folder).Get(t.Context(), keyOf("shop/1"))
	if err != nil || string(got) != "a picture" {
		t.Errorf("Get = %q, %v", got, err)
	}
}

func TestOpenDiskClearsLeftovers(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, openDisk(t, folder).Put(t.Context(), keyOf("shop/1"), []byte("a picture")))
	must(t, os.WriteFile(filepath.Join(folder, ".tmp", "half"), []byte("half a pic"), 0o600))
	must(t, os.MkdirAll(filepath.Join(folder, ".tmp", "folder", "deep"), 0o700))
	openDisk(t, folder)
	if diff := cmp.Diff([]string{"shop/1"}, files(t, folder)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestOpenDiskFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := pictures.OpenDisk(file); err == nil {
		t.Error("a file was opened as the folder")
	}
}

// Another process opens the folder, such as `campusgate check`, while this one
// writes there.
func TestDiskPutSurvivesAnotherOpening(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	disk := openDisk(t, folder)
	for range 50 {
		var opening sync.WaitGroup
		opening.Go(func() {
			if other, err := pictures.OpenDisk(folder); err != nil {
				t.Error(err)
			} else if err := other.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := disk.Put(t.Context(), keyOf("shop/1"), []byte("a picture")); err != nil {
			t.Error(err)
		}
		opening.Wait()
	}
}

func TestDiskFailedPutLeavesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	disk := openDisk(t, folder)
	must(t, os.MkdirAll(filepath.Join(folder, "shop", "1"), 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "product"), nil, 0o600))
	for _, key := range []string{"shop/1", "product/1"} {
		if err := disk.Put(t.Context(), keyOf(key), []byte("a picture")); err == nil || !strings.Contains(err.Error(), folder) {
			t.Errorf("Put(%q) = %v, want an error that names the folder", key, err)
		}
	}
	if diff := cmp.Diff([]string{"product"}, files(t, folder)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestDiskWhatIsNoFileIsNotFound(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	disk := openDisk(t, folder)
	must(t, os.MkdirAll(filepath.Join(folder, "shop", "folder"), 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "product"), []byte("a file"), 0o600))
	for _, key := range []string{"shop/folder", "product/1"} {
		if got, err := disk.Get(t.Context(), keyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Get(%q) = %q, %v, want ErrNotFound", key, got, err)
		}
		if _, err := disk.Version(t.Context(), keyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Version(%q) = %v, want ErrNotFound", key, err)
		}
	}
}

func TestDiskDoesNotFollowLinks(t *testing.T) {
	t.Parallel()
	outside, folder := t.TempDir(), t.TempDir()
	disk := openDisk(t, folder)
	must(t, os.WriteFile(filepath.Join(outside, "secret"), []byte("a secret"), 0o600))
	must(t, os.Mkdir(filepath.Join(folder, "shop"), 0o700))
	must(t, os.Symlink(filepath.Join(outside, "secret"), filepath.Join(folder, "shop", "file")))
	must(t, os.Symlink("../../"+filepath.Base(outside)+"/secret", filepath.Join(folder, "shop", "relative")))
	must(t, os.Symlink(outside, filepath.Join(folder, "product")))

	for _, key := range []string{"shop/file", "shop/relative"} {
		if got, err := disk.Get(t.Context(), keyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Get(%q) = %q, %v, want ErrNotFound", key, got, err)
		}
	}
	// A linked folder is an operator's mistake, and is told as a failure.
	if got, err := disk.Get(t.Context(), keyOf("product/secret")); err == nil || errors.Is(err, pictures.ErrNotFound) {
		t.Errorf("Get through a linked folder = %q, %v, want a failure", got, err)
	}
	if err := disk.Put(t.Context(), keyOf("product/new"), []byte("a picture")); err == nil {
		t.Error("Put through a linked folder succeeded")
	}
	// A link in the place of a picture is replaced, and not what it points to.
	must(t, disk.Put(t.Context(), keyOf("shop/file"), []byte("a picture")))
	if diff := cmp.Diff([]string{"secret"}, files(t, outside)); diff != "" {
		t.Errorf("files outside (-want +got):\n%s", diff)
	}
	if got, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(got) != "a secret" {
		t.Errorf("the file outside = %q, %v", got, err)
	}
}

// FuzzKey looks for keys that leave the folder or meet each other.
func FuzzKey(f *testing.F) {
	for _, key := range append(picturestest.Keys, picturestest.NoKeys...) {
		f.Add(key)
	}
	outer := f.TempDir()
	folder := filepath.Join(outer, "pictures")
	disk := openDisk(f, folder)
	must(f, disk.Put(f.Context(), keyOf("shop/kept"), []byte("kept")))
	f.Fuzz(func(t *testing.T, key string) {
		err := disk.Put(t.Context(), keyOf(key), []byte(key))
		got, getErr := disk.Get(t.Context(), keyOf(key))
		switch {
		case key == "shop/kept":
			t.Skip()
		case err == nil && (getErr != nil || string(got) != key):
			t.Errorf("Get(%q) = %q, %v after a Put", key, got, getErr)
		case err != nil && getErr == nil:
			t.Errorf("Get(%q) = %q after a Put that failed: %v", key, got, err)
		}
		for _, name := range files(t, outer) {
			depth := strings.Count(name, "/")
			if !strings.HasPrefix(name, "pictures/") || depth != 2 || strings.HasPrefix(name, "pictures/.tmp") {
				t.Errorf("Put(%q) made the file %q", key, name)
			}
		}
		if kept, err := disk.Get(t.Context(), keyOf("shop/kept")); err != nil || string(kept) != "kept" {
			t.Errorf("Put(%q) replaced another picture by %q, %v", key, kept, err)
		}
		if from, _, found := strings.Cut(key, "/"); err == nil && found && from != "shop" {
			must(t, os.RemoveAll(filepath.Join(folder, from))) // keep the walk short
		}
	})
}
