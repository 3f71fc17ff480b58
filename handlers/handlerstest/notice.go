package handlerstest

import (
	"net/http"

	"campusgate/storage"
)

// Notice is the document's example of property/add.
func Notice() Fields {
	return Fields{
		"type": "1", "lab": `"测试"`, "title": `"测试标题"`, "content": `"我找到一件东西"`,
		"occurrence_time": `"2019-04-22 16:17:42"`, "user_name": `"王凌超"`, "user_phone": `"123456"`,
		"user_qq": `"893721708"`, "publish_time": `""`,
	}
}

// AddNotice publishes a notice of alice and returns its id.
func (g *Gateway) AddNotice(data Fields) string {
	g.T.Helper()
	return g.OK("property/add", AliceToken, data.String()).Field("uid")
}

// Notices asks GET /get/property as alice.
func (g *Gateway) Notices(query string) Answer {
	g.T.Helper()
	return g.Do(http.MethodGet, "/get/property?"+query+"&token="+AliceToken, "").AsDescribed(g.T, "GET property")
}

// AddFoundNotices publishes three notices of type 2 that differ in every field.
func (g *Gateway) AddFoundNotices() {
	g.T.Helper()
	for _, n := range []storage.Property{
		{
			Lab: "Card|一卡通", Title: "100% lost", Content: "a_b", OccurrenceTime: 1556000000, UserID: "1180310086", UserName: "Wang", UserPhone: "13750687010", UserQQ: "893721708",
			User2ID: "77", User2Name: "N", User2Phone: "111", User2QQ: "222", PublishTime: 1556100000, UpdateTime: 1556200000, PicNum: 1, PicURL1: "./one", PicURL2: "./two", PicURL3: "./three",
		},
		{
			Lab: "umbrella", Title: "1000 lost", Content: "aXb", OccurrenceTime: 1556000001, UserID: "11803100861", UserName: "李", UserPhone: "13750687011", UserQQ: "8937",
			PublishTime: 1556100001, UpdateTime: 1556200002, State: 1,
		},
		{
			Lab: "É!", Title: `back\slash`, Content: "Ünder 2", OccurrenceTime: 1556000002, UserID: "3", UserName: "ſ K", UserPhone: "", UserQQ: "",
			PublishTime: 1556100002, UpdateTime: 1556200002,
		},
	} {
		n.Type = 2
		_, err := g.DB.InsertProperty(g.T.Context(), n)
		Must(g.T, err)
	}
}
