package course

import (
	"context"
	"errors"
	"slices"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// courseRow is a course as lists show it.
type courseRow struct {
	ProductID     int64        `json:"product_id"`
	ProductName   string       `json:"product_name"`
	PicURL        string       `json:"pic_url"`
	Brief         string       `json:"brief"`
	Level         int64        `json:"level" doc:"0 to 4"`
	Hours         int64        `json:"hours"`
	Students      int64        `json:"students" doc:"who has or has had it"`
	IsFree        bool         `json:"is_free" doc:"a price policy costs nothing"`
	IsOnline      bool         `json:"is_online" doc:"it can be bought now; false: coming, or down"`
	ProductStatus int64        `json:"product_status" doc:"0: coming, 1: up, 2: down"`
	ProductPrice  dispatch.Fen `json:"product_price" doc:"the cheapest policy; 0 without any"`
	OriginalPrice dispatch.Fen `json:"original_price" doc:"the dearest policy"`
	CategoryID    *int64       `json:"category_id"`
	ShopID        int64        `json:"shop_id" doc:"0: the market's"`
	ShopName      string       `json:"shop_name"`
	UserID        int64        `json:"user_id" doc:"the seller"`
	UserName      string       `json:"user_name"`
}

func rowOf(c storage.CourseRow) courseRow {
	row := courseRow{
		ProductID: c.ProductID, ProductName: c.Name, PicURL: c.PicURL, Brief: c.Brief, Level: c.Level, Hours: c.Hours, Students: c.Students,
		IsFree: c.IsFree, IsOnline: c.InSight() && !c.SellerFrozen, ProductStatus: c.Status, ProductPrice: dispatch.Fen(c.Price),
		CategoryID: c.CategoryID, ShopID: c.ShopID, ShopName: c.ShopName, UserID: wire.UserNumber(c.UserID), UserName: c.UserName,
	}
	if c.OriginalPrice != nil {
		row.OriginalPrice = dispatch.Fen(*c.OriginalPrice)
	}
	return row
}

type listCourses struct {
	CategoryID *int64 `json:"category_id" rule:"range=any"`
	Free       *int64 `json:"free" rule:"oneof=0|1" doc:"1: those that can be had for nothing, 0: the others"`
	wire.ListPage
}

func (listCourses) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "Those that are up and those that are coming, the newest first, but none of a frozen seller.", Example: `{"free": 0}`}
}

func (c calls) list(ctx context.Context, in listCourses) (wire.List[courseRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[courseRow]{}, err
	}
	courses, total, err := c.DB.Courses(ctx, storage.CourseFilter{CategoryID: in.CategoryID, Free: in.Free}, page)
	if err != nil {
		return wire.List[courseRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(courses, total, rowOf), nil
}

type infoCourse struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
}

// courseInfo is all of a course.
type courseInfo struct {
	courseRow

	Slogan         string          `json:"slogan"`
	StudyAllTime   string          `json:"study_all_time"`
	WhyStudy       string          `json:"why_study"`
	WhatToStudy    string          `json:"what_to_study"`
	Career         string          `json:"career"`
	Prerequisite   string          `json:"prerequisite"`
	VideoBriefLink string          `json:"video_brief_link"`
	Teachers       []courseTeacher `json:"teachers"`
	Chapters       []courseChapter `json:"chapters"`
	PricePolicies  []coursePolicy  `json:"price_policies" doc:"by period"`
	Recommend      []recommended   `json:"recommend"`
	Questions      []courseAnswer  `json:"questions"`
	Owned          bool            `json:"owned" doc:"the caller has it now"`
	EndTime        string          `json:"end_time" doc:"the first second in which the caller does not have it; empty where that never was"`
}

type courseTeacher struct {
	TeacherID int64  `json:"teacher_id"`
	Name      string `json:"name"`
	Title     string `json:"title"`
	Signature string `json:"signature"`
	PicURL    string `json:"pic_url"`
	Brief     string `json:"brief"`
}

type courseAnswer struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

type courseChapter struct {
	ChapterID int64           `json:"chapter_id"`
	Title     string          `json:"title"`
	Sections  []courseSection `json:"sections"`
}

type courseSection struct {
	SectionID int64  `json:"section_id"`
	Title     string `json:"title"`
	Kind      string `json:"kind" doc:"video, text"`
	Seconds   int64  `json:"seconds"`
	Free      bool   `json:"free" doc:"for everybody"`
}

type coursePolicy struct {
	wire.PricePolicy

	ValidPeriodText string `json:"valid_period_text"`
	Default         bool   `json:"default"`
}

type recommended struct {
	ProductID   int64  `json:"product_id"`
	ProductName string `json:"product_name"`
}

func (infoCourse) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "One that is down exists for its seller, for those who have or have had it, and for admins only. Links and contents of sections are answers of `course/study`.",
		Example:  `{"product_id": 5000001}`,
		Statuses: []dispatch.Status{courseNotExist},
	}
}

