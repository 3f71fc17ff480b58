package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// notice is the document's example of property/add.
func notice() fields {
	return fields{
		"type": "1", "lab": `"测试"`, "title": `"测试标题"`, "content": `"我找到一件东西"`,
		"occurrence_time": `"2019-04-22 16:17:42"`, "user_name": `"王凌超"`, "user_phone": `"123456"`,
		"user_qq": `"893721708"`, "publish_time": `""`,
	}
}

// addNotice publishes a notice of alice and returns its id.
func (g *gateway) addNotice(data fields) string {
	g.t.Helper()
	return g.ok("property/add", aliceToken, data.String()).field("uid")
}

// shown is the row of a notice as GET /get/property shows it.
func (g *gateway) shown(id string) string {
	g.t.Helper()
	for _, typ := range []string{"1", "2"} {
		if data := string(g.notices("type=" + typ + "&id=" + id).Data); data != "[]" {
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
	return object(row, changes)
}

// object is JSON with its keys in order, some of its values replaced.
func object(pairs, changes []string) string {
	for i := 0; i < len(changes); i += 2 {
		for at := 0; at < len(pairs); at += 2 {
			if pairs[at] == changes[i] {
				pairs[at+1] = changes[i+1]
			}
		}
	}
	var members []string
	for pair := range slices.Chunk(pairs, 2) {
		members = append(members, quoted(pair[0])+":"+pair[1])
	}
	return "{" + strings.Join(members, ",") + "}"
}

func TestPropertyAddAsDocumented(t *testing.T) {
	g := start(t)
	a := g.post("/property", aliceToken, `{
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
	a.wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{"uid":1}}`)
	g.notices("type=1").wantRaw(t, `{"id":-1,"status":0,"message":"successful","data":[`+noticeRow("1")+`]}`)
}

func TestPropertyAddFields(t *testing.T) {
	g := start(t)
	g.fieldTable("property/add", aliceToken, notice(), []fieldRow{
		{key: "type", absent: -202, empty: -201, kind: integer, good: []string{"1", "2", `"2"`}, bad: []string{"0", "3", "-1", `"3"`}},
		{key: "state", kind: integer, good: []string{"0", "1", `"1"`}, bad: []string{"-1", "2", "32768"}},
		{key: "lab", absent: -202, empty: -201, kind: aText, limit: 50},
		{key: "title", absent: -202, empty: -201, kind: aText, limit: 20},
		{key: "content", absent: -202, empty: -201, kind: aText, limit: 500},
		{key: "occurrence_time", absent: -202, kind: dateTime},
		{key: "user_name", absent: -202, empty: -201, kind: aText, limit: 10},
		{key: "user_phone", absent: -202, kind: digitText, limit: 15, bad: []string{"1234567890123456"}},
		{key: "user_qq", absent: -202, kind: digitText, limit: 15, bad: []string{"1234567890123456"}},
		{key: "publish_time", kind: dateTime},
		{key: "pic_num", kind: integer, good: []string{"0", `"0"`}, bad: []string{"-1", "4"}},
		{key: "pic_url1", kind: aText, limit: 1024},
	})
	three := notice().with("pic_num", "3").
		with("pic_url1", `"./1"`).with("pic_url2", `"./2"`).with("pic_url3", `"./3"`)
	start(t).fieldTable("property/add", aliceToken, three, []fieldRow{
		{key: "pic_url1", absent: -202, empty: -201, kind: aText, limit: 1024},
		{key: "pic_url2", absent: -202, empty: -201, kind: aText, limit: 1024},
		{key: "pic_url3", absent: -202, empty: -201, kind: aText, limit: 1024},
	})
}

// What the call ignores may be anything.
func TestPropertyAddIgnores(t *testing.T) {
	g := start(t)
	data := notice()
	for _, key := range []string{"id", "user_id", "user2_id", "user2_name", "user2_phone", "user2_qq", "update_time", "unknown"} {
		for _, value := range []string{`"` + bob + `"`, "77", `{"a":[]}`, `""`, "null"} {
			id := g.addNotice(data.with(key, value))
			if got, want := g.shown(id), noticeRow(id); got != want {
				t.Errorf("%s %s:\ngot  %s\nwant %s", key, value, got, want)
			}
		}
	}
}

func TestPropertyAddKeeps(t *testing.T) {
	const now = `"2019-11-28 22:25:52"`
	g := start(t)
	for _, c := range []struct {
		name    string
		sent    fields
		changes []string // of the document's row
	}{
		{"state", notice().with("state", "1"), []string{"state", "1"}},
		{"found", notice().with("type", `"2"`), []string{"type", "2"}},
		{"an empty occurrence_time is now", notice().with("occurrence_time", `""`), []string{"occurrence_time", now}},
		{
			"a publish_time is the update_time", notice().with("publish_time", `"2019-04-29 21:01:00"`),
			[]string{"publish_time", `"2019-04-29 21:01:00"`, "update_time", `"2019-04-29 21:01:00"`},
		},
		{
			"an empty occurrence_time is the publish_time",
			notice().with("publish_time", `"2019-04-29 21:01:00"`).with("occurrence_time", `""`),
			[]string{"publish_time", `"2019-04-29 21:01:00"`, "update_time", `"2019-04-29 21:01:00"`, "occurrence_time", `"2019-04-29 21:01:00"`},
		},
		{
			"numbers as phone and QQ", notice().with("user_phone", "0").with("user_qq", "893721709"),
			[]string{"user_phone", `"0"`, "user_qq", `"893721709"`},
		},
		{
			"empty phone and QQ", notice().with("user_phone", `""`).with("user_qq", `""`),
			[]string{"user_phone", `""`, "user_qq", `""`},
		},
		{"blanks are not trimmed", notice().with("title", `" 测试 "`), []string{"title", `" 测试 "`}},
		{"no markup comes back", notice().with("content", `"<b>\"&'\\\n\t"`), []string{"content", `"\u003cb\u003e\"\u0026'\\\n\t"`}},
		{
			"two pictures", notice().with("pic_num", "2").with("pic_url1", `"./1"`).with("pic_url2", `"./2"`),
			[]string{"pic_num", "2", "pic_url1", `"./1"`, "pic_url2", `"./2"`},
		},
		{
			"pictures beyond pic_num are not kept",
			notice().with("pic_num", `"1"`).with("pic_url1", `"./1"`).with("pic_url2", `"./2"`).with("pic_url3", `""`),
			[]string{"pic_num", "1", "pic_url1", `"./1"`},
		},
		{"pictures without pic_num are not kept", notice().with("pic_url1", `"./1"`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := g.in(t)
			id := g.addNotice(c.sent)
			if got, want := g.shown(id), noticeRow(id, c.changes...); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Of several bad keys the answer is that of the first check, wherever it stands.
func TestPropertyChecksInOrder(t *testing.T) {
	g := start(t)
	worst := notice().with("type", `"3"`)
	g.refusesValue("property/add", aliceToken, worst, "type", -204)
	worst = worst.with("state", "true")
	g.refusesValue("property/add", aliceToken, worst, "state", -203)
	worst = worst.with("title", `""`)
	g.refusesValue("property/add", aliceToken, worst, "title", -201)
	worst = worst.with("user_qq", "")
	g.refusesValue("property/add", aliceToken, worst, "user_qq", -202)
}

// Ids are the server's, also when many notices are added in one second.
func TestPropertyIDsAreUnique(t *testing.T) {
	g := start(t)
	seen := map[string]bool{}
	for _, a := range together(32, func(int) answer { return g.ok("property/add", aliceToken, notice().String()) }) {
		id := a.field("uid")
		if seen[id] || len(id) > 10 || id < "1" {
			t.Errorf("id %s", a.Raw)
		}
		seen[id] = true
	}
	g.sql("UPDATE sqlite_sequence SET seq = 2147483646 WHERE name = 'properties'")
	if last := g.addNotice(notice()); last != "2147483647" {
		t.Errorf("the last id is %s", last)
	}
	g.refuses("property/add", aliceToken, notice().String(), -200, "Failure to operate database")
}

func TestPropertyUpdateAsDocumented(t *testing.T) {
	g := start(t)
	id := g.addNotice(notice().with("title", `"旧"`).with("content", `"旧"`))
	g.sql("UPDATE properties SET id = 12334567 WHERE id = " + id)
	g.clock.advance(time.Minute)
	g.post("/property", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"property",
    "subtype":"update",
    "data":{
        "id":12334567,
        "title":"测试标题",
        "content":"我找到一件东西"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{"uid":12334567}}`)
	if got, want := g.shown("12334567"), noticeRow("12334567", "update_time", `"2019-11-28 22:26:52"`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPropertyUpdateFields(t *testing.T) {
	g := start(t)
	own := g.addNotice(notice())
	data := fields{"id": own, "title": `"测试标题"`}
	g.fieldTable("property/update", aliceToken, data, []fieldRow{
		{key: "id", absent: -202, empty: -201, kind: id, good: []string{quoted(own)}},
		{key: "type", empty: -201, kind: integer, good: []string{"1", `"2"`}, bad: []string{"0", "3"}},
		{key: "state", empty: -201, kind: integer, good: []string{"0", `"1"`}, bad: []string{"-1", "2"}},
		{key: "lab", empty: -201, kind: aText, limit: 50},
		{key: "title", empty: -201, kind: aText, limit: 20},
		{key: "content", empty: -201, kind: aText, limit: 500},
		{key: "occurrence_time", kind: dateTime},
		{key: "user_name", empty: -201, kind: aText, limit: 10},
		{key: "user_phone", kind: digitText, limit: 15},
		{key: "user_qq", kind: digitText, limit: 15},
		{key: "user2_id", kind: digitText, limit: 15},
		{key: "user2_name", kind: aText, limit: 10},
		{key: "user2_phone", kind: digitText, limit: 15},
		{key: "user2_qq", kind: digitText, limit: 15},
		{key: "update_time", kind: dateTime},
	})
	for _, value := range []string{"true", `["1"]`, "1.5"} {
		g.refusesValue("property/update", aliceToken, data.with("user_id", value), "user_id", -203)
	}
	g.refusesValue("property/update", aliceToken, data.with("user_id", `""`), "user_id", -201)
}

func TestPropertyUpdateKeeps(t *testing.T) {
	const now = `"2019-11-28 22:26:52"` // of the update
	g := start(t)
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
			g := g.in(t)
			id := g.addNotice(notice())
			g.clock.advance(time.Minute)
			defer g.clock.advance(-time.Minute)
			sent := strings.Replace(c.sent, "{", `{"id":`+id+`,`, 1)
			g.ok("property/update", aliceToken, strings.Replace(sent, ",}", "}", 1)).wantData(t, `{"uid":`+id+`}`)
			if got, want := g.shown(id), noticeRow(id, c.changes...); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Only the owner changes a notice, and who that is only the token says.
func TestPropertyOwner(t *testing.T) {
	g := start(t)
	own := g.addNotice(notice())
	for _, c := range []struct{ name, token, data string }{
		{"another's notice", bobToken, `{"id":` + own + `}`},
		{"another's notice with its owner's id", bobToken, `{"id":` + own + `,"user_id":"1180310086"}`},
		{"another's notice with one's own id", bobToken, `{"id":` + own + `,"user_id":"1180310087"}`},
		{"one's own notice with another's id", aliceToken, `{"id":` + own + `,"user_id":"1180310087"}`},
		{"one's own notice with another's id as a number", aliceToken, `{"id":` + own + `,"user_id":1180310087}`},
		{"an id that is almost one's own", aliceToken, `{"id":` + own + `,"user_id":"01180310086"}`},
		{"no such notice", aliceToken, `{"id":2}`},
		{"no id of a notice", aliceToken, `{"id":0}`},
		{"a negative id", aliceToken, `{"id":-1}`},
		{"an id beyond 2^31", aliceToken, `{"id":2147483648}`},
		{"an id beyond 2^63", aliceToken, `{"id":99999999999999999999}`},
		{"an id below -2^63", aliceToken, `{"id":"-99999999999999999999"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := g.in(t)
			g.refuses("property/update", c.token, strings.Replace(c.data, "}", `,"title":"changed"}`, 1), -200, "Failure to operate database")
			g.refuses("property/delete", c.token, c.data, -200, "Failure to operate database")
		})
	}
}

func TestPropertyDeleteAsDocumented(t *testing.T) {
	g := start(t)
	first, second := g.addNotice(notice()), g.addNotice(notice())
	g.sql("UPDATE properties SET id = 12334567 WHERE id = " + first)
	g.post("/property", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"property",
    "subtype":"delete",
    "data":{
        "id":12334567,
        "user_id":"1180310086"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{"uid":12334567}}`)
	g.notices("type=1").wantData(t, "["+noticeRow(second)+"]")
	g.refuses("property/delete", aliceToken, `{"id":12334567}`, -200, "Failure to operate database")

	// Other keys are ignored, and a deleted id is not given again.
	g.ok("property/delete", aliceToken, `{"id":"`+second+`","type":"x","title":7}`).wantData(t, `{"uid":`+second+`}`)
	if id := g.addNotice(notice()); id == first || id == second {
		t.Errorf("the id %s is given again", id)
	}
}

func TestPropertyDeleteFields(t *testing.T) {
	g := start(t)
	for _, c := range (fieldRow{absent: -202, empty: -201, kind: id}).cases() {
		g.refusesValue("property/delete", aliceToken, fields{"user_id": quoted(alice)}.with("id", c.value), "id", c.status)
	}
	for value, status := range map[string]int{`""`: -201, "true": -203, "1.5": -203, "[]": -203} {
		g.refusesValue("property/delete", aliceToken, fields{"id": "1", "user_id": value}, "user_id", status)
	}
	for _, value := range []string{"", "null", quoted(alice), alice} {
		id := g.addNotice(notice())
		g.ok("property/delete", aliceToken, fields{"id": id}.with("user_id", value).String())
		if g.shown(id) != "" {
			t.Errorf("user_id %s: the notice is still there", value)
		}
	}
}

// One deletion of many at once deletes.
func TestPropertyDeletedOnce(t *testing.T) {
	g := start(t)
	id := g.addNotice(notice())
	got := count(together(16, func(int) answer { return g.call("property/delete", aliceToken, `{"id":`+id+`}`) }))
	if fmt.Sprint(got) != "map[-200 Failure to operate database:15 0 successful:1]" {
		t.Error(got)
	}
}
