package pictures

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// Store keeps pictures: a [Disk], or a [COS] that replicas share. A Get or Version
// that begins after a Put has returned sees that picture or a later one; both
// fail with [ErrNotFound] for a key that has none.
type Store interface {
	Put(ctx context.Context, key Key, picture []byte) error
	Get(ctx context.Context, key Key) ([]byte, error)
	// Version is cheap, and differs whenever the bytes do.
	Version(ctx context.Context, key Key) (string, error)
	// Remove fails with [ErrNotFound] for a key that has no picture.
	Remove(ctx context.Context, key Key) error
}

// Picture is a stored picture.
type Picture struct {
	// Bytes are shared between all who read the picture: do not change them.
	Bytes       []byte
	ContentType string
	// ETag is the MD5 of the bytes in hexadecimal, in quotes.
	ETag string
	// Immutable says that the picture's name is the MD5 of its bytes, so that
	// the name never stands for others.
	Immutable bool
}

// Cache keeps hot pictures of a store in memory. An immutable one is served from
// there at once; any other only while the store still has that version, so that a
// picture replaced by another replica shows at once. Concurrent first reads of a
// picture are one read of the store. That the store has no picture of a name that
// is an MD5 is believed for a second. It is safe for concurrent use.
type Cache struct {
	store        Store
	recent       *lru
	reads        singleflight.Group
	absent       *absences
	hits, misses atomic.Int64
}

// CacheStats are what a cache holds, and how its Gets went since it was made.
type CacheStats struct {
	Bytes   int64 // with what the entries themselves take
	Entries int
	// Hits were served from memory, Misses were not; a version that the store was
	// asked for does not count.
	Hits, Misses int64
}

// Stats returns how the cache is used.
func (c *Cache) Stats() CacheStats {
	bytes, entries := c.recent.size()
	return CacheStats{Bytes: bytes, Entries: entries, Hits: c.hits.Load(), Misses: c.misses.Load()}
}

// readTimeout bounds a read that callers share, which none of their own contexts
// ends. Stores have time-outs of their own: this one is for those that hang.
const readTimeout = 30 * time.Second

// NewCache returns a cache of at most maxBytes bytes of memory; 0 keeps nothing.
func NewCache(store Store, maxBytes int64) *Cache {
	return &Cache{store: store, recent: newLRU(maxBytes), absent: newAbsences()}
}

// Put stores a picture. One whose name is its MD5, which the caller has compared, is
// not written again if the store has it.
func (c *Cache) Put(ctx context.Context, key Key, picture []byte) error {
	if IsDigest(key.Name) {
		stored, err := c.store.Get(ctx, key)
		switch {
		case err == nil && bytes.Equal(stored, picture):
			return nil
		case err == nil, errors.Is(err, ErrNotFound), errors.Is(err, ErrNotPicture):
			// Nothing, or what a crash of the old server left of it.
		default: // a store that is silent takes its time-out once, not twice
			return fmt.Errorf("look for the same picture: %w", err)
		}
	}
	err := c.store.Put(ctx, key, picture)
	c.recent.remove(key)
	c.absent.forget(key)
	c.reads.Forget(flight(key, ""))
	return err
}

// Remove removes a picture. Other processes have to [Cache.Forget] it.
func (c *Cache) Remove(ctx context.Context, key Key) error {
	err := c.store.Remove(ctx, key)
	c.Forget(key)
	return err
}

// Forget drops what is kept of a key, for a picture that another process has removed
// from the store.
func (c *Cache) Forget(key Key) {
	c.recent.remove(key)
	c.reads.Forget(flight(key, ""))
}

// Get returns the picture of a key. It fails with [ErrNotFound], with
// [ErrNotPicture] if the store has other bytes there, or with the store's error.
func (c *Cache) Get(ctx context.Context, key Key) (Picture, error) {
	kept, found := c.recent.get(key)
	if found && kept.picture.Immutable {
		c.hits.Add(1)
		return kept.picture, nil
	}
	if found || !IsDigest(key.Name) {
		return c.revalidate(ctx, key, kept)
	}
	absent, puts := c.absent.has(key)
	if absent {
		return Picture{}, ErrNotFound
	}
	picture, shared, err := c.read(ctx, key, "")
	if shared && errors.Is(err, ErrNotFound) {
		// The read may have begun before the Put that this caller knows of.
		picture, err = c.revalidate(ctx, key, keptPicture{})
	}
	if errors.Is(err, ErrNotFound) {
		c.absent.add(key.clone(), puts) // it may lie in the request's buffer
	}
	return picture, err
}

// revalidate returns the kept picture if the store still has that version, and
// reads it otherwise. Without a kept one it is the zero value.
func (c *Cache) revalidate(ctx context.Context, key Key, kept keptPicture) (Picture, error) {
	version, err := c.store.Version(ctx, key)
	if err != nil {
		return Picture{}, err
	}
	if kept.key == key && kept.version == version {
		c.hits.Add(1)
		return kept.picture, nil
	}
	picture, _, err := c.read(ctx, key, version)
	return picture, err
}

// read asks the store, once for all who ask for this version at the same time. A
// caller that comes after a Put has another version, and never shares an older
// read. Without a version, what is kept serves as immutable only.
func (c *Cache) read(ctx context.Context, key Key, version string) (picture Picture, shared bool, err error) {
	if err := ctx.Err(); err != nil {
		return Picture{}, false, err
	}
	c.misses.Add(1)
	// A clone: the read may outlive the request, in whose buffer the key may lie.
	key = key.clone()
	results := c.reads.DoChan(flight(key, version), func() (_ any, err error) {
		defer func() {
			if cause := recover(); cause != nil { // singleflight would end the process
				err = fmt.Errorf("read picture: panic: %v\n%s", cause, debug.Stack())
			}
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		return c.load(ctx, key, version)
	})
	select {
	case <-ctx.Done():
		return Picture{}, false, ctx.Err()
	case result := <-results:
		picture, _ = result.Val.(Picture)
		return picture, result.Shared, result.Err
	}
}

// flight is the name of a read: NUL is in no key.
func flight(key Key, version string) string { return key.String() + "\x00" + version }

// load reads a picture and keeps it, unless another read did just now: its caller
// may have learned the version before that read and come here after it. Bytes that
// were kept without a version may be older than the caller.
func (c *Cache) load(ctx context.Context, key Key, version string) (Picture, error) {
	kept, found := c.recent.get(key)
	if found && (kept.picture.Immutable || version != "" && kept.version == version) {
		return kept.picture, nil
	}
	stored, err := c.store.Get(ctx, key)
	if err != nil {
		return Picture{}, err
	}
	contentType, err := Inspect(stored)
	if err != nil {
		return Picture{}, err
	}
	sum := Digest(stored)
	picture := Picture{
		Bytes: stored, ContentType: contentType, ETag: `"` + sum + `"`,
		// Old buckets have names that look like an MD5 and are not the bytes'.
		Immutable: key.Name == sum,
	}
	c.recent.put(keptPicture{key: key, version: version, picture: picture})
	return picture, nil
}
