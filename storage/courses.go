package storage

import (
	"context"
	"fmt"
	"html"
	"strconv"
	"strings"

	"campusgate/storage/engine"
)

// A Course is what a new product of [TypeCourse] begins with: its prices are its policies'.
type Course struct {
	ProductID    int64
	Name, PicURL string
	ShopID       int64  // 0: an admin's, of no shop
	UserID       string // the admin; "" of a shop
	Status       int64  // as [CourseDetail]'s
}

// The states of a course, in the column of [Product]'s status.
const (
	CourseComing    = ProductDown // everybody sees it, nobody can buy it
	CourseUp        = ProductUp
	CourseWithdrawn = ProductDeleted
)

// A CourseRow is a course as lists show it. Price is the cheapest policy's and
// OriginalPrice the dearest's.
type CourseRow struct {
	MarketProduct

	SellerFrozen bool // or deleted
	Brief        string
	Level        int64
	Hours        int64
	IsFree       bool // a price policy costs nothing
	Sections     int64
	Students     int64
}

const courseColumns = marketColumns + ", p.seller_frozen, c.brief, c.level, c.hours, c.is_free, c.sections, c.students"

// fields are courseColumns.
func (c *CourseRow) fields() []any {
	return append(c.MarketProduct.fields(), &c.SellerFrozen, &c.Brief, &c.Level, &c.Hours, &c.IsFree, &c.Sections, &c.Students)
}

// Shown reports whether everybody sees the course.
func (c *CourseRow) Shown() bool {
	return (c.Status == CourseComing || c.Status == CourseUp) && (c.ReviewState == ReviewNone || c.ReviewState == ReviewPassed)
}

// A CourseDetail is all of a course but its chapters and prices.
type CourseDetail struct {
	CourseRow

	Slogan, StudyAllTime, WhyStudy, WhatToStudy, Career, Prerequisite, VideoBriefLink string

	Teachers, Questions string  // JSON, which only the course's calls know
	Recommended         []int64 // product ids
}

const courseDetailColumns = courseColumns + ", c.slogan, c.study_all_time, c.why_study, c.what_to_study, c.career, c.prerequisite, c.video_brief_link, " +
	"c.teachers, c.questions, c.recommended"

// InsertCourse adds a course, of which any number can be sold. [ErrConflict]: the id is
// taken.
func (tx *Tx) InsertCourse(ctx context.Context, c Course, now int64) error {
	const operation = "insert course"
	err := tx.sql.Exec(ctx, operation, engine.SQL(`
		INSERT INTO products (product_id, product_type, product_name, product_content, pic_url, shop_id, user_id, product_price, product_status, creat_time, update_time)
		VALUES (?, ?, ?, '', ?, ?, ?, 0, ?, ?, ?)`,
		c.ProductID, TypeCourse, c.Name, c.PicURL, c.ShopID, c.UserID, c.Status, now, now))
	if err != nil {
		return err
	}
	err = tx.sql.Exec(ctx, operation, engine.SQL(`
		INSERT INTO courses (product_id, brief, level, hours, slogan, study_all_time, why_study, what_to_study, career, prerequisite,
			video_brief_link, teachers, questions, recommended, is_free, sections, students)
		VALUES (?, '', 0, 0, '', '', '', '', '', '', '', '[]', '[]', '', 0, 0, 0)`, c.ProductID))
	if err != nil {
		return err
	}
	return tx.addTexts(ctx, c.ProductID)
}

// withCourses joins to products p what they have as courses, their shops and sellers.
func (q *Queries) withCourses() string {
	return " JOIN courses c ON c.product_id = p.product_id" + q.withSellers()
}

// Course returns a course of any state, [ErrNotFound] if there is none.
func (q *Queries) Course(ctx context.Context, id int64) (CourseDetail, error) {
	var c CourseDetail
	var recommended string
	err := q.sql.Get(ctx, "course", engine.SQL("SELECT "+courseDetailColumns+" FROM products p"+q.withCourses()+" WHERE p.product_id = ?", id),
		append(c.fields(), &c.Slogan, &c.StudyAllTime, &c.WhyStudy, &c.WhatToStudy, &c.Career, &c.Prerequisite, &c.VideoBriefLink,
			&c.Teachers, &c.Questions, &recommended)...)
	if err != nil || recommended == "" {
		return c, err
	}
	for line := range strings.SplitSeq(recommended, "\n") {
		product, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return c, fmt.Errorf("course %d: recommended: %w", id, err)
		}
		c.Recommended = append(c.Recommended, product)
	}
	return c, nil
}

// LockCourse is [Queries.Course]; the course stays so until the transaction's end.
func (tx *Tx) LockCourse(ctx context.Context, id int64) (CourseDetail, error) {
	var locked int64
	err := tx.sql.Get(ctx, "lock course", engine.SQL(
		"SELECT product_id FROM products WHERE product_id = ? AND product_type = 2"+tx.sql.ForUpdate(), id), &locked)
	if err != nil {
		return CourseDetail{}, err
	}
	return tx.Course(ctx, id)
}

