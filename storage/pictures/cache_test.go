package pictures_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage/pictures"
	"campusgate/storage/pictures/picturestest"
)

// countingStore is a store in memory that counts what it is asked.
type countingStore struct {
	mutex    sync.Mutex
	pictures map[pictures.Key][]byte
	versions map[pictures.Key]int
	counts   map[string]int // of calls
	// hold, where it is not nil, is called by a Get that knows its answer.
	hold    func(ctx context.Context) error
	failure error // of every call, where it is not nil
}

func newCountingStore() *countingStore {
	return &countingStore{pictures: map[pictures.Key][]byte{}, versions: map[pictures.Key]int{}, counts: map[string]int{}}
}

func (s *countingStore) Put(_ context.Context, key pictures.Key, picture []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts["put"]++
	if s.failure != nil {
		return s.failure
	}
	s.put(key, picture)
	return nil
}

// fail makes every call fail, or none again with nil.
func (s *countingStore) fail(failure error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.failure = failure
}

// place is another replica's Put.
func (s *countingStore) place(key string, picture []byte) { s.put(keyOf(key), picture) }

func (s *countingStore) put(key pictures.Key, picture []byte) {
	s.pictures[key] = picture
	s.versions[key]++
}

func (s *countingStore) Get(ctx context.Context, key pictures.Key) ([]byte, error) {
	s.mutex.Lock()
	s.counts["get"]++
	picture, found := s.pictures[key]
	hold, failure := s.hold, s.failure
	s.mutex.Unlock()
	if failure != nil {
		return nil, failure
	}
	if hold != nil {
		if err := hold(ctx); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, fmt.Errorf("get: %w", pictures.ErrNotFound)
	}
	return picture, nil
}

func (s *countingStore) Remove(_ context.Context, key pictures.Key) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts["remove"]++
	if _, found := s.pictures[key]; !found {
		return fmt.Errorf("remove: %w", pictures.ErrNotFound)
	}
	delete(s.pictures, key)
	delete(s.versions, key)
	return nil
}

func (s *countingStore) Version(_ context.Context, key pictures.Key) (string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts["version"]++
	if s.failure != nil {
		return "", s.failure
	}
	version, found := s.versions[key]
	if !found {
		return "", fmt.Errorf("version: %w", pictures.ErrNotFound)
	}
	return strconv.Itoa(version), nil
}

// wantCounts compares the calls since the last time.
func (s *countingStore) wantCounts(t *testing.T, want map[string]int) {
	t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if diff := cmp.Diff(want, s.counts); diff != "" {
		t.Errorf("calls of the store (-want +got):\n%s", diff)
	}
	s.counts = map[string]int{}
}

// pngOf is what passes for a PNG, of its own for each text.
func pngOf(text string) []byte { return []byte("\x89PNG\r\n\x1a\n" + text) }

func keyOf(text string) pictures.Key { return picturestest.KeyOf(text) }

func digest(picture []byte) string {
	sum := md5.Sum(picture)
	return hex.EncodeToString(sum[:])
}

func wantPicture(t *testing.T, cache *pictures.Cache, key string, want []byte) {
	t.Helper()
	got, err := cache.Get(t.Context(), keyOf(key))
	if err != nil || !bytes.Equal(got.Bytes, want) {
		t.Errorf("Get(%q) = %q, %v, want %q", key, got.Bytes, err, want)
	}
}

func wantError(t *testing.T, cache *pictures.Cache, key string, want error) {
	t.Helper()
	if got, err := cache.Get(t.Context(), keyOf(key)); !errors.Is(err, want) {
		t.Errorf("Get(%q) = %q, %v, want %v", key, got.Bytes, err, want)
	}
}

const megabyte = 1 << 20

func TestCacheTellsOfAPicture(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	sum := digest(picture)
	for _, c := range []struct {
		name      string
		immutable bool
	}{
		{sum, true},
		{"1180310086", false},
		{sum + ".png", false},
		{digest(pngOf("another")), false}, // old buckets have such names
	} {
		store := newCountingStore()
		store.place("shop/"+c.name, picture)
		cache := pictures.NewCache(store, megabyte)
		want := pictures.Picture{Bytes: picture, ContentType: "image/png", ETag: `"` + sum + `"`, Immutable: c.immutable}
		for range 3 { // from the store and from memory
			got, err := cache.Get(t.Context(), keyOf("shop/"+c.name))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("Get(%s) = %v (-want +got):\n%s", c.name, err, diff)
			}
		}
	}
}