// visible returns a course that exists for the caller, else 100, and what the caller has of it.
func (c calls) visible(ctx context.Context, q *storage.Queries, id int64) (course storage.CourseDetail, owner storage.CourseOwner, err error) {
	course, err = q.Course(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return course, owner, noCourse("product_id")
	}
	if user := dispatch.CallerFrom(ctx).User; err == nil && user != "" {
		owner, err = q.CourseOwner(ctx, user, id)
	}
	if err != nil {
		return course, owner, err
	}
	if !course.Shown() && owner.OwnerID == 0 && !owns(ctx, &course.CourseRow) {
		return course, owner, noCourse("product_id")
	}
	return course, owner, nil
}

func (c calls) info(ctx context.Context, in infoCourse) (courseInfo, error) {
	course, owner, err := c.visible(ctx, &c.DB.Queries, in.ProductID)
	if err != nil {
		return courseInfo{}, wire.KnownOrDatabase(err)
	}
	tree, err := c.DB.CourseTree(ctx, in.ProductID)
	if err != nil {
		return courseInfo{}, wire.DatabaseFailure(err)
	}
	policies, err := c.DB.PricePolicies(ctx, []int64{in.ProductID})
	if err != nil {
		return courseInfo{}, wire.DatabaseFailure(err)
	}
	others, err := c.DB.CourseRows(ctx, course.Recommended)
	if err != nil {
		return courseInfo{}, wire.DatabaseFailure(err)
	}
	info := courseInfo{
		courseRow: rowOf(course.CourseRow), Slogan: course.Slogan, StudyAllTime: course.StudyAllTime, WhyStudy: course.WhyStudy, WhatToStudy: course.WhatToStudy,
		Career: course.Career, Prerequisite: course.Prerequisite, VideoBriefLink: course.VideoBriefLink,
		Chapters: shownChapters(tree), PricePolicies: shownPolicies(policies), Recommend: recommends(course.Recommended, others),
		Owned: owner.EndTime > c.Clock.Unix(), EndTime: c.end(owner),
	}
	if err := json.Unmarshal([]byte(course.Teachers), &info.Teachers); err != nil {
		return courseInfo{}, wire.DatabaseFailure(err)
	}
	if err := json.Unmarshal([]byte(course.Questions), &info.Questions); err != nil {
		return courseInfo{}, wire.DatabaseFailure(err)
	}
	return info, nil
}

// end is when what a user has of a course ends, or has ended.
func (c calls) end(owner storage.CourseOwner) string {
	if owner.EndTime == 0 {
		return ""
	}
	return c.Clock.Text(owner.EndTime)
}

func shownChapters(tree []storage.CourseChapter) []courseChapter {
	shown := make([]courseChapter, len(tree))
	for i, chapter := range tree {
		shown[i] = courseChapter{chapter.ChapterID, chapter.Title, make([]courseSection, len(chapter.Sections))}
		for j, s := range chapter.Sections {
			shown[i].Sections[j] = courseSection{s.SectionID, s.Title, kindOf(s), s.Seconds, s.Free}
		}
	}
	return shown
}

func kindOf(s storage.CourseSection) string {
	if s.Text {
		return kindText
	}
	return kindVideo
}

// shownPolicies are those of one course, of which one is the default.
func shownPolicies(policies []storage.PricePolicy) []coursePolicy {
	shown := make([]coursePolicy, len(policies))
	preferred := max(0, slices.IndexFunc(policies, func(p storage.PricePolicy) bool { return p.Default }))
	for i, p := range policies {
		shown[i] = coursePolicy{
			wire.PricePolicy{PricePolicyID: p.PolicyID, ValidPeriod: p.ValidPeriod, ProductPrice: dispatch.Fen(p.Price)},
			periodText(p.ValidPeriod), i == preferred,
		}
	}
	return shown
}

// recommends are those of some courses that everybody sees, in the order of their ids.
func recommends(ids []int64, rows []storage.CourseRow) []recommended {
	shown := []recommended{}
	for _, id := range ids {
		for _, row := range rows {
			if row.ProductID == id && row.Shown() && !row.SellerFrozen {
				shown = append(shown, recommended{id, row.Name})
			}
		}
	}
	return shown
}
