package e2e

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/pictures/costest"
)

// widePNG is a picture of its own for each width.
func widePNG(t *testing.T, width int) []byte {
	t.Helper()
	var encoded bytes.Buffer
	must(t, png.Encode(&encoded, image.NewGray(image.Rect(0, 0, width, 1))))
	return encoded.Bytes()
}

func uploadData(picture []byte, more string) string {
	return `{"from":"shop","base64":"` + base64.StdEncoding.EncodeToString(picture) + `"` + more + `}`
}

func portraitData(user string, picture []byte) string {
	return `{"name":"me.png","id":"` + user + `","type":"png","base64":"` + base64.StdEncoding.EncodeToString(picture) + `"}`
}

// shows checks that a gateway shows a picture, whole and under its ETag.
func shows(t *testing.T, r *campusgatetest.Process, path string, picture []byte) {
	t.Helper()
	got := campusgatetest.Get(t, r.URL(path))
	if got.Raw != string(picture) || got.Header.Get("ETag") != `"`+campusgatetest.MD5(string(picture))+`"` || got.Header.Get("X-Picture") != "stored" {
		t.Errorf("%s%s is not the picture: %d bytes, %v", r.Address, path, len(got.Raw), got.Header)
	}
}

// What one replica stores the other shows, and what one replaces the other shows
// at once.
func TestReplicasSharePicturesInCOS(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	environ := append(campusgatetest.Shared(t), campusgatetest.InBucket(bucket)...)
	campusgatetest.Run(t, environ, "migrate").Want(t, exitOK)
	token := campusgatetest.AddUser(t, environ, student, "王凌超", "0")
	one, other := campusgatetest.Start(t, t.TempDir(), environ), campusgatetest.Start(t, t.TempDir(), environ)

	picture := widePNG(t, 1)
	one.Call(t, "/pic?token="+token, "pic/upload", uploadData(picture, ""))
	for _, replica := range []*campusgatetest.Process{one, other} {
		shows(t, replica, "/get/pic/shop/"+campusgatetest.MD5(string(picture)), picture)
	}
	for width := range 3 {
		picture := widePNG(t, 10+width)
		one.Call(t, "/pic?token="+token, "pic/upload", uploadData(picture, `,"name":"招牌.png"`))
		other.Call(t, "/portrait?token="+token, "portrait/upload", portraitData(student, picture))
		for _, replica := range []*campusgatetest.Process{other, one} {
			shows(t, replica, "/get/pic/shop/%E6%8B%9B%E7%89%8C.png", picture)
			shows(t, replica, "/get/portrait/"+student, picture)
		}
	}
	bucket.Place("product/old.jpg", picture) // by the old server
	shows(t, other, "/get/pic/product/old.jpg", picture)
	campusgatetest.Run(t, environ, "check").Want(t, exitOK)
	campusgatetest.Run(t, environ, "check").Want(t, exitOK)
}

// The pictures of what is sold second-hand are audited before others see it.
func TestCOSAuditsPictures(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	environ := campusgatetest.Embedded(t.TempDir(), campusgatetest.InBucket(bucket, "CAMPUSGATE_MARKET_PICTURE_CHECKER=cos")...)
	token := campusgatetest.AddUser(t, environ, student, "王凌超", "0")
	r := campusgatetest.Start(t, t.TempDir(), environ)
	picture := widePNG(t, 100)
	r.Call(t, "/pic?token="+token, "pic/upload", strings.Replace(uploadData(picture, ""), `"shop"`, `"product"`, 1))
	key := "product/" + campusgatetest.MD5(string(picture))
	bucket.AnswerAudits(key, costest.AuditForbidden)
	asked, goOn := bucket.HoldAudits()
	r.Call(t, "/product?token="+token, "product/release", `{"product_name":"台灯","product_content":"用了一个学期，亮度三档可调。","product_price":35,`+
		`"original_price":99,"sell_method":1,"ship_price":0,"category_id":3,"pics":["./api/external/get/pic/`+key+`"]}`)
	if got := <-asked; got != key {
		t.Errorf("%s is audited, want %s", got, key)
	}
	if mine := r.Call(t, "/product?token="+token, "product/mine", `{}`); !strings.Contains(mine.Raw, `"state":"waiting"`) {
		t.Errorf("before the answer: %s", mine.Raw)
	}
	goOn()
	for began := time.Now(); ; { // it is decided by a job
		if mine := r.Call(t, "/product?token="+token, "product/mine", `{}`); strings.Contains(mine.Raw, `"state":"refused"`) {
			return
		}
		if time.Since(began) > campusgatetest.Patience {
			t.Fatal("it is not refused")
		}
	}
}

