package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campus"
	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/account/password"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// A scaleSide is a campus, the program on it, and those who make calls there beside its users:
// what calls change is theirs, so that each work finds what it needs and the campus stays as
// it is.
type scaleSide struct {
	t       *testing.T // of the row that is played
	size    int
	environ []string
	db      *storage.DB

	// gateway runs jobs, in place of the program; begun is the time by its clock.
	gateway *handlerstest.Gateway
	begun   time.Time
	after   func() error // what has to be otherwise after a work, once

	program    *served
	connection *campusgatetest.Connection
	live       *campusgatetest.Connection // the last that is pushed to
	codes      *codeReader

	stamp  int64 // tells these actors from those of a run before
	made   int   // actors, of which the last may wait for their turn
	fresh  []actor
	hash   string // of the actors' password
	number int    // counts what has to be unique
	stage
}

// An actor has money, an address and a password, and has done nothing yet.
type actor struct {
	id, token, phone string
	address          int64
}

const actorPassword = "correct horse"

// A stage is what actors trade with.
type stage struct {
	admin, seller                 actor
	shop, goods, category, coupon string
	course, section               string
	picture, portrait, letter     string // the ends of their URLs
	reader, owner                 actor  // users of the campus, who buy and sell
	order, payment, sold, product string // theirs
	partner, about                string // of a conversation of the reader's
}

// next is something unique.
func (s *scaleSide) next() int {
	s.number++
	return s.number
}

// actor is one who has not been asked for.
func (s *scaleSide) actor() actor {
	s.t.Helper()
	const together = 200
	if len(s.fresh) == 0 {
		s.addActors(together)
	}
	a := s.fresh[0]
	s.fresh = s.fresh[1:]
	return a
}

func (s *scaleSide) addActors(count int) {
	s.t.Helper()
	ctx, now := context.Background(), time.Now().Unix()
	if s.hash == "" {
		var err error
		s.hash, err = password.Hash(ctx, actorPassword)
		must(s.t, err)
	}
	must(s.t, s.db.InTx(ctx, func(tx *storage.Tx) error {
		var users []storage.User
		var tokens []storage.Token
		for range count {
			s.made++
			a := actor{
				id: fmt.Sprintf("7%09d%05d", s.stamp, s.made), token: fmt.Sprintf("scale%09d%09d", s.stamp, s.made),
				phone: fmt.Sprintf("19%09d", (s.stamp*97+int64(s.made))%1e9),
			}
			s.fresh = append(s.fresh, a)
			users = append(users, storage.User{ID: a.id, Name: fmt.Sprintf("s%09d%05d", s.stamp, s.made), Wealth: 99_999_00, OpenTime: now})
			tokens = append(tokens, storage.Token{Token: a.token, UserID: a.id})
		}
		if err := tx.AddUsers(ctx, users); err != nil {
			return err
		}
		if err := tx.AddTokens(ctx, tokens); err != nil {
			return err
		}
		for i := range s.fresh {
			if err := s.settle(ctx, tx, &s.fresh[i], now); err != nil {
				return err
			}
		}
		return nil
	}))
}

// settle gives an actor a profile with phone and password, and an address.
func (s *scaleSide) settle(ctx context.Context, tx *storage.Tx, a *actor, now int64) (err error) {
	profile, err := tx.LockProfile(ctx, a.id, now)
	if err != nil {
		return err
	}
	profile.Phone, profile.Password = a.phone, s.hash
	if err := tx.UpdateProfile(ctx, profile); err != nil {
		return err
	}
	a.address, err = tx.InsertAddress(ctx, storage.Address{UserID: a.id, Name: "王凌超", Phone: a.phone, Address: "浙江科技学院"})
	return err
}

// start starts the program, and sets the stage.
func (s *scaleSide) start(more ...string) {
	s.t.Helper()
	s.program = launchGateway(s.t, append(s.environ[:len(s.environ):len(s.environ)], more...))
	s.codes = readCodes(s.t, s.program.log)
	s.dial()
	if s.shop == "" {
		s.build()
	}
}

func (s *scaleSide) dial() {
	s.t.Helper()
	s.connection = campusgatetest.Dial(s.t, []string{s.program.address}, 1)[0]
}

func (s *scaleSide) stop() {
	closeAll([]*campusgatetest.Connection{s.connection})
	s.program.stop()
	s.program = nil
}

// cpuTime is what the program has used, 0 where the row needs none.
func (s *scaleSide) cpuTime() time.Duration {
	if s.program == nil {
		return 0
	}
	return cpuTime(s.t, s.program.pid)
}

