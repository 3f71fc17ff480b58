package expiring

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestMap compares with a map that is scanned, over random histories.
func TestMap(t *testing.T) {
	t.Parallel()
	const limit = 8
	keys := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		expiring := New[string, time.Duration](limit, nil)
		model := map[string]time.Duration{}
		now := time.Duration(0)
		for range 200 {
			key := keys[random.IntN(len(keys))]
			// No two keys end together: either could give way.
			round := int(now)/len(keys) + 1 + random.IntN(20)
			ends := time.Duration(round*len(keys) + slices.Index(keys, key))
			found := expiring.Get(key, now)
			if full := len(model) == limit; full != expiring.Full(now) {
				t.Fatalf("seed %d: at %d Full is %t with %d entries that have not expired", seed, now, !full, len(model))
			}
			switch action := random.IntN(10); {
			case action < 5:
				expiring.Put(key, ends, now, ends)
				delete(model, key)
				if len(model) == limit {
					delete(model, endsFirst(model))
				}
				model[key] = ends
			case action < 7:
				now += time.Duration(random.IntN(60))
			case action < 9 && found != nil:
				expiring.Renew(found, ends)
				found.Value, model[key] = ends, ends
			case found != nil:
				expiring.Remove(found)
				delete(model, key)
			}
			model = living(model, now)
			for _, key := range keys {
				found, ends := expiring.Get(key, now), model[key]
				if (found != nil) != (ends > now) || found != nil && found.Value != ends {
					t.Fatalf("seed %d: at %d %s is %+v, want until %d", seed, now, key, found, ends)
				}
			}
			if len(expiring.queue) != len(expiring.entries) || len(expiring.queue) > limit {
				t.Fatalf("seed %d: %d entries in the queue, %d in the map, want at most %d",
					seed, len(expiring.queue), len(expiring.entries), limit)
			}
		}
	}
}

func living(model map[string]time.Duration, now time.Duration) map[string]time.Duration {
	alive := map[string]time.Duration{}
	for key, ends := range model {
		if ends > now {
			alive[key] = ends
		}
	}
	return alive
}

func endsFirst(model map[string]time.Duration) string {
	first := ""
	for key, ends := range model {
		if first == "" || ends < model[first] {
			first = key
		}
	}
	return first
}

// Expired entries are cleared by additions alone, faster than they came.
func TestMapClears(t *testing.T) {
	t.Parallel()
	expiring := New[string, int](0, nil)
	for i := range 1000 {
		expiring.Put("old "+strconv.Itoa(i), i, 0, 1)
	}
	for i := range 500 {
		expiring.Put("new "+strconv.Itoa(i), i, 1, 2)
	}
	if got := len(expiring.entries); got != 500 {
		t.Errorf("%d entries, want the 500 new ones", got)
	}
}
