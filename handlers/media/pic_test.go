package media_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/bmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage/pictures"
)

func frame(shade uint8) *image.Paletted {
	return image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Gray{Y: shade}, color.White})
}

// eachKind is a picture of each kind that is taken, by its content type.
func eachKind(t *testing.T) map[string][]byte {
	t.Helper()
	var jpegBytes, gifBytes, bmpBytes bytes.Buffer
	handlerstest.Must(t, jpeg.Encode(&jpegBytes, frame(1), nil))
	handlerstest.Must(t, gif.EncodeAll(&gifBytes, &gif.GIF{Image: []*image.Paletted{frame(1), frame(2)}, Delay: []int{1, 1}}))
	handlerstest.Must(t, bmp.Encode(&bmpBytes, frame(1)))
	webpBytes, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	handlerstest.Must(t, err)
	return map[string][]byte{
		"image/png": handlerstest.PNG(t, 1), "image/jpeg": jpegBytes.Bytes(), "image/gif": gifBytes.Bytes(),
		"image/bmp": bmpBytes.Bytes(), "image/webp": webpBytes,
	}
}

// withSize is a PNG whose header claims another size.
func withSize(picture []byte, width, height uint32) []byte {
	const head, end = 12, 29 // the chunk IHDR without its length and checksum
	changed := bytes.Clone(picture)
	binary.BigEndian.PutUint32(changed[16:], width)
	binary.BigEndian.PutUint32(changed[20:], height)
	binary.BigEndian.PutUint32(changed[end:], crc32.ChecksumIEEE(changed[head:end]))
	return changed
}

// unchanged checks that what a call did left the stored pictures alone.
func unchanged(t *testing.T, g *handlerstest.Gateway, do func()) {
	t.Helper()
	before := g.Files()
	do()
	if diff := cmp.Diff(before, g.Files()); diff != "" {
		t.Errorf("stored pictures changed: %s", diff)
	}
}

