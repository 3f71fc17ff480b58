package storage_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// insertCourse adds a course of a user.
func insertCourse(t *testing.T, db *storage.DB, id int64, user string, status int64) {
	t.Helper()
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.InsertCourse(t.Context(), storage.Course{ProductID: id, Name: fmt.Sprint("course ", id), PicURL: "./1", UserID: user, Status: status}, id)
	}))
}

func TestCourse(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "12", Name: "Zhao"})
		insertCourse(t, db, 7, "12", storage.CourseComing)
		if _, err := db.Course(ctx, 8); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("no course: %v", err)
		}
		course, err := db.Course(ctx, 7)
		must(t, err)
		if course.Name != "course 7" || course.UserName != "Zhao" || course.Teachers != "[]" || !course.Shown() || course.Recommended != nil {
			t.Errorf("new course: %+v", course)
		}
		course.Name, course.PicURL, course.Status, course.Brief, course.Level, course.Hours = "Go", "./2", storage.CourseUp, "a < b", 4, 20
		course.Slogan, course.StudyAllTime, course.WhyStudy, course.WhatToStudy, course.Career = "s", "20 h", "why", "what", "career"
		course.Prerequisite, course.VideoBriefLink, course.Teachers, course.Questions = "none", "https://a", "[1]", "[2]"
		course.Recommended, course.CategoryID, course.UpdateTime = []int64{8, 9}, new(int64(3)), 99
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			if _, err := tx.LockCourse(ctx, 7); err != nil {
				return err
			}
			return tx.SetCourse(ctx, course, 99)
		}))
		got, err := db.Course(ctx, 7)
		if diff := cmp.Diff(course, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if detail, err := db.MarketDetail(ctx, 7); err != nil || detail.Content != "a &lt; b" {
			t.Errorf("the product's content is %q, %v", detail.Content, err)
		}
		rows, err := db.CourseRows(ctx, []int64{7, 8})
		if diff := cmp.Diff([]storage.CourseRow{course.CourseRow}, rows); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func TestCourses(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for id, status := range []int64{storage.CourseComing, storage.CourseUp, storage.CourseWithdrawn, storage.CourseUp} {
			insertCourse(t, db, int64(id), "12", status)
		}
		insertCourse(t, db, 9, "13", storage.CourseUp)
		policies := func(id int64, policies ...storage.PricePolicy) {
			t.Helper()
			must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.SetPricePolicies(ctx, id, policies) }))
		}
		policies(1, storage.PricePolicy{ValidPeriod: 7, Price: 0}, storage.PricePolicy{ValidPeriod: 30, Price: 5_00})
		policies(3, storage.PricePolicy{ValidPeriod: 7, Price: 3_00}, storage.PricePolicy{ValidPeriod: 30, Price: 1_00})
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			return tx.SetProductTerms(ctx, 3, storage.ProductTerms{CategoryID: new(int64(5))})
		}))
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			frozen, err := tx.LockProfile(ctx, "13", 1)
			if err != nil {
				return err
			}
			frozen.State = storage.ProfileFrozen
			return tx.UpdateProfile(ctx, frozen)
		}))
		for _, c := range []struct {
			filter storage.CourseFilter
			page   storage.Page
			want   []int64
			total  int64
		}{
			{storage.CourseFilter{}, storage.Page{}, []int64{3, 1, 0}, 3},
			{storage.CourseFilter{}, storage.Page{Limit: 1, Offset: 1}, []int64{1}, 3},
			{storage.CourseFilter{}, storage.Page{Limit: 1, Offset: 3}, nil, 3},
			{storage.CourseFilter{Free: new(int64(1))}, storage.Page{}, []int64{1}, 1},
			{storage.CourseFilter{Free: new(int64(0))}, storage.Page{}, []int64{3, 0}, 2},
			{storage.CourseFilter{CategoryID: new(int64(5))}, storage.Page{}, []int64{3}, 1},
			{storage.CourseFilter{CategoryID: new(int64(5)), Free: new(int64(1))}, storage.Page{}, nil, 0},
		} {
			list, total, err := db.Courses(ctx, c.filter, c.page)
			must(t, err)
			var got []int64
			for _, row := range list {
				got = append(got, row.ProductID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || total != c.total {
				t.Errorf("%+v: %d, want %d\n%s", c, total, c.total, diff)
			}
		}
		row, err := db.Course(ctx, 3)
		must(t, err)
		if row.Price != 1_00 || *row.OriginalPrice != 3_00 || row.Stock != nil || row.IsFree {
			t.Errorf("with policies: %+v", row)
		}
		policies(3)
		if row, err = db.Course(ctx, 3); err != nil || row.Price != 0 || row.Stock == nil || *row.Stock != 0 || row.IsFree {
			t.Errorf("without policies: %+v, %v", row, err)
		}
		// What a seller leaves behind is not coming.
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.WithdrawSecondHand(ctx, "12", 1) }))
		if row, err = db.Course(ctx, 3); err != nil || row.Status != storage.CourseWithdrawn || row.Shown() {
			t.Errorf("withdrawn: %+v, %v", row, err)
		}
	})
}

