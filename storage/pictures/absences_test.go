package pictures_test

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"campusgate/storage/pictures"
)

// A broken link costs the store a read a second, however many pages show it.
func TestCacheRemembersAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		picture := pngOf("a")
		key := "shop/" + digest(picture)
		store := newCountingStore()
		cache := pictures.NewCache(store, megabyte)
		for range 2 {
			for range 10 {
				wantError(t, cache, key, pictures.ErrNotFound)
			}
			store.wantCounts(t, map[string]int{"get": 1})
			time.Sleep(time.Second)
		}
		wantError(t, cache, key, pictures.ErrNotFound)
		store.place(key, picture) // on another replica
		wantError(t, cache, key, pictures.ErrNotFound)
		time.Sleep(time.Second)
		wantPicture(t, cache, key, picture)
	})
}

// Those who ask together learn it together.
func TestCacheRemembersASharedAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		key := "shop/" + digest(pngOf("a"))
		store, opened := newCountingStore(), make(gate)
		store.hold = opened.hold
		cache := pictures.NewCache(store, megabyte)
		one, other := getting(t.Context(), cache, key), getting(t.Context(), cache, key)
		close(opened)
		for _, answered := range []<-chan answer{one, other} {
			if got := <-answered; !errors.Is(got.err, pictures.ErrNotFound) {
				t.Errorf("Get = %v, want ErrNotFound", got.err)
			}
		}
		store.wantCounts(t, map[string]int{"get": 1, "version": 2})
		wantError(t, cache, key, pictures.ErrNotFound)
		store.wantCounts(t, map[string]int{})
	})
}

// A portrait, and any other name that may stand for new bytes, shows at once on
// every replica: that it was absent is not remembered.
func TestCacheShowsAFirstPortraitAtOnce(t *testing.T) {
	t.Parallel()
	store := newCountingStore()
	cache := pictures.NewCache(store, megabyte)
	for _, key := range []string{"portrait/1", "shop/tea.png"} {
		wantError(t, cache, key, pictures.ErrNotFound)
		store.place(key, pngOf("a")) // on another replica
		wantPicture(t, cache, key, pngOf("a"))
	}
}

// What was put here is never absent here, even where a read that found nothing
// ends after the Put.
func TestCacheFindsItsOwnPutAtOnce(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	key := "shop/" + digest(picture)
	for name, overtakes := range map[string]bool{"after a read": false, "during a read": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store, opened := newCountingStore(), make(gate)
				cache := pictures.NewCache(store, megabyte)
				if overtakes {
					store.hold = opened.hold
				}
				early := getting(t.Context(), cache, key)
				store.hold = nil
				must(t, cache.Put(t.Context(), keyOf(key), picture))
				close(opened)
				if got := <-early; !errors.Is(got.err, pictures.ErrNotFound) {
					t.Errorf("the early reader got %v", got.err)
				}
				wantPicture(t, cache, key, picture)
			})
		})
	}
}

// A failure is never remembered as absence, nor is it one to a reader.
func TestCacheDoesNotTakeAnOutageForAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		picture := pngOf("a")
		key := "shop/" + digest(picture)
		store, outage := newCountingStore(), errors.New("the bucket is down")
		cache := pictures.NewCache(store, megabyte)
		wantError(t, cache, key, pictures.ErrNotFound)
		time.Sleep(time.Second)
		store.place(key, picture)
		store.fail(outage)
		for range 3 {
			wantError(t, cache, key, outage)
		}
		store.fail(nil)
		wantPicture(t, cache, key, picture)
	})
}

// Links that were made up cost the store as before, and no more memory.
func TestCacheRemembersSoManyAbsences(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = 4096
		store := newCountingStore()
		cache := pictures.NewCache(store, megabyte)
		for i := range limit + 10 {
			wantError(t, cache, "shop/"+digest(pngOf(strconv.Itoa(i))), pictures.ErrNotFound)
		}
		store.wantCounts(t, map[string]int{"get": limit + 10})
		for i := range limit + 10 {
			wantError(t, cache, "shop/"+digest(pngOf(strconv.Itoa(i))), pictures.ErrNotFound)
		}
		store.wantCounts(t, map[string]int{"get": 10})
	})
}

// The upload of a store that fails is over with its first failure: its time-out
// passes once.
func TestCachePutOfAFailingStore(t *testing.T) {
	t.Parallel()
	picture := pngOf("a")
	for key, counts := range map[string]map[string]int{
		"shop/" + digest(picture): {"get": 1},
		"portrait/1":              {"put": 1},
	} {
		store, outage := newCountingStore(), errors.New("the bucket is down")
		cache := pictures.NewCache(store, megabyte)
		store.fail(outage)
		if err := cache.Put(t.Context(), keyOf(key), picture); !errors.Is(err, outage) {
			t.Errorf("Put(%s) = %v, want %v", key, err, outage)
		}
		store.wantCounts(t, counts)
	}
}
