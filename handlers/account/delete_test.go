package account_test

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/captcha"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/captchas"
)

const (
	leftOver     = "Open orders or money left"
	byPassword   = `{"password":"` + handlerstest.Password + `"}`
	deletedName  = "已注销"
	accountEnded = "Error token"
)

func TestDeleteFields(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	g.Refuses("user/delete", token, `{}`, -3, "Error data key")
	g.Refuses("user/delete", token, `{"password":"","sms_hash":""}`, -3, "Error data key")
	for key, value := range map[string]string{"password": "5", "sms_hash": "5", "give_up": `"yes"`} {
		g.RefusesValue("user/delete", token, handlerstest.Fields{"password": `"wrong one"`}.With(key, value), key, -203)
	}
	g.Refuses("user/delete", token, `{"password":"wrong one"}`, 103, wrongLogin)
	g.Refuses("user/delete", token, `{"sms_hash":"0123456789abcdef0123456789abcdef"}`, 102, wrongCode)
	g.Refuses("user/delete", token, `{"sms_hash":"`+g.SMSHash(otherPhone)+`"}`, 102, wrongCode) // of another phone
	// An account without a phone has had no SMS, and one without a password no password.
	g.Refuses("user/delete", aliceToken, `{"sms_hash":"`+g.SMSHash("13900000001")+`"}`, 102, wrongCode)
	g.Refuses("user/delete", aliceToken, byPassword, 103, wrongLogin)
	g.OK("user/delete", token, byPassword).WantData(t, `{}`)
}

// Who has somebody's token cannot guess the password by deleting, nor by both calls.
func TestDeleteGuesses(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	for i := range 10 {
		if i%2 == 0 {
			g.Call("user/delete", token, `{"password":"wrong one"}`).Want(t, 103, wrongLogin)
		} else {
			g.Call("user/password", token, `{"old":"wrong one","new":"battery staple"}`).Want(t, 107, oldPasswordWrong)
		}
	}
	if a := g.Call("user/delete", token, byPassword).Want(t, -302, "Too many requests"); a.Header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After %s", a.Header.Get("Retry-After"))
	}
	g.Clock.Advance(15 * time.Minute)
	g.OK("user/delete", token, byPassword)
}

// What is open keeps an account.
func TestDeleteWithSomethingLeft(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	setWealth := func(fen int64) { g.SetWealth(id, fen) }
	product := func(token, shop string) string {
		return g.OK("product/creat", token, `{"product_name":"tea","product_price":2,"shop_id":`+shop+`,"product_status":1}`).Field("product_id")
	}
	order := func(token, product string) string {
		return g.OK("purchase/apply", token, `{"product_id":`+product+`,"product_num":1,"product_unitprice":2,"product_totalprice":2}`).Field("purchase_id")
	}
	mine, bobs := product(token, g.OpenShop(token, "mine")), product(bobToken, g.OpenShop(bobToken, "bob's"))
	const giveUp = `{"password":"` + handlerstest.Password + `","give_up":true}`

	bought := order(token, bobs)
	g.Refuses("user/delete", token, giveUp, 111, leftOver)
	g.OK("purchase/cancel", token, `{"purchase_id":"`+bought+`"}`)
	sold := order(bobToken, mine)
	g.Refuses("user/delete", token, giveUp, 111, leftOver)
	g.OK("purchase/pay", bobToken, handlerstest.PayData(sold))

	setWealth(12_34)
	g.Refuses("user/delete", token, byPassword, 111, leftOver)
	g.Refuses("user/delete", token, `{"password":"correct horse","give_up":false}`, 111, leftOver)
	setWealth(-1)
	g.Refuses("user/delete", token, giveUp, 111, leftOver)
	setWealth(12_34)
	g.OK("user/delete", token, giveUp)

	if user, err := g.DB.User(t.Context(), id); err != nil || user.Wealth != 0 || user.Name != deletedName {
		t.Errorf("left is %+v, %v", user, err)
	}
	audits, err := g.DB.Audits(t.Context(), storage.Page{})
	handlerstest.Must(t, err)
	want := []storage.Audit{{Time: g.Clock.Now().Unix(), UserID: id, Call: "user/delete", Target: "user " + id, Before: "wealth 12.34, beli 100"}}
	if diff := cmp.Diff(want, audits); diff != "" {
		t.Error(diff)
	}
}

