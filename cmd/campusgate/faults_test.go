package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// Every dependency has this time-out in the tests of faults. A call may take
// longer on a busy machine, but never as long as one that hangs.
const (
	faultTimeout = time.Second
	faultBound   = 6 * faultTimeout
)

// backWithin is how soon a dependency that is back is used again (operation.md).
const backWithin = 5 * time.Second

// question is a request and what its answer holds, where all is well and where
// what it needs is down.
type question struct{ path, body, well, down string }

// campus is a replica with a shop, and questions by what they need.
type campus struct {
	*running
	environ []string

	database, captchas, neither []question
}

func openCampus(t *testing.T, environ []string) *campus {
	t.Helper()
	environ = append(environ, fmt.Sprint("CAMPUSGATE_DATABASE_TIMEOUT=", faultTimeout), fmt.Sprint("CAMPUSGATE_REDIS_TIMEOUT=", faultTimeout))
	runCommand(t, environ, "migrate").want(t, exitOK)
	query := "?token=" + addUser(t, environ, student, "王凌超", "1000")
	c := &campus{running: startHere(t, environ), environ: environ}

	shop := c.call(t, "/shop"+query, "shop/creat", `{"shop_name":"小码三秃"}`).field("shop_id")
	product := c.call(t, "/product"+query, "product/creat", `{"product_name":"生发水","product_price":1,"shop_id":`+shop+`,"product_status":1}`).field("product_id")
	apply := `{"product_id":` + product + `,"product_num":1,"product_unitprice":1,"product_totalprice":1}`
	order := c.call(t, "/purchase"+query, "purchase/apply", apply).field("purchase_id")
	c.call(t, "/property"+query, "property/add", `{"type":1,"lab":"卡类","title":"饭卡","content":"丢了","occurrence_time":"",`+
		`"user_name":"王凌超","user_phone":"13700000000","user_qq":"1003","publish_time":"","pic_num":0}`)
	picture := c.call(t, "/pic"+query, "pic/upload", `{"from":"shop","base64":"`+onePixel+`"}`).field("name")

	const ok, database, unknown = `"status":0,`, `"status":-200,`, `"status":-404,`
	c.database = []question{
		{"/purchase" + query, envelope("purchase/info", `{"purchase_id":"`+order+`"}`), ok, database},
		{"/purchase" + query, envelope("purchase/list", `{}`), ok, database},
		{"/purchase" + query, envelope("purchase/apply", apply), ok, database},
		{"/get/product" + query, envelope("product/list", `{}`), ok, database},
		{"/get/product" + query, envelope("product/info", `{"product_id":`+product+`}`), ok, database},
		{"/get/shop" + query, envelope("shop/list", `{}`), ok, database},
		{"/shop" + query, envelope("shop/update", `{"shop_id":`+shop+`,"shop_name":"小码","shop_content":""}`), ok, database},
		{"/get/property" + query + "&type=1", "", ok, database},
		// What nobody can know is no bad token.
		{"/get/shop?token=unknown", envelope("shop/list", `{}`), `"status":-101,`, database},
	}
	c.captchas = []question{
		{"/captcha", envelope("img/generate", `{}`), ok, unknown},
		{"/captcha", envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`), `"status":-1,`, unknown},
		{"/captcha", envelope("sms/generate", `{"phone":"13700000000","hash":"900150983cd24fb0d6963f7d28e17f72"}`), `"status":-4,`, unknown},
		{"/captcha", envelope("sms/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`), `"status":-4,`, unknown},
	}
	c.neither = []question{
		{"/get/pic/shop/" + picture, "", "\x89PNG", ""},
		{"/shop", envelope("shop/creat", `{}`), `"status":-100,`, ""},
		{"/captcha", "{", `"status":-1,`, ""},
	}
	return c
}

// want asks all questions at once, and each answer must come in time.
func (c *campus) want(t *testing.T, down bool, questions []question) {
	t.Helper()
	var group sync.WaitGroup
	for _, q := range questions {
		group.Go(func() {
			want := q.well
			if down {
				want = q.down
			}
			began := time.Now()
			got := c.ask(t, q)
			if took := time.Since(began); !strings.Contains(got, want) || took > faultBound {
				t.Errorf("%s %s after %s: %.300s\nwant %s", q.path, q.body, took.Round(time.Millisecond), got, want)
			}
		})
	}
	group.Wait()
}

func (c *campus) ask(t *testing.T, q question) string {
	t.Helper()
	if q.body == "" {
		return get(t, c.url(q.path)).raw
	}
	return request(t, http.MethodPost, c.url(q.path), q.body).raw
}

// wantReady asks the probe, whose answer must begin so.
func (c *campus) wantReady(t *testing.T, want string) {
	t.Helper()
	if got := get(t, "http://"+c.address+"/readyz").raw; !strings.HasPrefix(got, want) {
		t.Errorf("/readyz answers %q, want %q", got, want)
	}
	if got := get(t, "http://"+c.address+"/healthz").raw; got != "ok\n" {
		t.Errorf("/healthz answers %q", got)
	}
}

// awaitReady waits until every dependency is used again.
func (c *campus) awaitReady(t *testing.T) {
	t.Helper()
	began := time.Now()
	for get(t, "http://"+c.address+"/readyz").raw != "ok\n" {
		if time.Since(began) > backWithin {
			t.Fatalf("not ready again within %s", backWithin)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// server is a dependency that a test may break.
type server interface {
	Start(t testing.TB)
	Kill()
	Signal(t testing.TB, signal syscall.Signal)
}

// play breaks a dependency in each way, and mends it: what needs it fails with its
// documented status, everything else goes on, and nothing has to be restarted.
func (c *campus) play(t *testing.T, broken server, readyz, check string, down, unharmed []question) {
	t.Helper()
	for _, fault := range []struct {
		name            string
		breakIt, mendIt func()
	}{
		{"killed", broken.Kill, func() { broken.Start(t) }},
		{
			"stopped",
			func() { broken.Signal(t, syscall.SIGSTOP) },
			func() { broken.Signal(t, syscall.SIGCONT) },
		},
	} {
		t.Run(fault.name, func(t *testing.T) {
			c.want(t, false, down)
			fault.breakIt()
			for range 2 { // connections that were open are used up by the first
				c.want(t, true, down)
				c.want(t, false, unharmed)
			}
			c.wantReady(t, readyz)
			if got := runCommand(t, c.environ, "check").want(t, exitFailed).stdout; !strings.Contains(got, check) {
				t.Errorf("check says %q, want %q", got, check)
			}
			fault.mendIt()
			c.awaitReady(t)
			c.want(t, false, down)
		})
	}
}

func TestFaultsOfTheDatabase(t *testing.T) {
	database := storagetest.StartMariaDB(t)
	c := openCampus(t, sharing(t, database.DSN, redistest.Start(t).Address()))
	c.play(t, database, "not ready: database\n", "database  mysql: FAILED: database.dsn", c.database, append(c.captchas, c.neither...))
}

func TestFaultsOfRedis(t *testing.T) {
	redis := redistest.Start(t)
	c := openCampus(t, sharing(t, storagetest.MariaDB(t), redis.Address()))
	c.play(t, redis, "not ready: captchas\n", "captchas  redis: FAILED: redis.addr", c.captchas, append(c.database, c.neither...))
}
