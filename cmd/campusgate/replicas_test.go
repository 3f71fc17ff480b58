package main

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"campusgate/storage"
	"campusgate/storage/pictures/costest"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// shared is the environment of replicas on a new database, and a Redis and a
// bucket of the test's own.
func shared(t *testing.T) []string {
	t.Helper()
	return sharing(t, storagetest.MariaDB(t), redistest.Start(t).Address())
}

// sharing is the environment of replicas on these servers, and a new bucket.
func sharing(t testing.TB, dsn, redis string) []string {
	t.Helper()
	return inBucket(
		costest.Start(t),
		"CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN="+dsn,
		"CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR="+redis,
		"CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0",
	)
}

// startTwo migrates the database and starts two replicas on it.
func startTwo(t *testing.T, environ []string) [2]*running {
	t.Helper()
	runCommand(t, environ, "migrate").want(t, exitOK)
	return [2]*running{startHere(t, environ), startHere(t, environ)}
}

// solve draws a captcha on this replica and returns the hash of its right answer.
func (r *running) solve(t testing.TB) (hash string) {
	t.Helper()
	salt := r.call(t, "/captcha", "img/generate", `{}`).field("rand")
	code := r.stderr.await(t, `captcha rand=`+salt+` code=(\w+)`)[1]
	return md5Hex(strings.ToLower(code) + salt)
}

// together posts a body so often at once, by turns to either replica, and returns
// how many answers had each status.
func together(t *testing.T, replicas [2]*running, path string, bodies []string) map[int]int {
	t.Helper()
	var group sync.WaitGroup
	statuses := make(chan int, len(bodies))
	for i, body := range bodies {
		group.Go(func() { statuses <- request(t, http.MethodPost, replicas[i%2].url(path), body).Status })
	}
	group.Wait()
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	return counts
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

	hash := one.solve(t)
	other.call(t, "/captcha", "img/validate", `{"hash":"`+hash+`"}`)

	consume := envelope("img/validate", `{"hash":"`+hash+`","consume":true}`)
	if got := together(t, [2]*running{one, other}, "/captcha", slices.Repeat([]string{consume}, 16)); got[0] != 1 || got[-1] != 15 {
		t.Errorf("consumed by 16 calls: %v, want it once and 15 refused", got)
	}

	shop := one.call(t, "/shop?token="+token, "shop/creat", `{"shop_name":"小码三秃"}`).field("shop_id")
	if got := other.call(t, "/get/shop?token="+token, "shop/info", `{"shop_id":`+shop+`}`).field("user_name"); got != "王凌超" {
		t.Errorf("the shop's owner is %q", got)
	}
	runCommand(t, environ, "check").want(t, exitOK)
}

// A phone that one replica has sent an SMS to gets none from the other one.
func TestReplicasShareSMSLimits(t *testing.T) {
	replicas := startTwo(t, shared(t))
	for i, want := range []int{0, 1023, 1023} {
		replica := replicas[i%2]
		body := envelope("sms/generate", `{"phone":"13700000000","hash":"`+replica.solve(t)+`"}`)
		if got := request(t, http.MethodPost, replica.url("/captcha"), body); got.Status != want {
			t.Errorf("SMS %d: %s, want %d", i+1, got.raw, want)
		}
	}
}

// 90 orders of 2 yuan, each paid on both replicas at once, from a purse of 100.
func TestReplicasNeverOverdrawAPurse(t *testing.T) {
	dsn := storagetest.MariaDB(t)
	environ := sharing(t, dsn, redistest.Start(t).Address())
	replicas := startTwo(t, environ)
	seller := addUser(t, environ, "1", "甲", "0")
	buyer := addUser(t, environ, student, "王凌超", "100")
	shop := replicas[0].call(t, "/shop?token="+seller, "shop/creat", `{"shop_name":"小码三秃"}`).field("shop_id")
	product := replicas[0].call(t, "/product?token="+seller, "product/creat",
		`{"product_name":"生发水","product_price":2,"shop_id":`+shop+`,"product_status":1}`).field("product_id")
	path, bodies := "/purchase?token="+buyer, []string(nil)
	for range 90 {
		order := replicas[0].call(t, path, "purchase/apply",
			`{"product_id":`+product+`,"product_num":1,"product_unitprice":2,"product_totalprice":2}`).field("purchase_id")
		pay := envelope("purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`)
		bodies = append(bodies, pay, pay)
	}
	statuses := together(t, replicas, path, bodies)
	if statuses[0] != 50 || statuses[-200] != 0 {
		t.Errorf("the payments' statuses are %v, want 50 of them 0 and no failure", statuses)
	}
	list := replicas[0].call(t, path, "purchase/list", `{}`).raw
	if paid := strings.Count(list, `"purchase_state":"finish"`); paid != 50 {
		t.Errorf("%d orders are paid, want 50", paid)
	}
	db, err := storage.Open(t.Context(), storage.Options{Driver: "mysql", DSN: dsn, MaxOpen: 1, Timeout: patience})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	user, err := db.User(t.Context(), student)
	must(t, err)
	if user.Wealth != 0 {
		t.Errorf("%d fen are left in the purse, want 0", user.Wealth)
	}
}

// Replicas that start together migrate once, whoever is first.
func TestReplicasMigrateTogether(t *testing.T) {
	environ := shared(t)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if got := runCommand(t, environ, "migrate"); got.status != exitOK {
				t.Errorf("migrate: %s", got.stderr)
			}
		})
	}
	group.Wait()
	runCommand(t, environ, "check").want(t, exitOK)
	startHere(t, environ).call(t, "/captcha", "img/generate", `{}`)
}

// A dependency that is not there is named.
func TestCheckNamesRedis(t *testing.T) {
	environ := append(embedded(t.TempDir()), "CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR=127.0.0.1:1")
	if got := runCommand(t, environ, "check").want(t, exitFailed).stdout; !strings.Contains(got, "captchas  redis: FAILED: redis.addr") {
		t.Error(got)
	}
}
