package account_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

func TestListUsers(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	second, _ := g.Register(otherPhone, "Second_2")
	row := func(id, name, phone, created string) string {
		return `{"user_id":` + id + `,"user_name":"` + name + `","phone":"` + phone + `","email":"","sex":0,"role":"","state":0,` +
			`"verify_state":0,"verify_note":"","head_img":"./api/external/get/portrait/` + id + `","creat_time":"` + created + `"}`
	}
	first, other := row(id, name, phone, "2019-11-28 22:25:52"), row(second, "Second_2", otherPhone, "2019-11-28 22:26:23")
	for data, want := range map[string]string{
		`{"key":"三秃"}`:                    `{"num":1,"list":[` + first + `]}`,
		`{"key":"7010"}`:                  `{"num":1,"list":[` + first + `]}`,
		`{"key":"13"}`:                    `{"num":2,"list":[` + other + `,` + first + `]}`,
		`{"key":"13","count":1,"page":2}`: `{"num":2,"list":[` + first + `]}`,
		`{"key":"second_"}`:               `{"num":1,"list":[` + other + `]}`,
		`{"key":"` + second + `"}`:        `{"num":1,"list":[` + other + `]}`,
		`{"key":"` + second[:11] + `"}`:   `{"num":0,"list":[]}`,
		`{"key":"%"}`:                     `{"num":0,"list":[]}`,
		`{"state":1}`:                     `{"num":0,"list":[]}`,
		`{"verify_state":1}`:              `{"num":0,"list":[]}`,
		`{"key":"秃","verify_state":0}`:    `{"num":1,"list":[` + first + `]}`,
	} {
		g.OK("user/list", adminToken, data).WantData(t, want)
	}
	if got := g.OK("user/list", adminToken, `{}`).Field("num"); got != "3" { // the admin too
		t.Errorf("%s accounts", got)
	}
	for data, want := range map[string]string{ // which say nothing of anybody, and are not audited
		`{"num_only":true}`:                            "3",
		`{"num_only":true,"verify_state":1}`:           "0",
		`{"num_only":true,"verify_state":0,"page":99}`: "3",
		`{"num_only":true,"key":"","state":0}`:         "3",
	} {
		g.OK("user/list", adminToken, data).WantData(t, `{"num":`+want+`,"list":[]}`)
	}
	g.RefusesValue("user/list", adminToken, handlerstest.Fields{"num_only": "1"}, "num_only", -203)
	for _, key := range []string{"state", "verify_state"} {
		g.RefusesValue("user/list", adminToken, handlerstest.Fields{key: "4"}, key, -204)
	}
	g.Refuses("user/list", token, `{}`, -103, "No permission to operate")
	g.Refuses("user/list", bobToken, `{}`, -103, "No permission to operate")
	audits, err := g.DB.Audits(t.Context(), storage.Page{})
	handlerstest.Must(t, err)
	for _, row := range audits {
		if row.UserID != handlerstest.Admin || row.Call != "user/list" {
			t.Errorf("audited is %+v", row)
		}
	}
	if len(audits) != 12 {
		t.Errorf("%d of 12 lists are audited", len(audits))
	}
	g.OK("user/list", adminToken, `{"num_only":true,"key":"7010"}`).WantData(t, `{"num":1,"list":[]}`) // whether there is such a phone
	g.OK("user/list", adminToken, `{"key":"`+strings.Repeat("😀", 64)+`"}`)                             // more bytes than a row of the audit has for it
	g.OK("user/list", adminToken, `{"key":"phone 13700007010 of 码三秃"}`)
	audits, err = g.DB.Audits(t.Context(), storage.Page{Limit: 3, Offset: 12})
	handlerstest.Must(t, err)
	if got := audits[0].Target; got != "key 7010" {
		t.Errorf("audited is %q", got)
	}
	if got, want := audits[2].Target, "key phone 137****7010 of 码三秃"; got != want {
		t.Errorf("audited is %q, want %q", got, want)
	}
}

