package e2e

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/alipay/alipaytest"
	"campusgate/handlers/trade/channel/wechat/wechattest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// onEachDatabase runs a test with an environment of the program for each database, which is
// empty.
func onEachDatabase(t *testing.T, run func(t *testing.T, environ []string, options storage.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		data := filepath.Join(t.TempDir(), "data")
		run(t, campusgatetest.Embedded(data), storage.Options{Driver: "sqlite", DSN: campusgatetest.DatabaseIn(data)})
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		dsn := storagetest.MariaDB(t)
		environ := campusgatetest.Embedded(filepath.Join(t.TempDir(), "data"), "CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN="+dsn)
		run(t, environ, storage.Options{Driver: "mysql", DSN: dsn})
	})
}

// plainDatabase is the database of a program that runs, until the test ends.
func plainDatabase(t *testing.T, options storage.Options) *sql.DB {
	t.Helper()
	if options.Driver == "sqlite" {
		options.DSN += "?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(options.Driver, options.DSN)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

// A channelShop is the program, where a buyer pays a seller by channels.
type channelShop struct {
	*campusgatetest.Process
	t                             *testing.T
	channels                      *campusgatetest.Channels
	environ                       []string
	buyer, seller, admin, product string
	db                            *sql.DB
	began                         time.Time
}

func startChannelShop(t *testing.T, environ []string, options storage.Options) *channelShop {
	t.Helper()
	s := &channelShop{t: t, channels: campusgatetest.StartChannels(t), began: time.Now()}
	s.environ = slices.Concat(environ, s.channels.Environ)
	campusgatetest.Run(t, s.environ, "migrate").Want(t, exitOK)
	s.seller, s.buyer = campusgatetest.AddUser(t, s.environ, "100", "码三秃", "0"), campusgatetest.AddUser(t, s.environ, "101", "王凌超", "0")
	s.admin = campusgatetest.AddUser(t, s.environ, "102", "张三丰", "0")
	campusgatetest.Run(t, s.environ, "role", "grant", "--user", "102", "--role", "admin").Want(t, exitOK)
	s.Process = campusgatetest.Start(t, t.TempDir(), s.environ)
	s.db = plainDatabase(t, options)
	shop := s.Call(t, "/shop?token="+s.seller, "shop/creat", `{"shop_name":"shop"}`).Field("shop_id")
	s.product = s.Call(t, "/product?token="+s.seller, "product/creat",
		`{"product_name":"tea","product_price":10,"product_status":1,"product_stock":9,"sell_method":1,"shop_id":`+shop+`}`).Field("product_id")
	return s
}

func (s *channelShop) call(token, call, data string) campusgatetest.Reply {
	s.t.Helper()
	path, _, _ := strings.Cut(call, "/")
	return s.Call(s.t, "/"+path+"?token="+token, call, data)
}

// order is one of 10 yuan.
func (s *channelShop) order() (order, payID string) {
	s.t.Helper()
	payID = s.call(s.buyer, "order/commit", `{"items":[{"product_id":`+s.product+`,"product_num":1}],"deliver":"face","pay_price":10}`).Field("pay_id")
	return payID[:len(payID)-1] + "1", payID
}

// scans begins to pay by WeChat Pay, and pays there.
func (s *channelShop) scans(payID, attempt string) {
	s.t.Helper()
	code := s.call(s.buyer, "order/pay", `{"pay_id":"`+payID+`","method":"wechat","client":"native"}`).Field("code_url")
	if !strings.HasSuffix(code, attempt) || !s.channels.WeChat.Pay(attempt) {
		s.t.Fatalf("it cannot be paid by %s", code)
	}
}

// page is Alipay's, where a payment is begun.
func (s *channelShop) page(payID string) (url string) {
	s.t.Helper()
	return pageOf(s.call(s.buyer, "order/pay", `{"pay_id":"`+payID+`","method":"alipay","client":"pc"}`))
}

// pageOf is where the browser pays, "" where it does not.
func pageOf(begun campusgatetest.Reply) string {
	var data struct {
		PayURL string `json:"pay_url"`
	}
	_ = json.Unmarshal(begun.Data, &data) // a refusal has none
	return data.PayURL
}

// opens pays on a page of Alipay.
func (s *channelShop) opens(url, attempt string) {
	s.t.Helper()
	must(s.t, s.channels.Alipay.Open(url))
	if !s.channels.Alipay.Pay(attempt) {
		s.t.Fatalf("%s cannot be paid at Alipay", attempt)
	}
}

// hears posts a notification that is taken.
func (s *channelShop) hears(name string, want int, body []byte, headers ...string) {
	s.t.Helper()
	if status, err := s.channels.Notify(s.t, name, body, headers...); err != nil || status != want {
		s.t.Fatalf("%s is answered %d, %v\n%s", body, status, err, s.Stderr)
	}
}

func (s *channelShop) hearsWeChat(n wechattest.Notification) {
	s.t.Helper()
	s.hears(channel.WeChat, http.StatusNoContent, n.Body, n.Headers()...)
}

func (s *channelShop) hearsAlipay(attempt string) {
	s.t.Helper()
	s.hears(channel.Alipay, http.StatusOK, s.channels.Alipay.Notification(s.t, attempt, nil))
}

// refunds asks for two yuan of an order, and has the seller agree.
func (s *channelShop) refunds(order string) {
	s.t.Helper()
	s.call(s.buyer, "order/refund", `{"order_id":"`+order+`","kind":"money","amount":2,"reason":"刮花了"}`)
	s.call(s.seller, "order/agree", `{"order_id":"`+order+`"}`)
}

// decline has the seller decline an order.
func (s *channelShop) decline(order string) {
	s.t.Helper()
	s.call(s.seller, "order/decline", `{"order_id":"`+order+`","reason":"没货"}`)
}

// asked waits until a payment, of which no notification tells, is found to be paid.
func (s *channelShop) asked(payID string) {
	s.t.Helper()
	s.await("it is asked for", func() bool {
		return s.call(s.buyer, "pay/info", `{"pay_id":"`+payID+`"}`).Field("pay_state") == "paid"
	})
}

// wantState checks an order's, and whether all its refunds have arrived.
func (s *channelShop) wantState(order, state string, arrived ...bool) {
	s.t.Helper()
	info := s.call(s.buyer, "order/info", `{"order_id":"`+order+`"}`)
	var got []bool
	for i, part := range strings.Split(string(info.Data), `"arrived":`) {
		if i > 0 {
			got = append(got, strings.HasPrefix(part, "true"))
		}
	}
	if info.Field("state") != state || !slices.Equal(got, arrived) {
		s.t.Errorf("want an order that is %s, its refunds arrived %v: %s", state, arrived, info.Raw)
	}
}

// settle has the admin give to the wallet what the channels refuse, of which the anomalies
// tell, and wants that there.
func (s *channelShop) settle(balance string, attempts ...string) {
	s.t.Helper()
	for _, one := range attempts {
		if got := string(s.call(s.admin, "pay/anomalies", `{}`).Data); !strings.Contains(got, one) {
			s.t.Errorf("%s is not among %s", one, got)
		}
		s.call(s.admin, "pay/settle", `{"attempt_id":"`+one+`","to":"wallet"}`)
	}
	if got := s.call(s.buyer, "wallet/info", `{}`).Field("balance"); got != balance {
		s.t.Errorf("the wallet has %s, want %s", got, balance)
	}
}

// wantNotices are how often the buyer was told something.
func (s *channelShop) wantNotices(title string, times int) {
	s.t.Helper()
	if got := strings.Count(string(s.call(s.buyer, "notice/list", `{"count":100}`).Data), `"title":"`+title+`"`); got != times {
		s.t.Errorf("%s: told %d times, want %d", title, got, times)
	}
}

// close stops the program, audits, and holds the channels' bills of the test's days, which are
// two around midnight, against the database. It wants these lines of each channel.
func (s *channelShop) close(want map[string][]string) {
	s.t.Helper()
	if status := s.Stop(); status != exitOK {
		s.t.Errorf("exit status %d:\n%s", status, s.Stderr)
	}
	campusgatetest.Run(s.t, s.environ, "audit").Want(s.t, exitOK)
	bills := map[string]func(day string) []byte{
		channel.WeChat: s.channels.WeChat.Bill, channel.Alipay: func(day string) []byte { return s.channels.Alipay.Bill(s.t, day) },
	}
	first, last := s.began.In(channel.Beijing), time.Now().Add(time.Hour).In(channel.Beijing)
	for name, lines := range want {
		var out strings.Builder
		for day := first; day.Format(time.DateOnly) <= last.Format(time.DateOnly); day = day.AddDate(0, 0, 1) {
			file := filepath.Join(s.t.TempDir(), "bill")
			must(s.t, os.WriteFile(file, bills[name](day.Format(time.DateOnly)), 0o600))
			got := campusgatetest.Run(s.t, s.environ, "reconcile", "--channel", name, "--date", day.Format(time.DateOnly), "--file", file)
			out.WriteString(got.Stdout + got.Stderr)
		}
		printed := out.String()
		for _, line := range lines {
			if !strings.Contains(printed, line) {
				s.t.Errorf("reconcile of %s does not say %q:\n%s", name, line, printed)
			}
		}
		if got, told := strings.Count(printed, "\n"), len(lines); first.Day() == last.Day() && got != told {
			s.t.Errorf("reconcile of %s has %d lines, want %d:\n%s", name, got, told, printed)
		}
	}
}

// count is how many refunds to channels there are.
func (s *channelShop) count(which string) (rows int) {
	s.t.Helper()
	must(s.t, s.db.QueryRowContext(s.t.Context(), "SELECT COUNT(*) FROM channel_refunds WHERE "+which).Scan(&rows))
	return rows
}

// await waits for something, and has the refunds that wait for their next try begin now.
func (s *channelShop) await(what string, is func() bool) {
	s.t.Helper()
	for late := time.Now().Add(campusgatetest.Patience / 2); !is(); time.Sleep(100 * time.Millisecond) {
		_, err := s.db.ExecContext(s.t.Context(), "UPDATE jobs SET run_time = 1 WHERE kind = 'channel.refund' AND taken_by = ''")
		must(s.t, err)
		if time.Now().After(late) {
			s.t.Fatalf("%s: it does not come\n%s", what, s.Stderr)
		}
	}
}

// TestWeChatPay: the program and WeChat Pay, from codes to refunds that arrive, in parts, and
// that do not, of which its bill tells nevertheless.
func TestWeChatPay(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, environ []string, options storage.Options) {
		s := startChannelShop(t, environ, options)
		order, payID := s.order()
		attempt := payID + "01"
		s.scans(payID, attempt)
		s.hearsWeChat(s.channels.WeChat.Paid(t, attempt, nil))
		for range 3 {
			s.refunds(order)
		}
		for parts := []int64{2_00}; len(parts) <= 3; parts = append(parts, 2_00) {
			s.await("a part goes back", func() bool { return slices.Equal(s.channels.WeChat.Refunded(attempt), parts) })
			s.await("the others wait", func() bool { return s.count("state = 'waiting'") == 3-len(parts) })
			s.channels.PassAtWeChat(61 * time.Second)
		}
		s.await("all parts arrive", func() bool { return s.count("state = 'done'") == 3 })
		s.wantState(order, "paid", true, true, true)

		s.channels.WeChat.Pend()
		order, payID = s.order()
		closed := payID + "01"
		s.scans(payID, closed) // and the notification is lost
		s.asked(payID)
		s.decline(order)
		s.await("its refund is taken", func() bool { return s.count("state = 'taken'") == 1 })
		s.channels.WeChat.Decide("CLOSED")
		s.await("its refund is refused", func() bool { return s.count("state = 'refused'") == 1 })

		order, payID = s.order()
		abnormal := payID + "01"
		s.scans(payID, abnormal)
		s.hearsWeChat(s.channels.WeChat.Paid(t, abnormal, nil))
		s.decline(order)
		s.await("its refund is taken", func() bool { return s.count("state = 'taken'") == 1 })
		s.channels.WeChat.Decide("ABNORMAL")
		s.hearsWeChat(s.channels.WeChat.RefundEnded(t, abnormal, nil))
		s.settle("20", closed, abnormal)
		s.close(map[string][]string{channel.WeChat: {
			"TWICE GIVEN BACK: refund " + closed, "TWICE GIVEN BACK: refund " + abnormal,
			"wechat: 3 payments of 30.00 yuan, 5 refunds of 26.00 yuan in the bill: 2 differ\n", "reconcile: the bill and the database differ\n",
		}})
	})
}