// A bucket that is down or silent costs only what needs it, and no longer than
// cos.timeout; it is used again as soon as it is back.
func TestCOSFaults(t *testing.T) {
	t.Parallel()
	const timeout, generous = time.Second, 6 * time.Second // what a busy machine adds
	kept, stored := widePNG(t, 1), widePNG(t, 2)
	for name, fault := range map[string]struct {
		breakIt func(*costest.Bucket)
		mendIt  func(*costest.Bucket, testing.TB)
	}{
		"down":   {(*costest.Bucket).Down, (*costest.Bucket).Up},
		"silent": {(*costest.Bucket).Hang, func(bucket *costest.Bucket, _ testing.TB) { bucket.Answer() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bucket := costest.Start(t)
			environ := campusgatetest.Embedded(t.TempDir(), campusgatetest.InBucket(bucket, "CAMPUSGATE_COS_TIMEOUT="+timeout.String())...)
			token := campusgatetest.AddUser(t, environ, student, "王凌超", "0")
			r := campusgatetest.Start(t, t.TempDir(), environ)
			r.Call(t, "/pic?token="+token, "pic/upload", uploadData(kept, ""))
			shows(t, r, "/get/pic/shop/"+campusgatetest.MD5(string(kept)), kept)
			bucket.Place("shop/"+campusgatetest.MD5(string(stored)), stored)
			bucket.Place("portrait/"+student, stored)

			fault.breakIt(bucket)
			var group sync.WaitGroup // those that wait do so together
			inTime := func(what string, do func()) {
				group.Go(func() {
					began := time.Now()
					do()
					if took := time.Since(began); took > timeout+generous {
						t.Errorf("%s took %s, want at most %s", what, took, timeout)
					}
				})
			}
			for what, call := range map[string][2]string{
				"an upload":      {"/pic?token=" + token, `"type":"pic","subtype":"upload","data":` + uploadData(stored, "")},
				"a named upload": {"/pic?token=" + token, `"type":"pic","subtype":"upload","data":` + uploadData(stored, `,"name":"tea"`)},
				"a portrait":     {"/portrait?token=" + token, `"type":"portrait","subtype":"upload","data":` + portraitData(student, kept)},
			} {
				inTime(what, func() {
					got := campusgatetest.Request(t, http.MethodPost, r.URL(call[0]), `{"id":7,"status":0,`+call[1]+`}`)
					if want := `{"id":7,"status":-500,"message":"COS upload Error","data":{}}`; got.Raw != want {
						t.Errorf("%s is answered %s, want %s", what, got.Raw, want)
					}
				})
			}
			for _, path := range []string{"/get/pic/shop/" + campusgatetest.MD5(string(stored)), "/get/portrait/" + student, "/get/pic/shop/none"} {
				inTime(path, func() {
					if got := campusgatetest.Get(t, r.URL(path)); got.Code != http.StatusServiceUnavailable {
						t.Errorf("GET %s is answered %d, want 503", path, got.Code)
					}
				})
			}
			inTime("/readyz", func() {
				got := campusgatetest.Get(t, "http://"+r.Address+"/readyz")
				if got.Code != http.StatusServiceUnavailable || got.Raw != "not ready: pictures (cos)\n" {
					t.Errorf("/readyz answers %d %q", got.Code, got.Raw)
				}
			})
			inTime("check", func() {
				checked := campusgatetest.Run(t, environ, "check").Want(t, exitFailed).Stdout
				if want := "pictures  cos " + bucket.URL + ": FAILED: cos.bucket_url: "; !strings.Contains(checked, want) {
					t.Errorf("check printed\n%s, want %q in it", checked, want)
				}
			})
			group.Wait()
			shows(t, r, "/get/pic/shop/"+campusgatetest.MD5(string(kept)), kept)
			r.Call(t, "/captcha", "img/generate", `{}`)
			r.Call(t, "/purchase?token="+token, "purchase/list", `{}`)

			fault.mendIt(bucket, t)
			shows(t, r, "/get/pic/shop/"+campusgatetest.MD5(string(stored)), stored)
			shows(t, r, "/get/portrait/"+student, stored)
			r.Call(t, "/pic?token="+token, "pic/upload", uploadData(widePNG(t, 3), ""))
			if got := campusgatetest.Get(t, "http://"+r.Address+"/readyz"); got.Code != http.StatusOK {
				t.Errorf("/readyz answers %d %q", got.Code, got.Raw)
			}
		})
	}
}