// A renamed account is found by its new name.
func TestListFindsNewNames(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	g.OK("user/update", token, `{"user_name":"新名字"}`)
	for key, want := range map[string]string{"新名": id, "三秃": ""} {
		if got := g.OK("user/list", adminToken, `{"key":"`+key+`"}`).Rows(t, "user_id"); got != want {
			t.Errorf("%s finds %q, want %q", key, got, want)
		}
	}
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	g, id, token := registered(t)
	data := handlerstest.Fields{"user_id": id, "state": "1", "note": `"违规"`}
	for _, row := range []handlerstest.FieldRow{
		{Key: "user_id", Absent: -3, Empty: -201, Kind: handlerstest.DigitText},
		{Key: "state", Absent: -3, Empty: -201, Kind: handlerstest.Integer, Bad: []string{"2", "-1"}},
		{Key: "note", Kind: handlerstest.Text, Limit: 200},
	} {
		for _, c := range row.Cases() {
			if c.Status != 0 {
				g.RefusesValue("user/freeze", adminToken, data.With(row.Key, c.Value), row.Key, c.Status)
			}
		}
	}
	g.Refuses("user/freeze", token, data.String(), -103, "No permission to operate")
	g.Refuses("user/freeze", adminToken, data.With("user_id", handlerstest.Admin).String(), -103, "No permission to operate")
	g.Refuses("user/freeze", adminToken, data.With("user_id", "1").String(), 106, userNotExist)

	g.Refuses("user/freeze", adminToken, data.With("note", handlerstest.Quoted(handlerstest.RefusedWord)).String(), -305, "Content refused")

	g.OK("user/freeze", adminToken, data.String())
	g.OK("user/freeze", adminToken, data.String()) // changes nothing
	// It reads and logs in, and changes nothing.
	if got := g.OK("user/info", token, `{}`).Field("state"); got != "1" {
		t.Errorf("the state is %s", got)
	}
	g.OK("user/login", "", login(handlerstest.Password, ""))
	const frozen = "Account is frozen"
	g.Refuses("user/update", token, `{"sex":1}`, -301, frozen)
	g.Refuses("user/password", token, `{"old":"correct horse","new":"battery staple"}`, -301, frozen)
	g.Refuses("user/mail", token, `{"email":"student@example.org"}`, -301, frozen)
	g.Refuses("user/contact", token, `{"phone":"`+otherPhone+`","sms_hash":"`+g.SMSHash(otherPhone)+`"}`, -301, frozen)
	g.Refuses("user/reset", "", `{"phone":"`+phone+`","sms_hash":"`+g.SMSHash(phone)+`","password":"battery staple"}`, -301, frozen)
	g.OK("shop/creat", token, `{"shop_name":"old calls go on"}`)
	g.OK("user/logout", g.OK("user/login", "", login(handlerstest.Password, "")).Field("token"), `{}`)

	g.OK("user/freeze", adminToken, data.With("state", "0").With("note", "").String())
	g.OK("user/update", token, `{"sex":1}`)
	audits, err := g.DB.Audits(t.Context(), storage.Page{})
	handlerstest.Must(t, err)
	want := []storage.Audit{
		{UserID: handlerstest.Admin, Call: "user/freeze", Target: "user " + id, Before: "0", After: "1 违规"},
		{UserID: handlerstest.Admin, Call: "user/freeze", Target: "user " + id, Before: "1", After: "0 "},
	}
	for i := range audits {
		audits[i].Time = 0
	}
	if diff := cmp.Diff(want, audits); diff != "" {
		t.Error(diff)
	}
	notices, _, err := g.DB.Notices(t.Context(), id, false, storage.Page{})
	handlerstest.Must(t, err)
	var titles strings.Builder
	for _, notice := range notices {
		fmt.Fprintf(&titles, "%s: %s\n", notice.Title, notice.Content)
	}
	if want := "账号已恢复: 您的账号已恢复正常。\n账号已冻结: 您的账号已被管理员冻结，只能查看、支付欠款和处理未完成的订单。说明：违规\n" +
		"注册成功: 欢迎使用校园平台。送您 100 贝里，下单时每 10 贝里抵 1 元。\n"; titles.String() != want {
		t.Errorf("the notices are\n%s", titles.String())
	}
}
