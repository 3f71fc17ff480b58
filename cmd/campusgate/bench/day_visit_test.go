package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

const (
	dayPictures = 100 // that are shown, of 50 KB each
	dayAtOnce   = 32  // visits; on a machine that is too slow for more the next ones begin late
)

// prepare stores what visits need, and opens the connections that listen.
func (d *day) prepare(t *testing.T) {
	t.Helper()
	for i := range dayPhones {
		transport := d.transport(fmt.Sprintf("127.0.1.%d", 1+i))
		transport.MaxIdleConnsPerHost = 16
		transport.IdleConnTimeout = 30 * time.Second // nginx closes after 75 s: no POST meets that
		d.phones = append(d.phones, &http.Client{Transport: transport, Timeout: campusgatetest.Patience})
	}
	for i := range dayPictures {
		d.pictures = append(d.pictures, d.visitor(i).upload(112))
	}
	for i := range 10 {
		d.visitor(i).register()
	}
	d.listen()
	d.failOn(t)
}

// visitAll has visits begin until stop is called, which waits for those that have begun.
func (d *day) visitAll() (stop func()) {
	stopping := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		places := make(chan struct{}, dayAtOnce)
		for due := time.Now(); ; {
			due = due.Add(time.Duration(rand.ExpFloat64() / d.plan.visits * float64(time.Second)))
			select {
			case <-stopping:
				return
			case <-time.After(time.Until(due)):
			}
			places <- struct{}{}
			running.Go(func() {
				d.visitor(int(d.visits.Add(1))).visit()
				d.times.add("visit", time.Since(due))
				<-places
			})
		}
	})
	return func() {
		close(stopping)
		running.Wait()
	}
}

// visitor is a user who visits.
type visitor struct {
	*day

	number int // of the visit
	user   int // whose number it is
	phone  *http.Client
	failed bool // then nothing more is done
}

func (d *day) visitor(number int) *visitor {
	return &visitor{day: d, number: number, user: number % d.plan.users, phone: d.phones[number%len(d.phones)]}
}

// A guest asks without a token.
const guest = -1

// post sends a call as a user, who gets success or one of other statuses.
func (v *visitor) post(user int, path, call, data string, also ...int) campusgatetest.Reply {
	if user != guest {
		path += campusgatetest.CampusQuery(user)
	}
	return v.ask(call, http.MethodPost, path, campusgatetest.Envelope(call, data), also...)
}