// What a deleted account has written stays for the other side, with its pictures, and nobody
// writes to it any more.
func TestDeleteKeepsMessages(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.Document()
	about := `"product_id":` + strconv.Itoa(handlerstest.DocumentProduct)
	picture := g.OK("message/upload", token, `{"base64":"`+handlerstest.Base64(handlerstest.PNG(t, 7))+`"}`).Field("url")
	g.OK("message/send", token, `{"user_id":"`+handlerstest.Alice+`",`+about+`,"pic_url":"`+picture+`"}`)
	g.OK("user/delete", token, byPassword)
	g.Clock.Advance(25 * time.Hour) // with what is erased later, and pictures that are in no message
	g.RunJobs()

	const row = `"content":"","pic_url":"%s","creat_time":"2019-11-28 22:26:23"`
	shown := strings.Replace(row, "%s", picture, 1)
	g.OK("message/conversations", aliceToken, `{}`).WantData(t,
		`{"num":1,"list":[{"user_id":`+id+`,"user_name":"`+deletedName+`",`+about+`,`+shown+`,"unread":1}]}`)
	peer := `{"user_id":"` + id + `",` + about
	if list := g.OK("message/list", aliceToken, peer+`}`); !strings.Contains(list.Raw, shown) {
		t.Error(list.Raw)
	}
	g.OK("message/read", aliceToken, peer+`}`)
	if a := g.Do(http.MethodGet, strings.TrimPrefix(picture, "./api/external")+"?token="+aliceToken, ""); a.Header.Get("X-Picture") != "stored" {
		t.Errorf("the picture is %s", a.Header.Get("X-Picture"))
	}
	g.Refuses("message/send", aliceToken, peer+`,"content":"a"}`, 100, "User not exist")
	g.Refuses("message/block", aliceToken, `{"user_id":"`+id+`","state":1}`, 100, "User not exist")
}

// Whoever sells cannot delete the account behind an order that is just being made: nobody
// could send its goods or take its money.
func TestDeleteWhileSold(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.Invent()
	product, err := strconv.ParseInt(g.OK("product/creat", token,
		`{"product_name":"tea","product_price":2,"shop_id":`+g.OpenShop(token, "mine")+`,"product_status":1}`).Field("product_id"), 10, 64)
	handlerstest.Must(t, err)
	deleted := make(chan handlerstest.Answer, 1)
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error { // as order/commit
		err := tx.InsertOrders(t.Context(), []storage.Order{{OrderID: "1", PayID: "2", UserID: handlerstest.Bob, SellerID: id, State: "paying", Deliver: "face"}})
		if err != nil {
			return err
		}
		if err := tx.TakeStock(t.Context(), product, 1, 2_00, false); err != nil {
			return err
		}
		go func() { deleted <- g.Call("user/delete", token, byPassword) }()
		awaitLock(g, id)
		return nil
	}))
	(<-deleted).Want(t, 111, leftOver)
}

// awaitLock waits until a transaction has held an account's profile for a tenth of a second.
func awaitLock(g *handlerstest.Gateway, id string) {
	for {
		ctx, cancel := context.WithTimeout(g.T.Context(), 100*time.Millisecond)
		err := g.DB.InTx(ctx, func(tx *storage.Tx) error {
			_, err := tx.LockProfile(ctx, id, 1)
			return err
		})
		cancel()
		if err != nil {
			return
		}
	}
}

