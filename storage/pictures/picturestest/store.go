// Package picturestest holds what every store of pictures has to pass: a folder,
// and any server that replicas share.
package picturestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"campusgate/storage/pictures"
)

// RunStore tests empty stores that open makes. To a store, pictures are any bytes.
func RunStore(t *testing.T, open func(t *testing.T) pictures.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(t *testing.T, store pictures.Store)
	}{
		{"what is put is got", putIsGot},
		{"a picture is replaced", replaced},
		{"keys do not touch each other", separate},
		{"a version stays until the picture is replaced", versions},
		{"no picture is ErrNotFound", notFound},
		{"a removed picture is ErrNotFound", removed},
		{"what is no key has no picture", noKey},
		{"a cancelled context stores nothing", cancelled},
		{"concurrent puts and gets see whole pictures", concurrent},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// KeyOf is the key that a text <from>/<name> stands for.
func KeyOf(text string) pictures.Key {
	from, name, _ := strings.Cut(text, "/")
	return pictures.Key{From: from, Name: name}
}

// Keys are what a store has to take, NoKeys what it has to refuse; see [KeyOf].
var (
	Keys = []string{
		"portrait/1180310086",
		"shop/900150983cd24fb0d6963f7d28e17f72",
		"product/Tea_2021-02.png",
		"product/tea_2021-02.png",
		"property/-",
		"property/a..b",
		"property/a.",
		"property/" + strings.Repeat("a", 64),
		"property/失物.招领",
		"property/" + strings.Repeat("图", 64),
		"property/" + strings.Repeat("𠀀", 64), // 256 bytes
		"property/" + strings.Repeat("𠀀", 63) + "𠀁",
	}
	NoKeys = []string{
		"", "/", "shop", "shop/", "/a", "//", "shop//a", "shop/a/b", "shop/a/",
		".", "..", "shop/.", "shop/..", "../a", "./a", "shop/../a", "../../etc/passwd", "/etc/passwd",
		".tmp/a", "shop/.hidden", ".unfinished/a",
		`shop/a\b`, `shop\a`, `shop/..\a`, "shop/a\x00b", "shop\x00/a",
		"~/a", "shop/~a", "shop/~" + strings.Repeat("0", 64),
	}
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, store pictures.Store, key, picture string) {
	t.Helper()
	got, err := store.Get(t.Context(), KeyOf(key))
	if err != nil || string(got) != picture {
		t.Errorf("Get(%q) = %q, %v, want %q", key, got, err, picture)
	}
}

func putIsGot(t *testing.T, store pictures.Store) {
	for i, key := range Keys {
		must(t, store.Put(t.Context(), KeyOf(key), fmt.Append(nil, "picture ", i)))
	}
	for i, key := range Keys {
		want(t, store, key, fmt.Sprint("picture ", i))
	}
	large := bytes.Repeat([]byte("0123456789abcdef"), pictures.MaxBytes/16)
	must(t, store.Put(t.Context(), KeyOf("shop/large"), large))
	want(t, store, "shop/large", string(large))
}

func replaced(t *testing.T, store pictures.Store) {
	for _, picture := range []string{"the first", "the second, longer", "3rd"} {
		must(t, store.Put(t.Context(), KeyOf("portrait/1"), []byte(picture)))
		want(t, store, "portrait/1", picture)
	}
}

func separate(t *testing.T, store pictures.Store) {
	must(t, store.Put(t.Context(), KeyOf("shop/1"), []byte("of a shop")))
	must(t, store.Put(t.Context(), KeyOf("product/1"), []byte("of a product")))
	want(t, store, "shop/1", "of a shop")
	want(t, store, "product/1", "of a product")
	if _, err := store.Get(t.Context(), KeyOf("portrait/1")); !errors.Is(err, pictures.ErrNotFound) {
		t.Errorf("Get = %v, want ErrNotFound", err)
	}
}

// Replaced as fast as can be, by pictures of one size.
func versions(t *testing.T, store pictures.Store) {
	seen := map[string]int{}
	for i := range 50 {
		must(t, store.Put(t.Context(), KeyOf("portrait/1"), fmt.Appendf(nil, "%03d", i)))
		for range 2 {
			version, err := store.Version(t.Context(), KeyOf("portrait/1"))
			must(t, err)
			if before, known := seen[version]; known && before != i {
				t.Errorf("pictures %d and %d have the version %q", before, i, version)
			}
			seen[version] = i
		}
	}
	if len(seen) != 50 {
		t.Errorf("%d versions of 50 pictures", len(seen))
	}
}

func notFound(t *testing.T, store pictures.Store) {
	must(t, store.Put(t.Context(), KeyOf("shop/1"), []byte("a picture")))
	for _, key := range []string{"shop/2", "shop/1.png", "product/1", Keys[len(Keys)-1]} {
		if _, err := store.Get(t.Context(), KeyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Get(%q) = %v, want ErrNotFound", key, err)
		}
		if _, err := store.Version(t.Context(), KeyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Version(%q) = %v, want ErrNotFound", key, err)
		}
	}
}

func removed(t *testing.T, store pictures.Store) {
	for _, key := range Keys {
		must(t, store.Put(t.Context(), KeyOf(key), []byte("a picture")))
	}
	for i, key := range Keys {
		must(t, store.Remove(t.Context(), KeyOf(key)))
		if _, err := store.Get(t.Context(), KeyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Get(%q) = %v, want ErrNotFound", key, err)
		}
		if err := store.Remove(t.Context(), KeyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Remove(%q) again = %v, want ErrNotFound", key, err)
		}
		for _, other := range Keys[i+1:] {
			want(t, store, other, "a picture")
		}
	}
}

func noKey(t *testing.T, store pictures.Store) {
	for _, key := range NoKeys {
		if err := store.Remove(t.Context(), KeyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Remove(%q) = %v, want ErrNotFound", key, err)
		}
		if err := store.Put(t.Context(), KeyOf(key), []byte("a picture")); err == nil || errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Put(%q) = %v, want an error of the key", key, err)
		}
		if _, err := store.Get(t.Context(), KeyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Get(%q) = %v, want ErrNotFound", key, err)
		}
		if _, err := store.Version(t.Context(), KeyOf(key)); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("Version(%q) = %v, want ErrNotFound", key, err)
		}
	}
}

