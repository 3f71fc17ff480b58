package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A CourseSection is what is studied at a time: a video, or a text.
type CourseSection struct {
	SectionID     int64 // 0: a new one
	ChapterID     int64
	Title         string
	Text          bool
	Seconds       int64 // of a video
	Free          bool  // for everybody
	Link, Content string
}

const sectionColumns = "section_id, chapter_id, title, is_text, seconds, free"

// fields are sectionColumns.
func (s *CourseSection) fields() []any {
	return []any{&s.SectionID, &s.ChapterID, &s.Title, &s.Text, &s.Seconds, &s.Free}
}

// eachSection finds the sections of a course by their places, without link and content.
func (q *Queries) eachSection(ctx context.Context, productID int64, found func(*CourseSection)) error {
	var s CourseSection
	return q.sql.Each(ctx, "sections of a course", engine.SQL(
		"SELECT "+sectionColumns+" FROM course_sections WHERE product_id = ? ORDER BY place", productID), s.fields(), func() { found(&s) })
}

// CourseSection returns a section of a course, [ErrNotFound] if it has none of that id.
func (q *Queries) CourseSection(ctx context.Context, productID, sectionID int64) (CourseSection, error) {
	var s CourseSection
	err := q.sql.Get(ctx, "section of a course", engine.SQL(
		"SELECT "+sectionColumns+", link, content FROM course_sections WHERE section_id = ? AND product_id = ?", sectionID, productID),
		append(s.fields(), &s.Link, &s.Content)...)
	return s, err
}

// setSection writes a section, as [Tx.SetCourseTree] says.
func (tx *Tx) setSection(ctx context.Context, productID, place int64, s *CourseSection) (err error) {
	const operation = "set section"
	if s.SectionID == 0 {
		s.SectionID, err = tx.sql.Insert(ctx, operation, engine.SQL(`
			INSERT INTO course_sections (product_id, chapter_id, place, title, is_text, seconds, free, link, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			productID, s.ChapterID, place, s.Title, s.Text, s.Seconds, s.Free, s.Link, s.Content))
		return err
	}
	return tx.sql.Change(ctx, operation, engine.SQL(`
		UPDATE course_sections SET chapter_id = ?, place = ?, title = ?, is_text = ?, seconds = ?, free = ?,
			link = COALESCE(NULLIF(?, ''), link), content = COALESCE(NULLIF(?, ''), content)
		WHERE section_id = ? AND product_id = ?`,
		s.ChapterID, place, s.Title, s.Text, s.Seconds, s.Free, s.Link, s.Content, s.SectionID, productID))
}

// deleteSections removes sections, and the progress in them.
func (tx *Tx) deleteSections(ctx context.Context, ids map[int64]bool) error {
	for id := range ids {
		if err := tx.sql.Exec(ctx, "delete section", engine.SQL(`DELETE FROM course_sections WHERE section_id = ?`, id)); err != nil {
			return err
		}
		if err := tx.forgetSection(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// CoursesWithLink are the courses that have a section with a link, once for each.
func (q *Queries) CoursesWithLink(ctx context.Context, link string) (products []int64, err error) {
	var product int64
	err = q.sql.Each(ctx, "courses with a link", engine.SQL(
		`SELECT product_id FROM course_sections WHERE link = ?`, link), []any{&product},
		func() { products = append(products, product) })
	return products, err
}
