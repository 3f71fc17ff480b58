package wire_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
	"campusgate/storage/redis/redistest"
)

const (
	guessedHash  = "900150983cd24fb0d6963f7d28e17f72"
	guessedPhone = "13700000000"
)

// guessing looks codes up in memory, and counts the looks.
type guessing struct {
	*captchas.Memory
	wire.Guesses
	t      *testing.T
	clock  *redistest.Clock
	looked atomic.Int64
	err    error // that a look fails with
}

func startGuessing(t *testing.T, perMinute int) *guessing {
	t.Helper()
	clock := redistest.NewClock()
	g := &guessing{t: t, clock: clock, Memory: captchas.NewMemory(captchas.Options{
		TTL: 3 * time.Minute, MaxLifetime: 15 * time.Minute, Now: clock.Now,
	})}
	g.Guesses = wire.Guesses{
		Captchas: g, Limiter: limits.NewMemory(clock.Now), PerMinute: perMinute, Logger: slog.New(slog.DiscardHandler),
	}
	g.send(guessedHash, guessedPhone)
	return g
}

func (g *guessing) send(hash, phone string) {
	g.t.Helper()
	if err := g.Add(g.t.Context(), hash, captchas.Code{Kind: captchas.Message, Phone: phone}); err != nil {
		g.t.Fatal(err)
	}
}

// Check is the store's.
func (g *guessing) Check(ctx context.Context, query captchas.Query) (bool, error) {
	g.looked.Add(1)
	if g.err != nil {
		return false, g.err
	}
	return g.Memory.Check(ctx, query)
}

func (g *guessing) from(address string, trusted bool) context.Context {
	caller := dispatch.Caller{Address: netip.MustParseAddr(address), Trusted: trusted}
	return dispatch.WithCaller(g.t.Context(), caller)
}

func (g *guessing) want(ctx context.Context, hash, phone string, want bool) {
	g.t.Helper()
	if right, err := g.CheckSent(ctx, sentTo(hash, phone, false)); right != want || err != nil {
		g.t.Errorf("CheckSent(%s, %s) = %t, %v, want %t", hash, phone, right, err, want)
	}
}

// The fifth wrong guess of a phone ends its codes, whoever guesses.
func TestGuessesOfAPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		perMinute int
		address   func(i int) string
		trusted   bool
	}{
		{"one address", 30, func(int) string { return "198.51.100.7" }, false},
		{"many addresses", 30, func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }, false},
		{"a trusted caller", 30, func(int) string { return "127.0.0.1" }, true},
		{"no limit of addresses", 0, func(int) string { return "198.51.100.7" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := startGuessing(t, c.perMinute)
			for i := range 4 {
				g.want(g.from(c.address(i), c.trusted), fmt.Sprint("wrong", i), guessedPhone, false)
				g.want(g.from(c.address(i), c.trusted), guessedHash, guessedPhone, true)
			}
			g.want(g.from(c.address(4), c.trusted), "wrong", guessedPhone, false)
			g.want(g.from(c.address(5), c.trusted), guessedHash, guessedPhone, false)
			g.send("later", guessedPhone)
			g.want(g.from(c.address(6), c.trusted), "later", guessedPhone, true)
		})
	}
}

// A wrong guess of a phone is one of the address as well, under the key of all calls; a
// right one is of neither, and over the limit of the address the phone's are not touched.
func TestGuessesOfAPhoneCountForTheAddress(t *testing.T) {
	t.Parallel()
	g := startGuessing(t, 6)
	ctx := g.from("198.51.100.7", false)
	for range 9 {
		g.want(ctx, guessedHash, guessedPhone, true)
	}
	for i := range 3 {
		g.want(ctx, "wrong", fmt.Sprintf("1380000000%d", i), false)
		if right, err := g.Guesses.Check(ctx, captchas.Query{Hash: "wrong"}); right || err != nil {
			t.Errorf("Check = %t, %v", right, err)
		}
	}
	looked := g.looked.Load()
	for range 9 {
		g.want(ctx, "wrong", guessedPhone, false)
		g.want(ctx, guessedHash, guessedPhone, false)
	}
	if after := g.looked.Load(); after != looked {
		t.Errorf("%d guesses over the limit are looked at", after-looked)
	}
	g.want(g.from("198.51.100.8", false), guessedHash, guessedPhone, true)
	g.want(g.from("198.51.100.7", true), guessedHash, guessedPhone, true)
	g.clock.Wait(time.Minute)
	g.want(ctx, guessedHash, guessedPhone, true)
}

// It looks for SMS codes of that phone alone, and uses one up where it is told to.
func TestGuessesOfAPhoneConsume(t *testing.T) {
	t.Parallel()
	g := startGuessing(t, 30)
	ctx := g.from("198.51.100.7", false)
	if err := g.Add(t.Context(), "picture", captchas.Code{Kind: captchas.Picture}); err != nil {
		t.Fatal(err)
	}
	g.send("another's", "13800000000")
	for _, hash := range []string{"picture", "another's"} {
		if right, err := g.CheckSent(ctx, sentTo(hash, guessedPhone, true)); right || err != nil {
			t.Errorf("CheckSent(%s) = %t, %v, want false", hash, right, err)
		}
	}
	g.want(ctx, "another's", "13800000000", true)
	used := redistest.Together(t, 16, func(int) (bool, error) { return g.CheckSent(ctx, sentTo(guessedHash, guessedPhone, true)) })
	if used != 1 {
		t.Errorf("used by %d of 16 calls at once, want 1", used)
	}
}

// A look that failed is no guess of the address.
func TestGuessesThatFail(t *testing.T) {
	t.Parallel()
	g := startGuessing(t, 2)
	ctx := g.from("198.51.100.7", false)
	g.err = errors.New("connection refused")
	for range 3 {
		if right, err := g.CheckSent(ctx, sentTo(guessedHash, guessedPhone, false)); right || !errors.Is(err, g.err) {
			t.Errorf("CheckSent = %t, %v, want %v", right, err, g.err)
		}
	}
	g.err = nil
	g.want(ctx, guessedHash, guessedPhone, true)
}

// sentTo asks for an SMS code.
func sentTo(hash, phone string, consume bool) captchas.Query {
	return captchas.Query{Hash: hash, Kind: captchas.Message, Phone: phone, Consume: consume}
}