// ask sends a request.
func (v *visitor) ask(name, method, path, body string, also ...int) (answer campusgatetest.Reply) {
	if v.failed {
		return answer
	}
	request, err := http.NewRequestWithContext(v.ended, method, v.base+path, strings.NewReader(body))
	if err != nil {
		v.refuse("%s: %v", name, err)
		return answer
	}
	began := time.Now()
	response, err := v.phone.Do(request)
	if err != nil {
		v.refuse("%s %s: %v", name, body, err)
		return answer
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	took := time.Since(began)
	answer = campusgatetest.Reply{Code: response.StatusCode, Header: response.Header, Raw: string(raw)}
	switch {
	case err != nil || response.StatusCode != http.StatusOK:
		v.refuse("%s %.300s: HTTP status %d, %v: %.300s", name, body, response.StatusCode, err, raw)
	case response.Header.Get("X-Picture") != "":
	case json.Unmarshal(raw, &answer) != nil || len(answer.Data) == 0:
		v.refuse("%s %.300s: no envelope: %.300s", name, body, raw)
	case answer.Status != 0 && !slices.Contains(also, answer.Status):
		v.refuse("%s %.300s: %.300s", name, body, raw)
	default:
	}
	v.times.add(name, took)
	return answer
}

// refuse ends the visit.
func (v *visitor) refuse(format string, values ...any) {
	v.failed = true
	v.fail("visit %d: "+format, append([]any{v.number}, values...)...)
}

// every reports whether the visit is each count-th one.
func (v *visitor) every(count int) bool { return v.number%count == 0 }

// visit is one as the docs have it: a captcha, ten lists, ten products, thirty pictures, and
// every fifth time an order. What else is written makes it one call in twenty.
func (v *visitor) visit() {
	v.captcha()
	v.lists()
	for range 5 {
		v.post(v.user, "/get/product", "product/info", fmt.Sprintf(`{"product_id":%d}`, v.someProduct()))
		v.post(v.user, "/browse", "product/detail", fmt.Sprintf(`{"product_id":%d}`, v.someProduct()))
	}
	for range 30 {
		v.show(v.pictures[rand.IntN(len(v.pictures))])
	}
	if v.every(5) {
		v.order(v.number / 5)
	}
	if v.every(3) {
		v.talk()
	}
	if v.every(4) {
		v.favour()
	}
	if v.every(7) {
		v.purchase()
	}
	if v.every(10) {
		v.notices()
	}
	if v.every(11) {
		v.publish()
	}
	if v.every(13) {
		v.show(v.upload(64))
	}
	if v.every(20) {
		v.logIn()
	}
	if v.every(50) {
		v.register()
	}
}

// someProduct is one of those that were there before.
func (v *visitor) someProduct() int64 {
	return campusgatetest.CampusProduct(rand.IntN(10 * v.plan.users))
}

// captcha draws a picture and solves it.
func (v *visitor) captcha() (hash string) {
	salt := v.post(guest, "/captcha", "img/generate", `{}`).Field("rand")
	if v.failed {
		return ""
	}
	code, found := v.takeCode(salt)
	if !found {
		v.refuse("the code of %s is not in the log", salt)
	}
	hash = campusgatetest.MD5(strings.ToLower(code) + salt)
	v.post(guest, "/captcha", "img/validate", `{"hash":"`+hash+`"}`)
	if v.every(30) {
		v.post(guest, "/captcha", "img/validate", `{"hash":"`+campusgatetest.MD5(salt)+`"}`, -1)
	}
	return hash
}

func (v *visitor) lists() {
	page := fmt.Sprintf(`"page":%d,"count":20`, 1+rand.IntN(3))
	v.ask("property/list", http.MethodGet, fmt.Sprintf("/get/property%s&type=1&page=%d&count=20", campusgatetest.CampusQuery(v.user), 1+rand.IntN(3)), "")
	v.ask("property/list by key", http.MethodGet, "/get/property"+campusgatetest.CampusQuery(v.user)+"&type=1&key="+campusgatetest.RareWord+"&page=1&count=20", "")
	v.post(v.user, "/get/product", "product/list", `{"type":"up",`+page+`}`)
	v.post(v.user, "/get/shop", "shop/list", `{`+page+`}`)
	v.post(guest, "/browse", "product/search", `{"key":"生发水 秃","sort":"price_up",`+page+`}`)
	v.post(v.user, "/browse", "product/search", `{"sort":"sale",`+page+`}`)
	v.post(v.user, "/order", "order/list", `{"role":"buyer","page":1}`)
	v.post(v.user, "/purchase", "purchase/list", `{"page":1,"count":20}`)
	v.post(v.user, "/message", "message/conversations", `{}`)
	v.post(v.user, "/cart", "cart/list", `{}`)
}

// show is a picture, as a page embeds it.
func (v *visitor) show(path string) {
	if got := v.ask("GET picture", http.MethodGet, path, ""); !v.failed && got.Header.Get("X-Picture") != "stored" {
		v.refuse("%s shows %q", path, got.Header.Get("X-Picture"))
	}
}

// upload stores a picture of side pixels that is new, and is its path.
func (v *visitor) upload(side int) (path string) {
	_, encoded := campusgatetest.Noise(v.test, side)
	url := v.post(v.user, "/pic", "pic/upload", `{"from":"product","base64":"`+encoded+`"}`).Field("url")
	return strings.TrimPrefix(url, "./api/external")
}

func (v *visitor) favour() {
	product := v.someProduct()
	v.post(v.user, "/product", "product/collect", fmt.Sprintf(`{"product_id":%d,"collected":1}`, product))
	v.post(v.user, "/product", "product/collected", `{}`)
	v.post(v.user, "/product", "product/collect", fmt.Sprintf(`{"product_id":%d,"collected":0}`, product))
}

func (v *visitor) notices() {
	v.post(v.user, "/notice", "notice/count", `{}`)
	v.post(v.user, "/notice", "notice/list", `{}`)
	v.post(v.user, "/notice", "notice/read", `{"all":true}`)
}

// publish has something found, and then given back.
func (v *visitor) publish() {
	id := v.post(v.user, "/property", "property/add", `{"type":1,"lab":"卡类","title":"饭卡","content":"在食堂捡到","occurrence_time":"",`+
		`"user_name":"王凌超","user_phone":"13700000000","user_qq":"1003","publish_time":"","pic_num":0}`).Field("uid")
	v.post(v.user, "/property", "property/update", `{"id":`+id+`,"state":1}`)
}

// talk is a question to another user about a product of theirs, who reads it.
func (v *visitor) talk() {
	to := (v.user + 1) % v.plan.users
	about := campusgatetest.CampusProduct(to)
	sent := v.post(v.user, "/message", "message/send", fmt.Sprintf(`{"user_id":%s,"product_id":%d,"content":"还在吗？%s"}`,
		campusgatetest.CampusUser(to), about, time.Now().Format(time.RFC3339Nano)))
	if !v.failed && len(sent.Data) > 0 && !v.replacing.Load() {
		v.sent[to].Add(1)
	}
	conversation := fmt.Sprintf(`{"user_id":%s,"product_id":%d}`, campusgatetest.CampusUser(v.user), about)
	v.post(to, "/message", "message/list", conversation)
	v.post(to, "/message", "message/read", conversation)
}

// dayAccounts are the users who have registered themselves.
type dayAccounts struct {
	mutex  sync.Mutex
	phones []string
	made   int
}

const dayPassword = "correct horse battery"

// register makes an account, by a captcha and an SMS.
func (v *visitor) register() {
	v.accounts.mutex.Lock()
	v.accounts.made++
	number := v.accounts.made
	v.accounts.mutex.Unlock()
	phone := fmt.Sprintf("13%09d", number)
	salt := v.post(guest, "/captcha", "sms/generate", `{"phone":"`+phone+`","hash":"`+v.captcha()+`"}`).Field("rand")
	if v.failed {
		return
	}
	code, found := v.takeCode(phone)
	if !found {
		v.refuse("the code for %s is not in the log", phone)
	}
	v.post(guest, "/account", "user/register", fmt.Sprintf(`{"phone":%q,"sms_hash":%q,"password":%q,"user_name":"同学%d"}`,
		phone, campusgatetest.MD5(code+salt), dayPassword, number))
	if !v.failed {
		v.accounts.mutex.Lock()
		defer v.accounts.mutex.Unlock()
		v.accounts.phones = append(v.accounts.phones, phone)
	}
}

// logIn is by a password, and out again.
func (v *visitor) logIn() {
	v.accounts.mutex.Lock()
	phone := v.accounts.phones[v.number/20%len(v.accounts.phones)]
	v.accounts.mutex.Unlock()
	token := v.post(guest, "/account", "user/login", fmt.Sprintf(`{"phone":%q,"password":%q}`, phone, dayPassword)).Field("token")
	for _, call := range []string{"user/info", "user/logout"} {
		v.ask(call, http.MethodPost, "/user?token="+token, campusgatetest.Envelope(call, `{}`))
	}
}