// SetCourse writes all of a locked course but its seller and what is counted. Searches find
// it by its brief as well.
func (tx *Tx) SetCourse(ctx context.Context, c CourseDetail, now int64) error {
	const operation = "set course"
	err := tx.sql.Change(ctx, operation, engine.SQL(`
		UPDATE products SET product_name = ?, product_content = ?, pic_url = ?, category_id = ?, product_status = ?, update_time = ?
		WHERE product_id = ?`, c.Name, html.EscapeString(c.Brief), c.PicURL, c.CategoryID, c.Status, now, c.ProductID))
	if err != nil {
		return err
	}
	recommended := make([]string, len(c.Recommended))
	for i, product := range c.Recommended {
		recommended[i] = strconv.FormatInt(product, 10)
	}
	err = tx.sql.Change(ctx, operation, engine.SQL(`
		UPDATE courses SET brief = ?, level = ?, hours = ?, slogan = ?, study_all_time = ?, why_study = ?, what_to_study = ?, career = ?, prerequisite = ?,
			video_brief_link = ?, teachers = ?, questions = ?, recommended = ? WHERE product_id = ?`,
		c.Brief, c.Level, c.Hours, c.Slogan, c.StudyAllTime, c.WhyStudy, c.WhatToStudy, c.Career, c.Prerequisite,
		c.VideoBriefLink, c.Teachers, c.Questions, strings.Join(recommended, "\n"), c.ProductID))
	if err == nil {
		err = tx.keepTexts(ctx, c.ProductID)
	}
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, c.ProductID)
}

// setCoursePrices keeps what lists show of a course's price policies. Without any nothing
// is left of it to be bought, and so it has no stock.
func (tx *Tx) setCoursePrices(ctx context.Context, id int64, policies []PricePolicy) error {
	const operation = "set course prices"
	var cheapest, dearest int64
	for i, p := range policies {
		if i == 0 || p.Price < cheapest {
			cheapest = p.Price
		}
		dearest = max(dearest, p.Price)
	}
	stock := new(int64)
	if len(policies) > 0 {
		stock = nil
	}
	err := tx.sql.Change(ctx, operation, engine.SQL(
		`UPDATE products SET product_price = ?, original_price = ?, product_stock = ? WHERE product_id = ?`, cheapest, dearest, stock, id))
	if err == nil {
		err = tx.sql.Change(ctx, operation, engine.SQL(
			`UPDATE courses SET is_free = ? WHERE product_id = ?`, stock == nil && cheapest == 0, id))
	}
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, id)
}

// countSections keeps how many sections a course has.
func (tx *Tx) countSections(ctx context.Context, id, sections int64) error {
	return tx.sql.Change(ctx, "count sections", engine.SQL(`UPDATE courses SET sections = ? WHERE product_id = ?`, sections, id))
}

// addStudent counts one more user who has a course.
func (tx *Tx) addStudent(ctx context.Context, id int64) error {
	return tx.sql.Change(ctx, "add student", engine.SQL(`UPDATE courses SET students = students + 1 WHERE product_id = ?`, id))
}

// sectionsOf is how many sections a course has.
func (q *Queries) sectionsOf(ctx context.Context, id int64) (sections int64, err error) {
	err = q.sql.Get(ctx, "sections of a course", engine.SQL(`SELECT sections FROM courses WHERE product_id = ?`, id), &sections)
	return sections, err
}

// A CourseFilter says which courses to list; nil fields are no conditions.
type CourseFilter struct {
	CategoryID *int64
	Free       *int64 // 1: a price policy costs nothing, 0: none does
}

// Courses lists the courses that everybody sees and whose sellers are active, the newest
// first; total counts all of them, whatever the page.
func (q *Queries) Courses(ctx context.Context, f CourseFilter, page Page) (list []CourseRow, total int64, err error) {
	where, args := " WHERE p.product_type = 2 AND p.product_status IN (0, 1) AND p.review_state IN (0, 2) AND p.seller_frozen = 0", []any(nil)
	if f.CategoryID != nil {
		where, args = where+" AND p.category_id = ?", append(args, *f.CategoryID)
	}
	if f.Free != nil {
		where, args = where+" AND c.is_free = ?", append(args, *f.Free)
	}
	return engine.CollectPage(ctx, q.sql, "courses", engine.NewPagedList(courseColumns, "products p"+q.withCourses()+where, "p.seq DESC"),
		args, page, (*CourseRow).fields)
}

// CourseRows are courses of any state by their ids, in no order; those that are not there
// are left out.
func (q *Queries) CourseRows(ctx context.Context, ids []int64) ([]CourseRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	filter := q.sql.Filter()
	filter.In("p.product_id", ids)
	return engine.Collect(ctx, q.sql, "courses by ids", engine.SQL("SELECT "+courseColumns+" FROM products p"+q.withCourses()).
		Where(filter).Rows(len(ids)).Indexed(), (*CourseRow).fields)
}
