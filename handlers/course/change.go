package course

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type createCourse struct {
	ShopID int64 `json:"shop_id" rule:"range=any" doc:"your own shop; absent or 0: the market's, of an admin"`
	texts
	lists
}

type createdCourse struct {
	ProductID int64 `json:"product_id"`
}

func (createCourse) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A product of type 2, coming unless product_status says otherwise. product_name is needed. -103 where the shop is not yours, and without a shop to all but admins. Chapters and prices have calls of their own. `course/create` is the same call.",
		Example:  `{"shop_id": 811729970, "product_name": "Go 语言入门", "brief": "从零写一个服务器", "level": 1, "hours": 12, "product_status": 1, "teachers": [{"name": "张老师", "title": "讲师"}], "questions": [{"question": "需要基础吗？", "answer": "不需要"}]}`,
		Statuses: []dispatch.Status{courseNotExist, categoryNotExist, dispatch.NoPermission, dispatch.PictureStoreFail, dispatch.ContentRefused},
	}
}

func (c calls) create(ctx context.Context, in createCourse) (createdCourse, error) {
	if in.ProductName == nil {
		return createdCourse{}, dispatch.Fail(dispatch.ErrorDataKey, "product_name: missing")
	}
	if err := c.check(ctx, &in.texts, &in.lists); err != nil {
		return createdCourse{}, err
	}
	caller, now := dispatch.CallerFrom(ctx), c.Clock.Now()
	return wire.Once(ctx, c.DB, now, func(tx *storage.Tx) (created createdCourse, err error) {
		course := storage.Course{Name: *in.ProductName, ShopID: in.ShopID}
		seller := caller.User
		if in.ShopID == 0 {
			course.UserID = caller.User
		} else {
			shop, err := tx.ShopByID(ctx, in.ShopID)
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return created, err
			}
			seller = shop.UserID
		}
		if caller.Role != storage.RoleAdmin && (in.ShopID == 0 || seller != caller.User) || seller == "" {
			return created, dispatch.Fail(dispatch.NoPermission, "shop_id: no such shop, or another user's")
		}
		// A taken id has no effect in a transaction of its own, which joins this one.
		err = wire.WithFreshID(func() error {
			course.ProductID = wire.RandomID(7)
			return tx.InsertCourse(ctx, course, now.Unix())
		})
		if err == nil {
			err = tx.SetPricePolicies(ctx, course.ProductID, nil)
		}
		if err != nil {
			return created, err
		}
		return createdCourse{course.ProductID}, c.change(ctx, tx, "course/creat", course.ProductID, func(detail *storage.CourseDetail) error {
			return c.write(ctx, tx, detail, in.texts, in.lists)
		})
	})
}

type updateCourse struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
	texts
	lists
}

func (updateCourse) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "What is absent stays as it is. Nobody who has the course loses it: one that is down is still studied.",
		Example:  `{"product_id": 5000001, "slogan": "动手学", "product_status": 1}`,
		Statuses: []dispatch.Status{courseNotExist, categoryNotExist, dispatch.PictureStoreFail, dispatch.ContentRefused},
	}
}

func (c calls) update(ctx context.Context, in updateCourse) (wire.None, error) {
	if err := c.check(ctx, &in.texts, &in.lists); err != nil {
		return wire.None{}, err
	}
	err := c.DB.InTx(ctx, func(tx *storage.Tx) error {
		return c.change(ctx, tx, "course/update", in.ProductID, func(detail *storage.CourseDetail) error {
			return c.write(ctx, tx, detail, in.texts, in.lists)
		})
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

// change runs an owner's change of a course, which it locks, with an admin's row of the audit
// where the course is another's.
func (c calls) change(ctx context.Context, tx *storage.Tx, call string, id int64, change func(*storage.CourseDetail) error) error {
	course, err := tx.LockCourse(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && !owns(ctx, &course.CourseRow):
		return noCourse("product_id")
	case err != nil:
		return err
	}
	before := course
	if err := change(&course); err != nil {
		return err
	}
	caller := dispatch.CallerFrom(ctx)
	if caller.User == course.UserID {
		return nil
	}
	return tx.AddAudit(ctx, storage.Audit{
		Time: c.Clock.Unix(), UserID: caller.User, Call: call, Target: fmt.Sprint("course ", id),
		Before: fmt.Sprintf("%s, product_status %d", before.Name, before.Status), After: fmt.Sprintf("%s, product_status %d", course.Name, course.Status),
	})
}

// write sets what is given of a locked course.
func (c calls) write(ctx context.Context, tx *storage.Tx, course *storage.CourseDetail, t texts, l lists) error {
	if t.CategoryID != nil && *t.CategoryID != 0 {
		category, err := tx.LockCategory(ctx, *t.CategoryID)
		if errors.Is(err, storage.ErrNotFound) || err == nil && category.Kind != storage.CategoryCourse {
			return dispatch.Fail(categoryNotExist, "category_id: no such category of courses")
		}
		if err != nil {
			return err
		}
	}
	if err := recommendable(ctx, tx, course.ProductID, l.Recommend); err != nil {
		return err
	}
	t.set(course)
	if err := l.set(course); err != nil {
		return err
	}
	return tx.SetCourse(ctx, *course, c.Clock.Unix())
}

// recommendable fails where one of some products is no course that everybody sees, or is the
// one that recommends.
func recommendable(ctx context.Context, tx *storage.Tx, id int64, products []int64) error {
	rows, err := tx.CourseRows(ctx, products)
	if err != nil {
		return err
	}
	for i, product := range products {
		shown := slices.ContainsFunc(rows, func(row storage.CourseRow) bool { return row.ProductID == product && row.Shown() })
		if !shown || product == id || slices.Contains(products[:i], product) {
			return dispatch.Fail(courseNotExist, fmt.Sprintf("recommend[%d]: no such course, this one, or there twice", i))
		}
	}
	return nil
}
