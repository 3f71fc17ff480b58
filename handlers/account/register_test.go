package account_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// registration is the data of user/register, with a code that was sent just now.
func registration(g *handlerstest.Gateway) handlerstest.Fields {
	return handlerstest.Fields{
		"phone": handlerstest.Quoted(phone), "sms_hash": handlerstest.Quoted(g.SMSHash(phone)),
		"password": `"correct horse"`, "user_name": handlerstest.Quoted(name),
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	a := g.OK("user/register", "", registration(g).String())
	want := `^\{"user_id":[1-9][0-9]{11},"token":"cg_[A-Za-z0-9_-]{43}","expire_time":"2019-12-05 22:25:52"\}$`
	if !regexp.MustCompile(want).MatchString(string(a.Data)) {
		t.Fatalf("got %s", a.Raw)
	}
	id, token := a.Field("user_id"), a.Field("token")
	g.OK("user/info", token, `{}`).WantData(t, `{"user_id":`+id+`,"user_name":"码三秃","phone":"137****7010","email":"","sex":0,"role":"","state":0,`+
		`"verify_state":0,"verify_note":"","head_img":"./api/external/get/portrait/`+id+`","creat_time":"2019-11-28 22:25:52"}`)
	// An account of our own is one to every old call.
	shop := g.OpenShop(token, "新店")
	if got := g.OK("shop/info", bobToken, `{"shop_id":`+shop+`}`).Field("user_name"); got != name {
		t.Errorf("its shop is %s's", got)
	}
	g.OK("purchase/list", token, `{}`)
	if profile, err := g.DB.Profile(t.Context(), id); err != nil || profile.Beli != 100 || !strings.HasPrefix(profile.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("kept is %+v, %v", profile, err)
	}
}

func TestRegisterFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	data := registration(g)
	for _, row := range []handlerstest.FieldRow{
		{Key: "phone", Absent: -3, Empty: -201, Kind: handlerstest.Text, Bad: []string{
			`" "`, `"12700007010"`, `"1370000701"`, `"137000070100"`, `"+8613700007010"`, `"１３７００００７０１０"`, `"137 0000 7010"`,
		}},
		{Key: "sms_hash", Absent: -3, Empty: -201, Kind: handlerstest.Text},
		{Key: "password", Absent: -3, Empty: -201, Kind: handlerstest.Text},
		{Key: "user_name", Absent: -3, Empty: -201, Kind: handlerstest.Text, Bad: []string{
			`" "`, `"a"`, `"码"`, `"13700000001"`, `"ㅤㅤ"`, `"ᅟᅠ"`, `"aㅤ"`, `"a b"`, `"a.b"`, `"a@b"`, `"` + strings.Repeat("码", 21) + `"`, `"😀😀"`, `"a\u200bb"`, `"\u0301a"`,
		}},
	} {
		for _, c := range row.Cases() {
			if c.Status != 0 {
				g.RefusesValue("user/register", "", data.With(row.Key, c.Value), row.Key, c.Status)
			}
		}
	}
	g.OK("user/register", "", data.String()) // none of it has used the code up
}

// A name is not taken that an account of before has, or that says what it is not.
func TestRegisterReservedNames(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("user/info", aliceToken, `{}`) // the account's first use
	data := registration(g)
	for _, name := range []string{"王凌超", "已注销", "管理员", "Admin"} {
		g.Refuses("user/register", "", data.With("user_name", handlerstest.Quoted(name)).String(), 101, userNameUsed)
	}
}

// Names are unique without regard to the case of A-Z, and to how they are composed.
func TestRegisterNames(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for i, c := range []struct {
		name string
		used bool
	}{
		{"Tea_cup-1", false},
		{"tea_CUP-1", true},
		{"Café", false},
		{"Cafe\u0301", true},
		{"CAFé", true},
		{"CAFÉ", false}, // É is not in A-Z
		{"码三", false},
		{strings.Repeat("码", 20), false},
		{"〇一", false},
	} {
		number := fmt.Sprintf("1380000%04d", i)
		a := g.Call("user/register", "", `{"phone":"`+number+`","sms_hash":"`+g.SMSHash(number)+`","password":"correct horse","user_name":"`+c.name+`"}`)
		if c.used {
			a.Want(t, 101, userNameUsed)
		} else {
			a.Want(t, 0, "successful")
		}
	}
}

