package board_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

func TestPropertyListAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	_, err := g.DB.InsertProperty(t.Context(), storage.Property{
		Type: 1, State: 1, Lab: "卡类", Title: "我丢了一张一卡通", Content: "我在教学楼丢了一张校园卡",
		OccurrenceTime: handlerstest.At(t, "2019-04-22 16:17:42"), UserID: alice, UserName: "wlc", UserPhone: "13750687010", UserQQ: "893721708",
		PublishTime: handlerstest.At(t, "2019-04-29 21:01:00"), UpdateTime: handlerstest.At(t, "2019-04-29 22:02:11"),
	})
	handlerstest.Must(t, err)
	g.SQL("UPDATE properties SET id = 1556542860")
	a := g.Notices("type=1")
	a.WantRaw(t, `{"id":-1,"status":0,"message":"successful","data":[{"id":1556542860,"type":1,"state":1,"lab":"卡类","title":"我丢了一张一卡通",`+
		`"content":"我在教学楼丢了一张校园卡","occurrence_time":"2019-04-22 16:17:42","user_id":"1180310086","user_name":"wlc",`+
		`"user_phone":"13750687010","user_qq":"893721708","user2_id":"","user2_name":"","user2_phone":"","user2_qq":"",`+
		`"publish_time":"2019-04-29 21:01:00","update_time":"2019-04-29 22:02:11","pic_num":0,"pic_url1":"","pic_url2":"","pic_url3":""}]}`)
	if a.HTTP != http.StatusOK || a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("HTTP %d %s", a.HTTP, a.Header)
	}
	g.Notices("type=2").WantRaw(t, `{"id":-1,"status":0,"message":"successful","data":[]}`)
}

// Each row fails every check after its own too: the first decides.
func TestPropertyListChecksInOrder(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	const (
		late     = "&lab=x&key=x&state=x&page=0"
		typed    = "&token=" + aliceToken
		argsText = "Args Error"
		typeText = "Args Type Error"
	)
	for _, c := range []struct {
		query, token string
		status       int
		text         string
		detail       string
	}{
		{"status=1&type=x" + late, "", -104, "Missing necessary args", "token: missing"},
		{"status=1&type=x" + late, "&token=unknown-token", -105, "Error token", "token: unknown"},
		{"status=1&type=x" + late, "&token=null", -105, "Error token", "token: unknown"},
		{"status=1&type=x" + late, "&token=", -105, "Error token", "token: unknown"},
		{"status=1&type=x" + late, "&token=" + lostToken, -102, "Get userid failed for the token", "token: its user does not exist"},
		{"status=1" + late, typed, -104, "Missing necessary args", "type: missing"},
		{"status=1&type=x" + late, typed, -101, typeText, "type: must be an integer"},
		{"status=1&type=" + late, typed, -101, typeText, ""},
		{"status=1&type=1.0" + late, typed, -101, typeText, "type: must be an integer"},
		{"status=1&type=3" + late, typed, -106, argsText, "type: must be one of 1, 2"},
		{"status=1&type=0" + late, typed, -106, argsText, "type: must be one of 1, 2"},
		{"status=1&type=1" + late, typed, -100, argsText, ""},
		{"lost_time=2019-04-22+16:17:42&type=1" + late, typed, -100, argsText, ""},
		{"Lab=x&type=1" + late, typed, -100, argsText, ""},
		{"=x&type=1" + late, typed, -100, argsText, ""},
		{"type=1" + late, typed, -103, "Args conflict", ""},
		{"type=1&lab=x&state=x&page=0", typed, -101, typeText, "state: must be an integer"},
		{"type=1&lab=x&state=1&page=0", typed, -106, argsText, "page: must be 1 to 1000000000000"},
	} {
		t.Run(c.query+c.token, func(t *testing.T) {
			a := g.In(t).Do(http.MethodGet, "/get/property?"+c.query+c.token, "").Want(t, c.status, c.text)
			if a.ID != -1 || string(a.Data) != "{}" || a.HTTP != http.StatusOK || c.detail != "" && a.Detail != c.detail {
				t.Errorf("HTTP %d %s, want detail %q", a.HTTP, a.Raw, c.detail)
			}
		})
	}
}

func TestPropertyListValues(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	type row struct{ name, value string }
	refused := map[row]int{{"page", "0"}: -106, {"page", "-1"}: -106, {"count", "0"}: -106, {"count", "501"}: -106}
	for _, number := range []string{"id", "state", "pic_num", "page", "count"} {
		for _, value := range []string{"", "x", "1.0", "1e3", " 1", "true", "+1", "１"} {
			refused[row{number, value}] = -101
		}
	}
	for _, when := range []string{"occurrence_time", "publish_time", "update_time"} {
		for _, value := range []string{"", "x", "5", "2019-04-22", "2019-04-22T16:17:42", "2019-02-30 16:17:42", "2019-04-22 16:17:42.0"} {
			refused[row{when, value}] = -101
		}
	}
	texts := map[int]string{-101: "Args Type Error", -106: "Args Error"}
	for c, status := range refused {
		a := g.Notices("type=1&"+c.name+"="+url.QueryEscape(c.value)).Want(t, status, texts[status])
		if string(a.Data) != "{}" || a.Detail == "" || a.Detail[:len(c.name)+2] != c.name+": " {
			t.Errorf("%s=%s: %s", c.name, c.value, a.Raw)
		}
	}
}