// wantURL checks the whole answer of an upload.
func wantURL(t *testing.T, a handlerstest.Answer, url string) {
	t.Helper()
	a.WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"url":"`+url+`"}}`)
}

func TestPictureUploadFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture := handlerstest.Base64(handlerstest.PNG(t, 1))
	for _, test := range []denial{
		{"no from", `{"base64":""}`, -3, "Error data key", "from"},
		{"no base64", `{"from":""}`, -3, "Error data key", "base64"},
		{"null", `{"from":null,"base64":"` + picture + `"}`, -3, "Error data key", "from"},
		{"from empty", `{"from":"","base64":5}`, -201, "Necessary key-value can't be empty", "from"},
		{"base64 empty", `{"from":5,"base64":""}`, -201, "Necessary key-value can't be empty", "base64"},
		{"name empty", `{"from":5,"base64":"` + picture + `","name":""}`, -201, "Necessary key-value can't be empty", "name"},
		{"from number", `{"from":12345,"base64":"$"}`, -203, "Arg's value type error", "from"},
		{"base64 number", `{"from":"garden","base64":12345}`, -203, "Arg's value type error", "base64"},
		{"base64 object", `{"from":"shop","base64":{}}`, -203, "Arg's value type error", "base64"},
		{"from unknown", `{"from":"garden","base64":"` + picture + `"}`, -204, "Arg's value error", "from"},
		{"from in capitals", `{"from":"Shop","base64":"` + picture + `"}`, -204, "Arg's value error", "from"},
		{"from with a blank", `{"from":"shop ","base64":"` + picture + `"}`, -204, "Arg's value error", "from"},
		{"from a path", `{"from":"../shop","base64":"` + picture + `"}`, -204, "Arg's value error", "from"},
		{"the document's example", `{"from":"property","base64":"图片base64数据","name":"lalalala"}`, -204, "Arg's value error", "base64"},
		{"name before the permission", `{"from":"portrait","base64":"AAAA","name":"` + bob + `"}`, -204, "Arg's value error", "base64"},
	} {
		t.Run(test.name, func(t *testing.T) {
			unchanged(t, g, func() { test.check(t, g.Call("pic/upload", aliceToken, test.data)) })
		})
	}
	g.Call("pic/upload", "", handlerstest.PicData("shop", handlerstest.PNG(t, 1))).Want(t, -100, "Missing necessary args")
	g.Call("pic/upload", "null", handlerstest.PicData("shop", handlerstest.PNG(t, 1))).Want(t, -101, "Error token")
	g.Call("pic/upload", lostToken, handlerstest.PicData("shop", handlerstest.PNG(t, 1))).Want(t, -102, "Get userid failed for the token")
}

// A decomposed name is shown as what it was stored as, or as the old server stored it.
func TestPictureDecomposedNames(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	uploaded, old := handlerstest.PNG(t, 1), handlerstest.PNG(t, 2)
	wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", uploaded, `"name":"cafe\u0301"`)), "./api/external/get/pic/shop/caf\u00e9")
	g.Call("pic/upload", bobToken, handlerstest.PicData("shop", uploaded, `"name":"caf\u00e9"`)).Want(t, -103, "No permission to operate")
	handlerstest.Must(t, os.WriteFile(filepath.Join(g.PicturesDir, "shop", "the\u0301"), old, 0o600))
	for path, want := range map[string][]byte{"caf%C3%A9": uploaded, "cafe%CC%81": uploaded, "the%CC%81": old} {
		if a := g.Do(http.MethodGet, "/get/pic/shop/"+path, ""); a.Raw != string(want) {
			t.Errorf("%s: %s", path, a.Header.Get("X-Picture"))
		}
	}
	if a := g.Do(http.MethodGet, "/get/pic/shop/th%C3%A9", ""); a.Header.Get("X-Picture") != "error" {
		t.Errorf("the old server's decomposed name is shown composed: %s", a.Header.Get("X-Picture"))
	}
}

func TestPictureUploadURL(t *testing.T) {
	t.Parallel()
	picture := handlerstest.PNG(t, 1)
	digest := handlerstest.MD5(string(picture))
	for _, from := range []string{"property", "shop", "product", "portrait"} {
		wantURL(t, handlerstest.Start(t).Call("pic/upload", aliceToken, handlerstest.PicData(from, picture)), "./api/external/get/pic/"+from+"/"+digest)
	}
	g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Server.BasePath = "" })
	wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("property", picture, `"name":"lalalala"`)), "./api/external/get/pic/property/lalalala")
	g = handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Media.URLPrefix = "https://img.example.org" })
	wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("property", picture)), "https://img.example.org/api/external/get/pic/property/"+digest)
}

func TestPictureBase64(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture := handlerstest.PNG(t, 1) // of a size that wants padding
	for len(picture)%3 != 1 {
		picture = append(picture, 0)
	}
	text := handlerstest.Base64(picture)
	escaped, err := json.Marshal(text)
	handlerstest.Must(t, err)
	if !strings.HasSuffix(text, "==") || !strings.ContainsAny(text, "+/") {
		t.Fatalf("want padding and both of the alphabet's odd characters in %s", text)
	}
	bare := strings.TrimRight(text, "=")
	for name, form := range map[string]string{
		"padded":                    text,
		"without padding":           bare,
		"data URL":                  "data:image/png;base64," + text,
		"data URL without padding":  "data:image/png;base64," + bare,
		"data URL of another kind":  "data:image/jpeg;base64," + text,
		"data URL with a parameter": "data:image/png;charset=utf-8;base64," + text,
		"data URL without a kind":   "data:;base64," + text,
		"lines":                     strings.ReplaceAll(text, "A", `A\r\n`),
		"blanks and tabs":           " " + strings.ReplaceAll(bare, "A", `A \t\f`) + ` \n`,
		"lines behind the padding":  text + `\r\n`,
		"escapes":                   strings.ReplaceAll(text, "/", `\/`),
		"data URL with escapes":     `data:image\/png;base64,` + strings.ReplaceAll(text, "/", `\/`),
		"code points":               strings.ReplaceAll(string(escaped[1:len(escaped)-1]), "A", `\u0041`),
	} {
		t.Run(name, func(t *testing.T) {
			wantURL(t, g.Call("pic/upload", aliceToken, `{"from":"shop","base64":"`+form+`"}`), "./api/external/get/pic/shop/"+handlerstest.MD5(string(picture)))
		})
	}
	for name, form := range map[string]string{
		"the URL alphabet":        strings.NewReplacer("+", "-", "/", "_").Replace(text),
		"a character of none":     text[:8] + "$" + text[9:],
		"padding within":          text[:8] + "==" + text[8:],
		"too much padding":        text + "=",
		"half of the padding":     bare + "=",
		"one character too many":  bare[:len(bare)-1],
		"a wide blank":            text[:8] + "　" + text[8:],
		"data URL without base64": "data:image/png," + text,
		"data URL twice":          "data:image/png;base64,data:image/png;base64," + text,
		"URL of another scheme":   "https://www.zustservice.cn/a.png;base64," + text,
		"blank":                   " ",
	} {
		t.Run(name, func(t *testing.T) {
			unchanged(t, g, func() {
				a := g.Call("pic/upload", aliceToken, `{"from":"shop","base64":"`+form+`"}`).Want(t, -204, "Arg's value error")
				if !strings.HasPrefix(a.Detail, "base64: ") || string(a.Data) != "{}" {
					t.Errorf("answered %s", a.Raw)
				}
			})
		})
	}
}

func TestPictureKinds(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for contentType, picture := range eachKind(t) {
		url := g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", picture)).Field("url")
		a := g.Do(http.MethodGet, strings.TrimPrefix(url, "./api/external"), "")
		if a.Raw != string(picture) || a.Header.Get("Content-Type") != contentType {
			t.Errorf("%s comes back as %d bytes of %s", contentType, len(a.Raw), a.Header.Get("Content-Type"))
		}
	}
	largest := handlerstest.Padded(handlerstest.PNG(t, 1), 1024<<10)
	wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", largest)), "./api/external/get/pic/shop/"+handlerstest.MD5(string(largest)))
}

// An operator may take larger pictures; portraits stay as they are.
func TestPictureMaxSize(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Media.MaxSize = 2 << 20 })
	largest := handlerstest.Padded(handlerstest.PNG(t, 1), 2<<20)
	for _, from := range []string{"property", "shop", "product"} {
		wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData(from, largest)), "./api/external/get/pic/"+from+"/"+handlerstest.MD5(string(largest)))
	}
	for _, refused := range []struct{ call, data, detail string }{
		{"pic/upload", handlerstest.PicData("shop", append(largest, 0)), "base64: larger than 2048 KiB"},
		{"pic/upload", handlerstest.PicData("portrait", largest), "base64: larger than 1024 KiB"},
		{"portrait/upload", handlerstest.PortraitData(alice, largest), "base64: larger than 1024 KiB"},
	} {
		if a := g.Call(refused.call, aliceToken, refused.data).Want(t, -204, "Arg's value error"); a.Detail != refused.detail {
			t.Errorf("%s: detail %q, want %q", refused.call, a.Detail, refused.detail)
		}
	}
}

// Where a photo was taken is not shown. Its name is the MD5 of what was sent.
func TestPictureLocation(t *testing.T) {
	t.Parallel()
	photo, err := os.ReadFile(filepath.Join("..", "..", "storage", "pictures", "testdata", "location", "pillow.jpg"))
	handlerstest.Must(t, err)
	without := pictures.DropLocation(bytes.Clone(photo))
	if bytes.Equal(photo, without) {
		t.Fatal("the photo has no place")
	}
	for keep, want := range map[bool][]byte{false: without, true: photo} {
		g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Media.KeepLocation = keep })
		path := "/api/external/get/pic/shop/" + handlerstest.MD5(string(photo))
		for range 2 {
			wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", photo)), "."+path)
		}
		wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", photo, `"name":"photo"`)), "./api/external/get/pic/shop/photo")
		g.OK("portrait/upload", aliceToken, handlerstest.PortraitData(alice, photo))
		for _, path := range []string{"/get/pic/shop/" + handlerstest.MD5(string(photo)), "/get/pic/shop/photo", "/get/portrait/" + alice} {
			if a := g.Do(http.MethodGet, path, ""); a.Raw != string(want) {
				t.Errorf("keep_location %t: %s shows %d other bytes", keep, path, len(a.Raw))
			}
		}
	}
}

func TestPictureRefused(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	right := handlerstest.PNG(t, 1)
	for _, test := range []struct {
		name    string
		picture []byte
		detail  string
	}{
		{"too big", handlerstest.Padded(right, 1024<<10+1), "base64: larger than 1024 KiB"},
		{"far too big", handlerstest.Padded(right, 2<<20), "base64: larger than 1024 KiB"},
		{"text", []byte("hello"), "base64: not a png, jpeg, gif, bmp or webp"},
		{"markup", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "base64: not a png, jpeg, gif, bmp or webp"},
		{"more than 40 megapixels", withSize(right, 8000, 5001), "base64: more than 40 megapixels"},
		{"one line of 41 megapixels", withSize(right, 41_000_000, 1), "base64: more than 40 megapixels"},
		{"no pixel", withSize(right, 0, 2), "base64: cannot be decoded"},
		{"only a beginning", right[:8], "base64: cannot be decoded"},
		{"cut off", right[:len(right)-20], "base64: cannot be decoded"},
		{"fewer pixels than it claims", withSize(right, 300, 200), "base64: cannot be decoded"},
		{"a second frame that is cut off", cut(eachKind(t)["image/gif"], 5), "base64: cannot be decoded"},
		{"only a name of a kind", []byte("\xff\xd8\xff\xe0"), "base64: cannot be decoded"},
	} {
		for call, data := range map[string]string{
			"pic/upload":      handlerstest.PicData("shop", test.picture, `"name":"tea"`),
			"portrait/upload": handlerstest.PortraitData(alice, test.picture),
		} {
			t.Run(test.name+" "+call, func(t *testing.T) {
				unchanged(t, g, func() {
					a := g.Call(call, aliceToken, data).Want(t, -204, "Arg's value error")
					if !strings.HasPrefix(a.Detail, test.detail) {
						t.Errorf("detail %q, want %q", a.Detail, test.detail)
					}
				})
			})
		}
	}
	// No name was taken by an upload that failed.
	g.OK("pic/upload", bobToken, handlerstest.PicData("shop", right, `"name":"tea"`))
}

func cut(picture []byte, bytes int) []byte { return picture[:len(picture)-bytes] }

func TestPictureNames(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture := handlerstest.PNG(t, 1)
	digest := handlerstest.MD5(string(picture))
	for sent, name := range map[string]string{
		`"pro1"`: "pro1", `"a"`: "a", `"lalalala"`: "lalalala", `"a.b-c_d.PNG"`: "a.b-c_d.PNG", `"-"`: "-", `"_a."`: "_a.",
		`"茶叶蛋"`: "茶叶蛋", `"é7"`: "é7", `7`: "7", `1180310086`: "1180310086", `-5`: "-5", `20191128222552123456`: "20191128222552123456",
		`"` + strings.Repeat("蛋", 64) + `"`: strings.Repeat("蛋", 64),
		`"` + digest[:31] + `"`:             digest[:31],
		`"` + digest + `0"`:                 digest + "0",
		`"` + digest[:31] + `x"`:            digest[:31] + "x",
		// Letters of every kind, and what combines with them.
		`"二〇二六"`: "二〇二六", `"Ⅷ"`: "Ⅷ", `"สวัสดี"`: "สวัสดี", `"हिन्दी"`: "हिन्दी", `"x̌"`: "x̌", `"葛󠄀"`: "葛\U000e0100", `"٣"`: "٣",
		`"` + strings.Repeat("e\u0301", 64) + `"`: strings.Repeat("é", 64),
		`"e\u0301te\u0301"`:                       "été", // a Mac's
		`"\u1112\u1161\u11ab"`:                    "한",
		// 32 hexadecimal digits are the MD5, and as good as no name.
		`"` + digest + `"`:                  digest,
		`"` + strings.ToUpper(digest) + `"`: digest,
		`null`:                              digest,
	} {
		url := "./api/external/get/pic/product/" + name
		wantURL(t, g.Call("pic/upload", aliceToken, handlerstest.PicData("product", picture, `"name":`+sent)), url)
		if a := g.Do(http.MethodGet, strings.TrimPrefix(url, "./api/external"), ""); a.Raw != string(picture) {
			t.Errorf("%s is not shown: %s", url, a.Header.Get("X-Picture"))
		}
	}
	for sent, status := range map[string]int{
		`""`: -201, `true`: -203, `1.5`: -203, `1.0`: -203, `1e3`: -203, `{}`: -203, `["a"]`: -203,
		`" "`: -204, `"a b"`: -204, `"a "`: -204, `"."`: -204, `".."`: -204, `".a"`: -204, `"a/b"`: -204, `"../a"`: -204,
		`"a\\b"`: -204, `"a%2fb"`: -204, `"a?b"`: -204, `"a:b"`: -204, `"~a"`: -204, `"<b>"`: -204, `"😀"`: -204,
		`"①"`: -204, `"a\u00a0b"`: -204, `"a\u3000b"`: -204, `"a\u200bb"`: -204, `"a\u202eb"`: -204, `"a\u2044b"`: -204, `"\u037e"`: -204,
		`"` + strings.Repeat("x\u030c", 33) + `"`: -204, `"` + strings.Repeat("e\u0301", 65) + `"`: -204,
		`"a\n"`: -204, `"a\u0000"`: -204, `"` + strings.Repeat("a", 65) + `"`: -204, `"` + strings.Repeat("蛋", 65) + `"`: -204,
		`"00000000000000000000000000000000"`: -204, `"ABCDEF00000000000000000000000000"`: -204,
	} {
		unchanged(t, g, func() {
			a := g.Call("pic/upload", aliceToken, handlerstest.PicData("product", picture, `"name":`+sent))
			if a.Status != status || !strings.HasPrefix(a.Detail, "name: ") || string(a.Data) != "{}" {
				t.Errorf("name %s: %s, want %d", sent, a.Raw, status)
			}
		})
	}
}
