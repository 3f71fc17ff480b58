package e2e

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// startTwo migrates the database and starts two replicas on it.
func startTwo(t *testing.T, environ []string) [2]*campusgatetest.Process {
	t.Helper()
	campusgatetest.Run(t, environ, "migrate").Want(t, exitOK)
	return [2]*campusgatetest.Process{campusgatetest.Start(t, t.TempDir(), environ), campusgatetest.Start(t, t.TempDir(), environ)}
}

// together posts a body so often at once, by turns to either replica, and returns
// how many answers had each status.
func together(t *testing.T, replicas [2]*campusgatetest.Process, path string, bodies []string) map[int]int {
	t.Helper()
	var group sync.WaitGroup
	statuses := make(chan int, len(bodies))
	for i, body := range bodies {
		group.Go(func() { statuses <- campusgatetest.Request(t, http.MethodPost, replicas[i%2].URL(path), body).Status })
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
	t.Parallel()
	environ := campusgatetest.Shared(t)
	campusgatetest.Run(t, environ, "serve").Refused(t, exitFailed, "database.dsn", "campusgate migrate")
	campusgatetest.Run(t, environ, "migrate").Want(t, exitOK)
	campusgatetest.Run(t, environ, "user", "add", "--id", "1180310086", "--name", "王凌超").Want(t, exitOK)
	token := strings.TrimSpace(campusgatetest.Run(t, environ, "token", "issue", "--user", "1180310086").Want(t, exitOK).Stdout)
	one, other := campusgatetest.Start(t, t.TempDir(), environ), campusgatetest.Start(t, t.TempDir(), environ)

	hash := one.Solve(t)
	other.Call(t, "/captcha", "img/validate", `{"hash":"`+hash+`"}`)

	consume := campusgatetest.Envelope("img/validate", `{"hash":"`+hash+`","consume":true}`)
	if got := together(t, [2]*campusgatetest.Process{one, other}, "/captcha", slices.Repeat([]string{consume}, 16)); got[0] != 1 || got[-1] != 15 {
		t.Errorf("consumed by 16 calls: %v, want it once and 15 refused", got)
	}

	shop := one.Call(t, "/shop?token="+token, "shop/creat", `{"shop_name":"小码三秃"}`).Field("shop_id")
	if got := other.Call(t, "/get/shop?token="+token, "shop/info", `{"shop_id":`+shop+`}`).Field("user_name"); got != "王凌超" {
		t.Errorf("the shop's owner is %q", got)
	}
	campusgatetest.Run(t, environ, "check").Want(t, exitOK)
}

// A phone that one replica has sent an SMS to gets none from the other one.
func TestReplicasShareSMSLimits(t *testing.T) {
	t.Parallel()
	replicas := startTwo(t, campusgatetest.Shared(t))
	for i, want := range []int{0, 1023, 1023} {
		replica := replicas[i%2]
		body := campusgatetest.Envelope("sms/generate", `{"phone":"13700000000","hash":"`+replica.Solve(t)+`"}`)
		if got := campusgatetest.Request(t, http.MethodPost, replica.URL("/captcha"), body); got.Status != want {
			t.Errorf("SMS %d: %s, want %d", i+1, got.Raw, want)
		}
	}
}

// 90 orders of 2 yuan, each paid on both replicas at once, from a wallet of 100.
func TestReplicasNeverOverdrawAWallet(t *testing.T) {
	t.Parallel()
	dsn := storagetest.MariaDB(t)
	environ := campusgatetest.Sharing(t, dsn, redistest.Start(t).Address())
	replicas := startTwo(t, environ)
	seller := campusgatetest.AddUser(t, environ, "1", "甲", "0")
	buyer := campusgatetest.AddUser(t, environ, student, "王凌超", "100")
	shop := replicas[0].Call(t, "/shop?token="+seller, "shop/creat", `{"shop_name":"小码三秃"}`).Field("shop_id")
	product := replicas[0].Call(t, "/product?token="+seller, "product/creat",
		`{"product_name":"生发水","product_price":2,"shop_id":`+shop+`,"product_status":1}`).Field("product_id")
	path, bodies := "/purchase?token="+buyer, []string(nil)
	for range 90 {
		order := replicas[0].Call(t, path, "purchase/apply",
			`{"product_id":`+product+`,"product_num":1,"product_unitprice":2,"product_totalprice":2}`).Field("purchase_id")
		pay := campusgatetest.Envelope("purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`)
		bodies = append(bodies, pay, pay)
	}
	statuses := together(t, replicas, path, bodies)
	if statuses[0] != 50 || statuses[-200] != 0 {
		t.Errorf("the payments' statuses are %v, want 50 of them 0 and no failure", statuses)
	}
	list := replicas[0].Call(t, path, "purchase/list", `{}`).Raw
	if paid := strings.Count(list, `"purchase_state":"finish"`); paid != 50 {
		t.Errorf("%d orders are paid, want 50", paid)
	}
	db, err := storage.Open(t.Context(), storage.Options{Driver: "mysql", DSN: dsn, MaxOpen: 1, Timeout: campusgatetest.Patience})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	user, err := db.User(t.Context(), student)
	must(t, err)
	if user.Wealth != 0 {
		t.Errorf("%d fen are left in the wallet, want 0", user.Wealth)
	}
}

// Replicas that start together migrate once, whoever is first.
func TestReplicasMigrateTogether(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Shared(t)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if got := campusgatetest.Run(t, environ, "migrate"); got.Status != exitOK {
				t.Errorf("migrate: %s", got.Stderr)
			}
		})
	}
	group.Wait()
	campusgatetest.Run(t, environ, "check").Want(t, exitOK)
	campusgatetest.Start(t, t.TempDir(), environ).Call(t, "/captcha", "img/generate", `{}`)
}

// A picture that an operator removes is gone from the memory of every replica.
func TestReplicasForgetARemovedPicture(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Shared(t)
	replicas := startTwo(t, environ)
	token := campusgatetest.AddUser(t, environ, student, "王凌超", "0")
	_, picture := campusgatetest.Noise(t, 8)
	url := replicas[0].Call(t, "/pic?token="+token, "pic/upload", `{"from":"shop","base64":"`+picture+`"}`).Field("url")
	shown := func(replica *campusgatetest.Process) string {
		return campusgatetest.Get(t, "http://"+replica.Address+strings.TrimPrefix(url, ".")).Header.Get("X-Picture")
	}
	for _, replica := range replicas {
		if got := shown(replica); got != "stored" {
			t.Fatalf("shown: %q", got)
		}
	}
	campusgatetest.Run(t, environ, "picture", "remove", strings.TrimPrefix(url, "./api/external/get/pic/")).Want(t, exitOK)
	for _, replica := range replicas {
		for deadline := time.Now().Add(campusgatetest.Patience); shown(replica) != "error"; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("a replica still shows it")
			}
		}
	}
}
