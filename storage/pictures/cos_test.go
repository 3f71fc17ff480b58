package pictures_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage/pictures"
	"campusgate/storage/pictures/costest"
	"campusgate/storage/pictures/picturestest"
)

// openCOS opens the store of a bucket, with a timeout that a busy machine keeps.
func openCOS(t *testing.T, bucketURL string, change ...func(*pictures.COSOptions)) *pictures.COS {
	t.Helper()
	options := pictures.COSOptions{
		BucketURL: bucketURL, SecretID: costest.SecretID, SecretKey: costest.SecretKey, Timeout: 20 * time.Second,
	}
	for _, c := range change {
		c(&options)
	}
	store, err := pictures.NewCOS(options)
	must(t, err)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func lasting(timeout time.Duration) func(*pictures.COSOptions) {
	return func(o *pictures.COSOptions) { o.Timeout = timeout }
}

func TestCOS(t *testing.T) {
	t.Parallel()
	picturestest.RunStore(t, func(t *testing.T) pictures.Store { return openCOS(t, costest.Start(t).URL) })
}

// A picture's key in the bucket is the picture's: the old server's are found.
func TestCOSObjects(t *testing.T) {
	t.Parallel()
	for path, prefix := range map[string]string{"": "", "/": "", "/campus": "campus/", "/a/b/": "a/b/"} {
		bucket := costest.Start(t)
		store := openCOS(t, bucket.URL+path)
		must(t, store.Put(t.Context(), keyOf("shop/招 牌+%2f.png"), []byte("a picture")))
		if got := bucket.Object(prefix + "shop/招 牌+%2f.png"); string(got) != "a picture" {
			t.Errorf("with the path %q the object is %q", path, got)
		}
		bucket.Place(prefix+"portrait/1", []byte("of the old server"))
		got, err := store.Get(t.Context(), keyOf("portrait/1"))
		if err != nil || string(got) != "of the old server" {
			t.Errorf("Get = %q, %v", got, err)
		}
	}
}

// What a CDN or a page reads from the bucket itself has the headers of a picture.
func TestCOSHeaders(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	store := openCOS(t, bucket.URL)
	const digest = "900150983cd24fb0d6963f7d28e17f72"
	for _, s := range samples(t) {
		for name, cacheControl := range map[string]string{"tea.png": "no-cache", digest: "public, max-age=31536000, immutable"} {
			must(t, store.Put(t.Context(), keyOf("shop/"+name), s.picture))
			want := map[string]string{"Content-Type": s.contentType, "Cache-Control": cacheControl}
			if diff := cmp.Diff(want, bucket.Headers("shop/"+name)); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", s.name, name, diff)
			}
		}
	}
	must(t, store.Put(t.Context(), keyOf("check/probe"), []byte("no picture")))
	if got := bucket.Headers("check/probe")["Content-Type"]; got != "application/octet-stream" {
		t.Errorf("Content-Type of other bytes is %q", got)
	}
}

// A bucket has to tell a checksum of what it stored: Tencent's CRC, or, as private
// endpoints do, the MD5 alone.
func TestCOSChecksum(t *testing.T) {
	t.Parallel()
	for checksum, right := range map[costest.Checksum]bool{
		costest.CRCAndMD5: true, costest.MD5: true, costest.WrongCRC: false, costest.WrongMD5: false, costest.NoChecksum: false,
	} {
		bucket := costest.Start(t)
		bucket.Tell(checksum)
		err := openCOS(t, bucket.URL).Put(t.Context(), keyOf("shop/1"), []byte("a picture"))
		if right && err != nil || !right && (err == nil || !strings.Contains(err.Error(), "stored something else")) {
			t.Errorf("checksum %d: Put = %v", checksum, err)
		}
	}
}

func TestCOSVersionReadsNoPicture(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	bucket.Place("shop/1", []byte("a picture"))
	if _, err := openCOS(t, bucket.URL).Version(t.Context(), keyOf("shop/1")); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]int{"HEAD": 1}, bucket.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestCOSOfALargeObject(t *testing.T) {
	t.Parallel()
	const limit = 8 << 20
	bucket := costest.Start(t)
	bucket.Place("shop/large", make([]byte, limit))
	bucket.Place("shop/larger", make([]byte, limit+1))
	store := openCOS(t, bucket.URL)
	if got, err := store.Get(t.Context(), keyOf("shop/large")); err != nil || len(got) != limit {
		t.Errorf("Get of %d bytes = %d bytes, %v", limit, len(got), err)
	}
	if got, err := store.Get(t.Context(), keyOf("shop/larger")); !errors.Is(err, pictures.ErrNotPicture) {
		t.Errorf("Get of more = %d bytes, %v, want ErrNotPicture", len(got), err)
	}
	if diff := cmp.Diff(map[string]int{"GET": 2}, bucket.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// cosCalls are the calls, each with what its error says was tried.
func cosCalls(store *pictures.COS) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"put picture in COS": func(ctx context.Context) error {
			return store.Put(ctx, keyOf("shop/1"), make([]byte, pictures.MaxBytes))
		},
		"get picture from COS": func(ctx context.Context) error {
			_, err := store.Get(ctx, keyOf("shop/1"))
			return err
		},
		"version of picture in COS": func(ctx context.Context) error {
			_, err := store.Version(ctx, keyOf("shop/1"))
			return err
		},
	}
}

