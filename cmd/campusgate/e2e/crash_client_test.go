package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

const (
	crashFunds = 1_000_000_00 // in fen
	crashPrice = 1_01
)

// A client writes, and remembers what was acknowledged. What was sent last, and
// not acknowledged, may be there or not.
type client struct {
	user, token, product string
	sent                 int               // notices tried, each with its number
	notices              map[string]string // titles by id
	pictures             map[string]string // bytes by url
	portraits            [2]string         // acknowledged last, sent last
	applied              int               // orders tried
	orders               map[string]string // states by id; "" while an end is not acknowledged
}

func newClients(t *testing.T, folder string, number int) []*client {
	t.Helper()
	environ := campusgatetest.Embedded(filepath.Join(folder, "data"))
	clients := make([]*client, number)
	for i := range clients {
		c := &client{
			user: strconv.Itoa(i + 1), notices: map[string]string{}, pictures: map[string]string{}, orders: map[string]string{},
		}
		c.token = campusgatetest.AddUser(t, environ, c.user, "王凌超", strconv.Itoa(crashFunds/100))
		clients[i] = c
	}
	b := campusgatetest.Start(t, folder, nil)
	for _, c := range clients {
		shop := b.Call(t, "/shop?token="+c.token, "shop/creat", `{"shop_name":"`+c.user+`"}`).Field("shop_id")
		c.product = b.Call(t, "/product?token="+c.token, "product/creat",
			`{"product_name":"生发水","product_price":1.01,"product_status":1,"shop_id":`+shop+`}`).Field("product_id")
	}
	b.Kill(t)
	return clients
}

// load is clients at work on one process.
type load struct {
	b            *campusgatetest.Process
	acknowledged atomic.Int64
}

// write makes a call, and reports whether it was acknowledged.
func (l *load) write(t *testing.T, c *client, call, data string) (answer campusgatetest.Reply, ok bool) {
	path, _, _ := strings.Cut(call, "/")
	answer, err := campusgatetest.Send(t.Context(), http.MethodPost, l.b.URL("/"+path+"?token="+c.token), campusgatetest.Envelope(call, data))
	if err != nil {
		return answer, false
	}
	if answer.Status != 0 {
		t.Errorf("%s: %s\n%s", call, answer.Raw, l.b.Stderr)
	}
	l.acknowledged.Add(1)
	return answer, answer.Status == 0
}

// work writes until the server is gone.
func (c *client) work(t *testing.T, l *load) {
	writes := []func(*testing.T, *load) bool{c.addNotice, c.uploadPicture, c.uploadPortrait, c.buy}
	for writes[rand.N(len(writes))](t, l) {
	}
}

func (c *client) addNotice(t *testing.T, l *load) bool {
	c.sent++
	title := fmt.Sprintf("%s-%d", c.user, c.sent)
	answer, ok := l.write(t, c, "property/add", `{"type":2,"lab":"卡","title":"`+title+
		`","content":"捡到","occurrence_time":"","user_name":"王","user_phone":"","user_qq":""}`)
	if ok {
		c.notices[answer.Field("uid")] = title
	}
	return ok
}

func (c *client) uploadPicture(t *testing.T, l *load) bool {
	drawn, encoded := campusgatetest.Noise(t, 64)
	answer, ok := l.write(t, c, "pic/upload", `{"from":"shop","base64":"`+encoded+`"}`)
	if ok {
		c.pictures[strings.TrimPrefix(answer.Field("url"), "./api/external")] = drawn
	}
	return ok
}

func (c *client) uploadPortrait(t *testing.T, l *load) bool {
	drawn, encoded := campusgatetest.Noise(t, 64)
	c.portraits[1] = drawn
	_, ok := l.write(t, c, "portrait/upload", `{"name":"me","type":"png","id":"`+c.user+`","base64":"`+encoded+`"}`)
	if ok {
		c.portraits[0] = drawn
	}
	return ok
}

// buy orders, and pays or cancels.
func (c *client) buy(t *testing.T, l *load) bool {
	c.applied++
	answer, ok := l.write(t, c, "purchase/apply",
		`{"product_id":`+c.product+`,"product_num":1,"product_unitprice":1.01,"product_totalprice":1.01}`)
	if !ok {
		return false
	}
	id, call, state := answer.Field("purchase_id"), "purchase/pay", "finish"
	if rand.N(4) == 0 {
		call, state = "purchase/cancel", "cancel"
	}
	c.orders[id] = ""
	if _, ok = l.write(t, c, call, `{"purchase_id":"`+id+`","method":"wallet"}`); ok {
		c.orders[id] = state
	}
	return ok
}

func acknowledged(clients []*client) string {
	var notices, pictures, applied, ended int
	for _, c := range clients {
		notices += len(c.notices)
		pictures += len(c.pictures)
		applied += len(c.orders)
		for _, state := range c.orders {
			if state != "" {
				ended++
			}
		}
	}
	return fmt.Sprintf("%d notices, %d pictures, %d orders, %d payments and cancellations", notices, pictures, applied, ended)
}
