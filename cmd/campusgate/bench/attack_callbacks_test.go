package bench

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel"
	"campusgate/storage"
)

// TestAttackCallbacks: of a thousand notifications that come at once nine hundred are forged.
// The good ones are booked and nothing else is, while others browse; so they do while a thousand
// forged ones a second come.
func TestAttackCallbacks(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector slows it down for nothing")
	}
	database, redis := startServers(t)
	for _, kind := range []string{"sqlite", "mariadb"} {
		t.Run(kind, func(t *testing.T) {
			channels := campusgatetest.StartChannels(t)
			good, attempts := effortful(100, 10), make([]string, effortful(100, 10))
			for i := range attempts {
				attempts[i] = fmt.Sprintf("17649984%05d000001", 10000+i)
			}
			fill := func(t testing.TB, db *storage.DB) {
				t.Helper()
				campusgatetest.FillCampus(t, db)
				must(t, db.InTx(t.Context(), func(tx *storage.Tx) error { return insertAttempts(t.Context(), tx, attempts) }))
			}
			var c *benchCampus
			if kind == "sqlite" {
				c = newEmbedded(t, fill)
			} else {
				c = newShared(t, database, redis, "callbacks", fill)
			}
			c.replicas = 1
			side := c.gateways(t, channels.Environ...)
			requests := make([][]byte, 10*good)
			for i := range requests {
				requests[i] = notification(t, channels, attempts[i%good], i >= good)
			}
			quiet := browsing(t, side.addresses(), effortful(1000, 50), over())
			ended := make(chan struct{})
			var burst time.Duration
			go func() {
				defer close(ended)
				begun := time.Now()
				notifyAll(t, side.addresses(), requests, good)
				burst = time.Since(begun)
			}()
			// Of the ten seconds that begin with the burst, which is over sooner.
			loaded := browsing(t, side.addresses(), effortful(2000, 50), ended)
			judgeBrowsing(t, fmt.Sprintf("%d notifications at once", len(requests)), quiet, loaded)
			t.Logf("they are answered within %s", burst)

			db, err := storage.Open(t.Context(), storage.Options{Driver: c.driver(), DSN: c.floor.DSN, Timeout: time.Minute})
			must(t, err)
			defer func() { must(t, db.Close()) }()
			for _, id := range attempts {
				if a, err := db.Attempt(t.Context(), id); err != nil || a.State != storage.AttemptPaid {
					t.Errorf("%s is %q, %v", id, a.State, err)
				}
			}

			forged := campusgatetest.Asking(requests[len(requests)-1], http.StatusUnauthorized)
			ended = make(chan struct{})
			var took round
			go func() {
				defer close(ended)
				connections := campusgatetest.Dial(t, side.addresses(), 32)
				defer closeAll(connections)
				took, _ = pace(t, connections, forged, 1000, effortful(5000, 50))
			}()
			judgeBrowsing(t, "1,000 forged notifications a second", quiet, browsing(t, side.addresses(), 50, ended))
			t.Logf("a forged notification is refused within %s, p99", percentile(took.times, 99))
		})
	}
}

// insertAttempts adds recharges of the user 0 that wait, each with an attempt by WeChat Pay.
func insertAttempts(ctx context.Context, tx *storage.Tx, ids []string) error {
	now := time.Now().Unix()
	for _, id := range ids {
		payID := id[:len(id)-2]
		if err := tx.InsertPayment(ctx, storage.Payment{
			PayID: payID, Purpose: storage.PayRecharge, UserID: campusgatetest.CampusUser(0), Price: 10_00, CreatTime: now, ExpireTime: now + 3600,
		}); err != nil {
			return err
		}
		if err := tx.SetPaymentMethod(ctx, payID, channel.WeChat); err != nil {
			return err
		}
		if err := tx.InsertAttempt(ctx, storage.Attempt{
			AttemptID: id, PayID: payID, Channel: channel.WeChat, Amount: 10_00, CreatTime: now, ExpireTime: now + 3600,
		}); err != nil {
			return err
		}
	}
	return nil
}

// notification is a request that tells of an attempt, as HTTP has it. A forged one has some
// signature.
func notification(t testing.TB, c *campusgatetest.Channels, attempt string, forged bool) []byte {
	t.Helper()
	told := c.WeChat.Notification(t, "TRANSACTION.SUCCESS", map[string]any{
		"mchid": c.WeChat.Merchant.Seller, "appid": c.WeChat.Merchant.App, "out_trade_no": attempt, "transaction_id": "T" + attempt,
		"trade_state": "SUCCESS", "amount": map[string]any{"total": 10_00, "currency": "CNY"},
	})
	if forged {
		signature := make([]byte, 256)
		_, _ = rand.Read(signature)
		told.Header["Wechatpay-Signature"] = base64.StdEncoding.EncodeToString(signature)
	}
	var headers strings.Builder
	for name, value := range told.Header {
		headers.WriteString(name + ": " + value + "\r\n")
	}
	return fmt.Appendf(nil, "POST /api/external/callback/wechat HTTP/1.1\r\nHost: campus\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
		headers.String(), len(told.Body), told.Body)
}

// notifyAll posts all requests by 64 connections, of which the first are good.
func notifyAll(t *testing.T, addresses []string, requests [][]byte, good int) {
	t.Helper()
	connections := campusgatetest.Dial(t, addresses, 64)
	defer closeAll(connections)
	next := make(chan int, len(requests))
	for i := range requests {
		next <- i
	}
	close(next)
	ended := make(chan struct{})
	for _, connection := range connections {
		go func() {
			defer func() { ended <- struct{}{} }()
			for i := range next {
				want := http.StatusUnauthorized
				if i < good {
					want = http.StatusNoContent
				}
				if err := campusgatetest.Asking(requests[i], want)(connection); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	for range connections {
		<-ended
	}
}
