package main

import (
	"net/http"
	"path"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// A picture is removed with its owner's row, while the gateway shows it from memory.
func TestPictureRemove(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir())
	token := addUser(t, environ, student, "王凌超", "0")
	other := addUser(t, environ, "1180310087", "码三秃", "0")
	g := serve(t, environ)
	upload := func(token, name string) {
		t.Helper()
		g.Call(t, "/pic?token="+token, "pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"`+name+`}`)
	}
	upload(token, `,"name":"茶.png"`)
	byDigest := g.Call(t, "/pic?token="+token, "pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"}`).Field("url")
	byDigest = path.Base(byDigest)
	for _, name := range []string{"茶.png", byDigest} {
		url := g.URL("/get/pic/shop/" + name)
		if got := campusgatetest.Get(t, url).Header.Get("X-Picture"); got != "stored" {
			t.Fatalf("%s shows %q before it is removed", name, got)
		}
		runCommand(t, environ, "picture", "remove", "shop/"+name).Want(t, exitOK)
		for deadline := time.Now().Add(campusgatetest.Patience); campusgatetest.Get(t, url).Header.Get("X-Picture") != "error"; {
			if time.Now().After(deadline) {
				t.Fatalf("%s is still shown", name)
			}
			time.Sleep(10 * time.Millisecond)
		}
		runCommand(t, environ, "picture", "remove", "shop/"+name).Refused(t, exitFailed, "shop/"+name+": no such picture")
	}
	upload(other, `,"name":"茶.png"`) // the name is free
	for _, wrong := range []string{"shop", "shop/", "/tea.png"} {
		runCommand(t, environ, "picture", "remove", wrong).Refused(t, exitUsage, "FROM/NAME must be")
	}
	runCommand(t, environ, "picture", "remove").Refused(t, exitUsage, "FROM/NAME is missing")
	if got := campusgatetest.Get(t, g.URL("/get/pic/shop/茶.png")); got.Code != http.StatusOK || got.Header.Get("X-Picture") != "stored" {
		t.Errorf("the new picture of the name: %d %q", got.Code, got.Header.Get("X-Picture"))
	}
}
