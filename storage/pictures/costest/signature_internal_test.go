package costest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"
)

// The example of Tencent's own description of the signature.
func TestSignatureOfTheDocument(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut,
		"http://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/exampleobject(%E8%85%BE%E8%AE%AF%E4%BA%91)", http.NoBody)
	for name, value := range map[string]string{
		"Date": "Thu, 16 May 2019 06:45:51 GMT", "Content-Type": "text/plain", "Content-Length": "13",
		"Content-MD5": "mQ/fVh815F3k6TAUm8m0eg==", "x-cos-acl": "private", "x-cos-grant-read": `uin="100000000011"`,
	} {
		r.Header.Set(name, value)
	}
	got := signature(r, map[string]string{
		"q-sign-time": "1557989151;1557996351", "q-key-time": "1557989151;1557996351",
		"q-header-list": "content-length;content-md5;content-type;date;host;x-cos-acl;x-cos-grant-read",
	}, "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz")
	if want := "3b8851a11a569213c17ba8fa7dcf2abec6935172"; got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
}

// Whatever is changed after a request was signed is refused.
func TestVerify(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, c := range []struct {
		name    string
		id, key string
		begins  time.Duration
		change  func(r *http.Request)
		want    string // a code; "" where it is right
	}{
		{name: "right"},
		{name: "of another's key id", id: "AKIDanother", want: "InvalidAccessKeyId"},
		{name: "with another secret", key: "another", want: "SignatureDoesNotMatch"},
		{name: "run out", begins: -2 * time.Hour, want: "AccessDenied"},
		{name: "not yet begun", begins: 10 * time.Minute, want: "AccessDenied"},
		{name: "without any", change: func(r *http.Request) { r.Header.Del("Authorization") }, want: "AccessDenied"},
		{name: "no signature at all", change: func(r *http.Request) { r.Header.Set("Authorization", "Basic eDp5") }, want: "AccessDenied"},
		{name: "for another object", change: func(r *http.Request) { r.URL.Path = "/shop/2" }, want: "SignatureDoesNotMatch"},
		{name: "for another method", change: func(r *http.Request) { r.Method = http.MethodPut }, want: "SignatureDoesNotMatch"},
		{name: "for another host", change: func(r *http.Request) { r.Host = "other.example.org" }, want: "SignatureDoesNotMatch"},
		{name: "with another signed header", change: func(r *http.Request) { r.Header.Set("x-cos-acl", "public-read") }, want: "SignatureDoesNotMatch"},
		{name: "with another signed parameter", change: func(r *http.Request) { r.URL.RawQuery = "versionId=2&Prefix=a+b" }, want: "SignatureDoesNotMatch"},
		{name: "with another header", change: func(r *http.Request) { r.Header.Set("User-Agent", "another") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
				"http://127.0.0.1:9000/shop%2F%E6%8B%9B%20%E7%89%8C?versionId=1&Prefix=a+b", http.NoBody)
			r.Header.Set("x-cos-acl", "private")
			id, key := SecretID, SecretKey
			if c.id != "" {
				id = c.id
			}
			if c.key != "" {
				key = c.key
			}
			begin, end := now.Add(c.begins), now.Add(c.begins+time.Hour)
			cos.AddAuthorizationHeader(id, key, "", r, &cos.AuthTime{
				SignStartTime: begin, SignEndTime: end, KeyStartTime: begin, KeyEndTime: end,
			})
			if c.change != nil {
				c.change(r)
			}
			got := ""
			if refused := verify(r, now); refused != nil {
				got = refused.code
			}
			if got != c.want {
				t.Errorf("verify tells %q, want %q", got, c.want)
			}
		})
	}
}

// An object is stored whole or not at all.
func TestPutOfAPartIsRefused(t *testing.T) {
	t.Parallel()
	b := Start(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, b.URL+"/shop%2F1", strings.NewReader("a picture"))
	if err != nil {
		t.Fatal(err)
	}
	cos.AddAuthorizationHeader(SecretID, SecretKey, "", r, cos.NewAuthTime(time.Hour))
	r.Body = io.NopCloser(strings.NewReader("a pic")) // of a length of 9 bytes
	if response, err := http.DefaultClient.Do(r); err == nil {
		_ = response.Body.Close()
		t.Errorf("answered %s", response.Status)
	}
	if got := b.Object("shop/1"); got != nil {
		t.Errorf("stored %q", got)
	}
}
