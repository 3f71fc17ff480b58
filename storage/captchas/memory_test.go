package captchas_test

import (
	"fmt"
	"testing"
	"time"
	"unsafe"

	"campusgate/storage/captchas"
	"campusgate/storage/captchas/captchastest"
	"campusgate/storage/redis/redistest"
)

func newMemory(clock *redistest.Clock, maxEntries int) *captchas.Memory {
	return captchas.NewMemory(captchas.Options{
		TTL: captchastest.TTL, MaxLifetime: captchastest.MaxLifetime,
		MaxEntries: maxEntries, Now: clock.Now,
	})
}

func TestMemory(t *testing.T) {
	t.Parallel()
	captchastest.RunStore(t, func(*testing.T) (captchastest.Store, captchastest.Wait) {
		clock := redistest.NewClock()
		return newMemory(clock, 0), clock.Wait
	})
}

func TestMemoryEndsToTheNanosecond(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after time.Duration
		want  bool
	}{
		{"just before 180 s", 180*time.Second - 1, true},
		{"at 180 s", 180 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clock := redistest.NewClock()
			memory := newMemory(clock, 0)
			add(t, memory, "h", captchas.Picture)
			clock.Wait(c.after)
			if got := lives(t, memory, "h"); got != c.want {
				t.Errorf("lives = %t, want %t", got, c.want)
			}
		})
	}
}

func TestMemoryGivesWayToWhatEndsLater(t *testing.T) {
	t.Parallel()
	clock := redistest.NewClock()
	memory := newMemory(clock, 3)
	for _, hash := range []string{"first", "second", "third"} {
		add(t, memory, hash, captchas.Picture)
		clock.Wait(time.Second)
	}
	if !lives(t, memory, "first") { // renews it: now the second ends first
		t.Fatal("the first is gone before the store is full")
	}
	add(t, memory, "fourth", captchas.Message)
	add(t, memory, "fourth", captchas.Message) // takes no second place
	for hash, want := range map[string]bool{"first": true, "second": false, "third": true, "fourth": true} {
		if got := lives(t, memory, hash); got != want {
			t.Errorf("%s lives = %t, want %t", hash, got, want)
		}
	}
}

// What cannot be counted any more is not found: when the store is full, a phone's
// guesses may give way before its code does.
func TestMemoryFindsNoCodeWithoutGuesses(t *testing.T) {
	t.Parallel()
	clock := redistest.NewClock()
	memory := newMemory(clock, 2)
	check := func(phone string, consume bool) bool {
		t.Helper()
		found, err := memory.Check(t.Context(), captchas.Query{Hash: "code of " + phone, Consume: consume})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, phone := range []string{"first", "second", "third"} {
		if err := memory.Add(t.Context(), "code of "+phone, captchas.Code{Kind: captchas.Message, Phone: phone}); err != nil {
			t.Fatal(err)
		}
		if phone == "second" && !check(phone, true) { // makes room for a code, and none for a phone
			t.Error("the second code is gone before the third is sent")
		}
		clock.Wait(time.Second)
	}
	if check("first", false) || !check("third", false) {
		t.Error("want the third code alone")
	}
}

func add(t testing.TB, memory *captchas.Memory, hash string, kind captchas.Kind) {
	t.Helper()
	if err := memory.Add(t.Context(), hash, captchas.Code{Kind: kind}); err != nil {
		t.Fatal(err)
	}
}

func lives(t testing.TB, memory *captchas.Memory, hash string) bool {
	t.Helper()
	found, err := memory.Check(t.Context(), captchas.Query{Hash: hash})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// live is how many hashes the benchmarks keep.
const live = 200_000

func BenchmarkMemoryAdd(b *testing.B) {
	clock := redistest.NewClock()
	memory := newMemory(clock, 0)
	hashes := hashesOf(2 * live)
	// One every 900 µs: 200,000 live at any time, and none when it comes again.
	const pace = 180 * time.Second / live
	for _, hash := range hashes[:live] {
		add(b, memory, hash, captchas.Picture)
		clock.Wait(pace)
	}
	next := live
	for b.Loop() {
		add(b, memory, hashes[next%len(hashes)], captchas.Picture)
		clock.Wait(pace)
		next++
	}
}

func BenchmarkMemoryCheck(b *testing.B) {
	memory := newMemory(redistest.NewClock(), 0)
	hashes := hashesOf(live)
	for _, hash := range hashes {
		add(b, memory, hash, captchas.Picture)
	}
	next := 0
	for b.Loop() {
		if !lives(b, memory, hashes[next%live]) {
			b.Fatal("a live hash was not found")
		}
		next++
	}
}

func hashesOf(count int) []string {
	hashes := make([]string, count)
	for i := range hashes {
		hashes[i] = fmt.Sprintf("%032x", i)
	}
	return hashes
}

// A request's text may lie in a buffer that is used again when it is answered.
func TestMemoryKeepsTextsOfItsOwn(t *testing.T) {
	t.Parallel()
	buffer := []byte("hash")
	borrowed := unsafe.String(unsafe.SliceData(buffer), len(buffer))
	memory := newMemory(redistest.NewClock(), 0)
	add(t, memory, borrowed, captchas.Picture)
	if reserved, err := memory.Reserve(t.Context(), borrowed, borrowed); !reserved || err != nil {
		t.Fatalf("Reserve = %t, %v", reserved, err)
	}
	copy(buffer, "used")
	if !lives(t, memory, "hash") || lives(t, memory, "used") {
		t.Error("the hash has changed")
	}
	for _, c := range []struct {
		phone string
		want  bool
	}{{"hash", true}, {"another", true}, {"used", false}} {
		if got, err := memory.Reserve(t.Context(), "hash", c.phone); got != c.want || err != nil {
			t.Errorf("Reserve(%s) = %t, %v, want %t", c.phone, got, err, c.want)
		}
	}
}
