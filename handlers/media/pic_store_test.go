package media_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/media"
	"campusgate/storage/pictures"
)

func TestPictureSameBytes(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture := handlerstest.PNG(t, 1)
	url := g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", picture)).Field("url")
	for _, more := range [][]string{nil, {`"name":"` + handlerstest.MD5(string(picture)) + `"`}} {
		unchanged(t, g, func() {
			wantURL(t, g.Call("pic/upload", bobToken, handlerstest.PicData("shop", picture, more...)), url)
			wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", picture, more...)), url)
		})
	}
}

func TestPictureOwner(t *testing.T) {
	t.Parallel()
	const path = "/get/pic/shop/tea"
	g := handlerstest.Start(t)
	tea, coffee := handlerstest.PNG(t, 1), handlerstest.PNG(t, 2)
	shown := func(want []byte) {
		t.Helper()
		if a := g.Do(http.MethodGet, path, ""); a.Raw != string(want) {
			t.Errorf("%s shows another picture", path)
		}
	}
	g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", tea, `"name":"tea"`))
	unchanged(t, g, func() {
		denial{"another's", `{}`, -103, "No permission to operate", "name"}.
			check(t, g.Call("pic/upload", bobToken, handlerstest.PicData("shop", coffee, `"name":"tea"`)))
	})
	shown(tea)
	g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", coffee, `"name":"tea"`))
	shown(coffee)
	// Another name, and the same name from elsewhere, are other pictures.
	g.OK("pic/upload", bobToken, handlerstest.PicData("shop", tea, `"name":"Tea"`))
	g.OK("pic/upload", bobToken, handlerstest.PicData("product", tea, `"name":"tea"`))
	shown(coffee)
}

func TestPictureOwnerIsOne(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	pictures := [][]byte{handlerstest.PNG(t, 1), handlerstest.PNG(t, 2)}
	owner, refused := atomic.Int64{}, atomic.Int64{}
	handlerstest.Together(8, func(i int) handlerstest.Answer {
		a := g.Call("pic/upload", []string{aliceToken, bobToken}[i%2], handlerstest.PicData("shop", pictures[i%2], `"name":"tea"`))
		if a.Status == 0 {
			owner.Or(int64(i%2 + 1))
		} else {
			a.Want(t, -103, "No permission to operate")
			refused.Add(1)
		}
		return a
	})
	if owner.Load() == 3 || refused.Load() != 4 {
		t.Errorf("%d of 8 uploads were refused; want those of one user", refused.Load())
	}
	if a := g.Do(http.MethodGet, "/get/pic/shop/tea", ""); a.Raw != string(pictures[owner.Load()-1]) {
		t.Error("the picture is not its owner's")
	}
}

// failingPictures fail to store while they are down.
type failingPictures struct {
	media.Store
	down bool
}

var errBucket = errors.New("PUT https://bucket.cos.example: 403 AccessDenied")

func (f *failingPictures) Put(ctx context.Context, key pictures.Key, picture []byte) error {
	if f.down {
		return errBucket
	}
	return f.Store.Put(ctx, key, picture)
}

func TestPictureStoreFails(t *testing.T) {
	t.Parallel()
	const failed = `{"id":1,"status":-500,"message":"COS upload Error","data":{}}`
	store := &failingPictures{}
	g := handlerstest.Start(t, func(o *handlerstest.Options) {
		store.Store = o.Pictures
		o.Pictures = store
	})
	tea, coffee := handlerstest.PNG(t, 1), handlerstest.PNG(t, 2)
	store.down = true
	unchanged(t, g, func() {
		g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", tea)).WantRaw(t, failed)
		g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", tea, `"name":"tea"`)).WantRaw(t, failed)
		g.Call("portrait/upload", "", handlerstest.PortraitData(alice, tea)).WantRaw(t, failed)
	})
	if !strings.Contains(g.Log.String(), errBucket.Error()) {
		t.Error("the cause is not in the log")
	}
	store.down = false
	g.OK("pic/upload", bobToken, handlerstest.PicData("shop", coffee, `"name":"tea"`)) // the name was not taken
	// A name that was taken before stays its owner's, with the picture.
	store.down = true
	g.Call("pic/upload", bobToken, handlerstest.PicData("shop", tea, `"name":"tea"`)).WantRaw(t, failed)
	store.down = false
	g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", tea, `"name":"tea"`)).Want(t, -103, "No permission to operate")
	if a := g.Do(http.MethodGet, "/get/pic/shop/tea", ""); a.Raw != string(coffee) {
		t.Error("the owner's picture is gone")
	}
}

// blockingPictures store nothing until they are released.
type blockingPictures struct {
	media.Store
	entered, release chan struct{}
}

func (b *blockingPictures) Put(ctx context.Context, key pictures.Key, picture []byte) error {
	b.entered <- struct{}{}
	select {
	case <-b.release:
		return b.Store.Put(ctx, key, picture)
	case <-ctx.Done(): // a failing test ends too
		return ctx.Err()
	}
}

func TestPictureUploadsAtOnce(t *testing.T) {
	t.Parallel()
	const client, other, trusted = "10.0.0.7", "10.0.0.8", "10.0.0.9"
	store := &blockingPictures{entered: make(chan struct{}), release: make(chan struct{})}
	g := handlerstest.Start(t, func(o *handlerstest.Options) {
		store.Store = o.Pictures
		o.Pictures = store
		o.Server.TrustedCallers = []netip.Prefix{netip.MustParsePrefix(trusted + "/32")}
	})
	upload := func(address string, shade int) handlerstest.Answer {
		return g.Do(http.MethodPost, "/pic?token="+aliceToken, handlerstest.Envelope("pic/upload", handlerstest.PicData("shop", handlerstest.PNG(t, uint8(shade)))),
			"X-Real-IP", address)
	}
	uploads := make(chan handlerstest.Answer, 20)
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
	refused := upload(client, 100).Want(t, -302, "Too many requests")
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