// request is a call, as HTTP has it.
func request(token, call, data string) []byte {
	path := handlerstest.Paths[call]
	if token != "" {
		path += "?token=" + token
	}
	return campusgatetest.Posting(path, campusgatetest.Envelope(call, data))
}

// ask makes a call and wants its success.
func (s *scaleSide) ask(request []byte) error {
	if status, err := s.connection.Ask(request); err != nil || status != http.StatusOK || !bytes.Contains(s.connection.Body[:min(100, len(s.connection.Body))], []byte(`"status":0,`)) {
		return fmt.Errorf("%.600s\nis answered %d %.600s %w", request, status, s.connection.Body, err)
	}
	return nil
}

// ok is a call that must succeed, and its answer's data.
func (s *scaleSide) ok(who actor, call, data string) campusgatetest.Reply {
	s.t.Helper()
	if err := s.ask(request(who.token, call, data)); err != nil {
		s.t.Fatal(err)
	}
	var reply campusgatetest.Reply
	must(s.t, json.Unmarshal(s.connection.Body, &reply))
	return reply
}

// get is a GET below the base path that must succeed with an HTTP status.
func (s *scaleSide) get(path string, status int) func() error {
	asked := campusgatetest.Getting("/api/external"+path, "")
	work := campusgatetest.Asking(asked, status)
	return func() error { return work(s.connection) }
}

// build sets the stage.
func (s *scaleSide) build() {
	s.t.Helper()
	ctx, now := context.Background(), time.Now().Unix()
	s.admin, s.seller = s.actor(), s.actor()
	s.ok(s.seller, "address/default", fmt.Sprintf(`{"address_id":%d}`, s.seller.address)) // where goods come back to
	must(s.t, s.db.InTx(ctx, func(tx *storage.Tx) error {
		_, err := tx.SetRole(ctx, s.admin.id, storage.RoleAdmin, now)
		return err
	}))
	s.shop = s.ok(s.seller, "shop/creat", fmt.Sprintf(`{"shop_name":"店铺%d"}`, s.stamp)).Field("shop_id")
	s.goods = s.ok(s.seller, "product/creat", `{"product_name":"高等数学","product_key":"教材","product_price":10,"first_price":4,"product_status":1,"shop_id":`+s.shop+`}`).Field("product_id")
	s.category = s.ok(s.admin, "category/creat", fmt.Sprintf(`{"category_name":"分类%d","kind":1}`, s.stamp)).Field("category_id")
	s.coupon = s.ok(s.seller, "coupon/creat", s.couponTerms()).Field("coupon_id")
	s.course = s.newCourse()
	sections := s.ok(s.seller, "course/info", `{"product_id":`+s.course+`}`)
	s.section = regexp.MustCompile(`"section_id":(\d+)`).FindStringSubmatch(string(sections.Data))[1]
	s.picture = s.upload("pic/upload", `"from":"product",`)
	s.portrait = s.seller.id
	s.ok(s.seller, "portrait/upload", s.portraitOf(s.seller))
	s.letter = s.upload("message/upload", "")
	s.read()
}

// read finds what belongs to a user of the campus, whose lists are asked for.
func (s *scaleSide) read() {
	s.t.Helper()
	buyer := campus.Users(s.size) / 4 * 2 // an even number is a buyer's, and an odd one a seller's
	s.reader, s.owner = actor{id: campus.UserID(buyer), token: campus.Token(buyer)}, actor{id: campus.UserID(buyer + 1), token: campus.Token(buyer + 1)}
	first := func(who actor, call, data, field string) string {
		found := regexp.MustCompile(`"` + field + `":"?(\d+)`).FindSubmatch(s.ok(who, call, data).Data)
		if found == nil {
			return ""
		}
		return string(found[1])
	}
	s.order = first(s.reader, "order/list", `{}`, "order_id")
	s.payment = first(s.reader, "order/list", `{}`, "pay_id")
	s.sold = first(s.owner, "order/list", `{"role":"seller"}`, "order_id")
	s.product = first(s.owner, "product/mine", `{}`, "product_id")
	s.partner = first(s.reader, "message/conversations", `{}`, "user_id")
	s.about = first(s.reader, "message/conversations", `{}`, "product_id")
	if s.partner == "" {
		s.ok(s.reader, "message/send", s.messageTo(s.seller))
		s.partner, s.about = s.seller.id, s.goods
	}
}

