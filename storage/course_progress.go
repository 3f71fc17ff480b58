package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// A CourseProgress is how far a user is in a section of a course.
type CourseProgress struct {
	UserID    string
	ProductID int64
	SectionID int64
	Seconds   int64 // of a video
	Percent   int64 // of the section, 0 to 100
	Opened    bool  // while the user had the course
}

const progressColumns = "user_id, product_id, section_id, seconds, percent, opened"

// fields are progressColumns.
func (p *CourseProgress) fields() []any {
	return []any{&p.UserID, &p.ProductID, &p.SectionID, &p.Seconds, &p.Percent, &p.Opened}
}

// CourseProgress returns how far a user is in a section, zero where that was never opened.
func (q *Queries) CourseProgress(ctx context.Context, userID string, productID, sectionID int64) (p CourseProgress, err error) {
	err = q.sql.Get(ctx, "course progress", engine.SQL("SELECT "+progressColumns+
		" FROM course_progress WHERE user_id = ? AND product_id = ? AND section_id = ?", userID, productID, sectionID), p.fields()...)
	if errors.Is(err, ErrNotFound) {
		return CourseProgress{}, nil
	}
	return p, err
}

// KeepProgress writes how far a user is in a section, as far as that is farther than before.
func (tx *Tx) KeepProgress(ctx context.Context, p CourseProgress) error {
	const operation = "keep course progress"
	farther := engine.SQL(`
		UPDATE course_progress SET seconds = CASE WHEN seconds < ? THEN ? ELSE seconds END,
			percent = CASE WHEN percent < ? THEN ? ELSE percent END, opened = CASE WHEN ? = 1 THEN 1 ELSE opened END
		WHERE user_id = ? AND product_id = ? AND section_id = ?`,
		p.Seconds, p.Seconds, p.Percent, p.Percent, p.Opened, p.UserID, p.ProductID, p.SectionID)
	err := tx.sql.Change(ctx, operation, farther)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	err = tx.AddCourseProgress(ctx, []CourseProgress{p})
	if errors.Is(err, ErrConflict) { // another transaction was first
		return tx.sql.Change(ctx, operation, farther)
	}
	return err
}

// AddCourseProgress adds how far users are in sections that they have not opened before, all or
// none. [ErrConflict]: one is there.
func (tx *Tx) AddCourseProgress(ctx context.Context, progress []CourseProgress) error {
	return engine.InsertRows(ctx, tx.sql, "add course progress", "course_progress ("+progressColumns+")", progress, (*CourseProgress).fields)
}

// A CourseStudied sums up how far a user is in a course.
type CourseStudied struct {
	ProductID int64
	Percent   int64 // the sum over its sections
	Opened    int64 // sections
}

// fields are the columns of CoursesStudied.
func (s *CourseStudied) fields() []any { return []any{&s.ProductID, &s.Percent, &s.Opened} }

// CoursesStudied are how far a user is in some courses, in no order; those of which nothing
// was opened are left out, and so are sections that are gone.
func (q *Queries) CoursesStudied(ctx context.Context, userID string, products []int64) ([]CourseStudied, error) {
	if len(products) == 0 {
		return nil, nil
	}
	filter := q.sql.Filter()
	filter.And("g.user_id = ?", userID)
	filter.In("g.product_id", products)
	return engine.Collect(ctx, q.sql, "courses studied", engine.SQL(
		"SELECT g.product_id, SUM(g.percent), SUM(g.opened) FROM course_progress g"+q.sql.JoinInOrder()+"course_sections s ON s.section_id = g.section_id").
		Where(filter).Then(" GROUP BY g.product_id").Rows(len(products)).Indexed(), (*CourseStudied).fields)
}

// A ProgressPlace is where a batch of a user's progress ends.
type ProgressPlace struct{ ProductID, SectionID int64 }

// CourseProgressAfter is the next of a user's progress behind a place, and the place of the
// last of it.
func (q *Queries) CourseProgressAfter(ctx context.Context, userID string, after ProgressPlace) (list []CourseProgress, last ProgressPlace, err error) {
	list, err = engine.Collect(ctx, q.sql, "course progress after", engine.SQL("SELECT "+progressColumns+
		" FROM course_progress WHERE user_id = ? AND product_id >= ? AND (product_id > ? OR section_id > ?) ORDER BY user_id, product_id, section_id LIMIT ?",
		userID, after.ProductID, after.ProductID, after.SectionID, batchRows), (*CourseProgress).fields)
	if len(list) > 0 {
		last = ProgressPlace{list[len(list)-1].ProductID, list[len(list)-1].SectionID}
	}
	return list, last, err
}

// forgetSection removes all progress in a section.
func (tx *Tx) forgetSection(ctx context.Context, sectionID int64) error {
	return tx.sql.Exec(ctx, "forget section", engine.SQL(`DELETE FROM course_progress WHERE section_id = ?`, sectionID))
}

func (tx *Tx) eraseCourseProgress(ctx context.Context, userID string) error {
	return tx.sql.Exec(ctx, "erase course progress", engine.SQL(`DELETE FROM course_progress WHERE user_id = ?`, userID))
}
