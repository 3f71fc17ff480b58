package bench

import (
	"context"
	"database/sql"

	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// floorCourse is what the floor asks the database of a course.
type floorCourse struct{ course, owner, chapters, sections, policies *sql.Stmt }

func newFloorCourse(db *sql.DB, withSellers string) floorCourse {
	return floorCourse{
		course: prepareFloor(db, `SELECT `+floorMarketColumns+`, p.seller_frozen, c.brief, c.level, c.hours, c.is_free, c.sections, c.students,
			c.slogan, c.study_all_time, c.why_study, c.what_to_study, c.career, c.prerequisite, c.video_brief_link, c.teachers, c.questions, c.recommended
			FROM products p JOIN courses c ON c.product_id = p.product_id`+withSellers+` WHERE p.product_id = ?`),
		owner:    prepareFloor(db, `SELECT end_time FROM course_owners WHERE user_id = ? AND product_id = ?`),
		chapters: prepareFloor(db, `SELECT chapter_id, title FROM course_chapters WHERE product_id = ? ORDER BY product_id, place`),
		sections: prepareFloor(db, `SELECT section_id, chapter_id, title, is_text, seconds, free FROM course_sections WHERE product_id = ? ORDER BY place`),
		policies: prepareFloor(db, `SELECT price_policy_id, valid_period, product_price, is_default FROM price_policies WHERE product_id = ? ORDER BY product_id, valid_period`),
	}
}

type floorCourseInfo struct {
	ProductID      int64           `json:"product_id"`
	ProductName    string          `json:"product_name"`
	PicURL         string          `json:"pic_url"`
	Brief          string          `json:"brief"`
	Level          int64           `json:"level"`
	Hours          int64           `json:"hours"`
	Students       int64           `json:"students"`
	IsFree         bool            `json:"is_free"`
	IsOnline       bool            `json:"is_online"`
	ProductStatus  int64           `json:"product_status"`
	ProductPrice   dispatch.Fen    `json:"product_price"`
	OriginalPrice  dispatch.Fen    `json:"original_price"`
	CategoryID     *int64          `json:"category_id"`
	ShopID         int64           `json:"shop_id"`
	ShopName       string          `json:"shop_name"`
	UserID         int64           `json:"user_id"`
	UserName       string          `json:"user_name"`
	Slogan         string          `json:"slogan"`
	StudyAllTime   string          `json:"study_all_time"`
	WhyStudy       string          `json:"why_study"`
	WhatToStudy    string          `json:"what_to_study"`
	Career         string          `json:"career"`
	Prerequisite   string          `json:"prerequisite"`
	VideoBriefLink string          `json:"video_brief_link"`
	Teachers       json.RawMessage `json:"teachers"`
	Chapters       []*floorChapter `json:"chapters"`
	PricePolicies  []floorPolicy   `json:"price_policies"`
	Recommend      []struct{}      `json:"recommend"`
	Questions      json.RawMessage `json:"questions"`
	Owned          bool            `json:"owned"`
	EndTime        string          `json:"end_time"`
}

type floorChapter struct {
	ChapterID int64          `json:"chapter_id"`
	Title     string         `json:"title"`
	Sections  []floorSection `json:"sections"`
}

type floorSection struct {
	SectionID int64  `json:"section_id"`
	Title     string `json:"title"`
	Kind      string `json:"kind"`
	Seconds   int64  `json:"seconds"`
	Free      bool   `json:"free"`
}

type floorPolicy struct {
	PricePolicyID   int64        `json:"price_policy_id"`
	ValidPeriod     int64        `json:"valid_period"`
	ProductPrice    dispatch.Fen `json:"product_price"`
	ValidPeriodText string       `json:"valid_period_text"`
	Default         bool         `json:"default"`
}

// courseInfo is course/info of a course that the caller has not bought.
func (f *floorQueries) courseInfo(request *fasthttp.RequestCtx, a asked) {
	ctx, user, id := context.Background(), f.caller(request), a.Data.ProductID
	var g floorGoods
	var d floorCourseInfo
	var frozen, sections int64
	var teachers, questions, recommended string
	floorMust(f.course.course.QueryRowContext(ctx, id).Scan(append(g.market(), &frozen, &d.Brief, &d.Level, &d.Hours, &d.IsFree, &sections, &d.Students,
		&d.Slogan, &d.StudyAllTime, &d.WhyStudy, &d.WhatToStudy, &d.Career, &d.Prerequisite, &d.VideoBriefLink, &teachers, &questions, &recommended)...))
	var end int64
	if err := f.course.owner.QueryRowContext(ctx, user, id).Scan(&end); err == nil {
		panic("the course is bought")
	}
	d.ProductID, d.ProductName, d.PicURL, d.CategoryID = g.ProductID, g.ProductName, g.PicURL, g.CategoryID
	d.ShopID, d.ShopName, d.UserID, d.UserName = g.ShopID, g.ShopName, g.UserID, g.UserName
	d.IsOnline, d.ProductStatus, d.ProductPrice, d.OriginalPrice = true, g.status, dispatch.Fen(g.price), dispatch.Fen(*g.original)
	d.Teachers, d.Questions, d.Recommend = json.RawMessage(teachers), json.RawMessage(questions), []struct{}{}
	f.courseTree(ctx, id, &d)
	answerFloor(request, dispatch.Response{ID: a.ID, Message: "successful", Data: d})
}

func (f *floorQueries) courseTree(ctx context.Context, id int64, d *floorCourseInfo) {
	byID := map[int64]*floorChapter{}
	f.eachOf(ctx, f.course.chapters, id, func(rows *sql.Rows) error {
		chapter := &floorChapter{Sections: []floorSection{}}
		d.Chapters = append(d.Chapters, chapter)
		err := rows.Scan(&chapter.ChapterID, &chapter.Title)
		byID[chapter.ChapterID] = chapter
		return err
	})
	f.eachOf(ctx, f.course.sections, id, func(rows *sql.Rows) error {
		section, chapter, text := floorSection{Kind: "video"}, int64(0), false
		err := rows.Scan(&section.SectionID, &chapter, &section.Title, &text, &section.Seconds, &section.Free)
		byID[chapter].Sections = append(byID[chapter].Sections, section)
		return err
	})
	f.eachOf(ctx, f.course.policies, id, func(rows *sql.Rows) error {
		var p floorPolicy
		err := rows.Scan(&p.PricePolicyID, &p.ValidPeriod, &p.ProductPrice, &p.Default)
		p.ValidPeriodText = map[int64]string{7: "1周", 36000: "永久"}[p.ValidPeriod]
		d.PricePolicies = append(d.PricePolicies, p)
		return err
	})
}

// eachOf reads the rows of a statement for a product.
func (f *floorQueries) eachOf(ctx context.Context, statement *sql.Stmt, id int64, read func(*sql.Rows) error) {
	rows, err := statement.QueryContext(ctx, id)
	floorMust(err)
	defer rows.Close()
	for rows.Next() {
		floorMust(read(rows))
	}
	floorMust(rows.Err())
}