// upload stores a picture of the seller's that nobody has seen, and returns its name.
func (s *scaleSide) upload(call, more string) string {
	s.t.Helper()
	_, encoded := campusgatetest.Noise(s.t, 8)
	url := s.ok(s.seller, call, `{`+more+`"base64":"`+encoded+`"}`).Field("url")
	return url[strings.LastIndex(url, "/")+1:]
}

func (s *scaleSide) portraitOf(a actor) string {
	_, encoded := campusgatetest.Noise(s.t, 8)
	return `{"name":"me.png","id":"` + a.id + `","type":"png","base64":"` + encoded + `"}`
}

func (s *scaleSide) couponTerms() string {
	return `{"coupon_name":"立减1","coupon_type":0,"coupon_value":1,"quantity":1000000,"open_time":"2020-01-01 00:00:00","close_time":"2100-01-01 00:00:00","valid_days":7,"shop_id":` + s.shop + `}`
}

const courseTree = `"chapters":[{"title":"第一章","sections":[{"title":"安装","kind":"video","seconds":300,"free":true,"link":"https://example.com/1.mp4"},{"title":"小结","kind":"text","content":"今天学了变量。"}]}]`

// newCourse is one of the seller's that costs nothing.
func (s *scaleSide) newCourse() string {
	s.t.Helper()
	course := s.ok(s.seller, "course/creat", s.courseTerms()).Field("product_id")
	s.ok(s.seller, "course/chapters", `{"product_id":`+course+`,`+courseTree+`}`)
	s.ok(s.seller, "course/policies", freePolicy(course))
	return course
}

func (s *scaleSide) courseTerms() string {
	return fmt.Sprintf(`{"shop_id":%s,"product_name":"Go 语言入门%d","brief":"从零写一个服务器","level":1,"hours":12,"product_status":1}`, s.shop, s.next())
}

func freePolicy(course string) string {
	return `{"product_id":` + course + `,"price_policies":[{"valid_period":7,"product_price":0,"default":true}]}`
}

func (s *scaleSide) messageTo(to actor) string {
	return `{"user_id":"` + to.id + `","product_id":` + s.goods + `,"content":"还在吗？"}`
}

// The steps of an order: each leads to the next, and returns the order.

// wish is of one piece of the seller's goods.
func (s *scaleSide) wish(buyer actor) string {
	return fmt.Sprintf(`{"items":[{"product_id":%s}],"deliver":"express","address_id":%d,"pay_price":10}`, s.goods, buyer.address)
}

func (s *scaleSide) committed(buyer actor) (payID, order string) {
	s.t.Helper()
	payID = s.ok(buyer, "order/commit", s.wish(buyer)).Field("pay_id")
	return payID, orderOf(payID)
}

func (s *scaleSide) paid(buyer actor) (order string) {
	s.t.Helper()
	payID, order := s.committed(buyer)
	s.ok(buyer, "order/pay", payment(payID, "wallet"))
	return order
}

func payment(payID, method string) string {
	return `{"pay_id":"` + payID + `","method":"` + method + `"}`
}

func ofOrder(id, more string) string { return `{"order_id":"` + id + `"` + more + `}` }

const (
	parcel      = `,"logistics":"顺丰","logistics_id":"SF1023456789"`
	reason      = `,"reason":"有划痕"`
	askedMoney  = `,"kind":"money"` + reason
	askedReturn = `,"kind":"return"` + reason
)

func (s *scaleSide) shipped(buyer actor) (order string) {
	s.t.Helper()
	order = s.paid(buyer)
	s.ok(s.seller, "order/ship", ofOrder(order, parcel))
	return order
}

func (s *scaleSide) refunding(buyer actor, asked string) (order string) {
	s.t.Helper()
	order = s.shipped(buyer)
	s.ok(buyer, "order/refund", ofOrder(order, asked))
	return order
}

func (s *scaleSide) refused(buyer actor) (order string) {
	s.t.Helper()
	order = s.refunding(buyer, askedMoney)
	s.ok(s.seller, "order/refuse", ofOrder(order, reason))
	return order
}

func (s *scaleSide) appealed(buyer actor) (order string) {
	s.t.Helper()
	order = s.refused(buyer)
	s.ok(buyer, "order/appeal", ofOrder(order, reason))
	return order
}

func (s *scaleSide) returning(buyer actor) (order string) {
	s.t.Helper()
	order = s.refunding(buyer, askedReturn)
	s.ok(s.seller, "order/agree", ofOrder(order, ""))
	return order
}

