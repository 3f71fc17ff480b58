package contact_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

const noAccount, noProduct, refused = "User not exist", "Product not exist", "Refused by the user"

// toAlice is the data of a message to alice about her product.
func toAlice(more string) string {
	return fmt.Sprintf(`{"user_id":%s,"product_id":%d%s}`, alice, handlerstest.DocumentProduct, more)
}

func toBob(more string) string { return strings.Replace(toAlice(more), alice, bob, 1) }

// startMessages is a gateway with alice's product.
func startMessages(t *testing.T) *handlerstest.Gateway {
	t.Helper()
	g := handlerstest.Start(t)
	g.Document()
	return g
}

// messageRow is a row of message/list.
func messageRow(id, sender, content, at string) string {
	return fmt.Sprintf(`{"message_id":%s,"user_id":%s,"content":%q,"pic_url":"","creat_time":%q}`, id, sender, content, at)
}

const (
	atFirst = "2019-11-28 22:25:52"
	atLast  = "2019-11-28 22:26:52"
)

func TestMessages(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	for _, token := range []string{aliceToken, bobToken} {
		g.OK("message/conversations", token, `{}`).WantData(t, `{"num":0,"list":[]}`)
	}
	g.OK("message/list", bobToken, toAlice("")).WantData(t, `{"num":0,"list":[]}`)
	first := g.OK("message/send", bobToken, toAlice(`,"content":"还在吗？"`)).Field("message_id")
	g.Clock.Advance(time.Minute)
	second := g.OK("message/send", aliceToken, `{"user_id":"`+bob+`","content":"在的"}`).Field("message_id") // goes on with it
	rows := messageRow(second, alice, "在的", atLast) + "," + messageRow(first, bob, "还在吗？", atFirst)
	for _, c := range []struct{ token, data string }{{aliceToken, toBob("")}, {bobToken, toAlice(`,"count":"2"`)}} {
		g.OK("message/list", c.token, c.data).WantData(t, `{"num":2,"list":[`+rows+`]}`)
	}
	g.OK("message/list", bobToken, toAlice(`,"count":1`)).WantData(t, `{"num":2,"list":[`+messageRow(second, alice, "在的", atLast)+`]}`)
	g.OK("message/list", bobToken, toAlice(`,"before":`+second)).WantData(t, `{"num":2,"list":[`+messageRow(first, bob, "还在吗？", atFirst)+`]}`)
	g.OK("message/list", bobToken, toAlice(`,"before":`+first)).WantData(t, `{"num":2,"list":[]}`)

	conversation := func(user, name string, unread int) string {
		return fmt.Sprintf(`{"num":1,"list":[{"user_id":%s,"user_name":%q,"product_id":%d,"content":"在的","pic_url":"","creat_time":%q,"unread":%d}]}`,
			user, name, handlerstest.DocumentProduct, atLast, unread)
	}
	g.OK("message/conversations", bobToken, `{}`).WantData(t, conversation(alice, "王凌超", 1))
	g.OK("message/conversations", aliceToken, `{"page":1,"count":1}`).WantData(t, conversation(bob, "码三秃", 1))
	g.OK("message/read", bobToken, toAlice("")).WantData(t, `{}`)
	g.OK("message/conversations", bobToken, `{}`).WantData(t, conversation(alice, "王凌超", 0))
	g.OK("message/conversations", aliceToken, `{}`).WantData(t, conversation(bob, "码三秃", 1))
	g.OK("message/conversations", aliceToken, `{"page":2}`).WantData(t, `{"num":1,"list":[]}`)
}