// TestAlipay: the program and Alipay, from pages to refunds that arrive, in parts, and that
// do not; and what is paid when it is over, or was paid by WeChat Pay.
func TestAlipay(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, environ []string, options storage.Options) {
		s := startChannelShop(t, environ, options)
		alipay := s.channels.Alipay
		order, payID := s.order()
		attempt := payID + "01"
		s.opens(s.page(payID), attempt) // and the notification is lost
		s.asked(payID)
		for part := range 2 {
			s.refunds(order)
			want := int64(part+1) * 2_00
			s.await("a part arrives", func() bool { return s.count("state = 'done'") == part+1 })
			if got := alipay.Refunded(attempt); got != want {
				t.Errorf("%d fen went back, want %d", got, want)
			}
			s.hearsAlipay(attempt) // Alipay tells of a part as of a payment
		}
		s.wantState(order, "paid", true, true)
		s.wantNotices("退款已到账", 2)

		order, payID = s.order()
		failed := payID + "01"
		s.opens(s.page(payID), failed)
		s.hearsAlipay(failed)
		alipay.Fail("alipay.trade.refund", alipaytest.Accepted)
		s.decline(order)
		s.Stderr.Await(t, "a refund will be tried again")
		s.wantState(order, "refunded", false)
		alipay.Finish(failed)
		alipay.Fail("alipay.trade.refund", alipaytest.None)
		s.await("its refund is refused", func() bool { return s.count("state = 'refused'") == 1 })
		s.settle("10", failed)

		order, payID = s.order()
		over := payID + "01"
		page := s.page(payID)
		s.call(s.buyer, "order/cancel", `{"order_id":"`+order+`"}`)
		s.wantState(order, "cancel")
		s.opens(page, over)
		for range 2 {
			s.hearsAlipay(over)
		}
		s.await("what came late goes back", func() bool { return alipay.Refunded(over) == 10_00 })
		s.hearsAlipay(over) // a whole refund is told as closed
		s.wantState(order, "cancel")

		order, payID = s.order()
		page = s.page(payID)
		s.scans(payID, payID+"02")
		s.hearsWeChat(s.channels.WeChat.Paid(t, payID+"02", nil))
		s.opens(page, payID+"01")
		s.hearsAlipay(payID + "01")
		s.await("what came twice goes back", func() bool { return alipay.Refunded(payID+"01") == 10_00 })
		s.await("all is done", func() bool { return s.count("state = 'waiting'") == 0 })
		s.wantState(order, "paid")
		s.wantNotices("迟到的付款将原路退回", 2)
		if got := s.channels.WeChat.Refunded(payID + "02"); len(got) != 0 {
			t.Errorf("WeChat Pay gave %d fen back", got)
		}
		s.settle("10")
		s.close(map[string][]string{
			channel.Alipay: {"alipay: 4 payments of 40.00 yuan, 4 refunds of 24.00 yuan in the bill: ok\n"},
			channel.WeChat: {"wechat: 1 payments of 10.00 yuan, 0 refunds of 0.00 yuan in the bill: ok\n"},
		})
	})
}

