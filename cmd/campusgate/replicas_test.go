package main

import (
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"campusgate/storage/captchas/captchastest"
	"campusgate/storage/storagetest"
)

// shared is the environment of replicas on a new database and a Redis of the
// test's own.
func shared(t *testing.T) []string {
	t.Helper()
	return sharing(t, storagetest.MariaDB(t), captchastest.StartRedis(t).Address())
}

// sharing is the environment of replicas on these servers.
func sharing(t *testing.T, dsn, redis string) []string {
	t.Helper()
	return []string{
		"CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN=" + dsn,
		"CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR=" + redis,
		"CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0",
		"CAMPUSGATE_PICTURES_DIR=" + filepath.Join(t.TempDir(), "pictures"),
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
