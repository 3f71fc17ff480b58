package media_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/media/placeholders"
)

// treasure is a picture that lies beside the pictures' folder, and in places that
// no path may reach.
func treasure(g *handlerstest.Gateway) []byte {
	g.T.Helper()
	picture := handlerstest.PNG(g.T, 213)
	for _, name := range []string{"../secret.png", "../secret", "../shop/secret.png", ".tmp/secret.png", ".secret.png", "garden/secret.png", "secret.png"} {
		path := filepath.Join(g.PicturesDir, name)
		handlerstest.Must(g.T, os.MkdirAll(filepath.Dir(path), 0o750))
		handlerstest.Must(g.T, os.WriteFile(path, picture, 0o600))
	}
	handlerstest.Must(g.T, os.MkdirAll(filepath.Join(g.PicturesDir, "shop"), 0o750))
	handlerstest.Must(g.T, os.Symlink(filepath.Join(g.PicturesDir, "..", "secret.png"), filepath.Join(g.PicturesDir, "shop", "link.png")))
	handlerstest.Must(g.T, os.Symlink(filepath.Join(g.PicturesDir, ".."), filepath.Join(g.PicturesDir, "product")))
	return picture
}

// climbs are the ways to write .. and / that a server or a disk might undo.
func climbs() (paths []string) {
	dots := []string{"..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "%uff0e%uff0e", "．．", "..%00", "..;", "..%20", ".. ", "...", "....//"}
	slashes := []string{"/", "%2f", "%2F", `\`, "%5c", "%5C", "%252f", "%255c", "%c0%af", "%e0%80%af", "%c1%9c", "%ef%bc%8f", "／", "∕", "//", "/./", "%2f/", ";/"}
	for _, dot := range dots {
		for _, slash := range slashes {
			climb := dot + slash
			for _, target := range []string{"secret.png", "secret", "shop" + slash + "secret.png", ".tmp" + slash + "secret.png"} {
				paths = append(paths, climb+target, climb+climb+target)
			}
		}
	}
	return append(paths,
		"/secret.png", "%2fsecret.png", "secret.png%00.png", "secret.png%00", ".tmp/secret.png", "%2etmp/secret.png", ".secret.png", "%2esecret.png", "link.png",
		"~/secret.png", "C:%5csecret.png", "file:///secret.png", "//127.0.0.1/secret.png", "%00../secret.png", "secret.png%0d%0aX-Header:%20x",
		"/proc/self/environ", "%2fproc%2fself%2fenviron", "/etc/passwd", "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "~"+strings.Repeat("0", 64),
	)
}

// TestAttackPicturePaths: no path, raw on the socket, shows what is no picture of
// that place.
func TestAttackPicturePaths(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	treasure := treasure(g)
	before := outside(g)
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(g.URL, "http://"), "/api/external"))
	handlerstest.Must(t, err)
	defer connection.Close()
	handlerstest.Must(t, connection.SetDeadline(time.Now().Add(time.Minute)))
	answers, asked := bufio.NewReader(connection), 0
	for i, climb := range climbs() {
		if !handlerstest.Torture() && i%8 != 0 && strings.HasPrefix(climb, ".") {
			continue
		}
		for _, base := range []string{"/get/pic/shop/", "/get/pic/", "/get/portrait/", "/get/pic/product/", "/get/pic/portrait/", "/"} {
			asked++
			path := "/api/external" + base + climb
			_, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: campus\r\n\r\n", strings.ReplaceAll(path, " ", "%20"))
			handlerstest.Must(t, err)
			response, err := http.ReadResponse(answers, nil)
			handlerstest.Must(t, err)
			body, err := io.ReadAll(response.Body)
			handlerstest.Must(t, err)
			handlerstest.Must(t, response.Body.Close())
			kind := response.Header.Get("X-Picture")
			switch {
			case bytes.Contains(body, treasure) || bytes.Contains(body, []byte("root:")):
				t.Errorf("%s shows what it must not", path)
			case strings.Contains(path, "/../") && response.StatusCode == http.StatusNotFound && kind == "":
				// Without its dot segments it is no picture's path.
			case base == "/" && response.StatusCode != http.StatusNotFound:
				t.Errorf("%s: HTTP %d", path, response.StatusCode)
			case base == "/get/pic/product/" && response.StatusCode == http.StatusServiceUnavailable && kind == "error":
				// The folder is a link that leads outside: a store that failed.
			case base != "/" && (response.StatusCode != http.StatusOK || kind != "error" || !bytes.Equal(body, placeholders.Error)):
				t.Errorf("%s: HTTP %d, X-Picture %q", path, response.StatusCode, kind)
			}
		}
	}
	if diff := cmp.Diff(before, outside(g)); diff != "" {
		t.Errorf("files changed: %s", diff)
	}
	t.Logf("%d paths asked for", asked)
}

// outside is every file around the pictures' folder, and in it, but the database's.
func outside(g *handlerstest.Gateway) (names []string) {
	g.T.Helper()
	root := filepath.Dir(filepath.Dir(g.PicturesDir))
	handlerstest.Must(g.T, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.Contains(path, "campusgate.db") {
			names = append(names, strings.TrimPrefix(path, root))
		}
		return err
	}))
	return names
}

// TestAttackUploadNames: no name, user id or source that is sent with an upload
// makes a file but the one that it names, in its folder.
func TestAttackUploadNames(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	treasure := treasure(g)
	before, picture, sent, kept := outside(g), handlerstest.PNG(t, 7), 0, map[string]bool{}
	var names []string
	for i, climb := range append(climbs(), handlerstest.Payloads(t, "sql.txt")...) {
		if handlerstest.Torture() || i%24 == 0 {
			names = append(names, climb, "a"+climb, unescaped(climb), "a/"+unescaped(climb))
		}
	}
	names = append(names, "a/../../secret.png", "a%2f..%2f..%2fsecret.png", "CON", "NUL.png", "a.png::$DATA", "a\u202egnp.exe", strings.Repeat("../", 100)+"x", strings.Repeat("字", 65), "shop/../x", "x\x00.png")
	for _, name := range names {
		sent++
		text := handlerstest.JSONText(name)
		a := g.Call("pic/upload", aliceToken, handlerstest.PicData("shop", picture, `"name":`+text))
		if a.Status == 0 {
			kept[name] = true
			if !slices.Contains(outside(g), "/"+filepath.Base(filepath.Dir(g.PicturesDir))+"/pictures/shop/"+name) || strings.ContainsAny(name, `/\%`) {
				t.Errorf("name %q: stored elsewhere: %s", name, a.Raw)
			}
		} else if !slices.Contains([]int{-103, -201, -204}, a.Status) {
			t.Errorf("name %q: %s", name, a.Raw)
		}
		for call, data := range map[string]string{
			"pic/upload":      `{"from":` + text + `,"base64":"` + handlerstest.Base64(picture) + `","name":"x"}`,
			"portrait/upload": `{"id":` + text + `,"base64":"` + handlerstest.Base64(picture) + `","name":"x","type":"png"}`,
		} {
			if a := g.Call(call, aliceToken, data); a.Status != -204 {
				t.Errorf("%s %q: %s", call, name, a.Raw)
			}
		}
	}
	delete(kept, "link.png") // lay there before, as a link
	if secret, err := os.ReadFile(filepath.Join(g.PicturesDir, "..", "secret.png")); err != nil || !bytes.Equal(secret, treasure) {
		t.Errorf("what the link led to is changed: %v", err)
	}
	if after := outside(g); len(after) != len(before)+len(kept) {
		t.Errorf("%d files, want %d more than %d: %s", len(after), len(kept), len(before), cmp.Diff(before, after))
	}
	t.Logf("%d names, %d kept", sent, len(kept))
}

// unescaped is what a careless server makes of an escape.
func unescaped(text string) string {
	return strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", `\`, "%5C", `\`, "%00", "\x00",
		"%c0%ae", "\xc0\xae", "%c0%af", "\xc0\xaf", "%20", " ").Replace(text)
}
