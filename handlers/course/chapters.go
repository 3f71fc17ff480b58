package course

import (
	"context"
	"errors"
	"fmt"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// maxSections is how many a course has in all.
const maxSections = 500

type setChapters struct {
	ProductID int64        `json:"product_id" rule:"required range=any"`
	Chapters  []setChapter `json:"chapters" rule:"present items=0..50" doc:"all of them, in their order"`
}

type setChapter struct {
	ChapterID int64        `json:"chapter_id" rule:"range=any" doc:"one that is there; a new one if absent"`
	Title     string       `json:"title" rule:"required max=100"`
	Sections  []setSection `json:"sections" rule:"items=0..100"`
}

type setSection struct {
	SectionID int64  `json:"section_id" rule:"range=any" doc:"one that is there, in whatever chapter; a new one if absent"`
	Title     string `json:"title" rule:"required max=100"`
	Kind      string `json:"kind" rule:"required oneof=video|text"`
	Seconds   int64  `json:"seconds" rule:"range=0..360000" doc:"of a video, which needs it"`
	Free      bool   `json:"free" doc:"for everybody"`
	Link      string `json:"link" rule:"max=1024" doc:"of a video, http or https; one into the bucket is signed for who studies. As before if absent"`
	Content   string `json:"content" rule:"max=20000" doc:"of a text, no HTML. As before if absent"`
}

type chapterTree struct {
	Chapters []courseChapter `json:"chapters"`
}

func (setChapters) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "The whole tree, at most 500 sections: what is not named goes, with the progress of all who study it. Ids that are named stay, and so does that progress; 103 for an id of another course, or one that is there twice. " +
			"A video of the bucket that another seller's course has is -204.",
		Example:  `{"product_id": 5000001, "chapters": [{"title": "第一章", "sections": [{"title": "安装", "kind": "video", "seconds": 300, "free": true, "link": "https://example.com/1.mp4"}, {"title": "小结", "kind": "text", "content": "今天学了变量。"}]}]}`,
		Statuses: []dispatch.Status{courseNotExist, sectionNotExist, dispatch.ContentRefused},
	}
}

func (c calls) chapters(ctx context.Context, in setChapters) (tree chapterTree, err error) {
	if err := c.checkTree(in.Chapters); err != nil {
		return chapterTree{}, err
	}
	err = c.DB.InTx(ctx, func(tx *storage.Tx) error {
		return c.change(ctx, tx, "course/chapters", in.ProductID, func(course *storage.CourseDetail) error {
			if err := c.checkSections(ctx, tx, course, in.Chapters); err != nil {
				return err
			}
			chapters := stored(in.Chapters)
			if err := tx.SetCourseTree(ctx, course.ProductID, chapters); err != nil {
				return err
			}
			tree = chapterTree{shownChapters(chapters)}
			return nil
		})
	})
	return tree, wire.KnownOrDatabase(err)
}

// stored are chapters as they are kept.
func stored(chapters []setChapter) []storage.CourseChapter {
	kept := make([]storage.CourseChapter, len(chapters))
	for i, chapter := range chapters {
		kept[i] = storage.CourseChapter{ChapterID: chapter.ChapterID, Title: chapter.Title}
		for _, s := range chapter.Sections {
			kept[i].Sections = append(kept[i].Sections, storage.CourseSection{
				SectionID: s.SectionID, Title: s.Title, Text: s.Kind == kindText, Seconds: s.Seconds, Free: s.Free, Link: s.Link, Content: s.Content,
			})
		}
	}
	return kept
}

// The kinds of sections.
const kindVideo, kindText = "video", "text"

// checkTree refuses what no course may have, and gives links into the bucket their one form.
func (c calls) checkTree(chapters []setChapter) error {
	sections := 0
	for i := range chapters {
		chapter := &chapters[i]
		if err := c.Words.Check(words.Text{Key: fmt.Sprintf("chapters[%d].title", i), Value: chapter.Title}); err != nil {
			return err
		}
		if sections += len(chapter.Sections); sections > maxSections {
			return dispatch.Fail(dispatch.ValueError, fmt.Sprintf("chapters[%d].sections: must be at most %d in all chapters", i, maxSections))
		}
		for j := range chapter.Sections {
			at, s := fmt.Sprintf("chapters[%d].sections[%d].", i, j), &chapter.Sections[j]
			if err := c.Words.Check(words.Text{Key: at + "title", Value: s.Title}, words.Text{Key: at + "content", Value: s.Content}); err != nil {
				return err
			}
			if why := s.refused(); why != "" {
				return dispatch.Fail(dispatch.ValueError, at+why)
			}
			if object, ok := c.object(s.Link); ok {
				s.Link = object
			}
		}
	}
	return nil
}

// refused returns why there can be no such section, "" where there can.
func (s *setSection) refused() string {
	switch {
	case s.Kind == kindText && s.Link != "":
		return "link: must be absent of a text"
	case s.Kind == kindText && s.Content == "" && s.SectionID == 0:
		return "content: missing"
	case s.Kind == kindText && s.Seconds != 0:
		return "seconds: must be absent of a text"
	case s.Kind == kindText:
		return ""
	case s.Content != "":
		return "content: must be absent of a video"
	case s.Link == "" && s.SectionID == 0:
		return "link: missing"
	case s.Link != "" && !isLink(s.Link):
		return "link: must be an http or https URL"
	case s.Seconds == 0:
		return "seconds: must be 1 or more of a video"
	}
	return ""
}

// object is the one form of a link into the bucket.
func (c calls) object(link string) (object string, ok bool) {
	if c.Bucket == nil || link == "" {
		return "", false
	}
	return c.Bucket.Object(link)
}