// TestPingpp: the program and Ping++, where a charge cannot be closed, refunds have no number
// and nothing tells of one that failed.
func TestPingpp(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, environ []string, options storage.Options) {
		s := startChannelShop(t, environ, options)
		pingpp := s.channels.Pingpp
		begins := func(payID string) (attempt string) {
			t.Helper()
			code := s.call(s.buyer, "order/pay", `{"pay_id":"`+payID+`","method":"pingpp","client":"native"}`).Field("code_url")
			if !strings.HasSuffix(code, payID+"01") {
				t.Fatalf("it is paid by %s", code)
			}
			return payID + "01"
		}
		hears := func(attempt string) {
			t.Helper()
			body, signature := pingpp.Charged(t, attempt, nil)
			s.hears(channel.Pingpp, http.StatusOK, body, "X-Pingplusplus-Signature", signature)
		}
		pays := func(attempt string) {
			t.Helper()
			if !pingpp.Pay(attempt) {
				t.Fatalf("%s cannot be paid at Ping++", attempt)
			}
		}
		order, payID := s.order()
		attempt := begins(payID)
		pays(attempt) // and the notification is lost
		s.asked(payID)
		for range 2 {
			s.refunds(order)
		}
		s.await("both parts arrive", func() bool { return slices.Equal(pingpp.Refunded(attempt), []int64{2_00, 2_00}) })
		s.await("it is known", func() bool { return s.count("state = 'done'") == 2 })
		s.wantState(order, "paid", true, true)

		order, payID = s.order()
		failed := begins(payID)
		pays(failed)
		hears(failed)
		pingpp.Pend()
		s.decline(order)
		s.await("its refund is taken", func() bool { return s.count("state = 'taken'") == 1 })
		pingpp.Decide("failed")
		s.await("its refund is refused", func() bool { return s.count("state = 'refused'") == 1 })
		s.settle("10", failed)

		order, payID = s.order()
		late := begins(payID)
		s.call(s.buyer, "order/cancel", `{"order_id":"`+order+`"}`)
		pays(late)
		hears(late)
		s.await("what came late is taken", func() bool { return s.count("state = 'taken'") == 1 })
		pingpp.Decide("succeeded")
		s.await("what came late goes back", func() bool {
			return slices.Equal(pingpp.Refunded(late), []int64{10_00}) && s.count("state = 'done'") == 3
		})
		s.wantState(order, "cancel")
		s.wantNotices("迟到的付款将原路退回", 1)
		s.close(nil)
	})
}
