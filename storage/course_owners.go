package storage

import (
	"context"
	"errors"
	"strings"

	"campusgate/storage/engine"
)

// A CourseOwner is that a user has a course, or has had it.
type CourseOwner struct {
	OwnerID   int64
	UserID    string
	ProductID int64
	BeginTime int64 // when it began
	EndTime   int64 // the first second in which the user does not have it; 0: nothing is left
}

const ownerColumns = "o.owner_id, o.user_id, o.product_id, o.begin_time, o.end_time"

// fields are ownerColumns.
func (o *CourseOwner) fields() []any {
	return []any{&o.OwnerID, &o.UserID, &o.ProductID, &o.BeginTime, &o.EndTime}
}

// CourseOwner returns what a user has of a course, zero where that is nothing.
func (q *Queries) CourseOwner(ctx context.Context, userID string, productID int64) (CourseOwner, error) {
	owner, err := q.courseOwner(ctx, userID, productID, "")
	if errors.Is(err, ErrNotFound) {
		return CourseOwner{}, nil
	}
	return owner, err
}

func (q *Queries) courseOwner(ctx context.Context, userID string, productID int64, forUpdate string) (o CourseOwner, err error) {
	err = q.sql.Get(ctx, "owner of a course", engine.SQL(
		"SELECT "+ownerColumns+" FROM course_owners o WHERE o.user_id = ? AND o.product_id = ?"+forUpdate, userID, productID), o.fields()...)
	return o, err
}

// LockCourseOwner is [Queries.CourseOwner]; it stays so until the transaction's end.
func (tx *Tx) LockCourseOwner(ctx context.Context, userID string, productID int64) (CourseOwner, error) {
	owner, err := tx.courseOwner(ctx, userID, productID, tx.sql.ForUpdate())
	if errors.Is(err, ErrNotFound) {
		return CourseOwner{}, nil
	}
	return owner, err
}

// makeCourseOwner is LockCourseOwner of a user who gets the course.
func (tx *Tx) makeCourseOwner(ctx context.Context, userID string, productID, now int64) (CourseOwner, error) {
	owner, err := tx.LockCourseOwner(ctx, userID, productID)
	if err != nil || owner.OwnerID != 0 {
		return owner, err
	}
	id, err := tx.sql.Insert(ctx, "insert owner of a course", engine.SQL(
		`INSERT INTO course_owners (user_id, product_id, begin_time, end_time) VALUES (?, ?, ?, 0)`, userID, productID, now))
	switch {
	case errors.Is(err, ErrConflict): // another transaction was first
		return tx.LockCourseOwner(ctx, userID, productID)
	case err != nil:
		return CourseOwner{}, err
	}
	return CourseOwner{OwnerID: id, UserID: userID, ProductID: productID, BeginTime: now}, tx.addStudent(ctx, productID)
}

// setCourseEnd writes until when a user has a course.
func (tx *Tx) setCourseEnd(ctx context.Context, ownerID, end int64) error {
	return tx.sql.Change(ctx, "set end of a course", engine.SQL(`UPDATE course_owners SET end_time = ? WHERE owner_id = ?`, end, ownerID))
}

// AddCourseOwners adds that users have courses, with the ids that they have, all or none, and
// counts them as students; the grants are the caller's. [ErrConflict]: an id is taken, or a
// user has the course.
func (tx *Tx) AddCourseOwners(ctx context.Context, owners []CourseOwner) error {
	err := engine.InsertRows(ctx, tx.sql, "add owners of courses", "course_owners ("+strings.ReplaceAll(ownerColumns, "o.", "")+")", owners, (*CourseOwner).fields)
	for _, owner := range owners {
		if err == nil {
			err = tx.addStudent(ctx, owner.ProductID)
		}
	}
	return err
}

// An OwnedCourse is a course with what a user has of it.
type OwnedCourse struct {
	CourseRow

	Owner CourseOwner
}

// fields are courseColumns and ownerColumns.
func (o *OwnedCourse) fields() []any { return append(o.CourseRow.fields(), o.Owner.fields()...) }

// OwnedCourses lists the courses that a user has or has had, the last that was new first;
// total counts all of them, whatever the page.
func (q *Queries) OwnedCourses(ctx context.Context, userID string, page Page) (list []OwnedCourse, total int64, err error) {
	owned := engine.NewPagedList(courseColumns+", "+ownerColumns, "course_owners o"+q.sql.JoinInOrder()+"products p ON p.product_id = o.product_id"+
		q.withCourses()+" WHERE o.user_id = ?", "o.owner_id DESC")
	return engine.CollectPage(ctx, q.sql, "owned courses", owned, []any{userID}, page, (*OwnedCourse).fields)
}

// CourseOwnersAfter are what a user has of the next courses behind an owner's id, by id, and
// the last id; none are all of them.
func (q *Queries) CourseOwnersAfter(ctx context.Context, userID string, after int64) (list []CourseOwner, last int64, err error) {
	last = after
	list, err = engine.Collect(ctx, q.sql, "owners of courses after", engine.SQL("SELECT "+ownerColumns+
		", o.owner_id FROM course_owners o WHERE o.user_id = ? AND o.owner_id > ? ORDER BY o.owner_id LIMIT ?", userID, after, batchRows),
		(*CourseOwner).fields, &last)
	return list, last, err
}

// EraseCourses removes what a user has of courses, and has studied.
func (tx *Tx) EraseCourses(ctx context.Context, userID string) error {
	if err := tx.sql.Exec(ctx, "erase owner of courses", engine.SQL(`DELETE FROM course_owners WHERE user_id = ?`, userID)); err != nil {
		return err
	}
	if err := tx.eraseCourseGrants(ctx, userID); err != nil {
		return err
	}
	return tx.eraseCourseProgress(ctx, userID)
}
