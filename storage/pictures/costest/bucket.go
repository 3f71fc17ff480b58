// Package costest is a bucket of Tencent Cloud Object Storage for tests: it serves
// objects over a real socket, to requests whose signature is right, and fails as
// a test wants it to.
package costest

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"hash/crc64"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The API key that a bucket knows.
const (
	SecretID  = "AKIDexampleexampleexampleexample"
	SecretKey = "secretkeyofthebucketintests12345"
)

// Bucket is a bucket that runs until its test ends. Requests may come while a test
// changes it; only one goroutine may call Up and Down.
type Bucket struct {
	// URL is the bucket's, as in cos.bucket_url.
	URL string

	address string
	server  *http.Server // nil while the bucket is down

	mutex    sync.Mutex
	objects  map[string]object
	requests map[string]int
	failures int           // how many requests still fail
	silence  chan struct{} // not nil: requests wait until it is closed, and break off
	checksum Checksum
	audits   map[string]Audit // by key; of the others ""
	held     *heldAudits      // nil: audits are answered at once
}

type object struct {
	bytes    []byte
	modified time.Time
	headers  map[string]string // as they came with a PUT
}

// Checksum is what the bucket's answers tell of an object's bytes.
type Checksum int

// Tencent's own buckets tell the CRC and the MD5; private endpoints, the MD5 alone.
const (
	CRCAndMD5 Checksum = iota
	MD5
	WrongCRC
	WrongMD5
	NoChecksum
)

// storedHeaders are the headers of a PUT that come back with the object.
var storedHeaders = []string{"Content-Type", "Cache-Control"}

// Start runs an empty bucket on a free port of 127.0.0.1.
func Start(t testing.TB) *Bucket {
	t.Helper()
	b := &Bucket{address: "127.0.0.1:0", objects: map[string]object{}, requests: map[string]int{}, audits: map[string]Audit{}}
	b.Up(t)
	b.URL = "http://" + b.address
	t.Cleanup(b.Down)
	return b
}

// Up serves again at the same address, with the objects that there were.
func (b *Bucket) Up(t testing.TB) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.WithoutCancel(t.Context()), "tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	b.address = listener.Addr().String()
	b.server = &http.Server{Handler: b}
	go func(server *http.Server) { _ = server.Serve(listener) }(b.server) // ends by Down
}

// Down refuses connections and breaks those that there are.
func (b *Bucket) Down() {
	b.Answer()
	if b.server != nil {
		_ = b.server.Close() // nothing is lost
		b.server = nil
	}
}

// Hang accepts connections and never answers, until [Bucket.Answer].
func (b *Bucket) Hang() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.silence = make(chan struct{})
}

// Answer ends what [Bucket.Hang] began. Requests that came meanwhile break off.
func (b *Bucket) Answer() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.silence != nil {
		close(b.silence)
		b.silence = nil
	}
}

// Fail answers the next n requests with 503.
func (b *Bucket) Fail(n int) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.failures = n
}

// Tell sets what the bucket's answers tell from now on.
func (b *Bucket) Tell(checksum Checksum) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.checksum = checksum
}

// Headers are the Content-Type and Cache-Control that a key was stored with.
func (b *Bucket) Headers(key string) map[string]string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.objects[key].headers
}

// Place puts an object into the bucket as somebody else would.
func (b *Bucket) Place(key string, bytes []byte) {
	b.place(key, bytes, nil)
}

func (b *Bucket) place(key string, bytes []byte, headers map[string]string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.objects[key] = object{bytes, time.Now(), headers}
}

// Object is the bytes of a key, nil where there is none.
func (b *Bucket) Object(key string) []byte {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.objects[key].bytes
}

// Requests counts the requests since the last time, by their method.
func (b *Bucket) Requests() map[string]int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	counted := maps.Clone(b.requests)
	clear(b.requests)
	return counted
}

// ServeHTTP answers a request as COS does, under the host of the bucket.
func (b *Bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	silence, failing := b.arrive(r.Method)
	if silence != nil {
		<-silence
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("x-cos-request-id", "NjAwZTQ5YTBfMmNhMTAyMDlfZmYwXzE=")
	if failing {
		refuse(w, r, refusal{http.StatusServiceUnavailable, "ServiceUnavailable", "Please retry later."})
		return
	}
	if refused := verify(r, time.Now()); refused != nil {
		refuse(w, r, *refused)
		return
	}
	key := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case key == "":
		refuse(w, r, refusal{http.StatusMethodNotAllowed, "MethodNotAllowed", "This is the bucket itself."})
	case r.Method == http.MethodPut:
		b.put(w, r, key)
	case r.Method == http.MethodDelete:
		b.remove(w, key)
	case r.Method == http.MethodGet && r.URL.Query().Has("ci-process"):
		b.audit(w, r, key)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		b.get(w, r, key)
	default:
		refuse(w, r, refusal{http.StatusMethodNotAllowed, "MethodNotAllowed", "The method is not allowed."})
	}
}

func (b *Bucket) arrive(method string) (silence <-chan struct{}, failing bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.requests[method]++
	if b.silence == nil && b.failures > 0 {
		b.failures--
		failing = true
	}
	return b.silence, failing
}

func (b *Bucket) put(w http.ResponseWriter, r *http.Request, key string) {
	bytes, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, r, refusal{http.StatusBadRequest, "IncompleteBody", "The body is shorter than its Content-Length."})
		return
	}
	headers := map[string]string{}
	for _, name := range storedHeaders {
		headers[name] = r.Header.Get(name)
	}
	b.place(key, bytes, headers)
	b.describe(w, bytes)
}

// remove succeeds where there is nothing, as COS does.
func (b *Bucket) remove(w http.ResponseWriter, key string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.objects, key)
	w.WriteHeader(http.StatusNoContent)
}

func (b *Bucket) get(w http.ResponseWriter, r *http.Request, key string) {
	b.mutex.Lock()
	found, exists := b.objects[key]
	b.mutex.Unlock()
	if !exists {
		refuse(w, r, refusal{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."})
		return
	}
	b.describe(w, found.bytes)
	w.Header().Set("Last-Modified", found.modified.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/octet-stream")
	for name, value := range found.headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(found.bytes)))
	_, _ = w.Write(found.bytes) // of a HEAD nothing goes out; a client may have gone
}

// describe sets the headers that tell of an object's bytes.
func (b *Bucket) describe(w http.ResponseWriter, bytes []byte) {
	b.mutex.Lock()
	checksum := b.checksum
	b.mutex.Unlock()
	sum := md5.Sum(bytes)
	if checksum == WrongMD5 {
		sum[0]++
	}
	crc := crc64.Checksum(bytes, crc64.MakeTable(crc64.ECMA))
	if checksum == WrongCRC {
		crc++
	}
	if checksum != NoChecksum {
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	}
	if checksum == CRCAndMD5 || checksum == WrongCRC {
		w.Header().Set("x-cos-hash-crc64ecma", strconv.FormatUint(crc, 10))
	}
}

// refusal is an error of COS.
type refusal struct {
	status        int
	code, message string
}

func refuse(w http.ResponseWriter, r *http.Request, refused refusal) {
	body, _ := xml.Marshal(struct { // of texts: cannot fail
		XMLName                 xml.Name `xml:"Error"`
		Code, Message, Resource string
		RequestID               string `xml:"RequestId"`
	}{Code: refused.code, Message: refused.message, Resource: r.URL.Path, RequestID: w.Header().Get("x-cos-request-id")})
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(refused.status)
	_, _ = w.Write(body) // a client may have gone
}
