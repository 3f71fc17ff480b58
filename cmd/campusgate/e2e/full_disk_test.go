//go:build linux

package e2e

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// mountTmpfs makes a folder a file system of that size, until the test ends.
func mountTmpfs(t *testing.T, folder, size string) {
	t.Helper()
	must(t, os.MkdirAll(folder, 0o750))
	err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) {
		storagetest.NotRun(t, "file systems cannot be mounted: %v", err)
	}
	must(t, err)
	t.Cleanup(func() { must(t, syscall.Unmount(folder, 0)) })
}

// remount makes a file system that nobody is writing to read-only, or not.
func remount(t *testing.T, folder string, readOnly bool) {
	t.Helper()
	flags := uintptr(syscall.MS_REMOUNT)
	if readOnly {
		flags |= syscall.MS_RDONLY
	}
	must(t, syscall.Mount("", folder, "", flags, ""))
}

// fillDisk takes all the room that a folder's file system has.
func fillDisk(t *testing.T, folder string) (makeRoom func()) {
	t.Helper()
	path := filepath.Join(folder, "ballast")
	file, err := os.Create(path)
	must(t, err)
	for size := 1 << 20; size > 0; {
		if _, err = file.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	must(t, file.Close())
	return func() { must(t, os.Remove(path)) }
}

// isRefused makes a call that cannot be stored: the client is told so, and the log,
// in one line, with what failed and where.
func (c *client) isRefused(t *testing.T, b *campusgatetest.Process, call, data string, status int, logged ...string) {
	t.Helper()
	path, _, _ := strings.Cut(call, "/")
	answer := campusgatetest.Request(t, http.MethodPost, b.URL("/"+path+"?token="+c.token), campusgatetest.Envelope(call, data))
	if answer.Status != status || string(answer.Data) != "{}" {
		t.Errorf("%s: got %s, want status %d", call, answer.Raw, status)
	}
	id := answer.Header.Get("X-Request-ID")
	b.Stderr.Await(t, "msg=request .*request="+id+"\n")
	lines := regexp.MustCompile(".*level=ERROR .*request="+id+"\n").FindAllString(b.Stderr.String(), -1)
	line := strings.Join(lines, "")
	if len(lines) != 1 {
		t.Errorf("%s: logged %q, want one line", call, line)
	}
	for _, part := range logged {
		if !strings.Contains(line, part) {
			t.Errorf("%s: logged %q, want %q in it", call, line, part)
		}
	}
}

// worksAgain makes every kind of write.
func (c *client) worksAgain(t *testing.T, b *campusgatetest.Process) {
	t.Helper()
	for _, write := range []func(*testing.T, *load) bool{c.addNotice, c.uploadPicture, c.uploadPortrait, c.buy} {
		if !write(t, &load{b: b}) {
			t.Error("not acknowledged")
		}
	}
}

// On a full disk a write is refused whole, reading goes on, and as soon as there is
// room so does writing.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mountTmpfs(t, folder, "8m")
	clients := newClients(t, folder, 1)
	c, b := clients[0], campusgatetest.Start(t, folder, nil)
	c.worksAgain(t, b)
	apply := `{"product_id":` + c.product + `,"product_num":1,"product_unitprice":1.01,"product_totalprice":1.01}`
	c.applied++
	order := b.Call(t, "/purchase?token="+c.token, "purchase/apply", apply).Field("purchase_id")
	_, encoded := campusgatetest.Noise(t, 64)

	makeRoom := fillDisk(t, folder)
	for call, data := range map[string]string{
		"property/add":    `{"type":2,"lab":"卡","title":"满","content":"捡到","occurrence_time":"","user_name":"王","user_phone":"","user_qq":""}`,
		"shop/creat":      `{"shop_name":"满"}`,
		"purchase/apply":  apply,
		"purchase/pay":    `{"purchase_id":"` + order + `","method":"wallet"}`,
		"purchase/cancel": `{"purchase_id":"` + order + `"}`,
		"portrait/upload": `{"name":"me","type":"png","id":"` + c.user + `","base64":"` + encoded + `"}`,
	} {
		c.isRefused(t, b, call, data, -200, "data/campusgate.db", "disk is full")
	}
	c.isRefused(t, b, "pic/upload", `{"from":"shop","base64":"`+encoded+`"}`, -500, "data/pictures", "no space left")
	c.orders[order] = "paying"
	checkAll(t, folder, b, clients)

	makeRoom()
	b.Call(t, "/purchase?token="+c.token, "purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`)
	c.orders[order] = "finish"
	b.Call(t, "/shop?token="+c.token, "shop/creat", `{"shop_name":"满"}`) // nobody has the name
	c.worksAgain(t, b)
	checkAll(t, folder, b, clients)
	b.Kill(t)
	checkAll(t, folder, campusgatetest.Start(t, folder, nil), clients)
}

// A folder that cannot be written is named: while serving in the log, at the start
// in the one line that refuses it.
func TestReadOnlyFolders(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	data := filepath.Join(folder, "data")
	shown := filepath.Join(data, "pictures")
	mountTmpfs(t, data, "8m")
	mountTmpfs(t, shown, "8m")
	clients := newClients(t, folder, 1)
	c, b := clients[0], campusgatetest.Start(t, folder, nil)
	c.worksAgain(t, b)

	remount(t, shown, true)
	_, encoded := campusgatetest.Noise(t, 64)
	c.isRefused(t, b, "pic/upload", `{"from":"shop","base64":"`+encoded+`"}`, -500, "data/pictures", "read-only")
	checkAll(t, folder, b, clients)
	remount(t, shown, false)
	c.worksAgain(t, b)
	b.Kill(t)

	remount(t, data, true)
	campusgatetest.Run(t, campusgatetest.Embedded(data), "serve").Refused(t, exitFailed, "database.dsn", "nobody may write in "+data+":", "read-only file system")
	remount(t, data, false)
	checkAll(t, folder, campusgatetest.Start(t, folder, nil), clients)
}
