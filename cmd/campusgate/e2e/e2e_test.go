// Package e2e tests the whole program: built as operators get it, in processes of its
// own, with real servers beside it, and through faults, crashes and attacks.
package e2e

import (
	"os"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// Exit statuses of the program.
const (
	exitOK     = 0
	exitFailed = 1
)

const student = "1180310086"

// onePixelUpload is the smallest upload.
var onePixelUpload = campusgatetest.Envelope("pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"}`)

func TestMain(m *testing.M) {
	status := campusgatetest.Main(m)
	closeBrowsers()
	os.Exit(status)
}

// must ends the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	campusgatetest.Must(t, err)
}
