package handlerstest

import (
	"fmt"

	"campusgate/storage"
)

// DocumentCourse is the course of the reference's examples, which alice's shop sells: its
// section 1 is a free video, 2 a video and 3 a text.
const DocumentCourse = 5000001

// FreeCourse is the admin's, with the same sections from 4, and costs nothing.
const FreeCourse = 5000002

// Courses stores them.
func (g *Gateway) Courses() {
	g.T.Helper()
	ctx, now := g.T.Context(), g.Clock.Now().Unix()
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		for _, c := range []storage.Course{
			{ProductID: DocumentCourse, Name: "Go 语言入门", ShopID: 811729970, Status: storage.CourseUp},
			{ProductID: FreeCourse, Name: "新生指南", UserID: Admin, Status: storage.CourseUp},
		} {
			if err := tx.InsertCourse(ctx, c, now); err != nil {
				return err
			}
			if err := tx.SetCourseTree(ctx, c.ProductID, []storage.CourseChapter{{Title: "第一章", Sections: []storage.CourseSection{
				{Title: "安装", Seconds: 300, Free: true, Link: "https://example.com/1.mp4"},
				{Title: "变量", Seconds: 200, Link: "https://example.com/2.mp4"},
				{Title: "小结", Text: true, Content: "今天学了变量。"},
			}}}); err != nil {
				return err
			}
		}
		if err := tx.SetPricePolicies(ctx, DocumentCourse, []storage.PricePolicy{{ValidPeriod: 7, Price: 9_90, Default: true}, {ValidPeriod: 30, Price: 30_00}}); err != nil {
			return err
		}
		return tx.SetPricePolicies(ctx, FreeCourse, []storage.PricePolicy{{ValidPeriod: 30}})
	}))
}

// courses are all of what is kept of courses, and of what users have of them.
func (g *Gateway) courses() map[string]any {
	g.T.Helper()
	ctx, rows := g.T.Context(), map[string]any{}
	for _, product := range g.Products() {
		if product.Type != storage.TypeCourse {
			continue
		}
		course, err := g.DB.Course(ctx, product.ProductID)
		Must(g.T, err)
		tree, err := g.DB.CourseTree(ctx, product.ProductID)
		Must(g.T, err)
		for _, chapter := range tree {
			for i, section := range chapter.Sections {
				chapter.Sections[i], err = g.DB.CourseSection(ctx, product.ProductID, section.SectionID)
				Must(g.T, err)
			}
		}
		rows[fmt.Sprint("course ", product.ProductID)] = []any{course, tree}
	}
	for _, user := range []string{Alice, Bob, Admin} {
		owners, _, err := g.DB.CourseOwnersAfter(ctx, user, 0)
		Must(g.T, err)
		grants, _, err := g.DB.CourseGrantsAfter(ctx, user, storage.GrantPlace{})
		Must(g.T, err)
		progress, _, err := g.DB.CourseProgressAfter(ctx, user, storage.ProgressPlace{})
		Must(g.T, err)
		rows["courses of "+user] = []any{owners, grants, progress}
	}
	return rows
}
