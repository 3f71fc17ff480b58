package captchas

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestExpiring compares with a map that is scanned, over random histories.
func TestExpiring(t *testing.T) {
	t.Parallel()
	const most = 8
	keys := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		expiring := newExpiring[time.Duration](most)
		model := map[string]time.Duration{}
		now := time.Duration(0)
		for range 200 {
			key := keys[random.IntN(len(keys))]
			// No two keys end together: either could give way.
			round := int(now)/len(keys) + 1 + random.IntN(20)
			ends := time.Duration(round*len(keys) + slices.Index(keys, key))
			found := expiring.get(key, now)
			switch action := random.IntN(10); {
			case action < 5:
				expiring.put(key, ends, now, ends)
				delete(model, key)
				if len(model) == most {
					delete(model, endsFirst(model))
				}
				model[key] = ends
			case action < 7:
				now += time.Duration(random.IntN(60))
			case action < 9 && found != nil:
				expiring.renew(found, ends)
				found.value, model[key] = ends, ends
			case found != nil:
				expiring.remove(found)
				delete(model, key)
			}
			model = living(model, now)
			for _, key := range keys {
				found, ends := expiring.get(key, now), model[key]
				if (found != nil) != (ends > now) || found != nil && found.value != ends {
					t.Fatalf("seed %d: at %d %s is %+v, want until %d", seed, now, key, found, ends)
				}
			}
			if len(expiring.queue) != len(expiring.entries) || len(expiring.queue) > most {
				t.Fatalf("seed %d: %d entries in the queue, %d in the map, want at most %d",
					seed, len(expiring.queue), len(expiring.entries), most)
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

// Ended entries are cleared by additions alone, faster than they came.
func TestExpiringClears(t *testing.T) {
	t.Parallel()
	expiring := newExpiring[int](0)
	for i := range 1000 {
		expiring.put("old "+strconv.Itoa(i), i, 0, 1)
	}
	for i := range 500 {
		expiring.put("new "+strconv.Itoa(i), i, 1, 2)
	}
	if got := len(expiring.entries); got != 500 {
		t.Errorf("%d entries, want the 500 new ones", got)
	}
}

func TestMemoryLimiterForgetsBeyondMaxKeys(t *testing.T) {
	t.Parallel()
	limiter := newMemoryLimiter(func() time.Time { return time.Time{} }, 2)
	take := func(key string, within time.Duration) int {
		refused, _, err := limiter.Take(t.Context(), key, []Window{{Count: 1, Within: within}})
		if err != nil {
			t.Fatal(err)
		}
		return refused
	}
	take("an address", time.Minute)
	take("a phone", 24*time.Hour)
	take("another phone", 24*time.Hour)
	if got := take("a phone", 24*time.Hour); got != 0 {
		t.Error("the phone was forgotten, want the address, whose window empties first")
	}
	if got := take("an address", time.Minute); got != -1 {
		t.Error("the address was remembered beyond the bound")
	}
}

// A key's memory is bounded by its largest window, however long it is used.
func TestMemoryLimiterKeepsFewEvents(t *testing.T) {
	t.Parallel()
	now := time.Time{}
	limiter := NewMemoryLimiter(func() time.Time { return now })
	windows := []Window{{Count: 3, Within: time.Second}, {Count: 5, Within: time.Minute}}
	for range 1000 {
		if _, _, err := limiter.Take(t.Context(), "key", windows); err != nil {
			t.Fatal(err)
		}
		now = now.Add(300 * time.Millisecond)
	}
	if events := limiter.keys.entries["key"].value; len(events) > 5 || cap(events) > 16 {
		t.Errorf("%d events in room for %d, want at most 5 in 16", len(events), cap(events))
	}
}
