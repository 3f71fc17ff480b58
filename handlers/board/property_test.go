package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// shown is the row of a notice as GET /get/property shows it.
func shown(g *handlerstest.Gateway, id string) string {
	g.T.Helper()
	for _, typ := range []string{"1", "2"} {
		if data := string(g.Notices("type=" + typ + "&id=" + id).Data); data != "[]" {
			return strings.TrimSuffix(strings.TrimPrefix(data, "["), "]")
		}
	}
	return ""
}

// noticeRow is the row of the document's example as it is stored at the start of
// a test, with some of its fields replaced: key, JSON value, key, JSON value…
func noticeRow(id string, changes ...string) string {
	row := []string{
		"id", id, "type", "1", "state", "0", "lab", `"测试"`, "title", `"测试标题"`, "content", `"我找到一件东西"`,
		"occurrence_time", `"2019-04-22 16:17:42"`, "user_id", `"1180310086"`, "user_name", `"王凌超"`,
		"user_phone", `"123456"`, "user_qq", `"893721708"`, "user2_id", `""`, "user2_name", `""`,
		"user2_phone", `""`, "user2_qq", `""`, "publish_time", `"2019-11-28 22:25:52"`,
		"update_time", `"2019-11-28 22:25:52"`, "pic_num", "0", "pic_url1", `""`, "pic_url2", `""`, "pic_url3", `""`,
	}
	return handlerstest.Object(row, changes)
}

func TestPropertyAddAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	a := g.Post("/property", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"property",
    "subtype":"add",
    "data":{
        "type":1,
        "lab":"测试",
        "title":"测试标题",
        "content":"我找到一件东西",
        "occurrence_time":"2019-04-22 16:17:42",
        "user_name":"王凌超",
        "user_phone":"123456",
        "user_qq":"893721708",
        "publish_time":""
    }
}`)
	a.WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{"uid":1}}`)
	g.Notices("type=1").WantRaw(t, `{"id":-1,"status":0,"message":"successful","data":[`+noticeRow("1")+`]}`)
}

func TestPropertyAddFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.FieldTable("property/add", aliceToken, handlerstest.Notice(), []handlerstest.FieldRow{
		{Key: "type", Absent: -202, Empty: -201, Kind: handlerstest.Integer, Good: []string{"1", "2", `"2"`}, Bad: []string{"0", "3", "-1", `"3"`}},
		{Key: "state", Kind: handlerstest.Integer, Good: []string{"0", "1", `"1"`}, Bad: []string{"-1", "2", "32768"}},
		{Key: "lab", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 50},
		{Key: "title", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 20},
		{Key: "content", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 500},
		{Key: "occurrence_time", Absent: -202, Kind: handlerstest.DateTime},
		{Key: "user_name", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 10},
		{Key: "user_phone", Absent: -202, Kind: handlerstest.DigitText, Limit: 15, Bad: []string{"1234567890123456"}},
		{Key: "user_qq", Absent: -202, Kind: handlerstest.DigitText, Limit: 15, Bad: []string{"1234567890123456"}},
		{Key: "publish_time", Kind: handlerstest.DateTime},
		{Key: "pic_num", Kind: handlerstest.Integer, Good: []string{"0", `"0"`}, Bad: []string{"-1", "4"}},
		{Key: "pic_url1", Kind: handlerstest.Text, Limit: 1024},
	})
	three := handlerstest.Notice().With("pic_num", "3").
		With("pic_url1", `"./1"`).With("pic_url2", `"./2"`).With("pic_url3", `"./3"`)
	handlerstest.Start(t).FieldTable("property/add", aliceToken, three, []handlerstest.FieldRow{
		{Key: "pic_url1", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 1024},
		{Key: "pic_url2", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 1024},
		{Key: "pic_url3", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 1024},
	})
}

// What the call ignores may be anything.
func TestPropertyAddIgnores(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	data := handlerstest.Notice()
	for _, key := range []string{"id", "user_id", "user2_id", "user2_name", "user2_phone", "user2_qq", "update_time", "unknown"} {
		for _, value := range []string{`"` + bob + `"`, "77", `{"a":[]}`, `""`, "null"} {
			id := g.AddNotice(data.With(key, value))
			if got, want := shown(g, id), noticeRow(id); got != want {
				t.Errorf("%s %s:\ngot  %s\nwant %s", key, value, got, want)
			}
		}
	}
}