func TestCacheReadsOnce(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	for _, c := range []struct {
		name, key          string
		first, second, all map[string]int
	}{
		{
			"an immutable picture is not asked for again", "shop/" + digest(picture),
			map[string]int{"get": 1},
			map[string]int{},
			map[string]int{},
		},
		{
			"another is revalidated each time", "portrait/1",
			map[string]int{"version": 1, "get": 1},
			map[string]int{"version": 1},
			map[string]int{"version": 1},
		},
		{
			"one that only looks immutable is revalidated", "shop/" + digest(pngOf("another")),
			map[string]int{"get": 1},
			map[string]int{"version": 1, "get": 1},
			map[string]int{"version": 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := newCountingStore()
			store.place(c.key, picture)
			cache := pictures.NewCache(store, megabyte)
			for _, want := range []map[string]int{c.first, c.second, c.all, c.all} {
				wantPicture(t, cache, c.key, picture)
				store.wantCounts(t, want)
			}
		})
	}
}

func TestCacheShowsAReplacementAtOnce(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"portrait/1", "shop/" + digest(pngOf("none of them"))} {
		store := newCountingStore()
		cache := pictures.NewCache(store, megabyte)
		for i := range 5 {
			picture := pngOf(strconv.Itoa(i))
			store.place(key, picture) // on another replica
			wantPicture(t, cache, key, picture)
			wantPicture(t, cache, key, picture)
		}
		for i := range 5 {
			picture := pngOf(strconv.Itoa(i))
			must(t, cache.Put(t.Context(), keyOf(key), picture))
			wantPicture(t, cache, key, picture)
			wantPicture(t, cache, key, picture)
		}
	}
}

func TestCacheDoesNotKeepFailures(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	for _, key := range []string{"portrait/1", "shop/" + digest(picture)} {
		store := newCountingStore()
		cache := pictures.NewCache(store, megabyte)
		store.place(key, []byte("<html>"))
		wantError(t, cache, key, pictures.ErrNotPicture)
		failure := errors.New("the disk is gone")
		store.hold = func(context.Context) error { return failure }
		wantError(t, cache, key, failure)
		store.hold = nil
		store.place(key, picture)
		wantPicture(t, cache, key, picture)
	}
}

func TestCachePut(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	immutable := "shop/" + digest(picture)
	for _, c := range []struct {
		name, key string
		stored    []byte
		puts      int
	}{
		{"a new picture", immutable, nil, 1},
		{"the same bytes under their digest", immutable, picture, 0},
		{"a part under the digest of the whole", immutable, picture[:8], 1},
		{"the same bytes under another name", "portrait/1", picture, 1},
		{"other bytes under another name", "portrait/1", pngOf("b"), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := newCountingStore()
			cache := pictures.NewCache(store, megabyte)
			if c.stored != nil {
				store.place(c.key, c.stored)
				wantPicture(t, cache, c.key, c.stored) // and now it is kept
			}
			must(t, cache.Put(t.Context(), keyOf(c.key), picture))
			wantPicture(t, cache, c.key, picture)
			if store.counts["put"] != c.puts {
				t.Errorf("%d writes of the store, want %d", store.counts["put"], c.puts)
			}
		})
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	store := newCountingStore()
	picture := func(i int) []byte { return pngOf(fmt.Sprintf("%010000d", i)) }
	key := func(i int) string { return "shop/" + digest(picture(i)) }
	for i := range 10 {
		store.place(key(i), picture(i))
	}
	// Room for 4 of 10,008 bytes, their keys and what an entry costs.
	cache := pictures.NewCache(store, 44_000)
	get := func(i, wantReads int) {
		t.Helper()
		wantPicture(t, cache, key(i), picture(i))
		want := map[string]int{}
		if wantReads > 0 {
			want["get"] = wantReads
		}
		store.wantCounts(t, want)
	}
	for i := range 4 {
		get(i, 1)
	}
	get(0, 0) // now 1 is the least recently used
	get(4, 1)
	get(0, 0)
	get(2, 0)
	get(3, 0)
	get(4, 0)
	get(1, 1)
}

