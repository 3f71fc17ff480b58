package course

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type listOwnCourses struct{ wire.ListPage }

// ownedCourse is a course with what the caller has of it.
type ownedCourse struct {
	courseRow

	Percent int64  `json:"percent" doc:"of its sections, each counting the same, 0 to 100"`
	Owned   bool   `json:"owned" doc:"false: it has run out, or was refunded"`
	EndTime string `json:"end_time" doc:"empty where nothing is left"`
}

func (listOwnCourses) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "Those that have run out, too; what the caller got last comes first.", Example: `{}`}
}

func (c calls) mine(ctx context.Context, in listOwnCourses) (wire.List[ownedCourse], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[ownedCourse]{}, err
	}
	user, now := dispatch.CallerFrom(ctx).User, c.Clock.Unix()
	courses, total, err := c.DB.OwnedCourses(ctx, user, page)
	if err != nil {
		return wire.List[ownedCourse]{}, wire.DatabaseFailure(err)
	}
	ids := make([]int64, len(courses))
	for i, course := range courses {
		ids[i] = course.ProductID
	}
	studied, err := c.DB.CoursesStudied(ctx, user, ids)
	if err != nil {
		return wire.List[ownedCourse]{}, wire.DatabaseFailure(err)
	}
	percent := map[int64]int64{} // of all sections
	for _, one := range studied {
		percent[one.ProductID] = one.Percent
	}
	return wire.ListOf(courses, total, func(course storage.OwnedCourse) ownedCourse {
		return ownedCourse{
			rowOf(course.CourseRow), percent[course.ProductID] / max(1, course.Sections), course.Owner.EndTime > now, c.end(course.Owner),
		}
	}), nil
}

type studyCourse struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
	SectionID int64 `json:"section_id" rule:"required range=any"`
}

type studiedSection struct {
	Link    string `json:"link" doc:"of a video; into the bucket it works for two hours"`
	Content string `json:"content" doc:"of a text, no HTML"`
	Seconds int64  `json:"seconds" doc:"how far the caller has been"`
	EndTime string `json:"end_time" doc:"when what the caller has of the course ends; empty where that is nothing"`
}

func (studyCourse) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A free section for everybody with a token; others for who has the course, its seller and admins. While a refund of it is asked for, no section is opened that was not opened before (101).",
		Example:  `{"product_id": 5000001, "section_id": 1}`,
		Statuses: []dispatch.Status{courseNotExist, notBought, sectionNotExist, dispatch.PictureStoreFail},
	}
}

// section returns a section that the caller may study, with what the caller has of the
// course; has says that this is why.
func (c calls) section(ctx context.Context, q *storage.Queries, productID, sectionID int64) (section storage.CourseSection, owner storage.CourseOwner, has bool, err error) {
	course, owner, err := c.visible(ctx, q, productID)
	if err != nil {
		return section, owner, false, err
	}
	section, err = q.CourseSection(ctx, productID, sectionID)
	if errors.Is(err, storage.ErrNotFound) {
		return section, owner, false, dispatch.Fail(sectionNotExist, "section_id: no such section of the course")
	}
	has = owner.EndTime > c.Clock.Unix()
	if err == nil && !has && !section.Free && !owns(ctx, &course.CourseRow) {
		err = dispatch.Fail(notBought, "product_id: not bought, or run out")
	}
	return section, owner, has, err
}

