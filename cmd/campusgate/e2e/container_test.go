//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// startContained runs serve as deploy/Dockerfile does: the binary is the only file of a
// file system that cannot be written, and its user may write to a volume alone.
func startContained(t *testing.T) *campusgatetest.Process {
	t.Helper()
	if os.Geteuid() != 0 {
		storagetest.NotRun(t, "only root may change the root folder")
	}
	const user = 65532
	root := t.TempDir()
	mountTmpfs(t, root, "128m")
	content, err := os.ReadFile(campusgatetest.StaticProgram(t))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(root, "campusgate"), content, 0o755))
	must(t, os.Chmod(root, 0o755))
	volume := filepath.Join(root, "data")
	mountTmpfs(t, volume, "128m")
	must(t, os.Chown(volume, user, user))
	remount(t, root, true)

	command := exec.Command("/campusgate", "serve", "--demo") //nolint:noctx // the test ends it
	command.Dir, command.Env = "/", campusgatetest.Environment(campusgatetest.Embedded("/data")...)
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: user, Gid: user}}
	return campusgatetest.StartCommand(t, command)
}

// Where there is no /tmp, a database and its lists grow as anywhere.
func TestContainer(t *testing.T) {
	t.Parallel()
	b := startContained(t)
	query := "?token=" + b.DemoToken(t, campusgatetest.DemoSeller)
	const rows = 2000
	notice := `{"type":1,"lab":"卡类","title":"饭卡","content":"` + strings.Repeat("丢", 500) + `","occurrence_time":"",` +
		`"user_name":"王凌超","user_phone":"13700000000","user_qq":"1003","publish_time":"","pic_num":0}`
	shop := b.Call(t, "/shop"+query, "shop/creat", `{"shop_name":"小码"}`).Field("shop_id")
	product := `{"product_name":"书 %d","product_content":"` + strings.Repeat("页", 500) + `","product_price":%d,"shop_id":` + shop + `,"product_status":1}`
	for i := range rows {
		b.Call(t, "/property"+query, "property/add", notice)
		b.Call(t, "/product"+query, "product/creat", fmt.Sprintf(product, i, rows-i))
	}
	for call, request := range map[string]string{
		"product/list": campusgatetest.Envelope("product/list", `{"order":"product_price ASC","shop_id":`+shop+`}`),
		"a page":       campusgatetest.Envelope("product/list", `{"order":"product_price ASC","shop_id":`+shop+`,"page":4,"count":500}`),
	} {
		answer := campusgatetest.Request(t, http.MethodPost, b.URL("/get/product"+query), request)
		if answer.Status != 0 || !strings.Contains(answer.Raw, `"product_name":"书 0"`) {
			t.Errorf("%s: %.300s", call, answer.Raw)
		}
	}
	if got := campusgatetest.Get(t, b.URL("/get/property"+query+"&type=1")).Raw; strings.Count(got, "饭卡") < rows {
		t.Errorf("GET property: %.300s", got)
	}
	b.Call(t, "/pic"+query, "pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"}`)
	if status := b.Stop(); status != exitOK || strings.Contains(b.Stderr.String(), "level=ERROR") {
		t.Errorf("exit status %d:\n%.2000s", status, b.Stderr)
	}
}