func TestCacheKeepsNothing(t *testing.T) {
	t.Parallel()
	large := pngOf(string(make([]byte, 2000)))
	for name, cached := range map[string]int64{"of 0 bytes": 0, "smaller than the picture": 2000} {
		store := newCountingStore()
		store.place("shop/"+digest(large), large)
		cache := pictures.NewCache(store, cached)
		for range 3 {
			wantPicture(t, cache, "shop/"+digest(large), large)
		}
		t.Log("a cache " + name)
		store.wantCounts(t, map[string]int{"get": 3})
	}
}

// gate holds the store's answers back until it is opened.
type gate chan struct{}

func (g gate) hold(ctx context.Context) error {
	select {
	case <-g:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer is what a concurrent Get got.
type answer struct {
	picture pictures.Picture
	err     error
}

// getting starts a Get that waits for the store.
func getting(ctx context.Context, cache *pictures.Cache, key string) <-chan answer {
	got := make(chan answer, 1)
	go func() {
		picture, err := cache.Get(ctx, keyOf(key))
		got <- answer{picture, err}
	}()
	synctest.Wait()
	return got
}

func TestCacheSharesAFirstRead(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	for key, counts := range map[string]map[string]int{
		"portrait/1":                       {"version": 50, "get": 1},
		"shop/" + digest(picture):          {"get": 1},
		"shop/" + digest(pngOf("another")): {"get": 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			store, opened := newCountingStore(), make(gate)
			store.place(key, picture)
			store.hold = opened.hold
			cache := pictures.NewCache(store, megabyte)
			var all []<-chan answer
			for range 50 {
				all = append(all, getting(t.Context(), cache, key))
			}
			close(opened)
			for _, one := range all {
				if got := <-one; got.err != nil || !bytes.Equal(got.picture.Bytes, picture) {
					t.Errorf("Get = %q, %v", got.picture.Bytes, got.err)
				}
			}
			store.wantCounts(t, maps.Clone(counts))
		})
	}
}

func TestCacheSharedReadOutlivesItsFirstCaller(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	for _, key := range []string{"portrait/1", "shop/" + digest(picture)} {
		synctest.Test(t, func(t *testing.T) {
			store, opened := newCountingStore(), make(gate)
			store.place(key, picture)
			store.hold = opened.hold
			cache := pictures.NewCache(store, megabyte)
			ctx, cancel := context.WithCancel(t.Context())
			first := getting(ctx, cache, key)
			second := getting(t.Context(), cache, key)
			cancel()
			if got := <-first; !errors.Is(got.err, context.Canceled) {
				t.Errorf("the first caller got %v, want context.Canceled", got.err)
			}
			close(opened)
			if got := <-second; got.err != nil || !bytes.Equal(got.picture.Bytes, picture) {
				t.Errorf("the second caller got %q, %v", got.picture.Bytes, got.err)
			}
		})
	}
}

func TestCacheReadOfAHangingStoreEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newCountingStore()
		store.hold = make(gate).hold
		cache := pictures.NewCache(store, megabyte)
		start := time.Now()
		_, err := cache.Get(t.Context(), keyOf("shop/"+digest(pngOf("a"))))
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 30*time.Second {
			t.Errorf("Get failed after %v with %v, want after 30s", took, err)
		}
	})
}

func TestCacheDoesNotReadForACancelledCaller(t *testing.T) {
	t.Parallel()
	store := newCountingStore()
	cache := pictures.NewCache(store, megabyte)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cache.Get(ctx, keyOf("shop/"+digest(pngOf("a")))); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v, want context.Canceled", err)
	}
	store.wantCounts(t, map[string]int{})
}

func TestCacheReaderAfterAPutSeesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, opened := newCountingStore(), make(gate)
		cache := pictures.NewCache(store, megabyte)
		store.place("portrait/1", pngOf("old"))
		store.hold = opened.hold
		early := getting(t.Context(), cache, "portrait/1")
		store.place("portrait/1", pngOf("new")) // on another replica
		store.hold = nil
		wantPicture(t, cache, "portrait/1", pngOf("new"))
		close(opened)
		if got := <-early; got.err != nil || !bytes.Equal(got.picture.Bytes, pngOf("old")) {
			t.Errorf("the early reader got %q, %v", got.picture.Bytes, got.err)
		}
		wantPicture(t, cache, "portrait/1", pngOf("new"))
	})
}

