package pictures

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"
)

// ErrDenied says that COS knows no such key, that it was wrong, or that it may not
// do what was asked.
var ErrDenied = errors.New("access denied")

// maxObject is the size of the largest picture that a COS reads, in bytes. Uploads
// are smaller; the old server's bucket is taken over as it is.
const maxObject = 8 << 20

var ecma = crc64.MakeTable(crc64.ECMA)

// A call is tried again after a lost connection or a status of 500 and more, in
// which COS asks for that. The second pause is twice the first.
const (
	maxTries   = 3
	firstPause = 50 * time.Millisecond
)

// Connections of a COS. The default transport would keep only 2 of them.
const (
	maxIdleConnections = 64
	maxConnections     = 256
	// idleTimeout is less than after what routers forget a connection in silence.
	idleTimeout = 30 * time.Second
)

// COSOptions configure a [COS].
type COSOptions struct {
	// BucketURL is the bucket's as Tencent shows it, or that of a private endpoint.
	// A path in it stands before every key.
	BucketURL string
	// SecretID and SecretKey are the API key, which has to be allowed GetObject,
	// HeadObject and PutObject, and for [COS.Audit] what Cloud Infinite asks for.
	SecretID, SecretKey string
	// Timeout bounds each call with all of its tries. It is above 0: 5 s in the
	// configuration.
	Timeout time.Duration
}

// COS keeps pictures in a bucket of Tencent Cloud Object Storage, where all
// replicas find them. It is safe for concurrent use. A call whose bucket is down
// or silent fails within Timeout; one that comes after it is back succeeds.
type COS struct {
	objects   *cos.ObjectService
	contents  *cos.CIService
	transport *http.Transport
	bucket    *url.URL // without a path
	prefix    string
	timeout   time.Duration

	id, key string // that sign links
}

// NewCOS returns a store that connects when it is first used.
func NewCOS(options COSOptions) (*COS, error) {
	bucket, err := url.Parse(options.BucketURL)
	if err != nil {
		return nil, fmt.Errorf("bucket's URL: %w", err)
	}
	prefix := strings.Trim(bucket.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: options.Timeout}).DialContext,
		TLSHandshakeTimeout: options.Timeout,
		MaxIdleConns:        maxIdleConnections,
		MaxIdleConnsPerHost: maxIdleConnections,
		MaxConnsPerHost:     maxConnections,
		IdleConnTimeout:     idleTimeout,
		DisableCompression:  true, // pictures are
	}
	root := &url.URL{Scheme: bucket.Scheme, Host: bucket.Host} // the SDK would drop a path
	client := cos.NewClient(
		&cos.BaseURL{BucketURL: root},
		&http.Client{Transport: &cos.AuthorizationTransport{
			SecretID: options.SecretID, SecretKey: options.SecretKey, Transport: transport,
		}},
	)
	// The SDK's own tries of a PUT share one reader, which the connection of the try
	// before may still be reading.
	client.Conf.RetryOpt.Count = 1
	client.Conf.EnableCRC = false // see verifyStored
	return &COS{
		objects: client.Object, contents: client.CI, transport: transport, bucket: root, prefix: prefix, timeout: options.Timeout,
		id: options.SecretID, key: options.SecretKey,
	}, nil
}

// Close ends the connections that are idle.
func (c *COS) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

// Put stores a picture under a key, in place of the one that is there. One whose
// answer did not come in time may be stored all the same. Of concurrent calls the
// last one wins.
func (c *COS) Put(ctx context.Context, key Key, picture []byte) error {
	if err := key.check(); err != nil { // an empty one would write to the bucket itself
		return fmt.Errorf("put picture: %w", err)
	}
	headers := objectHeaders(key, picture)
	err := c.try(ctx, func(ctx context.Context) error {
		response, err := c.objects.Put(ctx, c.prefix+key.String(), bytes.NewReader(picture), headers)
		if err != nil {
			return err
		}
		return verifyStored(response.Header, picture)
	})
	if err != nil {
		return fmt.Errorf("put picture in COS: %w", err)
	}
	return nil
}

// objectHeaders are what a bucket answers with a picture that a page or a CDN asks
// of it directly.
func objectHeaders(key Key, picture []byte) *cos.ObjectPutOptions {
	contentType, err := Inspect(picture)
	if err != nil {
		contentType = "application/octet-stream"
	}
	cacheControl := Revalidate
	if IsDigest(key.Name) {
		cacheControl = CacheForever
	}
	return &cos.ObjectPutOptions{ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{
		ContentType: contentType, CacheControl: cacheControl,
	}}
}