func TestCourseTree(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertCourse(t, db, 7, "12", storage.CourseUp)
		insertCourse(t, db, 8, "12", storage.CourseUp)
		set := func(product int64, tree []storage.CourseChapter) error {
			return db.InTx(ctx, func(tx *storage.Tx) error { return tx.SetCourseTree(ctx, product, tree) })
		}
		want := func(tree []storage.CourseChapter) {
			t.Helper()
			got, err := db.CourseTree(ctx, 7)
			bare := cmpopts.IgnoreFields(storage.CourseSection{}, "Link", "Content")
			if diff := cmp.Diff(tree, got, bare, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
			var sections int64
			for _, chapter := range tree {
				sections += int64(len(chapter.Sections))
			}
			if course, err := db.Course(ctx, 7); err != nil || course.Sections != sections {
				t.Errorf("%d sections are counted, want %d: %v", course.Sections, sections, err)
			}
		}
		want(nil)
		tree := []storage.CourseChapter{
			{Title: "one", Sections: []storage.CourseSection{
				{Title: "a", Seconds: 60, Free: true, Link: "https://a"}, {Title: "b", Text: true, Content: "text"},
			}},
			{Title: "two"},
			{Title: "three", Sections: []storage.CourseSection{{Title: "c", Seconds: 1, Link: "https://c"}}},
		}
		must(t, set(7, tree))
		want(tree)
		a, b, c := tree[0].Sections[0], tree[0].Sections[1], tree[2].Sections[0]
		for _, section := range []storage.CourseSection{a, b} {
			must(t, db.InTx(ctx, func(tx *storage.Tx) error {
				return tx.KeepProgress(ctx, storage.CourseProgress{UserID: "13", ProductID: 7, SectionID: section.SectionID, Opened: true})
			}))
		}
		other := []storage.CourseChapter{{Title: "x", Sections: []storage.CourseSection{{Title: "x", Link: "https://a"}}}}
		must(t, set(8, other))
		if products, err := db.CoursesWithLink(ctx, "https://a"); err != nil || len(products) != 2 {
			t.Errorf("with the link: %d, %v", products, err)
		}

		// What is named stays where it is put; the rest goes, with what was studied of it.
		a.Title, a.Seconds, a.Link = "A", 90, ""
		second := []storage.CourseChapter{
			{ChapterID: tree[2].ChapterID, Title: "THREE", Sections: []storage.CourseSection{c, {Title: "new", Text: true, Content: "n"}, a}},
			{Title: "four"},
		}
		must(t, set(7, second))
		want(second)
		if got, err := db.CourseSection(ctx, 7, a.SectionID); err != nil || got.Link != "https://a" || got.Title != "A" || got.Seconds != 90 {
			t.Errorf("section a: %+v, %v", got, err)
		}
		for product, section := range map[int64]int64{7: b.SectionID, 8: a.SectionID} {
			if _, err := db.CourseSection(ctx, product, section); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("section %d of %d: %v", section, product, err)
			}
		}
		progress, _, err := db.CourseProgressAfter(ctx, "13", storage.ProgressPlace{})
		if err != nil || len(progress) != 1 || progress[0].SectionID != a.SectionID {
			t.Errorf("progress: %+v, %v", progress, err)
		}

		// Another course's ids are none of this one's.
		for name, foreign := range map[string][]storage.CourseChapter{
			"chapter": {{ChapterID: other[0].ChapterID, Title: "x"}},
			"section": {{Title: "x", Sections: other[0].Sections}},
		} {
			if err := set(7, foreign); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("another's %s: %v", name, err)
			}
		}
		want(second)
	})
}

