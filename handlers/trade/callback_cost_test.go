package trade_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/wechat/wechattest"
	"campusgate/storage"
)

// What a notification costs that pays a recharge, from the socket to the socket, beside the sum
// of its parts: the check of its signature with its seal, and its statements alone in one
// transaction. With BENCH set it is judged.
func TestCallbackCost(t *testing.T) {
	t.Parallel()
	c := startWeChat(t)
	each := 20
	if os.Getenv("BENCH") != "" {
		each = 1000
	}
	id := func(i int) string { return fmt.Sprintf("1574951152%05d0001", 10000+i) }
	now := c.Clock.Now().Unix()
	c.inTx(func(tx *storage.Tx) error {
		for i := range 2 * each {
			p := storage.Payment{PayID: id(i)[:17], Purpose: storage.PayRecharge, UserID: alice, Price: 10_00, CreatTime: now, ExpireTime: now + 1800}
			if err := tx.InsertPayment(t.Context(), p); err != nil {
				return err
			}
			if err := tx.SetPaymentMethod(t.Context(), p.PayID, channel.WeChat); err != nil {
				return err
			}
			a := storage.Attempt{AttemptID: id(i), PayID: p.PayID, Channel: channel.WeChat, Amount: 10_00, CreatTime: now, ExpireTime: now + 1800}
			if err := tx.InsertAttempt(t.Context(), a); err != nil {
				return err
			}
		}
		return nil
	})
	told := make([]wechattest.Notification, each)
	for i := range told {
		told[i] = c.service.Notification(t, "TRANSACTION.SUCCESS", map[string]any{
			"mchid": c.service.Merchant.Seller, "appid": c.service.Merchant.App, "out_trade_no": id(i), "transaction_id": "T" + id(i),
			"trade_state": "SUCCESS", "amount": map[string]any{"total": 10_00, "currency": "CNY"},
		})
	}
	var whole, check, statements []time.Duration
	measure := func(into *[]time.Duration, do func()) {
		begun := time.Now()
		do()
		*into = append(*into, time.Since(begun))
	}
	for i := range each { // in turns: the machine is not as fast all the time
		measure(&whole, func() { handlerstest.Must(t, post(c.URL+"/callback/wechat", told[i])) })
		measure(&check, func() {
			if _, err := c.channel.Notify(told[i].Get, told[i].Body, c.Clock.Now()); err != nil {
				t.Error(err)
			}
		})
		measure(&statements, func() {
			_, err := c.DB.Attempt(t.Context(), id(each+i))
			handlerstest.Must(t, err)
			c.inTx(func(tx *storage.Tx) error { return payBare(t.Context(), tx, id(each+i), now) })
		})
	}
	c.audit()
	median := func(times []time.Duration) time.Duration { return slices.Sorted(slices.Values(times))[len(times)/2] }
	ratio := float64(median(whole)) / float64(median(check)+median(statements))
	t.Logf("a callback %s, its check %s, its transaction %s: %.2f times the sum", median(whole), median(check), median(statements), ratio)
	if os.Getenv("BENCH") != "" && ratio > 1.5 {
		t.Errorf("%.2f times, want at most 1.5", ratio)
	}
}

// post posts a notification by a client that costs little.
func post(url string, n wechattest.Notification) error {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI(url)
	request.Header.SetMethod(http.MethodPost)
	request.SetBodyRaw(n.Body)
	for name, value := range n.Header {
		request.Header.Set(name, value)
	}
	if err := fasthttp.Do(request, response); err != nil {
		return err
	}
	if response.StatusCode() != http.StatusNoContent {
		return fmt.Errorf("it is answered %d", response.StatusCode())
	}
	return nil
}

// payBare are the statements by which an attempt pays a recharge.
func payBare(ctx context.Context, tx *storage.Tx, id string, now int64) error {
	if _, _, err := tx.LockPaymentOrders(ctx, id[:17]); !errors.Is(err, storage.ErrNotFound) { // it is for none
		return err
	}
	p, err := tx.LockPayment(ctx, id[:17])
	if err != nil {
		return err
	}
	a, err := tx.LockAttempt(ctx, id)
	if err != nil {
		return err
	}
	if _, err := tx.LockProfile(ctx, p.UserID, now); err != nil {
		return err
	}
	if err := tx.EndAttempt(ctx, id, storage.AttemptPaid, "T"+id, now); err != nil {
		return err
	}
	if err := tx.EndAnomalies(ctx, channel.WeChat, id, now); err != nil {
		return err
	}
	if _, err := tx.Attempts(ctx, p.PayID); err != nil {
		return err
	}
	p.State, p.Method, p.PayTime = storage.PaymentPaid, channel.WeChat, now
	if err := tx.EndPayment(ctx, p); err != nil {
		return err
	}
	return tx.Move(ctx, storage.Move{
		Kind: storage.LedgerRecharge, Currency: storage.CNY, From: storage.ChannelAccount(channel.WeChat), To: storage.UserAccount(p.UserID),
		Amount: a.Amount, PayID: p.PayID, Time: now,
	})
}