// TestMessageStatuses are the refusals of every call, the first that applies.
func TestMessageStatuses(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	foreign := g.OK("product/creat", handlerstest.AdminToken, handlerstest.NewProduct().With("shop_id", g.OpenShop(handlerstest.AdminToken, "third")).With("product_status", "1").String()).Field("product_id")
	said := `,"content":"a"`
	nobody, own := `{"user_id":"1180310000","product_id":4517733`, toBob("")
	for _, c := range []struct {
		name, call, data string
		status           int
		text             string
	}{
		{"nobody", "message/send", nobody + said + "}", 100, noAccount},
		{"nobody", "message/list", nobody + "}", 100, noAccount},
		{"nobody", "message/read", nobody + "}", 100, noAccount},
		{"nobody", "message/block", `{"user_id":"1180310000","state":1}`, 100, noAccount},
		{"the same number written otherwise", "message/send", strings.Replace(toAlice(said), alice, `"0`+alice+`"`, 1), 100, noAccount},
		{"oneself", "message/send", strings.TrimSuffix(own, "}") + said + "}", -204, "Arg's value error"},
		{"oneself", "message/block", `{"user_id":"` + bob + `","state":1}`, -204, "Arg's value error"},
		{"no product", "message/send", `{"user_id":"` + alice + `","product_id":1,"content":"a"}`, 101, noProduct},
		{"a product of neither", "message/send", `{"user_id":"` + alice + `","product_id":` + foreign + `,"content":"a"}`, 101, noProduct},
		{"a first message about nothing", "message/send", `{"user_id":"` + alice + `","content":"a"}`, 101, noProduct},
		{"nothing", "message/send", toAlice(""), -3, "Error data key"},
		{"two things", "message/send", toAlice(`,"content":"a","pic_url":"./api/external/get/message/abcdefghijklmnopqrstuvwxyz"`), -204, "Arg's value error"},
		{"another's picture", "message/send", toAlice(`,"pic_url":"./api/external/get/message/abcdefghijklmnopqrstuvwxyz"`), -204, "Arg's value error"},
		{"a picture of a shop", "message/send", toAlice(`,"pic_url":"./api/external/get/pic/shop/tea.png"`), -204, "Arg's value error"},
		{"a refused word", "message/send", toAlice(`,"content":"兼职 刷单"`), -305, "Content refused"},
	} {
		g.Refuses(c.call, bobToken, c.data, c.status, c.text)
	}
	g.SetProfile(bob, func(p *storage.Profile) { p.State = storage.ProfileFrozen })
	g.Refuses("message/send", bobToken, toAlice(said), -301, "Account is frozen")
	g.Refuses("message/block", bobToken, `{"user_id":"`+alice+`","state":1}`, -301, "Account is frozen")
	g.Refuses("message/upload", bobToken, `{"base64":"`+handlerstest.Base64(handlerstest.PNG(t, 1))+`"}`, -301, "Account is frozen")
	g.OK("message/list", bobToken, toAlice(""))
	g.OK("message/read", bobToken, toAlice(""))
	g.OK("message/send", aliceToken, toBob(said)) // who is frozen can still be told something
	g.SetProfile(bob, func(p *storage.Profile) { p.State = storage.ProfileDeleted })
	g.Refuses("message/send", aliceToken, toBob(said), 100, noAccount)
	g.OK("message/list", aliceToken, toBob("")) // what was said stays
}

func TestMessageFields(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	g.OK("message/send", bobToken, toAlice(`,"content":"a"`))
	list := handlerstest.Fields{"user_id": alice, "product_id": strconv.Itoa(handlerstest.DocumentProduct)}
	g.FieldTable("message/list", bobToken, list, []handlerstest.FieldRow{
		{Key: "count", Kind: handlerstest.Integer, Good: []string{"1", `"100"`}, Bad: []string{"0", "101"}},
		{Key: "before", Kind: handlerstest.ID, Good: []string{"1", `"9"`, "-1"}},
	})
	for length, status := range map[int]int{1: 0, 1000: 0, 1001: -204} {
		data := toAlice(`,"content":"` + strings.Repeat("字", length) + `"`)
		if a := g.Call("message/send", bobToken, data); a.Status != status {
			t.Errorf("%d characters: %s", length, a.Raw)
		}
	}
	g.Refuses("message/block", bobToken, `{"user_id":"`+alice+`"}`, -3, "Error data key")
	g.Refuses("message/block", bobToken, `{"user_id":"`+alice+`","state":2}`, -204, "Arg's value error")
}