func TestCourseProgress(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertCourse(t, db, 7, "12", storage.CourseUp)
		tree := []storage.CourseChapter{{Sections: []storage.CourseSection{{Title: "a"}, {Title: "b"}}}}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.SetCourseTree(ctx, 7, tree) }))
		section := tree[0].Sections[0].SectionID
		keep := func(user string, section, seconds, percent int64, opened bool) {
			t.Helper()
			must(t, db.InTx(ctx, func(tx *storage.Tx) error {
				return tx.KeepProgress(ctx, storage.CourseProgress{UserID: user, ProductID: 7, SectionID: section, Seconds: seconds, Percent: percent, Opened: opened})
			}))
		}
		keep("13", section, 10, 20, false)
		keep("13", section, 30, 60, true)
		keep("13", section, 20, 40, false) // never backwards
		keep("13", section+1, 0, 15, false)
		keep("13", section+99, 0, 100, true) // a section that is gone
		keep("14", section, 1, 1, true)
		got, err := db.CourseProgress(ctx, "13", 7, section)
		if want := (storage.CourseProgress{"13", 7, section, 30, 60, true}); got != want || err != nil {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		if got, err := db.CourseProgress(ctx, "15", 7, section); got != (storage.CourseProgress{}) || err != nil {
			t.Errorf("of nobody: %+v, %v", got, err)
		}
		studied, err := db.CoursesStudied(ctx, "13", []int64{7, 8})
		if diff := cmp.Diff([]storage.CourseStudied{{ProductID: 7, Percent: 75, Opened: 1}}, studied); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.EraseCourses(ctx, "13") }))
		for user, want := range map[string]int{"13": 0, "14": 1} {
			if left, _, err := db.CourseProgressAfter(ctx, user, storage.ProgressPlace{}); err != nil || len(left) != want {
				t.Errorf("left of %s: %+v, %v", user, left, err)
			}
		}
	})
}

