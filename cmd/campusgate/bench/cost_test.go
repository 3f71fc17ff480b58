package bench

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// How many clients call at once, and how often each in a round.
const visitors, visits = 16, 40

// BenchmarkCost measures what a call costs each machine of a campus: the CPU time of
// the gateway, of the database and of Redis, each a process of its own. CPU time
// says what one machine carries, however busy the one is that measures.
func BenchmarkCost(b *testing.B) {
	database, redis := storagetest.StartMariaDB(b), redistest.Start(b)
	environ := campusgatetest.Sharing(b, database.DSN, redis.Address())
	campusgatetest.Run(b, environ, "migrate").Want(b, 0)
	token := campusgatetest.AddUser(b, environ, "1180310086", "王凌超", "999999999")
	gateway := campusgatetest.Start(b, b.TempDir(), environ)
	query := "?token=" + token
	shop := gateway.Call(b, "/shop"+query, "shop/creat", `{"shop_name":"小码三秃"}`).Field("shop_id")
	var product string
	for i := range 1000 {
		product = gateway.Call(b, "/product"+query, "product/creat", fmt.Sprintf(
			`{"product_name":"生发水%d","product_key":"生发|秃","product_price":1,"shop_id":%s,"product_status":1}`, i, shop)).Field("product_id")
		gateway.Call(b, "/property"+query, "property/add", fmt.Sprintf(`{"type":1,"lab":"卡类","title":"饭卡%d","content":"在食堂丢了","occurrence_time":"",`+
			`"user_name":"王凌超","user_phone":"13700000000","user_qq":"1003","publish_time":"","pic_num":0}`, i))
	}
	_, photo := campusgatetest.Noise(b, 112) // about 50 KB
	picture := gateway.Call(b, "/pic"+query, "pic/upload", `{"from":"shop","base64":"`+photo+`"}`).Field("name")
	uploads := campusgatetest.Envelope("pic/upload", `{"from":"shop","base64":"`+photo+`"}`)
	apply := campusgatetest.Envelope("purchase/apply", `{"product_id":`+product+`,"product_num":1,"product_unitprice":1,"product_totalprice":1}`)

	for _, c := range []struct{ name, path, body string }{
		{"img_generate", "/captcha", campusgatetest.Envelope("img/generate", `{}`)},
		{"img_validate", "/captcha", campusgatetest.Envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)},
		{"product_info", "/get/product" + query, campusgatetest.Envelope("product/info", `{"product_id":`+product+`}`)},
		{"product_list_of_20", "/get/product" + query, campusgatetest.Envelope("product/list", `{"page":3,"count":20}`)},
		{"property_list_of_20", "/get/property" + query + "&type=1&key=%E9%A3%9F%E5%A0%82&page=3&count=20", ""},
		{"purchase_apply_and_pay", "/purchase" + query, apply},
		{"pic_upload_of_50_KB", "/pic" + query, uploads},
		{"get_pic_of_50_KB", "/get/pic/shop/" + picture, ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			processes := []struct {
				name string
				pid  int
			}{{"gateway", gateway.PID()}, {"database", database.PID()}, {"redis", redis.PID()}}
			var before [3]time.Duration
			for i, p := range processes {
				before[i] = cpuTime(b, p.pid)
			}
			calls := 0
			for b.Loop() {
				calls += visit(b, gateway.URL(c.path), c.body)
			}
			for i, p := range processes {
				b.ReportMetric(float64((cpuTime(b, p.pid)-before[i]).Microseconds())/float64(calls), p.name+"-µs/call")
			}
			b.ReportMetric(0, "ns/op") // of a round: it says nothing
		})
	}
}

// visit calls from all connections at once, and returns how often. An order that is
// applied for is paid too.
func visit(b *testing.B, url, body string) (calls int) {
	b.Helper()
	var group sync.WaitGroup
	var done atomic.Int64
	for range visitors {
		group.Go(func() {
			for range visits {
				method := http.MethodPost
				if body == "" {
					method = http.MethodGet
				}
				answer := campusgatetest.Request(b, method, url, body)
				if order := answer.Field("purchase_id"); order != "" {
					answer = campusgatetest.Request(b, method, url, campusgatetest.Envelope("purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`))
				}
				if answer.Status < -1 || answer.Status > 0 {
					b.Error(answer.Raw)
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	return int(done.Load())
}