func TestRegisterPasswords(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	data := registration(g).With("user_name", `"correcthorse"`)
	for _, refused := range []string{
		"short-7", strings.Repeat("x", 65), strings.Repeat("码", 65), phone, "correcthorse", "CorrectHorse", "password", "12345678", "qwertyuiop",
	} {
		g.Refuses("user/register", "", data.With("password", handlerstest.Quoted(refused)).String(), 105, passwordNotAllowed)
	}
	g.OK("user/register", "", data.With("password", handlerstest.Quoted(strings.Repeat("码", 64))).String())
}

func TestRegisterStatuses(t *testing.T) {
	t.Parallel()
	g, _, _ := registered(t)
	// 102 before 100: who does not have the phone does not learn that it is registered.
	g.Refuses("user/register", "", `{"phone":"`+phone+`","sms_hash":"0123456789abcdef0123456789abcdef","password":"correct horse","user_name":"other"}`, 102, wrongCode)
	data := registration(g)
	g.Refuses("user/register", "", data.With("user_name", `"other"`).String(), 100, phoneRegistered)
	g.Refuses("user/register", "", data.With("phone", handlerstest.Quoted(otherPhone)).String(), 102, wrongCode) // another phone's code
	g.Refuses("user/register", "", data.With("phone", handlerstest.Quoted(otherPhone)).With("sms_hash", handlerstest.Quoted(g.SMSHash(otherPhone))).String(),
		101, userNameUsed)
	g.Refuses("user/register", "", data.With("sms_hash", handlerstest.Quoted(g.CaptchaHash())).String(), 102, wrongCode) // a picture's
	g.Refuses("user/register", "", data.With("user_name", handlerstest.Quoted(handlerstest.RefusedWord+"店")).String(), -305, "Content refused")
}

// A code is used up by success, and by success alone.
func TestRegisterUsesTheCodeUp(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	data := registration(g)
	answers := handlerstest.Together(8, func(i int) handlerstest.Answer {
		return g.Call("user/register", "", data.With("user_name", fmt.Sprintf(`"name%d"`, i)).String())
	})
	counts := handlerstest.Count(answers)
	if counts["0 successful"] != 1 || counts["0 successful"]+counts["100 "+phoneRegistered]+counts["102 "+wrongCode] != 8 {
		t.Errorf("of 8 at once: %v", counts)
	}
	g.Refuses("user/register", "", data.With("user_name", `"later"`).String(), 102, wrongCode)
}

// Where there is an account service, its calls are its own.
func TestAccountServiceMode(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Account.Own = false })
	for _, call := range []string{"register", "login", "reset", "logout", "password", "update"} {
		g.Post("", aliceToken, handlerstest.Envelope("user/"+call, `{}`)).Want(t, -2, "Error JSON value")
	}
	g.Clock.Advance(time.Minute)
	g.OK("user/info", aliceToken, `{}`).WantData(t, `{"user_id":1180310086,"user_name":"王凌超","phone":"","email":"","sex":0,"role":"","state":0,`+
		`"verify_state":0,"verify_note":"","head_img":"./api/external/get/portrait/1180310086","creat_time":"2019-11-28 22:26:52"}`)
	g.OK("user/contact", aliceToken, `{"phone":"`+phone+`","sms_hash":"`+g.SMSHash(phone)+`"}`)
	if got := g.OK("user/info", aliceToken, `{}`); got.Field("phone") != "137****7010" || got.Field("creat_time") != "2019-11-28 22:26:52" {
		t.Errorf("after user/contact: %s", got.Raw)
	}
}

// What the market gives a new account is given to a phone once: else whoever spends it,
// deletes the account and registers again gets it without end.
func TestWelcomeOnce(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	beli := func(id string) int64 {
		profile, err := g.DB.Profile(t.Context(), id)
		handlerstest.Must(t, err)
		return profile.Beli
	}
	first := beli(id)
	g.OK("user/contact", token, `{"phone":"`+otherPhone+`","sms_hash":"`+g.SMSHash(otherPhone)+`"}`)
	again, _ := g.Register(phone, "again")
	g.Clock.Advance(31 * time.Second)
	g.OK("user/delete", token, byPassword)
	other, _ := g.Register(otherPhone, "other") // which had an account, but no welcome
	if first != 100 || beli(again) != 0 || beli(other) != 100 {
		t.Errorf("the first account got %d, the second of its phone %d, the first of another phone %d", first, beli(again), beli(other))
	}
}