// Nothing of a deleted account leads to its owner, and all that is others' stays.
func TestDelete(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	other := g.OK("user/login", "", login(handlerstest.Password, "")).Field("token")
	g.OK("user/verify", token, claim(t, idCode).String())
	g.OK("user/review", adminToken, review(id, "1", ""))
	g.OK("address/creat", token, handlerstest.NewAddress().String())
	g.OK("portrait/upload", token, handlerstest.PortraitData(id, handlerstest.PNG(t, 7)))
	own := g.OK("property/add", token, handlerstest.Notice().With("user_name", `"Wang"`).With("user_phone", `"13700007010"`).With("user_qq", `"893721708"`).String()).Field("uid")
	answered := g.AddNotice(handlerstest.Notice())
	g.OK("property/update", aliceToken, `{"id":`+answered+`,"user2_id":"`+id+`","user2_name":"Wang","user2_phone":"13700007010","user2_qq":"893721708"}`)
	shop := g.OpenShop(token, "mine")
	product := g.OK("product/creat", token, `{"product_name":"tea","product_price":2,"shop_id":`+shop+`,"product_status":1}`).Field("product_id")
	g.SecondHand()
	lamp := g.OK("product/release", token, handlerstest.NewSecondHand().String()).Field("product_id")
	g.RunJobs()
	g.OK("product/collect", token, `{"product_id":6000001,"collected":1}`)
	g.OK("product/report", token, `{"product_id":6000001,"reason":"贵"}`)
	g.Clock.Advance(31 * time.Second)

	g.OK("user/delete", token, `{"sms_hash":"`+g.SMSHash(phone)+`"}`).WantData(t, `{}`)
	for _, ended := range []string{token, other} {
		g.Call("user/info", ended, `{}`).Want(t, -101, accountEnded)
	}
	g.Refuses("user/login", "", login(handlerstest.Password, `,"hash":"`+g.CaptchaHash()+`"`), 103, wrongLogin)
	g.Refuses("user/info", bobToken, `{"user_id":"`+id+`"}`, 106, userNotExist)
	g.Refuses("user/identity", adminToken, `{"user_id":"`+id+`"}`, 106, userNotExist)
	if got := g.OK("user/list", adminToken, `{"key":"`+id+`"}`).Field("num"); got != "0" {
		t.Errorf("%s accounts are listed", got)
	}
	if lamp := g.Call("product/detail", bobToken, `{"product_id":`+lamp+`}`); lamp.Status != 100 {
		t.Errorf("the second-hand product is shown: %s", lamp.Raw)
	}
	if kept, _, err := g.DB.FavouritesAfter(t.Context(), id, 0); err != nil || len(kept) > 0 {
		t.Errorf("favourites %v, %v", kept, err)
	}
	if reports, _, err := g.DB.ProductReportsAfter(t.Context(), id, 0); err != nil || len(reports) > 0 {
		t.Errorf("reports %v, %v", reports, err)
	}
	if got := g.OK("product/detail", bobToken, `{"product_id":6000001}`).Field("product_collection"); got != "0" {
		t.Errorf("the favourite still counts: %s", got)
	}
	if got := g.OK("product/info", bobToken, `{"product_id":`+product+`}`).Field("product_status"); got != "0" {
		t.Errorf("the product has status %s", got)
	}
	if got := g.OK("shop/info", bobToken, `{"shop_id":`+shop+`}`).Field("user_name"); got != deletedName {
		t.Errorf("the shop is %s's", got)
	}
	for uid, prefix := range map[string]string{own: "user_", answered: "user2_"} {
		row := g.Do(http.MethodGet, "/get/property?token="+bobToken+"&type="+handlerstest.Notice()["type"]+"&id="+uid, "").Raw
		for _, want := range []string{prefix + `name":"已注销"`, prefix + `phone":""`, prefix + `qq":""`} {
			if !strings.Contains(row, want) {
				t.Errorf("want %s in %s", want, row)
			}
		}
	}
	// The portrait goes a moment later.
	g.RunJobs()
	if got := g.Do(http.MethodGet, "/get/portrait/"+id, "").Header.Get("X-Picture"); got != "default" {
		t.Errorf("the portrait is %s", got)
	}
	g.RunJobs()
	wantErased(g, id)
	g.Refuses("user/verify", bobToken, claim(t, idCode).String(), 109, identityUsed)

	// Name and phone are free.
	g.Clock.Advance(31 * time.Second)
	again, _ := g.Register(phone, name)
	if again == id {
		t.Error("the id was given again")
	}
}

