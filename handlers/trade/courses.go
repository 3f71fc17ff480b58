package trade

import (
	"context"
	"slices"

	"campusgate/dispatch"
	"campusgate/storage"
)

// affectCourses gives the buyer the courses of orders that open, and takes off the days of
// those that are given back.
func affectCourses(ctx context.Context, tx *storage.Tx, row *step, t taking, now int64) error {
	if row.does != opens && t.ends == nil {
		return nil
	}
	ids := make([]string, len(t.orders))
	for i, o := range t.orders {
		ids[i] = o.OrderID
	}
	lines, err := tx.OrderLines(ctx, ids...)
	if err != nil {
		return err
	}
	for _, line := range byProduct(lines) {
		switch {
		case row.does == opens:
			err = tx.GiveCourse(ctx, storage.CourseGrant{
				UserID: line.UserID, ProductID: line.ProductID, OrderID: line.OrderID, Days: line.ValidPeriod,
			}, now)
		case t.ends(line):
			err = tx.TakeCourse(ctx, line.UserID, line.ProductID, line.OrderID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// markOwned notes which courses among offers a user has for ever.
func markOwned(ctx context.Context, q *storage.Queries, user string, offers []offer) error {
	var courses []int64
	for _, o := range offers {
		if o.product.Type == storage.TypeCourse {
			courses = append(courses, o.product.ProductID)
		}
	}
	owned, err := q.OwnedForEver(ctx, user, unique(courses))
	for i := range offers {
		offers[i].owned = offers[i].product.Type == storage.TypeCourse && slices.Contains(owned, offers[i].product.ProductID)
	}
	return err
}

// refuseOwned fails where one of locked orders is of a course that its buyer has got for
// ever since it was made.
func refuseOwned(ctx context.Context, tx *storage.Tx, orders []*storage.Order) error {
	var courses []string
	for _, o := range orders {
		if o.Course {
			courses = append(courses, o.OrderID)
		}
	}
	lines, err := tx.OrderLines(ctx, courses...)
	if err != nil || len(lines) == 0 {
		return err
	}
	products := make([]int64, len(lines))
	for i, line := range lines {
		products[i] = line.ProductID
	}
	owned, err := tx.OwnedForEver(ctx, lines[0].UserID, unique(products))
	if err == nil && len(owned) > 0 {
		err = dispatch.Fail(orderAlreadyOwned, "pay_id: has a course that is owned for ever")
	}
	return err
}

// studiedPercent is from what share of its sections on a course is not given back.
const studiedPercent = 20

// refuseStudied fails where too much was studied of a course that a refund is asked for: of
// all in the order, or of the items' alone. A course counts the sections that it has, or had
// when it was bought if those were more: a seller who takes some away refuses nothing by it.
// Whoever opens a section locks the owner too.
func refuseStudied(ctx context.Context, tx *storage.Tx, o *storage.Order, items []refundItem) error {
	if !o.Course {
		return nil
	}
	lines, err := tx.OrderLines(ctx, o.OrderID)
	if err != nil {
		return err
	}
	for _, line := range byProduct(lines) {
		asked := len(items) == 0 || slices.ContainsFunc(items, func(i refundItem) bool { return i.Line == line.Line })
		if !asked {
			continue
		}
		if _, err := tx.LockCourseOwner(ctx, o.UserID, line.ProductID); err != nil {
			return err
		}
		opened, sections, err := tx.SectionsOpened(ctx, o.UserID, line.ProductID, o.OrderID)
		if err != nil {
			return err
		}
		if opened > 0 && opened*100 >= sections*studiedPercent {
			return dispatch.Fail(orderNotRefundable, element("lines", int(line.Line))+"20 % of its sections or more were opened")
		}
	}
	return nil
}