// key stands with no field, whatever the field's value; page and count are none.
func TestPropertyListKeyConflict(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, name := range []string{
		"id", "state", "lab", "title", "content", "occurrence_time", "user_id", "user_name", "user_phone", "user_qq",
		"user2_id", "user2_name", "user2_phone", "user2_qq", "publish_time", "update_time", "pic_num", "pic_url1", "pic_url2", "pic_url3",
	} {
		for _, query := range []string{"key=x&" + name + "=1", "key=&" + name + "="} {
			g.Notices("type=1&"+query).Want(t, -103, "Args conflict")
		}
	}
	g.Notices("type=1&key=x&page=1&count=5").WantData(t, "[]")
}

func TestPropertyListMatches(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.AddFoundNotices()
	g.AddNotice(handlerstest.Notice()) // of the other type
	when := func(unix int64) string {
		return url.QueryEscape(time.Unix(unix, 0).In(handlerstest.Shanghai(t)).Format(time.DateTime))
	}
	const everyone = "3 2 1" // the newest update_time first, then the greater id
	for query, want := range map[string]string{
		"": everyone,

		// Whole: numbers and times.
		"id=1": "1", "id=01": "1", "id=4": "", "id=-1": "", "id=99999999999999999999": "",
		"state=1": "2", "state=0": "3 1", "state=2": "",
		"pic_num=1": "1", "pic_num=0": "3 2",
		"occurrence_time=" + when(1556000001): "2", "occurrence_time=" + when(1556000003): "",
		"publish_time=" + when(1556100002): "3",
		"update_time=" + when(1556200002):  "3 2",

		// Part: texts, the letter case of A-Z aside.
		"lab=card": "1", "lab=%E4%B8%80%E5%8D%A1": "1", "lab=CARD%7C": "1", "lab=": everyone, "lab=x": "",
		"lab=%C3%89": "3", "lab=%C3%A9": "", // É is not é
		"lab=!": "3", "title=LOST": "2 1", "title=100": "2 1", "title=100%25": "1", "title=0%25+": "1", "title=%25": "1",
		"content=a_b": "1", "content=A_B": "1", "content=_": "1", "content=%C3%BC": "", "title=%5C": "3", "title=%27": "",
		"user_id=0086": "2 1", "user_id=1180310086": "2 1", "user_name=wang": "1", "user_name=s": "", "user_name=k": "3",
		"user_phone=1375068701": "2 1", "user_qq=8937": "2 1", "user_qq=": everyone,
		"user2_id=7": "1", "user2_name=n": "1", "user2_phone=11": "1", "user2_qq=22": "1",
		"pic_url1=ONE": "1", "pic_url2=two": "1", "pic_url3=three": "1",

		// All conditions hold together, and the first of a double name counts.
		"title=lost&state=0": "1", "title=lost&state=1&lab=card": "", "user_phone=&title=lost": "2 1",
		"lab=card&lab=umbrella": "1", "lab=&lab=umbrella": everyone, "type=1": everyone, "id=1&id=x": "1",
		"token=unknown-token": "",

		// jQuery's own parameter against caches.
		"_=1556100002123": everyone, "_=": everyone, "id=1&_=x": "1", "key=card&_=1556100002123": "1",

		// key: a part of lab, title or content, or a whole id or user_id.
		"key=card": "1", "key=LOST": "2 1", "key=a_b": "1", "key=%25": "1", "key=": everyone,
		"key=1180310086": "1", "key=118031008": "", "key=3": "3", "key=2": "3 2", "key=02": "", "key=wang": "", "key=13750687010": "",
		"key=%C3%A9": "", "key=!": "3",
	} {
		if query == "token=unknown-token" {
			g.Do(http.MethodGet, "/get/property?type=2&token=unknown-token&token="+aliceToken, "").Want(t, -105, "Error token")
			continue
		}
		a := g.Notices("type=2&"+query).Want(t, 0, "successful")
		if got := a.Rows(t, "id"); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

// The token may stand in a header here too.
func TestPropertyListBearer(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Do(http.MethodGet, "/get/property?type=1", "", "Authorization", "Bearer "+bobToken).WantData(t, "[]")
	g.Do(http.MethodGet, "/get/property?type=1", "", "Authorization", "Basic "+bobToken).Want(t, -104, "Missing necessary args")
	g.Do(http.MethodGet, "/get/property", "", "Authorization", "Bearer no").Want(t, -105, "Error token")
}