// TestMessageLimits: 20 messages a minute, and 5 people an hour whom one has not written to;
// what is refused is not counted.
func TestMessageLimits(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	for range 25 {
		g.Refuses("message/send", bobToken, `{"user_id":"`+alice+`","product_id":1,"content":"a"}`, 101, noProduct)
	}
	for range 20 {
		g.OK("message/send", bobToken, toAlice(`,"content":"a"`))
	}
	a := g.Refuses("message/send", bobToken, toAlice(`,"content":"a"`), -302, "Too many requests")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	g.Clock.Advance(time.Minute)
	for i := range 6 {
		user := strconv.Itoa(1180320000 + i)
		handlerstest.Must(t, g.DB.InsertUser(t.Context(), storage.User{ID: user, Name: user}))
		product := fmt.Sprintf(`{"user_id":%s,"product_id":%d,"content":"a"}`, user, handlerstest.DocumentProduct)
		if i < 5 {
			g.OK("message/send", aliceToken, product)
			g.OK("message/send", aliceToken, product) // is nobody new
			continue
		}
		g.Refuses("message/send", aliceToken, product, -302, "Too many requests")
		g.OK("message/send", aliceToken, toBob(`,"content":"a"`)) // has written first
		g.Clock.Advance(time.Hour)
		g.OK("message/send", aliceToken, product)
	}
}

func TestMessageOnce(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	data := toAlice(`,"content":"a","request_key":"message-0001"`)
	first := g.OK("message/send", bobToken, data).Field("message_id")
	if again := g.OK("message/send", bobToken, data).Field("message_id"); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	g.Refuses("message/send", bobToken, strings.Replace(data, `"a"`, `"b"`, 1), -303, "Repeated request")
	g.OK("message/list", bobToken, toAlice(`,"count":1`)).WantData(t, `{"num":1,"list":[`+messageRow(first, bob, "a", atFirst)+`]}`)
}

// TestMessageBlock: from the moment that one has blocked the other neither can send.
func TestMessageBlock(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	said := `,"content":"a"`
	g.OK("message/send", bobToken, toAlice(said))
	block := func(state int) {
		g.OK("message/block", aliceToken, fmt.Sprintf(`{"user_id":"%s","state":%d}`, bob, state))
	}
	block(1)
	block(1)
	g.Refuses("message/send", bobToken, toAlice(said), 102, refused)
	g.Refuses("message/send", aliceToken, toBob(said), 102, refused)
	g.OK("message/block", bobToken, `{"user_id":"`+alice+`","state":0}`) // hers stays
	g.Refuses("message/send", bobToken, toAlice(said), 102, refused)
	block(0)
	g.OK("message/send", bobToken, toAlice(said))
	g.OK("message/list", bobToken, toAlice(""))
}

// TestMessageBlockAtOnce: what is being sent while one blocks the other is sent before that, or
// refused.
func TestMessageBlockAtOnce(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	said := func() string {
		return g.OK("message/list", aliceToken, toBob(`,"count":1`)).Field("num")
	}
	g.OK("message/send", bobToken, toAlice(`,"content":"a"`))
	for range 5 {
		g.Clock.Advance(time.Minute)
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if a := g.Call("message/send", bobToken, toAlice(`,"content":"a"`)); a.Status != 0 && a.Status != 102 {
					t.Error(a.Raw)
				}
			})
		}
		g.OK("message/block", aliceToken, `{"user_id":"`+bob+`","state":1}`)
		before := said()
		group.Wait()
		if after := said(); after != before {
			t.Errorf("%s messages, and %s once all were answered", before, after)
		}
		g.OK("message/block", aliceToken, `{"user_id":"`+bob+`","state":0}`)
	}
}