func cancelled(t *testing.T, store pictures.Store) {
	must(t, store.Put(t.Context(), KeyOf("shop/1"), []byte("a picture")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for call, err := range map[string]error{
		"Remove":  store.Remove(ctx, KeyOf("shop/1")),
		"Put":     store.Put(ctx, KeyOf("shop/1"), []byte("another")),
		"Get":     second(store.Get(ctx, KeyOf("shop/1"))),
		"Version": second(store.Version(ctx, KeyOf("shop/1"))),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v, want context.Canceled", call, err)
		}
	}
	want(t, store, "shop/1", "a picture")
}

func second[T any](_ T, err error) error { return err }

func concurrent(t *testing.T, store pictures.Store) {
	const writers, rounds = 8, 4
	picture := func(writer int) []byte {
		return bytes.Repeat([]byte{'a' + byte(writer)}, 50_000+writer*1000)
	}
	must(t, store.Put(t.Context(), KeyOf("shop/1"), picture(0)))
	var running sync.WaitGroup
	for writer := range writers {
		running.Go(func() {
			for range rounds {
				if err := store.Put(t.Context(), KeyOf("shop/1"), picture(writer)); err != nil {
					t.Error(err)
				}
			}
		})
		running.Go(func() {
			for range 4 * rounds {
				got, err := store.Get(t.Context(), KeyOf("shop/1"))
				if err != nil || len(got) == 0 || !bytes.Equal(got, picture(int(got[0]-'a'))) {
					t.Errorf("Get = %d bytes, %v, want a whole picture", len(got), err)
				}
			}
		})
	}
	running.Wait()
}
