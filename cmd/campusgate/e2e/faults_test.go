package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
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
	*campusgatetest.Process
	environ []string

	database, captchas, neither []question
}

func openCampus(t *testing.T, environ []string) *campus {
	t.Helper()
	environ = append(environ, fmt.Sprint("CAMPUSGATE_DATABASE_TIMEOUT=", faultTimeout), fmt.Sprint("CAMPUSGATE_REDIS_TIMEOUT=", faultTimeout))
	campusgatetest.Run(t, environ, "migrate").Want(t, exitOK)
	query := "?token=" + campusgatetest.AddUser(t, environ, student, "王凌超", "1000")
	c := &campus{Process: campusgatetest.Start(t, t.TempDir(), environ), environ: environ}

	shop := c.Call(t, "/shop"+query, "shop/creat", `{"shop_name":"小码三秃"}`).Field("shop_id")
	product := c.Call(t, "/product"+query, "product/creat", `{"product_name":"生发水","product_price":1,"shop_id":`+shop+`,"product_status":1}`).Field("product_id")
	apply := `{"product_id":` + product + `,"product_num":1,"product_unitprice":1,"product_totalprice":1}`
	order := c.Call(t, "/purchase"+query, "purchase/apply", apply).Field("purchase_id")
	c.Call(t, "/property"+query, "property/add", `{"type":1,"lab":"卡类","title":"饭卡","content":"丢了","occurrence_time":"",`+
		`"user_name":"王凌超","user_phone":"13700000000","user_qq":"1003","publish_time":"","pic_num":0}`)
	picture := c.Call(t, "/pic"+query, "pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"}`).Field("name")

	const ok, database, unknown = `"status":0,`, `"status":-200,`, `"status":-404,`
	c.database = []question{
		{"/purchase" + query, campusgatetest.Envelope("purchase/info", `{"purchase_id":"`+order+`"}`), ok, database},
		{"/purchase" + query, campusgatetest.Envelope("purchase/list", `{}`), ok, database},
		{"/purchase" + query, campusgatetest.Envelope("purchase/apply", apply), ok, database},
		{"/get/product" + query, campusgatetest.Envelope("product/list", `{}`), ok, database},
		{"/get/product" + query, campusgatetest.Envelope("product/info", `{"product_id":`+product+`}`), ok, database},
		{"/get/shop" + query, campusgatetest.Envelope("shop/list", `{}`), ok, database},
		{"/shop" + query, campusgatetest.Envelope("shop/update", `{"shop_id":`+shop+`,"shop_name":"小码","shop_content":""}`), ok, database},
		{"/get/property" + query + "&type=1", "", ok, database},
		// What nobody can know is no bad token.
		{"/get/shop?token=unknown", campusgatetest.Envelope("shop/list", `{}`), `"status":-101,`, database},
	}
	c.captchas = []question{
		{"/captcha", campusgatetest.Envelope("img/generate", `{}`), ok, unknown},
		{"/captcha", campusgatetest.Envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`), `"status":-1,`, unknown},
		{"/captcha", campusgatetest.Envelope("sms/generate", `{"phone":"13700000000","hash":"900150983cd24fb0d6963f7d28e17f72"}`), `"status":-4,`, unknown},
		{"/captcha", campusgatetest.Envelope("sms/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`), `"status":-4,`, unknown},
	}
	c.neither = []question{
		{"/get/pic/shop/" + picture, "", "\x89PNG", ""},
		{"/shop", campusgatetest.Envelope("shop/creat", `{}`), `"status":-100,`, ""},
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
		return campusgatetest.Get(t, c.URL(q.path)).Raw
	}
	return campusgatetest.Request(t, http.MethodPost, c.URL(q.path), q.body).Raw
}

// wantReady asks the probe, whose answer must begin so.
func (c *campus) wantReady(t *testing.T, want string) {
	t.Helper()
	if got := campusgatetest.Get(t, "http://"+c.Address+"/readyz").Raw; !strings.HasPrefix(got, want) {
		t.Errorf("/readyz answers %q, want %q", got, want)
	}
	if got := campusgatetest.Get(t, "http://"+c.Address+"/healthz").Raw; got != "ok\n" {
		t.Errorf("/healthz answers %q", got)
	}
}

// awaitReady waits until every dependency is used again.
func (c *campus) awaitReady(t *testing.T) {
	t.Helper()
	began := time.Now()
	for campusgatetest.Get(t, "http://"+c.Address+"/readyz").Raw != "ok\n" {
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
			if got := campusgatetest.Run(t, c.environ, "check").Want(t, exitFailed).Stdout; !strings.Contains(got, check) {
				t.Errorf("check says %q, want %q", got, check)
			}
			fault.mendIt()
			c.awaitReady(t)
			c.want(t, false, down)
		})
	}
}

func TestFaultsOfTheDatabase(t *testing.T) {
	t.Parallel()
	database := storagetest.StartMariaDB(t)
	c := openCampus(t, campusgatetest.Sharing(t, database.DSN, redistest.Start(t).Address()))
	c.play(t, database, "not ready: database (mysql)\n", "database  mysql: FAILED: database.dsn", c.database, append(c.captchas, c.neither...))
}

func TestFaultsOfRedis(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	c := openCampus(t, campusgatetest.Sharing(t, storagetest.MariaDB(t), redis.Address()))
	c.play(t, redis, "not ready: captchas (redis)\n", "captchas  redis: FAILED: redis.addr", c.captchas, append(c.database, c.neither...))
}