// wantErased looks for what is known of the deleted account.
func wantErased(g *handlerstest.Gateway, id string) {
	g.T.Helper()
	ctx := g.T.Context()
	p, err := g.DB.Profile(ctx, id)
	handlerstest.Must(g.T, err)
	if len(p.PhoneHash) != 32 || bytes.Contains(p.PhoneHash, []byte(phone)) {
		g.T.Errorf("the phone's hash is %x", p.PhoneHash)
	}
	want := storage.Profile{
		Seq: p.Seq, UserID: id, Name: deletedName, State: storage.ProfileDeleted, VerifyState: storage.IdentityPassed,
		PhoneHash: p.PhoneHash, CreatTime: p.CreatTime,
	}
	if diff := cmp.Diff(want, p); diff != "" {
		g.T.Errorf("profile (-want +got):\n%s", diff)
	}
	identity, err := g.DB.Identity(ctx, id)
	handlerstest.Must(g.T, err)
	if len(identity.Sealed) > 0 || len(identity.IDHash) == 0 {
		g.T.Errorf("the identity is %+v", identity)
	}
	for side := range 2 {
		if _, err := g.DB.IdentityPicture(ctx, id, side); err == nil {
			g.T.Errorf("picture %d is there", side)
		}
	}
	addresses, _, err := g.DB.Addresses(ctx, id, storage.Page{})
	handlerstest.Must(g.T, err)
	notices, _, err := g.DB.Notices(ctx, id, false, storage.Page{})
	handlerstest.Must(g.T, err)
	sessions, err := g.DB.Sessions(ctx, id)
	handlerstest.Must(g.T, err)
	pictures, _, err := g.DB.PicturesAfter(ctx, id, storage.PictureName{})
	handlerstest.Must(g.T, err)
	if len(addresses)+len(notices)+len(sessions)+len(pictures) > 0 {
		g.T.Errorf("left are %v, %v, %v, %v", addresses, notices, sessions, pictures)
	}
}

// Of calls that delete at once one does.
func TestDeleteTogether(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	answers := handlerstest.Together(6, func(int) handlerstest.Answer { return g.Call("user/delete", token, byPassword) })
	if got := handlerstest.Count(answers); got["0 successful"] != 1 || got["-101 "+accountEnded] != 5 {
		t.Errorf("%v", got)
	}
}

// meddling does something once when a code is looked at, in the middle of a call.
type meddling struct {
	captcha.Store
	meddle func()
}

func (m *meddling) Check(ctx context.Context, query captchas.Query) (bool, error) {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return m.Store.Check(ctx, query)
}

// What happens to an account while a call of it runs counts.
func TestDeleteMeanwhile(t *testing.T) {
	t.Parallel()
	meddler := &meddling{}
	g, id, token := registered(t, func(o *handlerstest.Options) { meddler.Store, o.Captchas = o.Captchas, meddler })
	byCode := `{"sms_hash":"` + g.SMSHash(phone) + `"}`
	ok := func(call, token, data string) func() { // which must not end the test: it runs within a call
		return func() { g.Call(call, token, data).Want(t, 0, "successful") }
	}
	freeze := func(state string) func() {
		return ok("user/freeze", adminToken, `{"user_id":`+id+`,"state":`+state+`}`)
	}
	meddler.meddle = freeze("1")
	g.Call("user/delete", token, byCode).Want(t, -301, "Account is frozen")
	freeze("0")()
	meddler.meddle = ok("user/password", token, `{"old":"correct horse","new":"battery staple"}`)
	g.Call("user/delete", token, byCode).Want(t, -304, "State changed, retry")
	// A deleted account gets no phone.
	other := g.SMSHash(otherPhone)
	meddler.meddle = ok("user/delete", token, `{"password":"battery staple"}`)
	g.Call("user/contact", token, `{"phone":"`+otherPhone+`","sms_hash":"`+other+`"}`).Want(t, -101, accountEnded)
	wantErasedPhone(g, id)
}

func wantErasedPhone(g *handlerstest.Gateway, id string) {
	g.T.Helper()
	if p, err := g.DB.Profile(g.T.Context(), id); err != nil || p.Phone != "" || p.State != storage.ProfileDeleted {
		g.T.Errorf("the deleted account is %+v, %v", p, err)
	}
}

func TestDeleteFrozen(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.OK("user/freeze", adminToken, `{"user_id":`+id+`,"state":1}`)
	g.Refuses("user/delete", token, byPassword, -301, "Account is frozen")
	g.OK("user/freeze", adminToken, `{"user_id":`+id+`,"state":0}`)
	g.OK("user/delete", token, byPassword)
}