// A story is of what a user buys of a course and gives back, at what day, and of until what
// day the user has it after each step.
func TestCourseGrants(t *testing.T) {
	t.Parallel()
	type step struct {
		at   int64 // day
		do   string
		days int64
		want int64 // day
	}
	for name, story := range map[string][]step{
		"buying again adds the days":           {{1, "A", 7, 8}, {2, "B", 30, 38}, {50, "C", 1, 51}},
		"a refund takes its own days off":      {{1, "A", 7, 8}, {2, "B", 30, 38}, {3, "-A", 0, 31}, {3, "-B", 0, 0}},
		"the last one's":                       {{1, "A", 7, 8}, {2, "B", 30, 38}, {3, "-B", 0, 8}},
		"the middle one's":                     {{1, "A", 7, 8}, {1, "B", 3, 11}, {2, "C", 1, 12}, {3, "-B", 0, 9}},
		"days that are over take nothing off":  {{1, "A", 7, 8}, {20, "B", 7, 27}, {21, "-A", 0, 27}},
		"nor do days before a pause":           {{1, "A", 7, 8}, {20, "B", 7, 27}, {21, "C", 1, 28}, {21, "-B", 0, 21}},
		"another order's":                      {{1, "A", 7, 8}, {2, "-Z", 0, 8}},
		"for ever, and back":                   {{1, "A", 7, 8}, {1, "B", storage.ForEver, 8 + storage.ForEver}, {1, "-B", 0, 8}},
		"what is free is not added":            {{1, "free", 7, 8}, {2, "free", 7, 8}, {8, "free", 7, 15}},
		"nor to what was bought, which is not": {{1, "A", 7, 8}, {2, "free", 30, 8}, {9, "free", 30, 39}, {10, "B", 1, 40}, {11, "-B", 0, 39}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storagetest.Each(t, func(t *testing.T, db *storage.DB) {
				ctx := t.Context()
				insertCourse(t, db, 7, "12", storage.CourseUp)
				insertCourse(t, db, 8, "12", storage.CourseUp)
				for i, s := range story {
					for _, product := range []int64{7, 8} { // each has its own
						must(t, db.InTx(ctx, func(tx *storage.Tx) error {
							switch {
							case s.do == "free":
								return tx.EnrolCourse(ctx, "13", product, s.days, s.at*day)
							case s.do[0] == '-':
								return tx.TakeCourse(ctx, "13", product, s.do[1:])
							}
							return tx.GiveCourse(ctx, storage.CourseGrant{UserID: "13", ProductID: product, OrderID: s.do, Days: s.days}, s.at*day)
						}))
						owner, err := db.CourseOwner(ctx, "13", product)
						if err != nil || owner.EndTime != s.want*day {
							t.Errorf("step %d: until day %v, want %d: %v", i, float64(owner.EndTime)/day, s.want, err)
						}
					}
				}
				course, err := db.Course(ctx, 7)
				if err != nil || course.Students != 1 {
					t.Errorf("%d students: %v", course.Students, err)
				}
			})
		})
	}
}

func TestOwnedCourses(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for id := range int64(3) {
			insertCourse(t, db, id, "12", storage.CourseWithdrawn)
			must(t, db.InTx(ctx, func(tx *storage.Tx) error {
				return tx.GiveCourse(ctx, storage.CourseGrant{UserID: "13", ProductID: id, OrderID: "a", Days: map[bool]int64{true: storage.ForEver, false: 7}[id == 1]}, 100)
			}))
		}
		list, total, err := db.OwnedCourses(ctx, "13", storage.Page{Limit: 2})
		if err != nil || total != 3 || len(list) != 2 || list[0].ProductID != 2 || list[0].Owner.EndTime != 100+7*day || list[0].Students != 1 {
			t.Errorf("%d %+v, %v", total, list, err)
		}
		if owned, err := db.OwnedForEver(ctx, "13", []int64{0, 1, 2, 5}); err != nil || !cmp.Equal(owned, []int64{1}) {
			t.Errorf("for ever: %d, %v", owned, err)
		}
		owners, _, err := db.CourseOwnersAfter(ctx, "13", 0)
		if err != nil || len(owners) != 3 {
			t.Errorf("%+v, %v", owners, err)
		}
		grants, last, err := db.CourseGrantsAfter(ctx, "13", storage.GrantPlace{ProductID: 0, OrderID: "a"})
		if err != nil || len(grants) != 2 || last != (storage.GrantPlace{ProductID: 2, OrderID: "a"}) {
			t.Errorf("%+v, %v, %v", grants, last, err)
		}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.EraseCourses(ctx, "13") }))
		owner, err := db.CourseOwner(ctx, "13", 1)
		grants, _, err2 := db.CourseGrantsAfter(ctx, "13", storage.GrantPlace{})
		if err != nil || err2 != nil || owner != (storage.CourseOwner{}) || len(grants) != 0 {
			t.Errorf("after erasing: %+v, %+v, %v %v", owner, grants, err, err2)
		}
	})
}
