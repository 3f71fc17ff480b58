package media_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

const script = `<script>alert(document.cookie)</script>`

// polyglots are uploads that a browser might take for a page: with what they hold,
// and whether they are pictures all the same.
func polyglots(t *testing.T) map[string]struct {
	bytes   []byte
	picture bool
} {
	t.Helper()
	type polyglot = struct {
		bytes   []byte
		picture bool
	}
	right := handlerstest.PNG(t, 9)
	found := map[string]polyglot{
		"SVG":                       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), false},
		"SVG with a declaration":    {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">` + script + `</svg>`), false},
		"HTML":                      {[]byte(`<!DOCTYPE html><html>` + script + `</html>`), false},
		"HTML with a PNG's head":    {[]byte("\x89PNG\r\n\x1a\n" + script), false},
		"HTML with a GIF's head":    {[]byte("GIF89a/*" + script + "*/"), false},
		"a script that is GIF89a":   {[]byte("GIF89a=1;alert(1);//"), false},
		"HTML with a JPEG's head":   {[]byte("\xff\xd8\xff\xe0\x00\x10JFIF" + script), false},
		"HTML with a BMP's head":    {[]byte("BM" + script), false},
		"HTML with a WebP's head":   {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 " + script), false},
		"HTML before a PNG":         {append([]byte(script), right...), false},
		"PDF":                       {[]byte("%PDF-1.4\n1 0 obj<</JS(app.alert(1))>>"), false},
		"Flash":                     {[]byte("CWS\x0a" + strings.Repeat("\x00", 50)), false},
		"an archive":                {[]byte("PK\x03\x04" + strings.Repeat("\x00", 50)), false},
		"a program":                 {[]byte("\x7fELF\x02\x01\x01"), false},
		"PHP":                       {[]byte("GIF89a<?php system($_GET['c']); ?>"), false},
		"TIFF":                      {[]byte("II*\x00\x08\x00\x00\x00"), false},
		"an icon":                   {[]byte("\x00\x00\x01\x00\x01\x00"), false},
		"AVIF":                      {[]byte("\x00\x00\x00\x1cftypavif" + script), false},
		"a PNG with HTML behind it": {append(bytes.Clone(right), script...), true},
	}
	for kind, picture := range eachKind(t) {
		if kind != "image/webp" { // its length is in its header
			found[kind+" with HTML behind it"] = polyglot{append(bytes.Clone(picture), script...), true}
		}
	}
	chunk := append([]byte("tEXt"), "Comment\x00"+script...)
	found["a PNG with HTML as its comment"] = polyglot{withChunk(right, chunk), true}
	return found
}

// TestAttackPolyglots: what is no picture is refused, and what is one is served as
// that picture and as nothing else, whatever else it holds.
func TestAttackPolyglots(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	all := polyglots(t)
	for name, one := range all {
		data := handlerstest.PicData("shop", one.bytes, `"name":"evil.html"`)
		for _, claim := range []string{"", "data:text/html;base64,", "data:image/svg+xml;base64,"} {
			a := g.Call("pic/upload", aliceToken, strings.Replace(data, `"base64":"`, `"base64":"`+claim, 1))
			if want := map[bool]int{true: 0, false: -204}[one.picture]; a.Status != want {
				t.Errorf("%s: %s", name, a.Raw)
			}
		}
		if !one.picture {
			continue
		}
		shown := show(g, "/get/pic/shop/evil.html")
		wantStored(t, shown, one.bytes, "no-cache")
		if got := shown.Header.Get("Content-Type"); !slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/bmp"}, got) {
			t.Errorf("%s: Content-Type %q", name, got)
		}
	}
	t.Logf("%d polyglots", len(all))
}

// withChunk puts a chunk (type and data) behind a PNG's header.
func withChunk(picture, chunk []byte) []byte {
	const header = 33 // the signature and the chunk IHDR
	framed := binary.BigEndian.AppendUint32(nil, uint32(len(chunk)-4))
	framed = append(framed, chunk...)
	framed = binary.BigEndian.AppendUint32(framed, crc32.ChecksumIEEE(chunk))
	return slices.Concat(picture[:header], framed, picture[header:])
}
