package account_test

import (
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	other, _ := g.Register(otherPhone, "Other")
	for _, row := range []handlerstest.FieldRow{
		{Key: "user_name", Empty: -201, Kind: handlerstest.Text, Bad: []string{`" "`, `"a"`, `"a b"`}},
		{Key: "sex", Kind: handlerstest.Integer, Bad: []string{"-1", "3"}},
	} {
		for _, c := range row.Cases() {
			if c.Status != 0 {
				g.RefusesValue("user/update", token, handlerstest.Fields{}.With(row.Key, c.Value), row.Key, c.Status)
			}
		}
	}
	g.Refuses("user/update", token, `{"user_name":"oTHER"}`, 101, userNameUsed)
	g.Refuses("user/update", token, `{"user_name":"`+handlerstest.RefusedWord+`"}`, -305, "Content refused")
	g.OK("user/update", token, `{"sex":2}`)
	g.OK("user/update", token, `{"user_name":"码三秃"}`) // one's own
	g.OK("user/update", token, `{"user_name":"新名"}`)
	if a := g.OK("user/info", token, `{}`); a.Field("user_name") != "新名" || a.Field("sex") != "2" {
		t.Errorf("after the update: %s", a.Raw)
	}
	g.OK("user/info", bobToken, `{"user_id":`+id+`}`).WantData(t,
		`{"user_id":`+id+`,"user_name":"新名","verified":false,"head_img":"./api/external/get/portrait/`+id+`"}`)
	g.OK("user/update", token, `{}`)
	g.OK("user/login", "", `{"user_name":"新名","password":"correct horse"}`)
	g.Call("user/login", "", `{"user_name":"码三秃","password":"correct horse"}`).Want(t, 103, wrongLogin)
	if got := g.OK("user/info", token, `{"user_id":"`+other+`"}`).Field("user_name"); got != "Other" {
		t.Errorf("the other's name is %s", got)
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("user/info", aliceToken, `{"user_id":1180310086}`).WantData(t, `{"user_id":1180310086,"user_name":"王凌超","phone":"","email":"","sex":0,"role":"","state":0,`+
		`"verify_state":0,"verify_note":"","head_img":"./api/external/get/portrait/1180310086","creat_time":"2019-11-28 22:25:52"}`)
	g.OK("user/info", aliceToken, `{"user_id":"1180310087"}`).WantData(t, `{"user_id":1180310087,"user_name":"码三秃",`+
		`"verified":false,"head_img":"./api/external/get/portrait/1180310087"}`)
	for _, unknown := range []string{`"` + strings.Repeat("1", 100) + `"`, `1`, `"01180310087"`, `"x"`, `"1180310087 "`} {
		g.Refuses("user/info", aliceToken, `{"user_id":`+unknown+`}`, 106, userNotExist)
	}
	g.RefusesValue("user/info", aliceToken, handlerstest.Fields{"user_id": "true"}, "user_id", -203)
	g.RefusesValue("user/info", aliceToken, handlerstest.Fields{"user_id": `""`}, "user_id", -201)
}

func TestContact(t *testing.T) {
	t.Parallel()
	g, _, token := registered(t)
	hash := g.SMSHash(otherPhone)
	for data, want := range map[string]string{
		`{}`:                               "phone, sms_hash: both are needed, or email and hash",
		`{"phone":"` + otherPhone + `"}`:   "phone, sms_hash: both are needed, or email and hash",
		`{"sms_hash":"` + hash + `"}`:      "phone, sms_hash: both are needed, or email and hash",
		`{"email":"student@example.org"}`:  "email, hash: both are needed",
		`{"hash":"0123456789abcdef01234"}`: "email, hash: both are needed",
	} {
		if a := g.Refuses("user/contact", token, data, -3, "Error data key"); a.Detail != want {
			t.Errorf("%s: %s, want %s", data, a.Detail, want)
		}
	}
	for _, key := range []string{"phone", "sms_hash", "email", "hash"} {
		g.RefusesValue("user/contact", token, handlerstest.Fields{key: `""`}, key, -201)
	}
	g.Refuses("user/contact", token, `{"phone":"`+otherPhone+`","sms_hash":"`+hash+`","email":"a@b.cn","hash":"x"}`, -204, "Arg's value error")
	g.Refuses("user/contact", token, `{"phone":"1380000001","sms_hash":"`+hash+`"}`, -204, "Arg's value error")
	g.Refuses("user/contact", token, `{"phone":"`+otherPhone+`","sms_hash":"0123456789abcdef0123456789abcdef"}`, 102, wrongCode)
	g.Refuses("user/contact", token, `{"email":"student@example.org","hash":"`+hash+`"}`, 102, wrongCode)
	g.Clock.Advance(time.Minute)
	g.Refuses("user/contact", aliceToken, `{"phone":"`+phone+`","sms_hash":"`+g.SMSHash(phone)+`"}`, 100, phoneRegistered)

	g.OK("user/contact", token, `{"phone":"`+otherPhone+`","sms_hash":"`+hash+`"}`)
	if got := g.OK("user/info", token, `{}`).Field("phone"); got != "138****0001" {
		t.Errorf("the phone is %s", got)
	}
	g.Call("user/contact", token, `{"phone":"`+otherPhone+`","sms_hash":"`+hash+`"}`).Want(t, 102, wrongCode) // used up
	g.Call("user/login", "", login(handlerstest.Password, "")).Want(t, 103, wrongLogin)
	g.OK("user/login", "", `{"phone":"`+otherPhone+`","password":"correct horse"}`)
}

// An account of the account service begins to have a profile with its first look at
// itself, and admins find it by the name that it has now.
func TestProfileFollowsTheAccount(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	found := func(key, want string) {
		t.Helper()
		if got := g.OK("user/list", adminToken, `{"key":"`+key+`"}`).Rows(t, "user_id"); got != want {
			t.Errorf("%s finds %q, want %q", key, got, want)
		}
	}
	found("王凌超", "")
	g.OK("user/info", aliceToken, `{}`)
	found("王凌超", handlerstest.Alice)
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error { return tx.RenameUser(t.Context(), handlerstest.Alice, "王二") }))
	if got := g.OK("user/info", aliceToken, `{}`).Field("user_name"); got != "王二" {
		t.Errorf("the name is %s", got)
	}
	found("王二", handlerstest.Alice)
	found("凌超", "")
}

// Who is not the first with a phone keeps the code.
func TestContactKeepsTheCodeOfALoser(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	hash := g.SMSHash(phone)
	answers := handlerstest.Together(2, func(i int) handlerstest.Answer {
		return g.Call("user/contact", []string{aliceToken, bobToken}[i], `{"phone":"`+phone+`","sms_hash":"`+hash+`"}`)
	})
	if counts := handlerstest.Count(answers); counts["0 successful"] != 1 || counts["0 successful"]+counts["100 "+phoneRegistered]+counts["102 "+wrongCode] != 2 {
		t.Errorf("of 2 at once: %v", counts)
	}
	g.Clock.Advance(time.Minute)
	other := g.SMSHash(otherPhone)
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.InsertProfile(t.Context(), storage.Profile{UserID: "7", Phone: otherPhone})
	}))
	for range 2 {
		g.Call("user/contact", aliceToken, `{"phone":"`+otherPhone+`","sms_hash":"`+other+`"}`).Want(t, 100, phoneRegistered)
	}
}
