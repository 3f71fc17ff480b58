package course_test

import (
	"fmt"
	"testing"

	"campusgate/handlers/handlerstest"
)

// at is the text of a time so many days after the gateway's beginning.
func at(g *handlerstest.Gateway, days int64) string {
	return g.Clock.Now().AddDate(0, 0, int(days)).Format("2006-01-02 15:04:05")
}

func TestEnrolAndStudy(t *testing.T) {
	t.Parallel()
	g := start(t, func(o *handlerstest.Options) { o.Bucket = bucket{} })
	g.OK("course/chapters", adminToken, of(5000002, `,"chapters":[{"title":"c","sections":[{"title":"a","kind":"video","seconds":200,"free":true,"link":"https://a.example/1"},`+
		`{"title":"b","kind":"video","seconds":200,"link":"`+inBucket+`2"},{"title":"c","kind":"text","content":"text"}]}]`))
	section := func(id int, more string) string { return of(5000002, fmt.Sprintf(`,"section_id":%d%s`, id, more)) }
	const without = "product_id: not bought, or run out"
	const nothing = `,"seconds":0,"end_time":""}`

	g.OK("course/study", bobToken, section(7, "")).WantData(t, `{"link":"https://a.example/1","content":""`+nothing)
	want(g, "course/study", bobToken, section(8, ""), 101, notOwned, without)
	want(g, "course/progress", bobToken, section(8, `,"seconds":1`), 101, notOwned, without)
	want(g, "course/study", bobToken, section(1, ""), 103, noSection, "section_id: no such section of the course")
	want(g, "course/study", bobToken, of(5000009, `,"section_id":1`), 100, noSuchCourse, "product_id: no such course")
	g.OK("course/study", adminToken, section(8, "")).WantData(t, `{"link":"`+inBucket+`2?sign=2h0m0s","content":""`+nothing) // its seller
	g.OK("course/mine", bobToken, `{}`).WantData(t, `{"num":0,"list":[]}`)

	end := at(g, 30)
	g.OK("course/enrol", bobToken, of(5000002, "")).WantData(t, `{}`)
	g.Clock.Advance(day)
	g.OK("course/enrol", bobToken, of(5000002, "")) // adds nothing
	had := `,"end_time":"` + end + `"}`
	g.OK("course/study", bobToken, section(8, "")).WantData(t, `{"link":"`+inBucket+`2?sign=2h0m0s","content":"","seconds":0`+had)
	g.OK("course/progress", bobToken, section(8, `,"seconds":50`))
	g.OK("course/progress", bobToken, section(8, `,"seconds":40`)) // never backwards
	g.OK("course/progress", bobToken, section(7, `,"seconds":900`))
	g.OK("course/progress", bobToken, section(9, `,"seconds":900`)) // a text was not opened by it
	g.OK("course/study", bobToken, section(8, "")).WantData(t, `{"link":"`+inBucket+`2?sign=2h0m0s","content":"","seconds":50`+had)
	mine := func(percent, owned string) {
		t.Helper()
		row := `{"product_id":5000002,"product_name":"新生指南","pic_url":"","brief":"","level":0,"hours":0,"students":1,"is_free":true,"is_online":true,"product_status":1,` +
			`"product_price":0,"original_price":0,"category_id":null,"shop_id":0,"shop_name":"","user_id":` + handlerstest.Admin + `,"user_name":"管理员","percent":` + percent + `,"owned":` + owned + had
		g.OK("course/mine", bobToken, `{}`).WantData(t, `{"num":1,"list":[`+row+`]}`)
	}
	mine("41", "true") // 100 + 25 + 0 of three
	g.OK("course/study", bobToken, section(9, "")).WantData(t, `{"link":"","content":"text","seconds":0`+had)
	mine("75", "true")

	// One that is down is still studied by who has it.
	g.OK("course/update", adminToken, of(5000002, `,"product_status":2`))
	g.OK("course/study", bobToken, section(9, ""))
	g.OK("course/update", adminToken, of(5000002, `,"product_status":1`))

	// A tree that changes takes nobody's place but where sections go.
	g.OK("course/chapters", adminToken, of(5000002, `,"chapters":[{"title":"new","sections":[{"section_id":8,"title":"B","kind":"video","seconds":100}]}]`))
	want(g, "course/study", bobToken, section(9, ""), 103, noSection, "section_id: no such section of the course")
	mine("25", "true")

	g.Clock.Advance(29 * day)
	mine("25", "false")
	want(g, "course/study", bobToken, section(8, ""), 101, notOwned, without)
	g.OK("course/enrol", bobToken, of(5000002, ""))
	end = at(g, 30)
	had = `,"end_time":"` + end + `"}`
	mine("25", "true")
}

func TestEnrolRefused(t *testing.T) {
	t.Parallel()
	g := start(t)
	const detail = "product_id: is not up, or costs something"
	want(g, "course/enrol", bobToken, of(5000001, ""), 102, badPolicy, detail)
	g.OK("course/update", adminToken, of(5000002, `,"product_status":0`))
	want(g, "course/enrol", bobToken, of(5000002, ""), 102, badPolicy, detail)
	g.OK("course/update", adminToken, of(5000002, `,"product_status":2`))
	want(g, "course/enrol", bobToken, of(5000002, ""), 100, noSuchCourse, "product_id: no such course")
	want(g, "course/enrol", bobToken, of(4517733, ""), 100, noSuchCourse, "product_id: no such course") // no course
	g.OK("course/update", adminToken, of(5000002, `,"product_status":1`))
	g.OK("user/freeze", adminToken, `{"user_id":"`+bob+`","state":1,"note":"a"}`)
	want(g, "course/enrol", bobToken, of(5000002, ""), -301, "Account is frozen", "")
	g.OK("course/study", bobToken, of(5000002, `,"section_id":4`)) // a free one
}

func TestBucketFails(t *testing.T) {
	t.Parallel()
	g := start(t, func(o *handlerstest.Options) { o.Bucket = bucket{down: true} })
	g.OK("course/chapters", aliceToken, of(5000001, `,"chapters":[{"title":"c","sections":[{"title":"s","kind":"video","seconds":1,"link":"`+inBucket+`1"}]}]`))
	if a := g.Call("course/study", aliceToken, of(5000001, `,"section_id":7`)); a.Status != -500 {
		t.Errorf("the answer is %s", a.Raw)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	g := start(t)
	for data, want := range map[string]string{
		`{}`: "5000002 5000001", `{"free":1}`: "5000002", `{"free":0}`: "5000001", `{"category_id":1}`: "", `{"page":2,"count":1}`: "5000001",
	} {
		if got := g.OK("course/list", "", data).Rows(t, "product_id"); got != want {
			t.Errorf("%s: %s, want %s", data, got, want)
		}
	}
	g.OK("course/update", aliceToken, of(5000001, `,"product_status":0`)) // coming
	g.OK("course/update", adminToken, of(5000002, `,"product_status":2`))
	if got := g.OK("course/list", "", `{}`).Rows(t, "product_id"); got != "5000001" {
		t.Errorf("coming and down: %s", got)
	}
	g.OK("user/freeze", adminToken, `{"user_id":"`+alice+`","state":1,"note":"a"}`)
	if got := g.OK("course/list", "", `{}`).Rows(t, "product_id"); got != "" {
		t.Errorf("of a frozen seller: %s", got)
	}
	want(g, "course/update", aliceToken, of(5000001, `,"product_status":1`), -301, "Account is frozen", "")
}
