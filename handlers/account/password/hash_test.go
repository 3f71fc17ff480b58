package password

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	first, err := Hash(t.Context(), "我的密码 is 密码")
	if err != nil {
		t.Fatal(err)
	}
	second, err := Hash(t.Context(), "我的密码 is 密码")
	if err != nil || first == second {
		t.Errorf("hashed twice: %q and %q, %v", first, second, err)
	}
	if !strings.HasPrefix(first, "$argon2id$v=19$m=19456,t=2,p=1$") || len(first) > 100 {
		t.Errorf("hash %q", first)
	}
	for _, c := range []struct {
		name, stored, password string
		right, weaker          bool
	}{
		{"the password", first, "我的密码 is 密码", true, false},
		{"another", first, "我的密码 is 密码 ", false, false},
		{"none", first, "", false, false},
		{"nobody's", "", "我的密码 is 密码", false, false},
		{"nobody's and none", "", "", false, false},
		// By the reference's own program: echo -n password | argon2 somesalt -id …
		{"the reference's", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password", true, true},
		{"the reference's, another", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "Password", false, false},
		{"the reference's of two lanes", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password", true, true},
	} {
		right, weaker, err := Verify(t.Context(), c.stored, c.password, nil)
		if right != c.right || weaker != c.weaker || err != nil {
			t.Errorf("%s: right %t, weaker %t, %v, want %t, %t", c.name, right, weaker, err, c.right, c.weaker)
		}
	}
}

// What costs less than a new hash in any way is renewed.
func TestWeaker(t *testing.T) {
	t.Parallel()
	salt, key := make([]byte, saltLength), make([]byte, keyLength)
	for _, c := range []struct {
		hash hash
		want bool
	}{
		{hash{ours, salt, key}, false},
		{hash{cost{ours.memory * 2, ours.passes + 1, 2}, salt, key}, false},
		{hash{cost{ours.memory - 1, ours.passes, 1}, salt, key}, true},
		{hash{cost{ours.memory, ours.passes - 1, 1}, salt, key}, true},
		{hash{ours, salt[1:], key}, true},
		{hash{ours, salt, key[1:]}, true},
	} {
		if got := c.hash.weaker(); got != c.want {
			t.Errorf("%s is weaker: %t, want %t", c.hash, got, c.want)
		}
	}
}

// A hash of the database costs no more than it may, whatever is written there.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	const salt, key = "$c29tZXNhbHQ", "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, text := range []string{
		"$argon2id$v=19$m=8,t=1,p=1" + salt + key, "$argon2id$v=19$m=65536,t=10,p=4" + salt + key,
	} {
		if h, err := parse(text); err != nil || h.String() != text {
			t.Errorf("%s: %s, %v", text, h, err)
		}
	}
	for _, text := range []string{
		"", "password", "$2b$10$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=256,t=2,p=1" + salt + key, "$argon2id$m=256,t=2,p=1" + salt + key,
		"$argon2id$v=16$m=256,t=2,p=1" + salt + key,
		"$argon2id$v=19$m=4294967295,t=2,p=1" + salt + key, "$argon2id$v=19$m=65537,t=2,p=1" + salt + key, "$argon2id$v=19$m=7,t=2,p=1" + salt + key,
		"$argon2id$v=19$m=31,t=2,p=4" + salt + key, "$argon2id$v=19$m=99999999999999999999,t=2,p=1" + salt + key,
		"$argon2id$v=19$m=256,t=0,p=1" + salt + key, "$argon2id$v=19$m=256,t=11,p=1" + salt + key,
		"$argon2id$v=19$m=256,t=2,p=0" + salt + key, "$argon2id$v=19$m=256,t=2,p=5" + salt + key, "$argon2id$v=19$m=256,t=2,p=257" + salt + key,
		"$argon2id$v=19$m=256,t=2,p=1$c29tZQ" + key, "$argon2id$v=19$m=256,t=2,p=1$" + key, "$argon2id$v=19$m=256,t=2,p=1" + salt,
		"$argon2id$v=19$m=256,t=2,p=1" + salt + "$", "$argon2id$v=19$m=256,t=2,p=1" + salt + "$nf65", "$argon2id$v=19$m=256,t=2,p=1" + salt + key + "=",
		"$argon2id$v=19$m=256,t=2,p=1" + salt + key + "$", "$argon2id$v=19$m=256,t=2,p=1" + salt + key + " ", " $argon2id$v=19$m=256,t=2,p=1" + salt + key,
		"$argon2id$v=19$m=0256,t=2,p=1" + salt + key, "$argon2id$v=19$m=+256,t=2,p=1" + salt + key, "$argon2id$v=19$m= 256,t=2,p=1" + salt + key,
		"$argon2id$v=19$m=0x100,t=2,p=1" + salt + key, "$argon2id$v=19$t=2,m=256,p=1" + salt + key,
		"$argon2id$v=19$m=256,t=2,p=1$" + strings.Repeat("c29t", 22) + key, "$argon2id$v=19$m=256,t=2,p=1" + salt + "$" + strings.Repeat("c29t", 22),
	} {
		if h, err := parse(text); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%q: %s, %v", text, h, err)
		}
		if right, weaker, err := Verify(t.Context(), text, "password", nil); text != "" && (right || weaker || !errors.Is(err, ErrUnreadable)) {
			t.Errorf("%q: right %t, weaker %t, %v", text, right, weaker, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(nobody.String())
	f.Add("$argon2id$v=19$m=65536,t=10,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parse(text)
		if err != nil {
			if !errors.Is(err, ErrUnreadable) || h.salt != nil || h.key != nil {
				t.Errorf("%q: %v, %v", text, h, err)
			}
			return
		}
		if h.String() != text || h.memory > most.memory || h.passes > most.passes || h.lanes > most.lanes || h.memory < 8*uint32(h.lanes) {
			t.Errorf("%q is read as %s", text, h)
		}
	})
}