// TestMessageGoesOn: a conversation outlives its product, about which only who knows it can
// begin another.
func TestMessageGoesOn(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	g.SecondHand()
	about := func(user string) string { return `{"user_id":"` + user + `","product_id":6000001,"content":"a"}` }
	g.OK("message/send", bobToken, about(alice))
	g.OK("product/withdraw", aliceToken, `{"product_id":6000001}`)
	g.OK("message/send", bobToken, about(alice))
	g.OK("message/send", aliceToken, about(bob))
	list := g.OK("message/list", bobToken, `{"user_id":"`+alice+`","product_id":6000001}`)
	if list.Field("num") != "3" {
		t.Error(list.Raw)
	}
	const stranger, strangerToken = "1180320001", "a-stranger-s-token"
	handlerstest.Must(t, g.DB.InsertUser(t.Context(), storage.User{ID: stranger, Name: "stranger"}))
	handlerstest.Must(t, g.DB.InsertToken(t.Context(), strangerToken, stranger))
	g.Refuses("message/send", strangerToken, about(alice), 101, noProduct) // as one that there is not
	g.OK("message/send", handlerstest.AdminToken, about(alice))
	g.OK("message/send", aliceToken, about(stranger)) // it is hers
	g.OK("message/send", strangerToken, about(alice))
}

// TestMessagePictures: a picture is seen by the two, and by nobody else; one that was not
// sent is gone a day later.
func TestMessagePictures(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	upload := func(token string, shade uint8) string {
		return g.OK("message/upload", token, `{"base64":"`+handlerstest.Base64(handlerstest.PNG(t, shade))+`"}`).Field("url")
	}
	shown := func(url, token string) string {
		a := g.Do(http.MethodGet, strings.TrimPrefix(url, "./api/external")+"?token="+token, "")
		return fmt.Sprint(a.HTTP, " ", a.Header.Get("X-Picture"), " ", a.Header.Get("Cache-Control"))
	}
	const stored, none = "200 stored private, no-cache", "200 error no-store"
	sent, unsent := upload(bobToken, 1), upload(bobToken, 2)
	want := func(url string, bob, alice, admin string) {
		t.Helper()
		for token, want := range map[string]string{bobToken: bob, aliceToken: alice, handlerstest.AdminToken: admin} {
			if got := shown(url, token); got != want {
				t.Errorf("%s to %s: %s, want %s", url, token, got, want)
			}
		}
	}
	want(sent, stored, none, none)
	g.Refuses("message/send", aliceToken, toBob(`,"pic_url":"`+sent+`"`), -204, "Arg's value error") // it is bob's
	g.OK("message/send", bobToken, toAlice(`,"pic_url":"https://www.zustservice.cn`+strings.TrimPrefix(sent, ".")+`"`))
	want(sent, stored, stored, none)
	row := g.OK("message/list", aliceToken, toBob(""))
	if !strings.Contains(row.Raw, `"content":"","pic_url":"`+sent+`"`) {
		t.Error(row.Raw)
	}
	for _, url := range []string{sent + "x", sent + "/x", "./api/external/get/message/", "./api/external/get/pic/message/" + sent[len(sent)-26:]} {
		want(url, none, none, none)
	}
	if a := g.Do(http.MethodGet, strings.TrimPrefix(sent, "./api/external"), ""); a.Status != -100 {
		t.Errorf("without a token: %s", a.Raw)
	}
	g.Clock.Advance(24*time.Hour - time.Second)
	g.RunJobs()
	want(unsent, stored, none, none)
	g.Clock.Advance(time.Second)
	g.RunJobs()
	want(unsent, none, none, none)
	want(sent, stored, stored, none)
	g.Refuses("message/send", bobToken, toAlice(`,"pic_url":"`+unsent+`"`), -204, "Arg's value error")
	g.OK("message/send", bobToken, toAlice(`,"pic_url":"`+sent+`"`)) // is still his to send
	if files := g.Files(); len(files) != 1 {
		t.Errorf("%d files are left", len(files))
	}
}
