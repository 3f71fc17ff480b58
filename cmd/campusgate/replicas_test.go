package main

import (
	"crypto/md5"
	"encoding/hex"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/storage/storagetest"
)

// shared is the environment of replicas on a MariaDB and a Redis of the test's
// own.
func shared(t *testing.T) []string {
	t.Helper()
	return []string{
		"CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN=" + storagetest.MariaDB(t),
		"CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR=" + startRedis(t),
		"CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0",
		"CAMPUSGATE_PICTURES_DIR=" + filepath.Join(t.TempDir(), "pictures"),
	}
}

// startRedis runs a Redis until the test ends, and tells its address.
func startRedis(t *testing.T) (address string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("did not run: %v", err)
		}
		t.Skipf("NOT RUN: %v", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	address = listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	must(t, err)
	must(t, listener.Close())
	command := exec.CommandContext(t.Context(), program,
		"--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	must(t, command.Start())
	t.Cleanup(func() { _ = command.Wait() }) // the test's context has ended it
	for end := time.Now().Add(patience); ; {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			must(t, connection.Close())
			return address
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// Two replicas have no state that the other one needs: a captcha drawn by one is
// accepted by the other, and once; what one writes the other shows.
func TestReplicasShareEverything(t *testing.T) {
	environ := shared(t)
	runCommand(t, environ, "serve").refused(t, exitFailed, "database.dsn", "campusgate migrate")
	runCommand(t, environ, "migrate").want(t, exitOK)
	runCommand(t, environ, "user", "add", "--id", "1180310086", "--name", "王凌超").want(t, exitOK)
	token := strings.TrimSpace(runCommand(t, environ, "token", "issue", "--user", "1180310086").want(t, exitOK).stdout)
	one, other := startHere(t, environ), startHere(t, environ)

	salt := one.call(t, "/captcha", "img/generate", `{}`).field("rand")
	code := one.stderr.await(t, `captcha rand=`+salt+` code=(\w+)`)[1]
	sum := md5.Sum([]byte(strings.ToLower(code) + salt))
	hash := hex.EncodeToString(sum[:])
	other.call(t, "/captcha", "img/validate", `{"hash":"`+hash+`"}`)

	consume := `{"type":"img","subtype":"validate","data":{"hash":"` + hash + `","consume":true}}`
	var group sync.WaitGroup
	accepted := make(chan struct{}, 16)
	for i := range cap(accepted) {
		replica := []*running{one, other}[i%2]
		group.Go(func() {
			if request(t, http.MethodPost, replica.url("/captcha"), consume).Status == 0 {
				accepted <- struct{}{}
			}
		})
	}
	group.Wait()
	if len(accepted) != 1 {
		t.Errorf("consumed %d times", len(accepted))
	}

	shop := one.call(t, "/shop?token="+token, "shop/creat", `{"shop_name":"小码三秃"}`).field("shop_id")
	if got := other.call(t, "/get/shop?token="+token, "shop/info", `{"shop_id":`+shop+`}`).field("user_name"); got != "王凌超" {
		t.Errorf("the shop's owner is %q", got)
	}
	runCommand(t, environ, "check").want(t, exitOK)
}

// A dependency that is not there is named.
func TestCheckNamesRedis(t *testing.T) {
	environ := append(embedded(t.TempDir()), "CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR=127.0.0.1:1")
	if got := runCommand(t, environ, "check").want(t, exitFailed).stdout; !strings.Contains(got, "captchas  redis: FAILED: redis.addr") {
		t.Error(got)
	}
}
