package storage

import (
	"context"

	"campusgate/storage/engine"
)

// secondsOfDay is how long a day of a price policy is.
const secondsOfDay = 24 * 60 * 60

// ForEver is the period of a price policy that does not end, in days.
const ForEver = 36000

// A CourseGrant is the time of a course that an order has paid for.
type CourseGrant struct {
	UserID             string
	ProductID          int64
	OrderID            string // "": it was free
	Days               int64
	BeginTime, EndTime int64 // the end is exclusive
	Sections           int64 // that the course had
}

const grantColumns = "user_id, product_id, order_id, days, begin_time, end_time, sections"

// fields are grantColumns.
func (g *CourseGrant) fields() []any {
	return []any{&g.UserID, &g.ProductID, &g.OrderID, &g.Days, &g.BeginTime, &g.EndTime, &g.Sections}
}

// AddCourseGrants adds grants that are all of their owners', all or none: [Tx.AddCourseOwners].
// [ErrConflict]: one is there.
func (tx *Tx) AddCourseGrants(ctx context.Context, grants []CourseGrant) error {
	return engine.InsertRows(ctx, tx.sql, "add course grants", "course_grants ("+grantColumns+")", grants, (*CourseGrant).fields)
}

// GiveCourse adds days to what a user has of a course: they begin now, or where those end
// that the user has. Of the grant UserID, ProductID, OrderID and Days are looked at.
func (tx *Tx) GiveCourse(ctx context.Context, g CourseGrant, now int64) error {
	owner, err := tx.makeCourseOwner(ctx, g.UserID, g.ProductID, now)
	if err != nil {
		return err
	}
	if g.Sections, err = tx.sectionsOf(ctx, g.ProductID); err != nil {
		return err
	}
	g.BeginTime = max(now, owner.EndTime)
	g.EndTime = g.BeginTime + g.Days*secondsOfDay
	if err := tx.deleteCourseGrant(ctx, g); err != nil { // of what was free before, and is over
		return err
	}
	if err := tx.AddCourseGrants(ctx, []CourseGrant{g}); err != nil {
		return err
	}
	return tx.setCourseEnd(ctx, owner.OwnerID, g.EndTime)
}

// EnrolCourse gives a user a course for nothing, unless the user has it now.
func (tx *Tx) EnrolCourse(ctx context.Context, userID string, productID, days, now int64) error {
	owner, err := tx.makeCourseOwner(ctx, userID, productID, now)
	if err != nil || owner.EndTime > now {
		return err
	}
	return tx.GiveCourse(ctx, CourseGrant{UserID: userID, ProductID: productID, Days: days}, now)
}

// TakeCourse takes the days of an order off what its buyer has of a course. Days behind them
// that began where they end begin earlier by as much; others stay as they are. There may be
// none of the order.
func (tx *Tx) TakeCourse(ctx context.Context, userID string, productID int64, orderID string) error {
	owner, err := tx.LockCourseOwner(ctx, userID, productID)
	if err != nil || owner.OwnerID == 0 {
		return err
	}
	grants, err := engine.Collect(ctx, tx.sql, "course grants", engine.SQL(
		"SELECT "+grantColumns+" FROM course_grants WHERE user_id = ? AND product_id = ? ORDER BY begin_time, end_time", userID, productID), (*CourseGrant).fields)
	if err != nil {
		return err
	}
	var end, joined, earlier int64 // joined: where days begin that move
	for _, g := range grants {
		switch {
		case g.OrderID == orderID:
			if err := tx.deleteCourseGrant(ctx, g); err != nil {
				return err
			}
			joined, earlier = g.EndTime, g.EndTime-g.BeginTime
			continue
		case earlier > 0 && g.BeginTime == joined:
			joined = g.EndTime
			g.BeginTime, g.EndTime = g.BeginTime-earlier, g.EndTime-earlier
			if err := tx.moveCourseGrant(ctx, g); err != nil {
				return err
			}
		}
		end = max(end, g.EndTime)
	}
	return tx.setCourseEnd(ctx, owner.OwnerID, end)
}

func (tx *Tx) deleteCourseGrant(ctx context.Context, g CourseGrant) error {
	return tx.sql.Exec(ctx, "delete course grant", engine.SQL(
		`DELETE FROM course_grants WHERE user_id = ? AND product_id = ? AND order_id = ?`, g.UserID, g.ProductID, g.OrderID))
}

func (tx *Tx) moveCourseGrant(ctx context.Context, g CourseGrant) error {
	return tx.sql.Change(ctx, "move course grant", engine.SQL(
		`UPDATE course_grants SET begin_time = ?, end_time = ? WHERE user_id = ? AND product_id = ? AND order_id = ?`,
		g.BeginTime, g.EndTime, g.UserID, g.ProductID, g.OrderID))
}

// OwnedForEver are those of some courses that a user has for ever.
func (q *Queries) OwnedForEver(ctx context.Context, userID string, products []int64) (owned []int64, err error) {
	if len(products) == 0 {
		return nil, nil
	}
	filter := q.sql.Filter()
	filter.And("user_id = ?", userID)
	filter.In("product_id", products)
	filter.And("days = ?", ForEver)
	var product int64
	err = q.sql.Each(ctx, "courses owned for ever", engine.SQL("SELECT product_id FROM course_grants").Where(filter).Rows(len(products)),
		[]any{&product}, func() { owned = append(owned, product) })
	return owned, err
}

// A GrantPlace is where a batch of a user's grants ends.
type GrantPlace struct {
	ProductID int64
	OrderID   string
}

// CourseGrantsAfter are the next grants of a user behind a place, and the place of the last
// of them.
func (q *Queries) CourseGrantsAfter(ctx context.Context, userID string, after GrantPlace) (list []CourseGrant, last GrantPlace, err error) {
	list, err = engine.Collect(ctx, q.sql, "course grants after", engine.SQL("SELECT "+grantColumns+
		" FROM course_grants WHERE user_id = ? AND product_id >= ? AND (product_id > ? OR order_id > ?) ORDER BY user_id, product_id, order_id LIMIT ?",
		userID, after.ProductID, after.ProductID, after.OrderID, batchRows), (*CourseGrant).fields)
	if len(list) > 0 {
		last = GrantPlace{list[len(list)-1].ProductID, list[len(list)-1].OrderID}
	}
	return list, last, err
}

func (tx *Tx) eraseCourseGrants(ctx context.Context, userID string) error {
	return tx.sql.Exec(ctx, "erase course grants", engine.SQL(`DELETE FROM course_grants WHERE user_id = ?`, userID))
}

// SectionsOpened are how many sections a user has opened of a course, and how many it has, or
// had when an order of it was paid, if that were more.
func (q *Queries) SectionsOpened(ctx context.Context, userID string, productID int64, orderID string) (opened, sections int64, err error) {
	studied, err := q.CoursesStudied(ctx, userID, []int64{productID})
	if err != nil {
		return 0, 0, err
	}
	if len(studied) > 0 {
		opened = studied[0].Opened
	}
	if sections, err = q.sectionsOf(ctx, productID); err != nil {
		return 0, 0, err
	}
	var bought int64
	err = q.sql.Get(ctx, "sections of a grant", engine.SQL(`
		SELECT COALESCE(SUM(sections), 0) FROM course_grants WHERE user_id = ? AND product_id = ? AND order_id = ?`, userID, productID, orderID), &bought)
	return opened, max(sections, bought), err
}
