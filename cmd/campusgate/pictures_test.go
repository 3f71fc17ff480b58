package main

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/storage/pictures/costest"
)

// inBucket is the environment of a gateway whose pictures are in a bucket.
func inBucket(bucket *costest.Bucket, more ...string) []string {
	return append([]string{
		"CAMPUSGATE_PICTURES_STORE=cos", "CAMPUSGATE_COS_BUCKET_URL=" + bucket.URL,
		"CAMPUSGATE_COS_SECRET_ID=" + costest.SecretID, "CAMPUSGATE_COS_SECRET_KEY=" + costest.SecretKey,
		"CAMPUSGATE_PICTURES_ANONYMOUS_PORTRAITS=false",
	}, more...)
}

// widePNG is a picture of its own for each width.
func widePNG(t *testing.T, width int) []byte {
	t.Helper()
	var encoded bytes.Buffer
	must(t, png.Encode(&encoded, image.NewGray(image.Rect(0, 0, width, 1))))
	return encoded.Bytes()
}

func digestOf(picture []byte) string {
	sum := md5.Sum(picture)
	return hex.EncodeToString(sum[:])
}

func uploadData(picture []byte, more string) string {
	return `{"from":"shop","base64":"` + base64.StdEncoding.EncodeToString(picture) + `"` + more + `}`
}

func portraitData(user string, picture []byte) string {
	return `{"name":"me.png","id":"` + user + `","type":"png","base64":"` + base64.StdEncoding.EncodeToString(picture) + `"}`
}

// shows checks that a gateway shows a picture, whole and under its ETag.
func (r *running) shows(t *testing.T, path string, picture []byte) {
	t.Helper()
	got := get(t, r.url(path))
	if got.raw != string(picture) || got.header.Get("ETag") != `"`+digestOf(picture)+`"` || got.header.Get("X-Picture") != "stored" {
		t.Errorf("%s%s is not the picture: %d bytes, %v", r.address, path, len(got.raw), got.header)
	}
}

// statusOf is the HTTP status of a GET.
func statusOf(t *testing.T, url string) (status int, body string) {
	t.Helper()
	sent, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	must(t, err)
	response, err := http.DefaultClient.Do(sent)
	must(t, err)
	defer response.Body.Close()
	var read bytes.Buffer
	_, err = read.ReadFrom(response.Body)
	must(t, err)
	return response.StatusCode, read.String()
}

// What one replica stores the other shows, and what one replaces the other shows
// at once.
func TestReplicasSharePicturesInCOS(t *testing.T) {
	bucket := costest.Start(t)
	environ := append(shared(t), inBucket(bucket)...)
	runCommand(t, environ, "migrate").want(t, exitOK)
	token := addUser(t, environ, student, "王凌超", "0")
	one, other := startHere(t, environ), startHere(t, environ)

	picture := widePNG(t, 1)
	one.call(t, "/pic?token="+token, "pic/upload", uploadData(picture, ""))
	for _, replica := range []*running{one, other} {
		replica.shows(t, "/get/pic/shop/"+digestOf(picture), picture)
	}
	for width := range 3 {
		picture := widePNG(t, 10+width)
		one.call(t, "/pic?token="+token, "pic/upload", uploadData(picture, `,"name":"招牌.png"`))
		other.call(t, "/portrait?token="+token, "portrait/upload", portraitData(student, picture))
		for _, replica := range []*running{other, one} {
			replica.shows(t, "/get/pic/shop/%E6%8B%9B%E7%89%8C.png", picture)
			replica.shows(t, "/get/portrait/"+student, picture)
		}
	}
	bucket.Place("product/old.jpg", picture) // by the old server
	other.shows(t, "/get/pic/product/old.jpg", picture)
	runCommand(t, environ, "check").want(t, exitOK)
	runCommand(t, environ, "check").want(t, exitOK)
}

