package course_test

import (
	"fmt"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

func TestCreateAndUpdate(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.UploadLamp()
	category := g.OK("category/creat", adminToken, `{"category_name":"编程","kind":2}`).Field("category_id")
	data := `{"shop_id":811729970,"product_name":"Go","pic_url":"http://elsewhere` + strings.TrimPrefix(handlerstest.LampURL, ".") + `","category_id":` + category +
		`,"brief":"b","level":4,"hours":12,"slogan":"s","study_all_time":20,"why_study":"w","what_to_study":"x","career":"c","prerequisite":"p",` +
		`"video_brief_link":"https://a.example/1","teachers":[{"name":"张","title":"t","signature":"g","brief":"r"},{"teacher_id":7,"name":"李"}],` +
		`"questions":[{"question":"q","answer":"a"}],"recommend":[5000002],"request_key":"12345678"}`
	id := g.OK("course/creat", aliceToken, data).Field("product_id")
	if again := g.OK("course/creat", aliceToken, data).Field("product_id"); again != id {
		t.Errorf("the same again made %s beside %s", again, id)
	}
	g.OK("course/policies", aliceToken, `{"product_id":`+id+`,"price_policies":[{"valid_period":36000,"product_price":99},{"valid_period":7,"product_price":0.5,"default":false}]}`)
	g.OK("course/chapters", aliceToken, `{"product_id":`+id+`,"chapters":[{"title":"one","sections":[{"title":"a","kind":"video","seconds":9,"free":true,"link":"http://a.example"}]},{"title":"two"}]}`)
	info := `{"product_id":` + id + `,"product_name":"Go","pic_url":"` + handlerstest.LampURL + `","brief":"b","level":4,"hours":12,"students":0,"is_free":false,"is_online":%s,` +
		`"product_price":0.5,"original_price":99,"category_id":` + category + `,"shop_id":811729970,"shop_name":"小码三秃","user_id":` + alice + `,"user_name":"王凌超",` +
		`"slogan":"s","study_all_time":"20","why_study":"w","what_to_study":"x","career":"c","prerequisite":"p","video_brief_link":"https://a.example/1",` +
		`"teachers":[{"teacher_id":8,"name":"张","title":"t","signature":"g","pic_url":"","brief":"r"},{"teacher_id":7,"name":"李","title":"","signature":"","pic_url":"","brief":""}],` +
		`"chapters":[{"chapter_id":3,"title":"one","sections":[{"section_id":7,"title":"a","kind":"video","seconds":9,"free":true}]},{"chapter_id":4,"title":"two","sections":[]}],` +
		`"price_policies":[{"price_policy_id":5,"valid_period":7,"product_price":0.5,"valid_period_text":"1周","default":true},{"price_policy_id":4,"valid_period":36000,"product_price":99,"valid_period_text":"永久","default":false}],` +
		`"recommend":[{"product_id":5000002,"product_name":"新生指南"}],"questions":[{"question":"q","answer":"a"}],"owned":false,"end_time":""}`
	shown := func(online, status string) {
		t.Helper()
		want := strings.Replace(fmt.Sprintf(info, online), `"product_price":0.5,"original`, `"product_status":`+status+`,"product_price":0.5,"original`, 1)
		g.OK("course/info", "", `{"product_id":`+id+`}`).WantData(t, want)
	}
	shown("false", "0") // coming
	g.OK("course/update", aliceToken, `{"product_id":`+id+`,"product_status":1}`)
	shown("true", "1")
	g.OK("course/update", adminToken, `{"product_id":`+id+`,"product_status":2,"slogan":"admin's"}`)
	want(g, "course/info", "", `{"product_id":`+id+`}`, 100, noSuchCourse, "product_id: no such course")
	want(g, "course/info", bobToken, `{"product_id":`+id+`}`, 100, noSuchCourse, "product_id: no such course")
	for _, token := range []string{aliceToken, adminToken} {
		g.OK("course/info", token, `{"product_id":`+id+`}`)
	}
	own := g.OK("course/creat", adminToken, `{"product_name":"市场的课"}`).Field("product_id")
	detail, err := g.DB.MarketDetail(t.Context(), own2(t, own))
	if err != nil || detail.ShopID != 0 || detail.UserID != handlerstest.Admin || detail.Status != storage.CourseComing {
		t.Errorf("an admin's: %+v, %v", detail, err)
	}
}

func own2(t *testing.T, id string) (number int64) {
	t.Helper()
	_, err := fmt.Sscan(id, &number)
	handlerstest.Must(t, err)
	return number
}

func TestTextsRefused(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, c := range []struct {
		data   string
		status int
		text   string
		detail string
	}{
		{`"product_name":""`, -201, "Necessary key-value can't be empty", "product_name: must not be empty"},
		{`"product_name":"a"`, -204, badValue, "product_name: must be 2 to 100 characters"},
		{`"product_status":3`, -204, badValue, "product_status: must be one of 0, 1, 2"},
		{`"level":5`, -204, badValue, "level: must be 0 to 4"},
		{`"pic_url":"https://a.example/x.png"`, -204, badValue, "pic_url: must be a URL that pic/upload has answered"},
		{`"pic_url":"./api/external/get/pic/product/none.png"`, -204, badValue, "pic_url: no such picture"},
		{`"video_brief_link":"javascript:alert(1)"`, -204, badValue, "video_brief_link: must be an http or https URL"},
		{`"video_brief_link":"https://u:p@a.example"`, -204, badValue, "video_brief_link: must be an http or https URL"},
		{`"category_id":1`, 104, noCategory, "category_id: no such category of courses"}, // of second-hand goods
		{`"category_id":99`, 104, noCategory, "category_id: no such category of courses"},
		{`"teachers":[{"name":"a","teacher_id":1},{"name":"b","teacher_id":1}]`, -204, badValue, "teachers[1].teacher_id: is there twice"},
		{`"teachers":[{"name":"a","pic_url":"x"}]`, -204, badValue, "teachers[0].pic_url: must be a URL that pic/upload has answered"},
		{`"teachers":[{"title":"a"}]`, -3, "Error data key", "teachers[0].name: missing"},
		{`"recommend":[5000001]`, 100, noSuchCourse, "recommend[0]: no such course, this one, or there twice"},
		{`"recommend":[4517733]`, 100, noSuchCourse, "recommend[0]: no such course, this one, or there twice"},
		{`"recommend":[5000002,5000002]`, 100, noSuchCourse, "recommend[1]: no such course, this one, or there twice"},
		{`"brief":"` + handlerstest.RefusedWord + `"`, -305, "Content refused", "brief: has a refused word"},
		{`"questions":[{"question":"q","answer":"` + handlerstest.RefusedWord + `"}]`, -305, "Content refused", "questions[0].answer: has a refused word"},
		{`"teachers":[{"name":"` + handlerstest.RefusedWord + `"}]`, -305, "Content refused", "teachers[0].name: has a refused word"},
	} {
		want(g, "course/update", aliceToken, of(5000001, ","+c.data), c.status, c.text, c.detail)
	}
	want(g, "course/creat", aliceToken, `{"shop_id":811729970}`, -3, "Error data key", "product_name: missing")
}

func TestPoliciesRefused(t *testing.T) {
	t.Parallel()
	g := start(t)
	for data, detail := range map[string]string{
		`{"valid_period":8,"product_price":1}`:                                                                    "price_policies[0].valid_period: must be one of those that are allowed",
		`{"valid_period":7,"product_price":1},{"valid_period":7,"product_price":2}`:                               "price_policies[1].valid_period: is there twice",
		`{"valid_period":7,"product_price":-0.01}`:                                                                "price_policies[0].product_price: must be 0 to 999999.99",
		`{"valid_period":7,"product_price":1000000}`:                                                              "price_policies[0].product_price: must be 0 to 999999.99",
		`{"valid_period":7,"product_price":1,"default":true},{"valid_period":1,"product_price":1,"default":true}`: "price_policies[1].default: at most one",
	} {
		want(g, "course/policies", aliceToken, of(5000001, `,"price_policies":[`+data+`]`), 102, badPolicy, detail)
	}
	var all []string
	for _, period := range []int{1, 3, 7, 14, 30, 60, 90, 120, 180, 360, 540, 720, 36000} {
		all = append(all, fmt.Sprintf(`{"valid_period":%d,"product_price":999999.99}`, period))
	}
	set := g.OK("course/policies", aliceToken, of(5000001, `,"price_policies":[`+strings.Join(all, ",")+`]`))
	if got := strings.Count(set.Raw, "price_policy_id"); got != 13 || !strings.Contains(set.Raw, `"price_policy_id":1,"valid_period":7`) {
		t.Errorf("the set is %s", set.Raw)
	}
	g.OK("course/policies", aliceToken, of(5000001, `,"price_policies":[]`)).WantData(t, `{"price_policies":[]}`)
	if found := g.OK("product/search", "", `{"product_type":2}`).Rows(t, "product_id"); found != "5000002" {
		t.Errorf("what can be bought is %s", found)
	}
}

func TestChaptersRefused(t *testing.T) {
	t.Parallel()
	g := start(t)
	before := g.Stored()
	section := func(more string) string { return `{"title":"c","sections":[{"title":"s",` + more + `}]}` }
	var many []string
	for range 6 {
		many = append(many, `{"title":"c","sections":[`+strings.TrimSuffix(strings.Repeat(`{"title":"s","kind":"text","content":"a"},`, 100), ",")+`]}`)
	}
	for _, c := range []struct {
		chapters string
		status   int
		text     string
		detail   string
	}{
		{section(`"kind":"audio"`), -204, badValue, "chapters[0].sections[0].kind: must be one of video, text"},
		{section(`"kind":"video","seconds":1`), -204, badValue, "chapters[0].sections[0].link: missing"},
		{section(`"kind":"video","link":"https://a.example"`), -204, badValue, "chapters[0].sections[0].seconds: must be 1 or more of a video"},
		{section(`"kind":"video","seconds":1,"link":"ftp://a.example"`), -204, badValue, "chapters[0].sections[0].link: must be an http or https URL"},
		{section(`"kind":"video","seconds":1,"link":"https://a.example","content":"a"`), -204, badValue, "chapters[0].sections[0].content: must be absent of a video"},
		{section(`"kind":"text"`), -204, badValue, "chapters[0].sections[0].content: missing"},
		{section(`"kind":"text","content":"a","link":"https://a.example"`), -204, badValue, "chapters[0].sections[0].link: must be absent of a text"},
		{section(`"kind":"text","content":"a","seconds":1`), -204, badValue, "chapters[0].sections[0].seconds: must be absent of a text"},
		{section(`"kind":"text","section_id":1`), -204, badValue, "chapters[0].sections[0].link, content: missing, as the kind was another"},
		{section(`"kind":"text","section_id":4,"content":"a"`), 103, noSection, "chapters[0].sections[0].section_id: no such section of the course, or there twice"},
		{section(`"kind":"text","section_id":3`) + "," + section(`"kind":"text","section_id":3`), 103, noSection, "chapters[1].sections[0].section_id: no such section of the course, or there twice"},
		{`{"title":"c","chapter_id":2}`, 103, noSection, "chapters[0].chapter_id: no such chapter of the course, or there twice"},
		{`{"title":"c","chapter_id":1},{"title":"c","chapter_id":1}`, 103, noSection, "chapters[1].chapter_id: no such chapter of the course, or there twice"},
		{section(`"kind":"text","content":"` + handlerstest.RefusedWord + `"`), -305, "Content refused", "chapters[0].sections[0].content: has a refused word"},
		{`{"title":"` + handlerstest.RefusedWord + `"}`, -305, "Content refused", "chapters[0].title: has a refused word"},
		{strings.Join(many, ","), -204, badValue, "chapters[5].sections: must be at most 500 in all chapters"},
	} {
		want(g, "course/chapters", aliceToken, of(5000001, `,"chapters":[`+c.chapters+`]`), c.status, c.text, c.detail)
	}
	if g.Stored() != before {
		t.Error("something was changed")
	}
}

// Who changes a video of the bucket gets no other seller's by its name.
func TestBucketBelongsToItsSeller(t *testing.T) {
	t.Parallel()
	g := start(t, func(o *handlerstest.Options) { o.Bucket = bucket{} })
	video := func(course int, link string) string {
		return of(course, `,"chapters":[{"title":"c","sections":[{"title":"s","kind":"video","seconds":1,"link":"`+link+`"}]}]`)
	}
	g.OK("course/chapters", aliceToken, video(5000001, inBucket+"a.mp4?old=sign"))
	const refused = "chapters[0].sections[0].link: is in another seller's course"
	want(g, "course/chapters", adminToken, video(5000002, inBucket+"a.mp4"), -204, badValue, refused)
	want(g, "course/chapters", adminToken, video(5000002, inBucket+"a.mp4?x"), -204, badValue, refused)
	g.OK("course/chapters", adminToken, video(5000002, inBucket+"b.mp4"))
	g.OK("course/chapters", adminToken, video(5000001, inBucket+"a.mp4")) // for her
	g.OK("course/chapters", adminToken, video(5000002, "https://a.example/a.mp4"))
}
