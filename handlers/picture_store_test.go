package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"campusgate/handlers"
	"campusgate/storage/pictures"
)

func TestPictureSameBytes(t *testing.T) {
	g := start(t)
	picture := pngOf(t, 1)
	url := g.ok("pic/upload", aliceToken, picData("shop", picture)).field("url")
	for _, more := range [][]string{nil, {`"name":"` + md5Hex(string(picture)) + `"`}} {
		g.unchanged(t, func() {
			g.call("pic/upload", bobToken, picData("shop", picture, more...)).wantURL(t, url)
			g.call("pic/upload", aliceToken, picData("shop", picture, more...)).wantURL(t, url)
		})
	}
}

func TestPictureOwner(t *testing.T) {
	const path = "/get/pic/shop/tea"
	g := start(t)
	tea, coffee := pngOf(t, 1), pngOf(t, 2)
	shown := func(want []byte) {
		t.Helper()
		if a := g.do(http.MethodGet, path, ""); a.Raw != string(want) {
			t.Errorf("%s shows another picture", path)
		}
	}
	g.ok("pic/upload", aliceToken, picData("shop", tea, `"name":"tea"`))
	g.unchanged(t, func() {
		denial{"another's", `{}`, -103, "No permission to operate", "name"}.
			want(t, g.call("pic/upload", bobToken, picData("shop", coffee, `"name":"tea"`)))
	})
	shown(tea)
	g.ok("pic/upload", aliceToken, picData("shop", coffee, `"name":"tea"`))
	shown(coffee)
	// Another name, and the same name from elsewhere, are other pictures.
	g.ok("pic/upload", bobToken, picData("shop", tea, `"name":"Tea"`))
	g.ok("pic/upload", bobToken, picData("product", tea, `"name":"tea"`))
	shown(coffee)
}

func TestPictureOwnerIsOne(t *testing.T) {
	g := start(t)
	pictures := [][]byte{pngOf(t, 1), pngOf(t, 2)}
	owner, refused := atomic.Int64{}, atomic.Int64{}
	together(8, func(i int) answer {
		a := g.call("pic/upload", []string{aliceToken, bobToken}[i%2], picData("shop", pictures[i%2], `"name":"tea"`))
		if a.Status == 0 {
			owner.Or(int64(i%2 + 1))
		} else {
			a.want(t, -103, "No permission to operate")
			refused.Add(1)
		}
		return a
	})
	if owner.Load() == 3 || refused.Load() != 4 {
		t.Errorf("%d of 8 uploads were refused; want those of one user", refused.Load())
	}
	if a := g.do(http.MethodGet, "/get/pic/shop/tea", ""); a.Raw != string(pictures[owner.Load()-1]) {
		t.Error("the picture is not its owner's")
	}
}

// failingPictures fail to store while they are down.
type failingPictures struct {
	handlers.Pictures
	down bool
}

var errBucket = errors.New("PUT https://bucket.cos.example: 403 AccessDenied")

func (f *failingPictures) Put(ctx context.Context, key pictures.Key, picture []byte) error {
	if f.down {
		return errBucket
	}
	return f.Pictures.Put(ctx, key, picture)
}

func TestPictureStoreFails(t *testing.T) {
	const failed = `{"id":1,"status":-500,"message":"COS upload Error","data":{}}`
	store := &failingPictures{}
	g := start(t, func(o *options) {
		store.Pictures = o.pictures
		o.pictures = store
	})
	tea, coffee := pngOf(t, 1), pngOf(t, 2)
	store.down = true
	g.unchanged(t, func() {
		g.call("pic/upload", aliceToken, picData("shop", tea)).wantRaw(t, failed)
		g.call("pic/upload", aliceToken, picData("shop", tea, `"name":"tea"`)).wantRaw(t, failed)
		g.call("portrait/upload", "", portraitData(alice, tea)).wantRaw(t, failed)
	})
	if !strings.Contains(g.log.String(), errBucket.Error()) {
		t.Error("the cause is not in the log")
	}
	store.down = false
	g.ok("pic/upload", bobToken, picData("shop", coffee, `"name":"tea"`)) // the name was not taken
	// A name that was taken before stays its owner's, with the picture.
	store.down = true
	g.call("pic/upload", bobToken, picData("shop", tea, `"name":"tea"`)).wantRaw(t, failed)
	store.down = false
	g.call("pic/upload", aliceToken, picData("shop", tea, `"name":"tea"`)).want(t, -103, "No permission to operate")
	if a := g.do(http.MethodGet, "/get/pic/shop/tea", ""); a.Raw != string(coffee) {
		t.Error("the owner's picture is gone")
	}
}

// blockingPictures store nothing until they are released.
type blockingPictures struct {
	handlers.Pictures
	entered, release chan struct{}
}

func (b *blockingPictures) Put(ctx context.Context, key pictures.Key, picture []byte) error {
	b.entered <- struct{}{}
	select {
	case <-b.release:
		return b.Pictures.Put(ctx, key, picture)
	case <-ctx.Done(): // a failing test ends too
		return ctx.Err()
	}
}

func TestPictureUploadsAtOnce(t *testing.T) {
	const client, other, trusted = "10.0.0.7", "10.0.0.8", "10.0.0.9"
	store := &blockingPictures{entered: make(chan struct{}), release: make(chan struct{})}
	g := start(t, func(o *options) {
		store.Pictures = o.pictures
		o.pictures = store
		o.server.TrustedCallers = []netip.Prefix{netip.MustParsePrefix(trusted + "/32")}
	})
	upload := func(address string, shade int) answer {
		return g.do(http.MethodPost, "/pic?token="+aliceToken, envelope("pic/upload", picData("shop", pngOf(t, uint8(shade)))),
			"X-Real-IP", address)
	}
	uploads := make(chan answer, 20)
	// begin starts uploads that all wait in the store.
	begin := func(addresses ...string) {
		t.Helper()
		for i, address := range addresses {
			go func() { uploads <- upload(address, i) }()
			select {
			case <-store.entered:
			case a := <-uploads:
				t.Fatalf("%s: answered %s", address, a.Raw)
			}
		}
	}
	finish := func(n int) {
		t.Helper()
		for range n {
			if a := <-uploads; a.Status != 0 {
				t.Errorf("answered %s", a.Raw)
			}
		}
	}
	begin(slices.Repeat([]string{client}, 8)...)
	refused := upload(client, 100).want(t, -302, "Too many requests")
	if refused.HTTP != http.StatusTooManyRequests || refused.Header.Get("Retry-After") == "" || string(refused.Data) != "{}" {
		t.Errorf("HTTP %d, Retry-After %q, %s", refused.HTTP, refused.Header.Get("Retry-After"), refused.Raw)
	}
	begin(other)
	begin(slices.Repeat([]string{trusted}, 9)...)
	close(store.release)
	finish(8 + 1 + 9)
	begin(client) // there is room again
	finish(1)
}