// As many hashes run at once as there are cores; another waits, and no longer than it may.
// It is not parallel: it takes all turns.
func TestTurnsAreWaitedFor(t *testing.T) {
	cores := int64(runtime.GOMAXPROCS(0))
	if err := turns.Acquire(t.Context(), cores); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if text, err := Hash(over, "a password"); text != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("Hash = %q, %v", text, err)
	}
	short, cancelShort := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancelShort()
	if right, weaker, err := Verify(short, nobody.String(), "a password", nil); right || weaker || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Verify = %t, %t, %v", right, weaker, err)
	}
	hashed := make(chan error, 1)
	go func() {
		_, err := Hash(t.Context(), "a password")
		hashed <- err
	}()
	turns.Release(cores)
	if err := <-hashed; err != nil {
		t.Error(err)
	}
}

// What a hash took is free again soon, also where the collector has no reason of its own to run. It is not parallel: it
// counts the memory of the process.
func TestMemoryIsFreedSoon(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	taken := func() int64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapSys - stats.HeapReleased)
	}
	debug.FreeOSMemory()
	before := taken()
	for range 10 {
		if _, _, err := Verify(t.Context(), "", "a password", nil); err != nil {
			t.Fatal(err)
		}
	}
	if grown := taken() - before; grown > 4*int64(ours.memory)<<10 {
		t.Errorf("ten hashes took %d MiB, want that of four at most", grown>>20)
	}
}

// BenchmarkTogether is 200 logins at once. It reports by how many MB the process grows
// meanwhile, with the collector as serve sets it, and what a login takes of the time.
func BenchmarkTogether(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit((128 + 64) << 20))
	stored, err := Hash(b.Context(), "a password")
	if err != nil {
		b.Fatal(err)
	}
	debug.FreeOSMemory()
	idle := residentMB(b, "VmRSS")
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // VmHWM begins again
		b.Skip(err)
	}
	const logins = 200
	for b.Loop() {
		var group sync.WaitGroup
		for range logins {
			group.Go(func() {
				if right, _, err := Verify(b.Context(), stored, "a password", nil); !right || err != nil {
					b.Errorf("Verify = %t, %v", right, err)
				}
			})
		}
		group.Wait()
	}
	b.ReportMetric(residentMB(b, "VmHWM")-idle, "MB-above-idle")
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N*logins), "ms/login")
}

func residentMB(b *testing.B, field string) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n"+field+":")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return kib * 1024 / 1e6
}