func allCallsSucceed(t *testing.T, store *pictures.COS) {
	t.Helper()
	must(t, store.Put(t.Context(), keyOf("shop/1"), []byte("a picture")))
	for tried, call := range cosCalls(store) {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v", tried, err)
		}
	}
}

// allCallsFail makes all calls at once, and expects failures that are not absence, told
// as what was tried.
func allCallsFail(t *testing.T, store *pictures.COS, within time.Duration, parts ...string) {
	t.Helper()
	var calls sync.WaitGroup
	for tried, call := range cosCalls(store) {
		calls.Go(func() {
			began := time.Now()
			err := call(t.Context())
			if took := time.Since(began); took > within {
				t.Errorf("%s took %s, want at most %s", tried, took, within)
			}
			if err == nil || errors.Is(err, pictures.ErrNotFound) || !strings.HasPrefix(err.Error(), tried+": ") {
				t.Errorf("the error is %v, want a failure of %q", err, tried)
				return
			}
			for _, part := range parts {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error is %v, want %q in it", err, part)
				}
			}
			if strings.Contains(err.Error(), costest.SecretKey) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %q: it has a secret, or more than a line", err)
			}
		})
	}
	calls.Wait()
}

// Down or silent, each call fails within its timeout; back, the next one succeeds.
func TestCOSFaults(t *testing.T) {
	t.Parallel()
	const generous = 10 * time.Second // what a busy machine adds
	for _, c := range []struct {
		name            string
		breakIt, mendIt func(t *testing.T, bucket *costest.Bucket)
		timeout         time.Duration
		names           string
	}{
		{
			"down",
			func(_ *testing.T, bucket *costest.Bucket) { bucket.Down() },
			func(t *testing.T, bucket *costest.Bucket) { bucket.Up(t) },
			5 * time.Second, "connection refused",
		},
		{
			"silent",
			func(_ *testing.T, bucket *costest.Bucket) { bucket.Hang() },
			func(_ *testing.T, bucket *costest.Bucket) { bucket.Answer() },
			3 * time.Second, context.DeadlineExceeded.Error(),
		},
		{
			"overloaded",
			func(_ *testing.T, bucket *costest.Bucket) { bucket.Fail(1000) },
			func(_ *testing.T, bucket *costest.Bucket) { bucket.Fail(0) },
			5 * time.Second, "503",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bucket := costest.Start(t)
			store := openCOS(t, bucket.URL, lasting(c.timeout))
			allCallsSucceed(t, store)
			c.breakIt(t, bucket)
			allCallsFail(t, store, c.timeout+generous, c.names)
			c.mendIt(t, bucket)
			allCallsSucceed(t, store)
		})
	}
}

// The bucket is used again, however many calls failed meanwhile.
func TestCOSIsUsedAgain(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	store := openCOS(t, bucket.URL)
	allCallsSucceed(t, store)
	bucket.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	failed := make(chan error)
	const calls = 400 // more than there may be connections
	for range calls {
		go func() { failed <- store.Put(ctx, keyOf("shop/1"), []byte("another")) }()
	}
	for range calls {
		if err := <-failed; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Put = %v, want context.DeadlineExceeded", err)
		}
	}
	bucket.Answer()
	allCallsSucceed(t, store)
}