// checkSections fails where ids are not the course's, where what is kept is missing, and where
// a video of the bucket is another seller's: who knows its name could sign it for everybody.
func (c calls) checkSections(ctx context.Context, tx *storage.Tx, course *storage.CourseDetail, chapters []setChapter) error {
	before, err := tx.CourseTree(ctx, course.ProductID)
	if err != nil {
		return err
	}
	chapterIDs, sectionIDs := map[int64]bool{}, map[int64]bool{}
	kinds := map[int64]bool{}
	for _, chapter := range before {
		chapterIDs[chapter.ChapterID] = true
		for _, section := range chapter.Sections {
			sectionIDs[section.SectionID], kinds[section.SectionID] = true, section.Text
		}
	}
	for i, chapter := range chapters {
		if !take(chapterIDs, chapter.ChapterID) {
			return dispatch.Fail(sectionNotExist, fmt.Sprintf("chapters[%d].chapter_id: no such chapter of the course, or there twice", i))
		}
		for j, s := range chapter.Sections {
			at := fmt.Sprintf("chapters[%d].sections[%d].", i, j)
			if !take(sectionIDs, s.SectionID) {
				return dispatch.Fail(sectionNotExist, at+"section_id: no such section of the course, or there twice")
			}
			if s.SectionID != 0 && kinds[s.SectionID] != (s.Kind == kindText) && s.Link+s.Content == "" {
				return dispatch.Fail(dispatch.ValueError, at+"link, content: missing, as the kind was another")
			}
			if err := c.wantOwnObject(ctx, tx, course, at, s.Link); err != nil {
				return err
			}
		}
	}
	return nil
}

// take takes an id that is not 0 out of a set, and reports whether it was in it.
func take(ids map[int64]bool, id int64) bool {
	was := id == 0 || ids[id]
	delete(ids, id)
	return was
}

// wantOwnObject fails where a link into the bucket is in a course of another seller.
func (c calls) wantOwnObject(ctx context.Context, tx *storage.Tx, course *storage.CourseDetail, at, link string) error {
	if _, ok := c.object(link); !ok {
		return nil
	}
	products, err := tx.CoursesWithLink(ctx, link)
	if err != nil {
		return err
	}
	for _, product := range products {
		other, err := tx.Course(ctx, product)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		if other.UserID != course.UserID {
			return dispatch.Fail(dispatch.ValueError, at+"link: is in another seller's course")
		}
	}
	return nil
}

type setPolicies struct {
	ProductID     int64       `json:"product_id" rule:"required range=any"`
	PricePolicies []setPolicy `json:"price_policies" rule:"present items=0..13" doc:"all of them"`
}

type setPolicy struct {
	ValidPeriod  int64        `json:"valid_period" rule:"present range=any" doc:"1, 3, 7, 14, 30, 60, 90, 120, 180, 360, 540, 720 days, or 36000: for ever; each once"`
	ProductPrice dispatch.Fen `json:"product_price" rule:"present range=-99999999999.99..99999999999.99" doc:"0 to 999999.99; 0 is free: see course/enrol"`
	Default      bool         `json:"default" doc:"shown first; at most one, else the shortest"`
}

type policySet struct {
	PricePolicies []coursePolicy `json:"price_policies"`
}

func (setPolicies) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The whole set. A period that was there keeps its price_policy_id. Nobody who has bought gets other days or another price by it. Without any, nobody can buy the course.",
		Example:  `{"product_id": 5000001, "price_policies": [{"valid_period": 7, "product_price": 9.9, "default": true}, {"valid_period": 36000, "product_price": 99}]}`,
		Statuses: []dispatch.Status{courseNotExist, policyError},
	}
}

// maxPrice is the dearest of a policy, in fen.
const maxPrice = 999_999_99

func (c calls) policies(ctx context.Context, in setPolicies) (set policySet, err error) {
	policies := make([]storage.PricePolicy, len(in.PricePolicies))
	seen, preferred := map[int64]bool{}, false
	for i, p := range in.PricePolicies {
		at := fmt.Sprintf("price_policies[%d].", i)
		switch {
		case periodText(p.ValidPeriod) == "":
			return set, dispatch.Fail(policyError, at+"valid_period: must be one of those that are allowed")
		case seen[p.ValidPeriod]:
			return set, dispatch.Fail(policyError, at+"valid_period: is there twice")
		case p.ProductPrice < 0 || p.ProductPrice > maxPrice:
			return set, dispatch.Fail(policyError, at+"product_price: must be 0 to 999999.99")
		case preferred && p.Default:
			return set, dispatch.Fail(policyError, at+"default: at most one")
		}
		seen[p.ValidPeriod], preferred = true, preferred || p.Default
		policies[i] = storage.PricePolicy{ValidPeriod: p.ValidPeriod, Price: int64(p.ProductPrice), Default: p.Default}
	}
	err = c.DB.InTx(ctx, func(tx *storage.Tx) error {
		return c.change(ctx, tx, "course/policies", in.ProductID, func(*storage.CourseDetail) error {
			if err := tx.SetPricePolicies(ctx, in.ProductID, policies); err != nil {
				return err
			}
			stored, err := tx.PricePolicies(ctx, []int64{in.ProductID})
			set.PricePolicies = shownPolicies(stored)
			return err
		})
	})
	return set, wire.KnownOrDatabase(err)
}

// periods are the days for which a course is sold, and what each is called.
var periods = map[int64]string{
	1: "1天", 3: "3天", 7: "1周", 14: "2周", 30: "1个月", 60: "2个月", 90: "3个月", 120: "4个月", 180: "6个月", 360: "1年",
	540: "18个月", 720: "2年", storage.ForEver: "永久",
}

func periodText(days int64) string { return periods[days] }