func TestCacheReaderAfterAFirstPutFindsIt(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	key := "shop/" + digest(picture)
	for name, put := range map[string]func(*testing.T, *countingStore, *pictures.Cache){
		"here": func(t *testing.T, _ *countingStore, cache *pictures.Cache) {
			must(t, cache.Put(t.Context(), keyOf(key), picture))
		},
		"on another replica": func(_ *testing.T, store *countingStore, _ *pictures.Cache) {
			store.place(key, picture)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, opened := newCountingStore(), make(gate)
				cache := pictures.NewCache(store, megabyte)
				store.hold = opened.hold
				early := getting(t.Context(), cache, key)
				store.hold = nil
				put(t, store, cache)
				late := getting(t.Context(), cache, key)
				close(opened)
				if got := <-late; got.err != nil || !bytes.Equal(got.picture.Bytes, picture) {
					t.Errorf("the late reader got %q, %v", got.picture.Bytes, got.err)
				}
				if got := <-early; got.err != nil && !errors.Is(got.err, pictures.ErrNotFound) {
					t.Errorf("the early reader got %v", got.err)
				}
			})
		})
	}
}

// A crash of the old server may have left a part of a picture under the digest of
// the whole.
func TestCacheReaderAfterARepairSeesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		picture := pngOf("a")
		key := "shop/" + digest(picture)
		store, opened := newCountingStore(), make(gate)
		store.place(key, picture[:8])
		cache := pictures.NewCache(store, megabyte)
		store.hold = opened.hold
		early := getting(t.Context(), cache, key)
		store.hold = nil
		must(t, cache.Put(t.Context(), keyOf(key), picture))
		late := getting(t.Context(), cache, key)
		close(opened)
		if got := <-late; got.err != nil || !bytes.Equal(got.picture.Bytes, picture) {
			t.Errorf("the late reader got %q, %v", got.picture.Bytes, got.err)
		}
		if got := <-early; got.err != nil {
			t.Errorf("the early reader got %v", got.err)
		}
		wantPicture(t, cache, key, picture)
	})
}

func TestCacheSurvivesAPanic(t *testing.T) {
	t.Parallel()
	store := newCountingStore()
	store.place("portrait/1", pngOf("a"))
	store.hold = func(context.Context) error { panic("a bug in a store") }
	cache := pictures.NewCache(store, megabyte)
	if _, err := cache.Get(t.Context(), keyOf("portrait/1")); err == nil || errors.Is(err, pictures.ErrNotFound) {
		t.Errorf("Get = %v, want a failure", err)
	}
}

func TestCacheConcurrently(t *testing.T) {
	t.Parallel()
	disk := openDisk(t, t.TempDir())
	cache := pictures.NewCache(disk, 100_000)
	picture := func(i int) []byte { return pngOf(fmt.Sprintf("%020000d", i)) }
	must(t, cache.Put(t.Context(), keyOf("portrait/1"), picture(0)))
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for range 3 {
				if err := cache.Put(t.Context(), keyOf("portrait/1"), picture(i)); err != nil {
					t.Error(err)
				}
				own := "portrait/" + strconv.Itoa(100+i)
				if err := cache.Put(t.Context(), keyOf(own), picture(i)); err != nil {
					t.Error(err)
				}
				if got, err := cache.Get(t.Context(), keyOf(own)); err != nil || !bytes.Equal(got.Bytes, picture(i)) {
					t.Errorf("%d bytes, %v: not what was put just now", len(got.Bytes), err)
				}
			}
		})
		running.Go(func() {
			for range 50 {
				got, err := cache.Get(t.Context(), keyOf("portrait/1"))
				if err != nil || got.ETag != `"`+digest(got.Bytes)+`"` || len(got.Bytes) != 20_008 {
					t.Errorf("%d bytes, %s, %v: not one whole picture", len(got.Bytes), got.ETag, err)
				}
			}
		})
	}
	running.Wait()
}

// A picture that is removed is not shown from memory either.
func TestCacheRemoves(t *testing.T) {
	t.Parallel()
	store := newCountingStore()
	cache := pictures.NewCache(store, 1<<20)
	picture := pngOf("removed")
	for _, name := range []string{"portrait/1", "shop/" + pictures.Digest(picture)} {
		key := keyOf(name)
		store.place(name, picture)
		for range 2 {
			_, err := cache.Get(t.Context(), key)
			must(t, err)
		}
		must(t, cache.Remove(t.Context(), key))
		if _, err := cache.Get(t.Context(), key); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("%s after it was removed: %v, want ErrNotFound", name, err)
		}
		if err := cache.Remove(t.Context(), key); !errors.Is(err, pictures.ErrNotFound) {
			t.Errorf("%s removed again: %v, want ErrNotFound", name, err)
		}
	}
}