// An account that is frozen after it was deleted freezes whoever comes with its phone,
// until that ends.
func TestFreezeDeleted(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.OK("user/delete", token, byPassword)
	freeze := func(state string) { g.OK("user/freeze", adminToken, `{"user_id":`+id+`,"state":`+state+`}`) }
	state := func(token string) string { return g.OK("user/info", token, `{}`).Field("state") }

	freeze("1")
	freeze("1") // changes nothing
	if got := titles(g, id); got != "" {
		t.Errorf("a deleted account is told %s", got)
	}
	g.Refuses("user/info", bobToken, `{"user_id":`+id+`}`, 106, userNotExist)
	_, second := g.Register(phone, name)
	if got := state(second); got != "1" {
		t.Errorf("who registers with its phone has state %s", got)
	}
	g.Refuses("user/update", second, `{"sex":1}`, -301, "Account is frozen")
	_, third := g.Register(otherPhone, "another")
	if got := state(third); got != "0" {
		t.Errorf("who registers with another phone has state %s", got)
	}

	freeze("0")
	g.Refuses("user/info", bobToken, `{"user_id":`+id+`}`, 106, userNotExist)
	p, err := g.DB.Profile(t.Context(), id)
	if err != nil || p.State != storage.ProfileDeleted {
		t.Errorf("the deleted account has state %d, %v", p.State, err)
	}
}

// The phone of such an account freezes also who has it sent later.
func TestContactOfFrozenPhone(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.OK("user/delete", token, byPassword)
	g.OK("user/freeze", adminToken, `{"user_id":`+id+`,"state":1}`)
	g.OK("user/contact", bobToken, `{"phone":"`+phone+`","sms_hash":"`+g.SMSHash(phone)+`"}`)
	if got := g.OK("user/info", bobToken, `{}`).Field("state"); got != "1" {
		t.Errorf("the state is %s", got)
	}
}

// Where there is an account service, accounts are deleted there.
func TestDeleteOfAnAccountService(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Account.Own = false })
	g.Post("/user", aliceToken, handlerstest.Envelope("user/delete", byPassword)).Want(t, -2, "Error JSON value")
	g.OK("user/export", aliceToken, `{}`)
}

// An order of the market keeps an account on either side, and so does a debt.
func TestDeleteWithAnOrderOrADebt(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.Document()
	const giveUp = `{"password":"` + handlerstest.Password + `","give_up":true}`
	order := storage.Order{PayID: handlerstest.PayingPayment, State: "paying", ListState: "need_pay", Deliver: "face", Clock: "pay_within", UserID: id}
	g.AddOrder(order)
	g.Refuses("user/delete", token, giveUp, 111, leftOver)
	g.SetOrder(handlerstest.OrderOf(order.PayID), func(o *storage.Order) { o.State, o.Clock, o.ClosedTime = "cancel", "", 1 })
	order.PayID, order.UserID, order.SellerID = handlerstest.FacePayment, handlerstest.Alice, id
	g.AddOrder(order)
	g.Refuses("user/delete", token, giveUp, 111, leftOver)
	g.SetOrder(handlerstest.OrderOf(order.PayID), func(o *storage.Order) { o.State, o.Clock, o.ClosedTime = "cancel", "", 1 })

	g.OK("credit/set", adminToken, `{"user_id":"`+id+`","inc_amount":100}`)
	owe := func(from, to storage.Account) {
		handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
			return tx.Move(t.Context(), storage.Move{Kind: storage.LedgerDebt, Currency: storage.CNY, From: from, To: to, Amount: 1, Time: 1})
		}))
	}
	owe(storage.CreditAccount(id), storage.MarketAccount)
	g.Refuses("user/delete", token, giveUp, 111, leftOver)
	owe(storage.MarketAccount, storage.CreditAccount(id))
	g.OK("user/delete", token, giveUp)
	profile, err := g.DB.Profile(t.Context(), id)
	if err != nil || profile.Beli != 0 || profile.CreditAmount != 0 {
		t.Errorf("left is %+v, %v", profile, err)
	}
}