// A bucket that is down or silent costs only what needs it, and no longer than
// cos.timeout; it is used again as soon as it is back.
func TestCOSFaults(t *testing.T) {
	const timeout, generous = time.Second, 6 * time.Second // what a busy machine adds
	kept, stored := widePNG(t, 1), widePNG(t, 2)
	for name, fault := range map[string]struct {
		breakIt, mendIt func(bucket *costest.Bucket)
	}{
		"down":   {(*costest.Bucket).Down, func(bucket *costest.Bucket) { bucket.Up(t) }},
		"silent": {(*costest.Bucket).Hang, (*costest.Bucket).Answer},
	} {
		t.Run(name, func(t *testing.T) {
			bucket := costest.Start(t)
			environ := embedded(t.TempDir(), inBucket(bucket, "CAMPUSGATE_COS_TIMEOUT="+timeout.String())...)
			token := addUser(t, environ, student, "王凌超", "0")
			r := startHere(t, environ)
			r.call(t, "/pic?token="+token, "pic/upload", uploadData(kept, ""))
			r.shows(t, "/get/pic/shop/"+digestOf(kept), kept)
			bucket.Place("shop/"+digestOf(stored), stored)
			bucket.Place("portrait/"+student, stored)

			fault.breakIt(bucket)
			inTime := func(what string, do func()) {
				t.Helper()
				began := time.Now()
				do()
				if took := time.Since(began); took > timeout+generous {
					t.Errorf("%s took %s, want at most %s", what, took, timeout)
				}
			}
			for what, call := range map[string][2]string{
				"an upload":      {"/pic?token=" + token, `"type":"pic","subtype":"upload","data":` + uploadData(stored, "")},
				"a named upload": {"/pic?token=" + token, `"type":"pic","subtype":"upload","data":` + uploadData(stored, `,"name":"tea"`)},
				"a portrait":     {"/portrait?token=" + token, `"type":"portrait","subtype":"upload","data":` + portraitData(student, kept)},
			} {
				inTime(what, func() {
					got := request(t, http.MethodPost, r.url(call[0]), `{"id":7,"status":0,`+call[1]+`}`)
					if want := `{"id":7,"status":-500,"message":"COS upload Error","data":{}}`; got.raw != want {
						t.Errorf("%s is answered %s, want %s", what, got.raw, want)
					}
				})
			}
			for _, path := range []string{"/get/pic/shop/" + digestOf(stored), "/get/portrait/" + student, "/get/pic/shop/none"} {
				inTime(path, func() {
					if status, _ := statusOf(t, r.url(path)); status != http.StatusServiceUnavailable {
						t.Errorf("GET %s is answered %d, want 503", path, status)
					}
				})
			}
			inTime("/readyz", func() {
				status, body := statusOf(t, "http://"+r.address+"/readyz")
				if status != http.StatusServiceUnavailable || body != "not ready: pictures\n" {
					t.Errorf("/readyz answers %d %q", status, body)
				}
			})
			r.shows(t, "/get/pic/shop/"+digestOf(kept), kept)
			r.call(t, "/captcha", "img/generate", `{}`)
			r.call(t, "/purchase?token="+token, "purchase/list", `{}`)
			checked := runCommand(t, environ, "check").want(t, exitFailed).stdout
			if want := "pictures  cos " + bucket.URL + ": FAILED: cos.bucket_url: "; !strings.Contains(checked, want) {
				t.Errorf("check printed\n%s, want %q in it", checked, want)
			}

			fault.mendIt(bucket)
			r.shows(t, "/get/pic/shop/"+digestOf(stored), stored)
			r.shows(t, "/get/portrait/"+student, stored)
			r.call(t, "/pic?token="+token, "pic/upload", uploadData(widePNG(t, 3), ""))
			if status, body := statusOf(t, "http://"+r.address+"/readyz"); status != http.StatusOK {
				t.Errorf("/readyz answers %d %q", status, body)
			}
		})
	}
}

// A key that COS does not take is one line, which names the keys and no secret.
func TestCheckNamesCOSSecrets(t *testing.T) {
	const wrong = "the-secret-of-another-bucket"
	bucket := costest.Start(t)
	got := runCommand(t, embedded(t.TempDir(), inBucket(bucket, "CAMPUSGATE_COS_SECRET_KEY="+wrong)...), "check").want(t, exitFailed)
	line := "pictures  cos " + bucket.URL + ": FAILED: cos.secret_id, cos.secret_key: "
	if !strings.Contains(got.stdout, line) || strings.Count(got.stdout, "\n") != 4 {
		t.Errorf("check printed\n%s, want a line %q", got.stdout, line)
	}
	if strings.Contains(got.stdout+got.stderr, wrong) {
		t.Errorf("the secret was printed: %+v", got)
	}
}
