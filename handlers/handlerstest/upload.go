package handlerstest

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// PNG is a small picture; each shade has other bytes.
func PNG(t testing.TB, shade uint8) []byte {
	t.Helper()
	var encoded bytes.Buffer
	Must(t, png.Encode(&encoded, image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Gray{Y: shade}, color.White})))
	return encoded.Bytes()
}

// Padded is a picture with bytes behind its end, which decoders ignore.
func Padded(picture []byte, size int) []byte {
	return append(bytes.Clone(picture), make([]byte, size-len(picture))...)
}

// Base64 is how an upload sends a picture.
func Base64(picture []byte) string { return base64.StdEncoding.EncodeToString(picture) }

// PicData is the data of pic/upload, with more fields behind it.
func PicData(from string, picture []byte, more ...string) string {
	beginning := `{"from":"` + from + `","base64":"` + Base64(picture) + `"`
	return beginning + strings.Join(append([]string{""}, more...), ",") + `}`
}

// Files are the stored pictures, with what changes when one is written.
func (g *Gateway) Files() map[string]string {
	g.T.Helper()
	found := map[string]string{}
	Must(g.T, filepath.WalkDir(g.PicturesDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(g.PicturesDir, path)
		found[name] = MD5(string(content)) + info.ModTime().String()
		return err
	}))
	return found
}

// PortraitData is the data of portrait/upload.
func PortraitData(id string, picture []byte) string {
	return `{"name":"me.png","id":"` + id + `","base64":"` + Base64(picture) + `","type":"png"}`
}

// MD5 is the protocol's hash of a code and its rand, and a picture's name.
func MD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
