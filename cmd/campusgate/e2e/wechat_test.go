package e2e

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/wechat/wechattest"
)

// A wechatShop is the program, where a buyer pays a seller by WeChat Pay.
type wechatShop struct {
	*campusgatetest.Process
	t                      *testing.T
	channels               *campusgatetest.Channels
	buyer, seller, product string
	db                     *sql.DB
}

// TestWeChatPay: the program and WeChat Pay, from codes to refunds that arrive, in parts, and
// that do not.
func TestWeChatPay(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := &wechatShop{t: t, channels: campusgatetest.StartChannels(t)}
	environ := campusgatetest.Embedded(data, s.channels.Environ...)
	campusgatetest.Run(t, environ, "migrate").Want(t, 0)
	s.seller, s.buyer = campusgatetest.AddUser(t, environ, "100", "码三秃", "0"), campusgatetest.AddUser(t, environ, "101", "王凌超", "0")
	admin := campusgatetest.AddUser(t, environ, "102", "张三丰", "0")
	campusgatetest.Run(t, environ, "role", "grant", "--user", "102", "--role", "admin").Want(t, 0)
	s.Process = campusgatetest.Start(t, t.TempDir(), environ)
	var err error
	s.db, err = sql.Open("sqlite", campusgatetest.DatabaseIn(data)+"?_pragma=busy_timeout(5000)")
	must(t, err)
	t.Cleanup(func() { must(t, s.db.Close()) })
	shop := s.Call(t, "/shop?token="+s.seller, "shop/creat", `{"shop_name":"shop"}`).Field("shop_id")
	s.product = s.Call(t, "/product?token="+s.seller, "product/creat",
		`{"product_name":"tea","product_price":10,"product_status":1,"product_stock":9,"sell_method":1,"shop_id":`+shop+`}`).Field("product_id")

	order, _, attempt := s.order()
	s.hears(s.channels.WeChat.Paid(t, attempt, nil))
	for range 3 {
		s.call(s.buyer, "order/refund", `{"order_id":"`+order+`","kind":"money","amount":2,"reason":"刮花了"}`)
		s.call(s.seller, "order/agree", `{"order_id":"`+order+`"}`)
	}
	for parts := []int64{2_00}; len(parts) <= 3; parts = append(parts, 2_00) {
		s.await("a part goes back", func() bool { return slices.Equal(s.channels.WeChat.Refunded(attempt), parts) })
		s.await("the others wait", func() bool { return s.count("state = 'waiting'") == 3-len(parts) })
		s.channels.PassAtWeChat(61 * time.Second)
	}
	s.await("all parts arrive", func() bool { return s.count("state = 'done'") == 3 })

	s.channels.WeChat.Pend()
	order, payID, closed := s.order() // and the notification is lost
	s.await("it is asked for", func() bool {
		return s.call(s.buyer, "pay/info", `{"pay_id":"`+payID+`"}`).Field("pay_state") == "paid"
	})
	s.decline(order)
	s.channels.WeChat.Decide("CLOSED")
	s.await("its refund is refused", func() bool { return s.count("state = 'refused'") == 1 })

	order, _, abnormal := s.order()
	s.hears(s.channels.WeChat.Paid(t, abnormal, nil))
	s.decline(order)
	s.channels.WeChat.Decide("ABNORMAL")
	s.hears(s.channels.WeChat.RefundEnded(t, abnormal, nil))
	for _, one := range []string{closed, abnormal} {
		if got := string(s.call(admin, "pay/anomalies", `{}`).Data); !strings.Contains(got, one) {
			t.Errorf("%s is not among %s", one, got)
		}
		s.call(admin, "pay/settle", `{"attempt_id":"`+one+`","to":"wallet"}`)
	}
	if balance := s.call(s.buyer, "wallet/info", `{}`).Field("balance"); balance != "20" {
		t.Errorf("the wallet has %s", balance)
	}
	if status := s.Stop(); status != exitOK {
		t.Errorf("exit status %d:\n%s", status, s.Stderr)
	}
	campusgatetest.Run(t, environ, "audit").Want(t, exitOK)
}

func (s *wechatShop) call(token, call, data string) campusgatetest.Reply {
	s.t.Helper()
	path, _, _ := strings.Cut(call, "/")
	return s.Call(s.t, "/"+path+"?token="+token, call, data)
}

// order is one of 10 yuan, that is paid at WeChat Pay.
func (s *wechatShop) order() (order, payID, attempt string) {
	s.t.Helper()
	payID = s.call(s.buyer, "order/commit", `{"items":[{"product_id":`+s.product+`,"product_num":1}],"deliver":"face","pay_price":10}`).Field("pay_id")
	order, attempt = payID[:len(payID)-1]+"1", payID+"01"
	code := s.call(s.buyer, "order/pay", `{"pay_id":"`+payID+`","method":"wechat","client":"native"}`).Field("code_url")
	if !strings.HasSuffix(code, attempt) || !s.channels.WeChat.Pay(attempt) {
		s.t.Fatalf("it cannot be paid by %s", code)
	}
	return order, payID, attempt
}

// decline has the seller decline an order, and waits until WeChat Pay has taken its refund.
func (s *wechatShop) decline(order string) {
	s.t.Helper()
	s.call(s.seller, "order/decline", `{"order_id":"`+order+`","reason":"没货"}`)
	s.await("its refund is taken", func() bool { return s.count("state = 'taken'") == 1 })
}

// hears posts a notification that is taken.
func (s *wechatShop) hears(n wechattest.Notification) {
	s.t.Helper()
	if status, err := s.channels.Notify(s.t, channel.WeChat, n.Body, n.Headers()...); err != nil || status != http.StatusNoContent {
		s.t.Fatalf("%s is answered %d, %v\n%s", n.Body, status, err, s.Stderr)
	}
}

// count is how many refunds there are.
func (s *wechatShop) count(which string) (rows int) {
	s.t.Helper()
	must(s.t, s.db.QueryRowContext(s.t.Context(), "SELECT COUNT(*) FROM channel_refunds WHERE "+which).Scan(&rows))
	return rows
}

// await waits for something, and has the refunds that wait for their next try begin now.
func (s *wechatShop) await(what string, is func() bool) {
	s.t.Helper()
	for late := time.Now().Add(campusgatetest.Patience / 2); !is(); time.Sleep(100 * time.Millisecond) {
		_, err := s.db.ExecContext(s.t.Context(), "UPDATE jobs SET run_time = 1 WHERE kind = 'channel.refund' AND taken_by = ''")
		must(s.t, err)
		if time.Now().After(late) {
			s.t.Fatalf("%s: it does not come\n%s", what, s.Stderr)
		}
	}
}
