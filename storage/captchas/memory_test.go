package captchas_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
	"unsafe"

	"campusgate/storage/captchas"
	"campusgate/storage/captchas/captchastest"
)

// fakeTime is a clock that only tests move.
type fakeTime struct {
	mutex sync.Mutex
	now   time.Time
}

func newFakeTime() *fakeTime {
	return &fakeTime{now: time.Date(2021, 2, 3, 4, 5, 6, 0, time.UTC)}
}

func (f *fakeTime) Now() time.Time {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.now
}

func (f *fakeTime) Wait(d time.Duration) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.now = f.now.Add(d)
}

func newMemory(clock *fakeTime, maxEntries int) *captchas.Memory {
	return captchas.NewMemory(captchas.Options{
		TTL: captchastest.TTL, MaxLifetime: captchastest.MaxLifetime,
		MaxEntries: maxEntries, Now: clock.Now,
	})
}

func TestMemory(t *testing.T) {
	t.Parallel()
	captchastest.RunStore(t, func(*testing.T) (captchastest.Store, captchastest.Wait) {
		clock := newFakeTime()
		return newMemory(clock, 0), clock.Wait
	})
}

func TestMemoryLimiter(t *testing.T) {
	t.Parallel()
	captchastest.RunLimiter(t, func(*testing.T) (captchastest.Limiter, captchastest.Wait) {
		clock := newFakeTime()
		return captchas.NewMemoryLimiter(clock.Now), clock.Wait
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
			clock := newFakeTime()
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
	clock := newFakeTime()
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
	clock := newFakeTime()
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
	memory := newMemory(newFakeTime(), 0)
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

func BenchmarkMemoryLimiterTake(b *testing.B) {
	clock := newFakeTime()
	limiter := captchas.NewMemoryLimiter(clock.Now)
	windows := []captchas.Window{{Count: 30, Within: time.Minute}}
	keys := hashesOf(live)
	next := 0
	for b.Loop() {
		if _, _, err := limiter.Take(b.Context(), keys[next%live], windows); err != nil {
			b.Fatal(err)
		}
		clock.Wait(time.Millisecond)
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
	memory := newMemory(newFakeTime(), 0)
	limiter := captchas.NewMemoryLimiter(newFakeTime().Now)
	windows := []captchas.Window{{Count: 1, Within: time.Minute}}
	add(t, memory, borrowed, captchas.Picture)
	if reserved, err := memory.Reserve(t.Context(), borrowed, borrowed); !reserved || err != nil {
		t.Fatalf("Reserve = %t, %v", reserved, err)
	}
	if refused, _, err := limiter.Take(t.Context(), borrowed, windows); refused != -1 || err != nil {
		t.Fatalf("Take = %d, %v", refused, err)
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
	if refused, _, err := limiter.Take(t.Context(), "hash", windows); refused != 0 || err != nil {
		t.Errorf("Take = %d, %v: the key has changed", refused, err)
	}
}
