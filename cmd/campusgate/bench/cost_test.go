package bench

import (
	"fmt"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// BenchmarkCost measures what a call costs each machine of a campus: the CPU time of
// the gateway, of the database and of Redis, each a process of its own. CPU time
// says what one machine carries, however busy the one is that measures.
func BenchmarkCost(b *testing.B) {
	database, redis := startServers(b)
	c := newShared(b, database, redis, "cost", campusgatetest.FillCampus)
	c.replicas = 1
	gateway := c.gateways(b, "CAMPUSGATE_LIMITS_PER_MINUTE=0")
	connections := campusgatetest.Dial(b, gateway.addresses(), 16)
	processes := []struct {
		name string
		pid  int
	}{{"gateway", gateway.processes[0].pid}, {"database", database.PID()}, {"redis", redis.PID()}}
	for _, row := range costRows(b, connections[0]) {
		b.Run(row.name, func(b *testing.B) {
			const slice = time.Second
			var before [3]time.Duration
			for i, p := range processes {
				before[i] = cpuTime(b, p.pid)
			}
			works := 0
			for b.Loop() {
				if row.few {
					// What a user may do 20 times a minute: for a second and a half, by all users.
					done, _ := pace(b, connections, row.work, 600, 1000)
					works += len(done.times)
					continue
				}
				works += len(rush(b, connections, row.work, slice).times)
			}
			for i, p := range processes {
				b.ReportMetric(float64((cpuTime(b, p.pid)-before[i]).Microseconds())/float64(works), p.name+"-µs")
			}
			b.ReportMetric(0, "ns/op") // of a round: it says nothing
		})
	}
}

// A costRow is a call, or the calls of one thing that a user does.
type costRow struct {
	name string
	work campusgatetest.Work
	few  bool
}

func costRows(b *testing.B, c *campusgatetest.Connection) []costRow {
	b.Helper()
	picture, encoded := campusgatetest.Noise(b, 112) // about 50 KB
	must(b, c.Done(0, "/pic", "pic/upload", `{"from":"shop","base64":"`+encoded+`"}`))
	own := campusgatetest.CampusQuery(0)
	found := own + "&type=1&key=" + url.QueryEscape("教学") + "&page=3&count=20"
	return []costRow{
		{name: "img/generate", work: campusgatetest.Asking(campusgatetest.Posting("/captcha", campusgatetest.Envelope("img/generate", `{}`)), 200)},
		{name: "img/validate", work: campusgatetest.Asking(campusgatetest.Posting("/captcha", campusgatetest.Envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)), 200)},
		{name: "product/info", work: productInfo()},
		{name: "product/list of 20", work: asking("/get/product", "product/list", `{"page":3,"count":20}`)},
		{name: "property of 20 by a word", work: campusgatetest.Asking(campusgatetest.Getting("/api/external/get/property"+found, ""), 200)},
		{name: "purchase/apply and pay", work: campusgatetest.Buy},
		{name: "pic/upload of 50 KB", work: uploading(encoded)},
		{name: "GET pic of 50 KB", work: campusgatetest.Asking(campusgatetest.Getting("/api/external/get/pic/shop/"+campusgatetest.MD5(picture), ""), 200)},

		{name: "user/info", work: doing("/user", "user/info", `{}`)},
		{name: "product/search of 20 by a word", work: doing("/browse", "product/search", `{"key":"`+campusgatetest.CommonWord+`","count":20}`)},
		{name: "product/detail", work: doing("/browse", "product/detail", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusGoods(0)))},
		{name: "message/send", work: messages(), few: true},
		{name: "notice/list of 20", work: doing("/notice", "notice/list", `{"count":20}`)},
		{name: "cart/add and delete", work: inAndOut},
		{name: "cart/list of 100", work: doing("/cart", "cart/list", `{"count":100}`)},
		{name: "order/prepare of one line", work: doing("/order", "order/prepare", fmt.Sprintf(`{"items":[{"product_id":%d}],"deliver":"face"}`, campusgatetest.CampusOffer(1)))},
		{name: "order/prepare of 50 lines", work: doing("/order", "order/prepare", campusgatetest.CampusOrder())},
		{name: "order/commit and pay", work: campusgatetest.Order},
		{name: "order/commit, pay, confirm", work: orderWhole},
		{name: "order/commit, pay, decline", work: orderBack},
		{name: "order/list of 20", work: doing("/order", "order/list", `{"count":20}`)},
	}
}

// doing has the user 0 make a call.
func doing(path, call, data string) campusgatetest.Work {
	return func(c *campusgatetest.Connection) error { return c.Done(0, path, call, data) }
}

// buyer and seller are the users of a connection.
func buyer(c *campusgatetest.Connection) int { return c.Number % campusgatetest.CampusUsers }

func seller(c *campusgatetest.Connection) int {
	return (buyer(c) + campusgatetest.CampusUsers/2) % campusgatetest.CampusUsers
}

// messages are of all users in turn.
func messages() campusgatetest.Work {
	var sent atomic.Int64
	return func(c *campusgatetest.Connection) error {
		user := int(sent.Add(1)) % campusgatetest.CampusUsers
		other := (user + 1) % campusgatetest.CampusUsers
		return c.Done(user, "/message", "message/send", fmt.Sprintf(`{"user_id":"%s","product_id":%d,"content":"请问还在吗？"}`,
			campusgatetest.CampusUser(other), campusgatetest.CampusOffer(other)))
	}
}

var cartID = regexp.MustCompile(`"cart_id":(\d+)`)

// inAndOut puts something into the cart, and takes it out.
func inAndOut(c *campusgatetest.Connection) error {
	// The user 0 has a full cart.
	user := 1 + buyer(c)
	product := campusgatetest.CampusOffer((user + 1) % campusgatetest.CampusUsers)
	if err := c.Done(user, "/cart", "cart/add", fmt.Sprintf(`{"product_id":%d}`, product)); err != nil {
		return err
	}
	return c.Done(user, "/cart", "cart/delete", `{"cart_ids":[`+string(cartID.FindSubmatch(c.Body)[1])+`]}`)
}

// orderWhole is an order to its end: its seller has the money.
func orderWhole(c *campusgatetest.Connection) error {
	return orderAndGet(c, buyer(c), campusgatetest.CampusOffer(seller(c)), "10")
}

func orderAndGet(c *campusgatetest.Connection, buyer int, product int64, price string) error {
	order, err := c.Order(buyer, product, price)
	if err != nil {
		return err
	}
	return c.Done(buyer, "/order", "order/confirm", `{"order_id":"`+order+`"}`)
}

// orderBack is an order that its seller declines once it is paid.
func orderBack(c *campusgatetest.Connection) error {
	order, err := c.Order(buyer(c), campusgatetest.CampusOffer(seller(c)), "10")
	if err != nil {
		return err
	}
	return c.Done(seller(c), "/order", "order/decline", `{"order_id":"`+order+`","reason":"没货了"}`)
}