// verifyStored compares what the answer to a PUT says of the object with what was
// sent: by the CRC of Tencent's own, or by the MD5, which private endpoints have.
func verifyStored(answer http.Header, picture []byte) error {
	got, want := answer.Get("x-cos-hash-crc64ecma"), strconv.FormatUint(crc64.Checksum(picture, ecma), 10)
	if got == "" {
		got, want = strings.ToLower(strings.Trim(answer.Get("ETag"), `"`)), Digest(picture)
	}
	if got != want {
		return fmt.Errorf("the bucket stored something else: its checksum is %q, want %q", got, want)
	}
	return nil
}

// Get reads the picture of a key. It fails with [ErrNotFound], or with
// [ErrNotPicture] where what lies there has more than 8 MiB.
func (c *COS) Get(ctx context.Context, key Key) (picture []byte, err error) {
	if key.check() != nil {
		return nil, fmt.Errorf("get picture: %w", ErrNotFound)
	}
	err = c.try(ctx, func(ctx context.Context) error {
		picture, err = c.read(ctx, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("get picture from COS: %w", err)
	}
	return picture, nil
}

func (c *COS) read(ctx context.Context, key Key) ([]byte, error) {
	response, err := c.objects.Get(ctx, c.prefix+key.String(), nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	picture, err := io.ReadAll(io.LimitReader(response.Body, maxObject+1))
	if err == nil && len(picture) > maxObject {
		err = fmt.Errorf("%w: it has more than %d bytes", ErrNotPicture, maxObject)
	}
	return picture, err
}

// Remove removes the picture of a key, or fails with [ErrNotFound]. The key needs the
// right DeleteObject as well.
func (c *COS) Remove(ctx context.Context, key Key) error {
	if _, err := c.Version(ctx, key); err != nil { // to delete what is absent is a success
		return err
	}
	err := c.try(ctx, func(ctx context.Context) error {
		_, err := c.objects.Delete(ctx, c.prefix+key.String())
		return err
	})
	if err != nil {
		return fmt.Errorf("remove picture from COS: %w", err)
	}
	return nil
}

// Version changes whenever the picture of a key is replaced. It reads no picture,
// and fails as Get does.
func (c *COS) Version(ctx context.Context, key Key) (version string, err error) {
	if key.check() != nil {
		return "", fmt.Errorf("version of picture: %w", ErrNotFound)
	}
	err = c.try(ctx, func(ctx context.Context) error {
		version, err = c.version(ctx, key)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("version of picture in COS: %w", err)
	}
	return version, nil
}

func (c *COS) version(ctx context.Context, key Key) (string, error) {
	response, err := c.objects.Head(ctx, c.prefix+key.String(), nil)
	if errors.Is(known(err), ErrNotFound) {
		// A missing bucket looks the same, for HEAD has no body that names it.
		if _, err := c.read(ctx, key); err != nil {
			return "", err
		}
	}
	if err != nil {
		return "", err
	}
	return response.Header.Get("ETag") + " " + response.Header.Get("Last-Modified"), nil
}

// try makes a call until it succeeds, or fails in a way that will stay, within the
// timeout. A context that has ended begins nothing.
func (c *COS) try(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	for n := 1; ; n++ {
		err := known(call(ctx))
		if err == nil || n == maxTries || !passing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(n) * firstPause):
		}
	}
}

// known gives an error of the SDK a form that errors.Is understands.
func known(err error) error {
	var several *cos.RetryError // it has no Unwrap
	if errors.As(err, &several) && len(several.Errs) > 0 {
		err = several.Errs[len(several.Errs)-1]
	}
	var answer *cos.ErrorResponse
	switch {
	case !errors.As(err, &answer):
		return err
	case answer.Response.StatusCode == http.StatusNotFound && answer.Code != "NoSuchBucket":
		return ErrNotFound
	case answer.Response.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: %w", ErrDenied, err)
	default:
		return err
	}
}

// passing reports whether another try may succeed where this one failed.
func passing(err error) bool {
	var answer *cos.ErrorResponse
	if errors.As(err, &answer) {
		return answer.Response.StatusCode >= http.StatusInternalServerError
	}
	return !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrNotPicture)
}