func (s *scaleSide) returned(buyer actor) (order string) {
	s.t.Helper()
	order = s.returning(buyer)
	s.ok(buyer, "order/return", ofOrder(order, parcel))
	return order
}

// owing is an order whose buyer owes a part of it.
func (s *scaleSide) owing(buyer actor) (order string) {
	s.t.Helper()
	s.ok(s.admin, "credit/set", `{"user_id":"`+buyer.id+`","inc_amount":100}`)
	payID := s.ok(buyer, "order/commit", fmt.Sprintf(
		`{"items":[{"product_id":%s,"first_price":4}],"deliver":"express","address_id":%d,"pay_price":4}`, s.goods, buyer.address)).Field("pay_id")
	s.ok(buyer, "order/pay", payment(payID, "wallet"))
	return orderOf(payID)
}

// cartLine is one with the seller's goods.
func (s *scaleSide) cartLine(buyer actor) string {
	s.t.Helper()
	return s.ok(buyer, "cart/add", `{"product_id":`+s.goods+`}`).Field("cart_id")
}

// released is something second-hand, which waits for its review.
func (s *scaleSide) released(seller actor) string {
	s.t.Helper()
	return s.ok(seller, "product/release", s.releaseTerms()).Field("product_id")
}

func (s *scaleSide) releaseTerms() string {
	return `{"product_name":"九成新台灯","product_content":"用了一个学期，亮度三档可调，毕业了带不走。","product_price":35,"original_price":99,"sell_method":1,"ship_price":0,` +
		`"category_id":` + s.category + `,"pics":["./api/external/get/pic/product/` + s.picture + `"]}`
}

func notice(title string) string {
	return `{"type":1,"lab":"测试","title":"` + title + `","content":"我找到一件东西","occurrence_time":"","user_name":"王凌超","user_phone":"123456","user_qq":"893721708","publish_time":""}`
}

// published is a notice of an actor's.
func (s *scaleSide) published(a actor) string {
	s.t.Helper()
	return s.ok(a, "property/add", notice("测试标题")).Field("uid")
}

// captchaHash is that of a new picture.
func (s *scaleSide) captchaHash() string {
	s.t.Helper()
	salt := s.ok(actor{}, "img/generate", `{}`).Field("rand")
	return campusgatetest.MD5(strings.ToLower(s.codes.await(s.t, "captcha rand="+salt+" code=")) + salt)
}

// messageHash is that of an SMS to a phone.
func (s *scaleSide) messageHash(phone string) string {
	s.t.Helper()
	salt := s.ok(actor{}, "sms/generate", `{"phone":"`+phone+`","hash":"`+s.captchaHash()+`"}`).Field("rand")
	return campusgatetest.MD5(s.codes.await(s.t, "sms phone="+phone+" code=") + salt)
}

// newPhone is one that nobody has.
func (s *scaleSide) newPhone() string {
	return fmt.Sprintf("18%09d", (s.stamp*89+int64(s.next()))%1e9)
}

// claim is the data of user/verify, with a card that nobody else has.
func (s *scaleSide) claim() string {
	digits := fmt.Sprintf("1101051949%02d%02d%03d", 1+s.next()%12, 1+s.next()%28, s.next()%1000)
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(digits[i]-'0')
	}
	return `{"real_name":"王凌超","id_code":"` + digits + string("10X98765432"[sum%11]) + `","pic_up":"` + campusgatetest.OnePixel + `","pic_down":"` + campusgatetest.OnePixel + `"}`
}

// A codeReader finds codes in the program's log.
type codeReader struct {
	file   *os.File
	reader *bufio.Reader
	begun  string // of a line that is not whole yet
}

func readCodes(t testing.TB, log string) *codeReader {
	t.Helper()
	file, err := os.Open(log)
	must(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return &codeReader{file: file, reader: bufio.NewReaderSize(file, 1<<20)}
}

// await waits for a code that is yet to be read.
func (c *codeReader) await(t testing.TB, before string) string {
	t.Helper()
	for late := time.Now().Add(campusgatetest.Patience); time.Now().Before(late); {
		part, err := c.reader.ReadString('\n')
		c.begun += part
		if err != nil { // no event tells of more
			time.Sleep(100 * time.Microsecond)
			continue
		}
		line := c.begun
		c.begun = ""
		if _, code, found := strings.Cut(line, before); found {
			return strings.TrimRight(strings.Fields(code)[0], `"`)
		}
	}
	t.Fatalf("no %q", before)
	return ""
}