func TestPropertyAddKeeps(t *testing.T) {
	t.Parallel()
	const now = `"2019-11-28 22:25:52"`
	g := handlerstest.Start(t)
	for _, c := range []struct {
		name    string
		sent    handlerstest.Fields
		changes []string // of the document's row
	}{
		{"state", handlerstest.Notice().With("state", "1"), []string{"state", "1"}},
		{"found", handlerstest.Notice().With("type", `"2"`), []string{"type", "2"}},
		{"an empty occurrence_time is now", handlerstest.Notice().With("occurrence_time", `""`), []string{"occurrence_time", now}},
		{
			"a publish_time is the update_time", handlerstest.Notice().With("publish_time", `"2019-04-29 21:01:00"`),
			[]string{"publish_time", `"2019-04-29 21:01:00"`, "update_time", `"2019-04-29 21:01:00"`},
		},
		{
			"an empty occurrence_time is the publish_time",
			handlerstest.Notice().With("publish_time", `"2019-04-29 21:01:00"`).With("occurrence_time", `""`),
			[]string{"publish_time", `"2019-04-29 21:01:00"`, "update_time", `"2019-04-29 21:01:00"`, "occurrence_time", `"2019-04-29 21:01:00"`},
		},
		{
			"numbers as phone and QQ", handlerstest.Notice().With("user_phone", "0").With("user_qq", "893721709"),
			[]string{"user_phone", `"0"`, "user_qq", `"893721709"`},
		},
		{
			"empty phone and QQ", handlerstest.Notice().With("user_phone", `""`).With("user_qq", `""`),
			[]string{"user_phone", `""`, "user_qq", `""`},
		},
		{"blanks are not trimmed", handlerstest.Notice().With("title", `" 测试 "`), []string{"title", `" 测试 "`}},
		{"no markup comes back", handlerstest.Notice().With("content", `"<b>\"&'\\\n\t"`), []string{"content", `"\u003cb\u003e\"\u0026'\\\n\t"`}},
		{
			"two pictures", handlerstest.Notice().With("pic_num", "2").With("pic_url1", `"./1"`).With("pic_url2", `"./2"`),
			[]string{"pic_num", "2", "pic_url1", `"./1"`, "pic_url2", `"./2"`},
		},
		{
			"pictures beyond pic_num are not kept",
			handlerstest.Notice().With("pic_num", `"1"`).With("pic_url1", `"./1"`).With("pic_url2", `"./2"`).With("pic_url3", `""`),
			[]string{"pic_num", "1", "pic_url1", `"./1"`},
		},
		{"pictures without pic_num are not kept", handlerstest.Notice().With("pic_url1", `"./1"`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := g.In(t)
			id := g.AddNotice(c.sent)
			if got, want := shown(g, id), noticeRow(id, c.changes...); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Of several bad keys the answer is that of the first check, wherever it stands.
func TestPropertyChecksInOrder(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	worst := handlerstest.Notice().With("type", `"3"`)
	g.RefusesValue("property/add", aliceToken, worst, "type", -204)
	worst = worst.With("state", "true")
	g.RefusesValue("property/add", aliceToken, worst, "state", -203)
	worst = worst.With("title", `""`)
	g.RefusesValue("property/add", aliceToken, worst, "title", -201)
	worst = worst.With("user_qq", "")
	g.RefusesValue("property/add", aliceToken, worst, "user_qq", -202)
}

// Ids are the server's, also when many notices are added in one second.
func TestPropertyIDsAreUnique(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	seen := map[string]bool{}
	for _, a := range handlerstest.Together(32, func(int) handlerstest.Answer { return g.OK("property/add", aliceToken, handlerstest.Notice().String()) }) {
		id := a.Field("uid")
		if seen[id] || len(id) > 10 || id < "1" {
			t.Errorf("id %s", a.Raw)
		}
		seen[id] = true
	}
	g.SQL("UPDATE sqlite_sequence SET seq = 2147483646 WHERE name = 'properties'")
	if last := g.AddNotice(handlerstest.Notice()); last != "2147483647" {
		t.Errorf("the last id is %s", last)
	}
	if id := g.AddNotice(handlerstest.Notice()); seen[id] || len(id) > 10 { // a free one below
		t.Errorf("after the last id came %s", id)
	}
}

func TestPropertyUpdateAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	id := g.AddNotice(handlerstest.Notice().With("title", `"旧"`).With("content", `"旧"`))
	g.SQL("UPDATE properties SET id = 12334567 WHERE id = " + id)
	g.Clock.Advance(time.Minute)
	g.Post("/property", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"property",
    "subtype":"update",
    "data":{
        "id":12334567,
        "title":"测试标题",
        "content":"我找到一件东西"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{"uid":12334567}}`)
	if got, want := shown(g, "12334567"), noticeRow("12334567", "update_time", `"2019-11-28 22:26:52"`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPropertyUpdateFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	own := g.AddNotice(handlerstest.Notice())
	data := handlerstest.Fields{"id": own, "title": `"测试标题"`}
	g.FieldTable("property/update", aliceToken, data, []handlerstest.FieldRow{
		{Key: "id", Absent: -202, Empty: -201, Kind: handlerstest.ID, Good: []string{handlerstest.Quoted(own)}},
		{Key: "type", Empty: -201, Kind: handlerstest.Integer, Good: []string{"1", `"2"`}, Bad: []string{"0", "3"}},
		{Key: "state", Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", `"1"`}, Bad: []string{"-1", "2"}},
		{Key: "lab", Empty: -201, Kind: handlerstest.Text, Limit: 50},
		{Key: "title", Empty: -201, Kind: handlerstest.Text, Limit: 20},
		{Key: "content", Empty: -201, Kind: handlerstest.Text, Limit: 500},
		{Key: "occurrence_time", Kind: handlerstest.DateTime},
		{Key: "user_name", Empty: -201, Kind: handlerstest.Text, Limit: 10},
		{Key: "user_phone", Kind: handlerstest.DigitText, Limit: 15},
		{Key: "user_qq", Kind: handlerstest.DigitText, Limit: 15},
		{Key: "user2_id", Kind: handlerstest.DigitText, Limit: 15},
		{Key: "user2_name", Kind: handlerstest.Text, Limit: 10},
		{Key: "user2_phone", Kind: handlerstest.DigitText, Limit: 15},
		{Key: "user2_qq", Kind: handlerstest.DigitText, Limit: 15},
		{Key: "update_time", Kind: handlerstest.DateTime},
	})
	for _, value := range []string{"true", `["1"]`, "1.5"} {
		g.RefusesValue("property/update", aliceToken, data.With("user_id", value), "user_id", -203)
	}
	g.RefusesValue("property/update", aliceToken, data.With("user_id", `""`), "user_id", -201)
}

func TestPropertyUpdateKeeps(t *testing.T) {
	t.Parallel()
	const now = `"2019-11-28 22:26:52"` // of the update
	g := handlerstest.Start(t)
	for _, c := range []struct {
		name, sent string
		changes    []string
	}{
		{"nothing but the time", `{}`, []string{"update_time", now}},
		{"a given update_time", `{"update_time":"2019-05-01 00:00:00"}`, []string{"update_time", `"2019-05-01 00:00:00"`}},
		{"an empty update_time", `{"update_time":""}`, []string{"update_time", now}},
		{"an empty occurrence_time leaves it", `{"occurrence_time":""}`, []string{"update_time", now}},
		{
			"everything", `{"type":2,"state":"1","lab":"卡类|一卡通","title":"t","content":"c","occurrence_time":"2019-04-23 00:00:00",
			"user_name":"n","user_phone":5,"user_qq":"q","user2_id":"1180310085","user2_name":"码三秃","user2_phone":1216515656,"user2_qq":"15448486"}`,
			[]string{
				"type", "2", "state", "1", "lab", `"卡类|一卡通"`, "title", `"t"`, "content", `"c"`,
				"occurrence_time", `"2019-04-23 00:00:00"`, "user_name", `"n"`, "user_phone", `"5"`, "user_qq", `"q"`,
				"user2_id", `"1180310085"`, "user2_name", `"码三秃"`, "user2_phone", `"1216515656"`, "user2_qq", `"15448486"`,
				"update_time", now,
			},
		},
		{
			"texts that may be empty", `{"user_phone":"","user_qq":"","user2_id":"","user2_name":"","user2_phone":"","user2_qq":""}`,
			[]string{"user_phone", `""`, "user_qq", `""`, "update_time", now},
		},
		{"null is absent", `{"title":null,"user_phone":null,"state":null,"update_time":null}`, []string{"update_time", now}},
		{"one's own user_id", `{"user_id":"1180310086"}`, []string{"update_time", now}},
		{"one's own user_id as a number", `{"user_id":1180310086}`, []string{"update_time", now}},
		{"what the table does not list", `{"publish_time":"x","pic_num":9,"pic_url1":"./1","pic_url2":7,"unknown":[]}`, []string{"update_time", now}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := g.In(t)
			id := g.AddNotice(handlerstest.Notice())
			g.Clock.Advance(time.Minute)
			defer g.Clock.Advance(-time.Minute)
			sent := strings.Replace(c.sent, "{", `{"id":`+id+`,`, 1)
			g.OK("property/update", aliceToken, strings.Replace(sent, ",}", "}", 1)).WantData(t, `{"uid":`+id+`}`)
			if got, want := shown(g, id), noticeRow(id, c.changes...); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Only the owner changes a notice, and who that is only the token says.
func TestPropertyOwner(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	own := g.AddNotice(handlerstest.Notice())
	for _, c := range []struct{ name, token, data string }{
		{"another's notice", bobToken, `{"id":` + own + `}`},
		{"another's notice with its owner's id", bobToken, `{"id":` + own + `,"user_id":"1180310086"}`},
		{"another's notice with one's own id", bobToken, `{"id":` + own + `,"user_id":"1180310087"}`},
		{"your own notice with another's id", aliceToken, `{"id":` + own + `,"user_id":"1180310087"}`},
		{"your own notice with another's id as a number", aliceToken, `{"id":` + own + `,"user_id":1180310087}`},
		{"an id that is almost one's own", aliceToken, `{"id":` + own + `,"user_id":"01180310086"}`},
		{"no such notice", aliceToken, `{"id":2}`},
		{"no id of a notice", aliceToken, `{"id":0}`},
		{"a negative id", aliceToken, `{"id":-1}`},
		{"an id beyond 2^31", aliceToken, `{"id":2147483648}`},
		{"an id beyond 2^63", aliceToken, `{"id":99999999999999999999}`},
		{"an id below -2^63", aliceToken, `{"id":"-99999999999999999999"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := g.In(t)
			g.Refuses("property/update", c.token, strings.Replace(c.data, "}", `,"title":"changed"}`, 1), -200, "Failure to operate database")
			g.Refuses("property/delete", c.token, c.data, -200, "Failure to operate database")
		})
	}
}

func TestPropertyDeleteAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	first, second := g.AddNotice(handlerstest.Notice()), g.AddNotice(handlerstest.Notice())
	g.SQL("UPDATE properties SET id = 12334567 WHERE id = " + first)
	g.Post("/property", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"property",
    "subtype":"delete",
    "data":{
        "id":12334567,
        "user_id":"1180310086"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{"uid":12334567}}`)
	g.Notices("type=1").WantData(t, "["+noticeRow(second)+"]")
	g.Refuses("property/delete", aliceToken, `{"id":12334567}`, -200, "Failure to operate database")

	// Other keys are ignored, and a deleted id is not given again.
	g.OK("property/delete", aliceToken, `{"id":"`+second+`","type":"x","title":7}`).WantData(t, `{"uid":`+second+`}`)
	if id := g.AddNotice(handlerstest.Notice()); id == first || id == second {
		t.Errorf("the id %s is given again", id)
	}
}

func TestPropertyDeleteFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, c := range (handlerstest.FieldRow{Absent: -202, Empty: -201, Kind: handlerstest.ID}).Cases() {
		g.RefusesValue("property/delete", aliceToken, handlerstest.Fields{"user_id": handlerstest.Quoted(alice)}.With("id", c.Value), "id", c.Status)
	}
	for value, status := range map[string]int{`""`: -201, "true": -203, "1.5": -203, "[]": -203} {
		g.RefusesValue("property/delete", aliceToken, handlerstest.Fields{"id": "1", "user_id": value}, "user_id", status)
	}
	for _, value := range []string{"", "null", handlerstest.Quoted(alice), alice} {
		id := g.AddNotice(handlerstest.Notice())
		g.OK("property/delete", aliceToken, handlerstest.Fields{"id": id}.With("user_id", value).String())
		if shown(g, id) != "" {
			t.Errorf("user_id %s: the notice is still there", value)
		}
	}
}

// One deletion of many at once deletes.
func TestPropertyDeletedOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	id := g.AddNotice(handlerstest.Notice())
	got := handlerstest.Count(handlerstest.Together(16, func(int) handlerstest.Answer { return g.Call("property/delete", aliceToken, `{"id":`+id+`}`) }))
	if fmt.Sprint(got) != "map[-200 Failure to operate database:15 0 successful:1]" {
		t.Error(got)
	}
}