// What COS asks to be tried again is, with the whole picture.
func TestCOSTriesAgain(t *testing.T) {
	t.Parallel()
	const failing = 2
	bucket := costest.Start(t)
	store := openCOS(t, bucket.URL)
	picture := strings.Repeat("a picture ", 50_000)
	for _, c := range []struct {
		method string
		call   func() error
	}{
		{http.MethodPut, func() error { return store.Put(t.Context(), keyOf("shop/1"), []byte(picture)) }},
		{http.MethodGet, func() error { _, err := store.Get(t.Context(), keyOf("shop/1")); return err }},
		{http.MethodHead, func() error { _, err := store.Version(t.Context(), keyOf("shop/1")); return err }},
	} {
		bucket.Fail(failing)
		if err := c.call(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(map[string]int{c.method: failing + 1}, bucket.Requests()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	}
	if string(bucket.Object("shop/1")) != picture {
		t.Errorf("another picture was stored")
	}
	bucket.Fail(1000)
	if err := store.Put(t.Context(), keyOf("shop/1"), nil); err == nil {
		t.Error("Put succeeded")
	}
	if diff := cmp.Diff(map[string]int{http.MethodPut: 3}, bucket.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// A key that COS does not take is told once, at once, and never as absence.
func TestCOSDenies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*pictures.COSOptions)
		names  string
	}{
		"wrong secret": {func(o *pictures.COSOptions) { o.SecretKey = "of-another-bucket" }, "SignatureDoesNotMatch"},
		"unknown id":   {func(o *pictures.COSOptions) { o.SecretID = "AKIDunknown" }, "InvalidAccessKeyId"},
	} {
		bucket := costest.Start(t)
		store := openCOS(t, bucket.URL, c.change)
		for tried, call := range cosCalls(store) {
			if err := call(t.Context()); !errors.Is(err, pictures.ErrDenied) || errors.Is(err, pictures.ErrNotFound) {
				t.Errorf("%s: %s: %v, want ErrDenied", name, tried, err)
			}
		}
		if _, err := store.Get(t.Context(), keyOf("shop/1")); err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v, want %q in it", name, err, c.names)
		}
		if diff := cmp.Diff(map[string]int{"PUT": 1, "GET": 2, "HEAD": 1}, bucket.Requests()); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", name, diff)
		}
	}
}

// A bucket that does not exist is a failure: its 404 is not that of a picture.
func TestCOSWithoutABucket(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist.</Message></Error>"))
	}))
	t.Cleanup(server.Close)
	allCallsFail(t, openCOS(t, server.URL), 10*time.Second, "NoSuchBucket")
}

// A picture that ends early is no picture.
func TestCOSBreaksOff(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for connection, err := listener.Accept(); err == nil; connection, err = listener.Accept() {
			_, _ = connection.Read(make([]byte, 4096))
			_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na pic"))
			_ = connection.Close()
		}
	}()
	if got, err := openCOS(t, "http://"+listener.Addr().String()).Get(t.Context(), keyOf("shop/1")); err == nil {
		t.Errorf("Get = %q", got)
	}
}

// A link into the bucket has one form, below the bucket's path, and is signed without asking
// anybody.
func TestCOSLinks(t *testing.T) {
	t.Parallel()
	store, err := pictures.NewCOS(pictures.COSOptions{BucketURL: "https://b-1.cos.example/videos", SecretID: "id", SecretKey: "key", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for link, want := range map[string]string{
		"https://b-1.cos.example/videos/a.mp4":                "https://b-1.cos.example/videos/a.mp4",
		"http://B-1.cos.example//videos/x/../a.mp4?sign=1#t":  "https://b-1.cos.example/videos/a.mp4",
		"https://b-1.cos.example/videos/%E8%AF%BE%20a.mp4":    "https://b-1.cos.example/videos/%E8%AF%BE%20a.mp4",
		"https://b-1.cos.example/videos/../secret.mp4":        "",
		"https://b-1.cos.example/other/a.mp4":                 "",
		"https://b-1.cos.example/":                            "",
		"https://b-1.cos.example.evil.example/videos/a.mp4":   "",
		"https://elsewhere.example/https://b-1.cos.example/a": "",
		"https://b-1.cos.example:8443/videos/a.mp4":           "",
	} {
		object, ok := store.Object(link)
		if object != want || ok != (want != "") {
			t.Errorf("%s: %q, %v, want %q", link, object, ok, want)
		}
		if !ok {
			continue
		}
		if again, ok := store.Object(object); !ok || again != object {
			t.Errorf("%s: again it is %q", link, again)
		}
		signed, err := store.Sign(t.Context(), object, 2*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := url.Parse(signed)
		if err != nil {
			t.Fatal(err)
		}
		var from, to int64
		_, err = fmt.Sscanf(parsed.Query().Get("q-sign-time"), "%d;%d", &from, &to)
		if err != nil || to-from != 2*60*60 || parsed.Query().Get("q-ak") != "id" || !strings.HasPrefix(signed, object+"?") {
			t.Errorf("%s: signed %s, %v", link, signed, err)
		}
	}
}
