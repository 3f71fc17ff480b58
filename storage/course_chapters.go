package storage

import (
	"context"
	"fmt"

	"campusgate/storage/engine"
)

// A CourseChapter is some sections of a course.
type CourseChapter struct {
	ChapterID int64 // 0: a new one
	Title     string
	Sections  []CourseSection
}

// fields are the columns of CourseTree.
func (c *CourseChapter) fields() []any { return []any{&c.ChapterID, &c.Title} }

// fewSections are what a chapter has room for before it grows.
const fewSections = 8

// CourseTree is all of a course's chapters with their sections, as [Queries.eachSection]
// reads them.
func (q *Queries) CourseTree(ctx context.Context, productID int64) ([]CourseChapter, error) {
	chapters, err := engine.Collect(ctx, q.sql, "course tree", engine.SQL(
		`SELECT chapter_id, title FROM course_chapters WHERE product_id = ? ORDER BY product_id, place`, productID).Indexed(), (*CourseChapter).fields)
	if err != nil || len(chapters) == 0 {
		return chapters, err
	}
	at := make(map[int64]*CourseChapter, len(chapters))
	for i := range chapters {
		at[chapters[i].ChapterID] = &chapters[i]
	}
	err = q.eachSection(ctx, productID, func(section *CourseSection) {
		chapter := at[section.ChapterID]
		if chapter == nil { // the tree has changed between the two
			return
		}
		if chapter.Sections == nil {
			chapter.Sections = make([]CourseSection, 0, fewSections)
		}
		chapter.Sections = append(chapter.Sections, *section)
	})
	if err != nil {
		return nil, err
	}
	return chapters, nil
}

// SetCourseTree makes chapters all those of a locked course, and sets their ids. Those with
// an id are the course's own, each there once, and keep it; of a section that is there,
// what is empty of link and content stays. What is not named goes, with the progress in it.
func (tx *Tx) SetCourseTree(ctx context.Context, productID int64, chapters []CourseChapter) error {
	const operation = "set course tree"
	before, err := tx.CourseTree(ctx, productID)
	if err != nil {
		return err
	}
	gone, goneSections := map[int64]bool{}, map[int64]bool{}
	for _, chapter := range before {
		gone[chapter.ChapterID] = true
		for _, section := range chapter.Sections {
			goneSections[section.SectionID] = true
		}
	}
	var sections int64
	for i := range chapters {
		chapter := &chapters[i]
		if chapter.ChapterID == 0 {
			chapter.ChapterID, err = tx.sql.Insert(ctx, operation, engine.SQL(
				`INSERT INTO course_chapters (product_id, place, title) VALUES (?, ?, ?)`, productID, i, chapter.Title))
		} else {
			err = tx.sql.Change(ctx, operation, engine.SQL(
				`UPDATE course_chapters SET place = ?, title = ? WHERE chapter_id = ? AND product_id = ?`, i, chapter.Title, chapter.ChapterID, productID))
		}
		if err != nil {
			return err
		}
		delete(gone, chapter.ChapterID)
		for place := range chapter.Sections {
			section := &chapter.Sections[place]
			section.ChapterID = chapter.ChapterID
			if err := tx.setSection(ctx, productID, int64(place), section); err != nil {
				return err
			}
			delete(goneSections, section.SectionID)
			sections++
		}
	}
	if err := tx.deleteSections(ctx, goneSections); err != nil {
		return err
	}
	for id := range gone {
		if err := tx.sql.Exec(ctx, operation, engine.SQL(`DELETE FROM course_chapters WHERE chapter_id = ?`, id)); err != nil {
			return fmt.Errorf("chapter %d: %w", id, err)
		}
	}
	return tx.countSections(ctx, productID, sections)
}