func (c calls) study(ctx context.Context, in studyCourse) (studiedSection, error) {
	user := dispatch.CallerFrom(ctx).User
	section, owner, has, err := c.section(ctx, &c.DB.Queries, in.ProductID, in.SectionID)
	if err != nil {
		return studiedSection{}, wire.KnownOrDatabase(err)
	}
	before, err := c.DB.CourseProgress(ctx, user, in.ProductID, in.SectionID)
	if err == nil && has && !before.Opened {
		err = c.open(ctx, user, in.ProductID, section)
	}
	if err != nil {
		return studiedSection{}, wire.KnownOrDatabase(err)
	}
	studied := studiedSection{Link: section.Link, Content: section.Content, Seconds: before.Seconds, EndTime: c.end(owner)}
	if section.Text {
		studied.Link = ""
		return studied, nil
	}
	studied.Content = ""
	if object, ok := c.object(section.Link); ok {
		if studied.Link, err = c.Bucket.Sign(ctx, object, signedFor); err != nil {
			return studiedSection{}, wire.PictureFailure(err)
		}
	}
	return studied, nil
}

// open counts a section as opened, which a refund asks for. Whoever asks for one locks the
// owner too, and so either counts this section or is seen here.
func (c calls) open(ctx context.Context, user string, productID int64, section storage.CourseSection) error {
	return c.DB.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := tx.LockCourseOwner(ctx, user, productID); err != nil {
			return err
		}
		waits, err := tx.RefundWaits(ctx, user, productID)
		if err != nil {
			return err
		}
		if waits {
			return dispatch.Fail(notBought, "product_id: a refund of it is asked for")
		}
		return tx.KeepProgress(ctx, storage.CourseProgress{
			UserID: user, ProductID: productID, SectionID: section.SectionID, Percent: percentOf(section, 0), Opened: true,
		})
	})
}

// percentOf is how far a user is in a section: a text is done once it was opened.
func percentOf(section storage.CourseSection, seconds int64) int64 {
	if section.Text {
		return 100
	}
	return min(100, seconds*100/max(1, section.Seconds))
}

type progressInCourse struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
	SectionID int64 `json:"section_id" rule:"required range=any"`
	Seconds   int64 `json:"seconds" rule:"present range=0..360000" doc:"how far the caller is; less than before changes nothing, and more than the video has is all of it"`
}

func (progressInCourse) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "By who may study the section. Of a text it counts nothing.",
		Example:  `{"product_id": 5000001, "section_id": 1, "seconds": 120}`,
		Statuses: []dispatch.Status{courseNotExist, notBought, sectionNotExist},
	}
}

func (c calls) progress(ctx context.Context, in progressInCourse) (wire.None, error) {
	err := c.DB.InTx(ctx, func(tx *storage.Tx) error {
		section, _, _, err := c.section(ctx, &tx.Queries, in.ProductID, in.SectionID)
		if err != nil || section.Text {
			return err
		}
		seconds := min(in.Seconds, section.Seconds)
		return tx.KeepProgress(ctx, storage.CourseProgress{
			UserID: dispatch.CallerFrom(ctx).User, ProductID: in.ProductID, SectionID: in.SectionID, Seconds: seconds, Percent: percentOf(section, seconds),
		})
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

type enrolInCourse struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
}

func (enrolInCourse) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "By the longest price policy of 0 yuan; 102 where there is none, and where the course is not up. Who has the course now gets nothing more.",
		Example:  `{"product_id": 5000002}`,
		Statuses: []dispatch.Status{courseNotExist, policyError},
	}
}

func (c calls) enrol(ctx context.Context, in enrolInCourse) (wire.None, error) {
	err := c.DB.InTx(ctx, func(tx *storage.Tx) error {
		course, owner, err := c.visible(ctx, &tx.Queries, in.ProductID)
		if err != nil || owner.EndTime > c.Clock.Unix() {
			return err
		}
		policies, err := tx.PricePolicies(ctx, []int64{in.ProductID})
		if err != nil {
			return err
		}
		var days int64
		for _, p := range policies {
			if p.Price == 0 {
				days = max(days, p.ValidPeriod)
			}
		}
		if days == 0 || !course.InSight() || course.SellerFrozen {
			return dispatch.Fail(policyError, "product_id: is not up, or costs something")
		}
		return tx.EnrolCourse(ctx, dispatch.CallerFrom(ctx).User, in.ProductID, days, c.Clock.Unix())
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}
