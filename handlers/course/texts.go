package course

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// texts are what a seller says of a course: nil stays as it is.
type texts struct {
	ProductName    *string `json:"product_name" rule:"filled min=2 max=100"`
	PicURL         *string `json:"pic_url" rule:"max=1024" doc:"a URL as pic/upload answers it"`
	CategoryID     *int64  `json:"category_id" rule:"clearable range=any" doc:"of kind 2"`
	ProductStatus  *int64  `json:"product_status" rule:"filled oneof=0|1|2" doc:"0: coming, everybody sees it and nobody can buy it; 1: up; 2: down, only who has it sees it"`
	Brief          *string `json:"brief" rule:"max=500"`
	Level          *int64  `json:"level" rule:"filled range=0..4"`
	Hours          *int64  `json:"hours" rule:"filled range=0..100000"`
	Slogan         *string `json:"slogan" rule:"max=200"`
	StudyAllTime   *string `json:"study_all_time" rule:"max=50 number=any" doc:"how long all of it takes"`
	WhyStudy       *string `json:"why_study" rule:"max=2000"`
	WhatToStudy    *string `json:"what_to_study" rule:"max=2000"`
	Career         *string `json:"career" rule:"max=2000"`
	Prerequisite   *string `json:"prerequisite" rule:"max=2000"`
	VideoBriefLink *string `json:"video_brief_link" rule:"max=1024" doc:"http or https"`
}

// A teacher is one of a course.
type teacher struct {
	TeacherID int64  `json:"teacher_id" rule:"range=1..999999" doc:"unique in the course; counted from 1 if absent"`
	Name      string `json:"name" rule:"required max=50"`
	Title     string `json:"title" rule:"max=100"`
	Signature string `json:"signature" rule:"max=200"`
	PicURL    string `json:"pic_url" rule:"max=1024" doc:"a URL as pic/upload answers it"`
	Brief     string `json:"brief" rule:"max=2000"`
}

// A question is one that is often asked, with its answer.
type question struct {
	Question string `json:"question" rule:"required max=200"`
	Answer   string `json:"answer" rule:"required max=2000"`
}

// lists are those of a course beside its texts: nil stays as it is.
type lists struct {
	Teachers  []teacher  `json:"teachers" rule:"items=0..20" doc:"all of them; unchanged if absent"`
	Questions []question `json:"questions" rule:"items=0..50" doc:"all of them; unchanged if absent"`
	Recommend []int64    `json:"recommend" rule:"items=0..10 range=any" doc:"product_id of other courses; unchanged if absent"`
}

// check refuses words, pictures and links that nobody else may be shown, and gives pictures
// their one form.
func (c calls) check(ctx context.Context, t *texts, l *lists) error {
	shown := []words.Text{
		words.Given("product_name", t.ProductName), words.Given("brief", t.Brief), words.Given("slogan", t.Slogan),
		words.Given("study_all_time", t.StudyAllTime), words.Given("why_study", t.WhyStudy), words.Given("what_to_study", t.WhatToStudy),
		words.Given("career", t.Career), words.Given("prerequisite", t.Prerequisite),
	}
	for i, teacher := range l.Teachers {
		at := fmt.Sprintf("teachers[%d].", i)
		shown = append(shown, words.Text{Key: at + "name", Value: teacher.Name}, words.Text{Key: at + "title", Value: teacher.Title},
			words.Text{Key: at + "signature", Value: teacher.Signature}, words.Text{Key: at + "brief", Value: teacher.Brief})
	}
	for i, question := range l.Questions {
		at := fmt.Sprintf("questions[%d].", i)
		shown = append(shown, words.Text{Key: at + "question", Value: question.Question}, words.Text{Key: at + "answer", Value: question.Answer})
	}
	if err := c.Words.Check(shown...); err != nil {
		return err
	}
	if t.VideoBriefLink != nil && *t.VideoBriefLink != "" && !isLink(*t.VideoBriefLink) {
		return dispatch.Fail(dispatch.ValueError, "video_brief_link: must be an http or https URL")
	}
	if t.PicURL != nil {
		if err := c.ownPicture(ctx, "pic_url", t.PicURL); err != nil {
			return err
		}
	}
	return c.checkTeachers(ctx, l.Teachers)
}

func (c calls) checkTeachers(ctx context.Context, teachers []teacher) error {
	next, seen := int64(1), map[int64]bool{}
	for _, teacher := range teachers {
		next = max(next, teacher.TeacherID+1)
	}
	for i := range teachers {
		t := &teachers[i]
		if t.TeacherID == 0 {
			t.TeacherID, next = next, next+1
		}
		if seen[t.TeacherID] {
			return dispatch.Fail(dispatch.ValueError, fmt.Sprintf("teachers[%d].teacher_id: is there twice", i))
		}
		seen[t.TeacherID] = true
		if err := c.ownPicture(ctx, fmt.Sprintf("teachers[%d].pic_url", i), &t.PicURL); err != nil {
			return err
		}
	}
	return nil
}

// ownPicture gives a picture its one form; "" is none.
func (c calls) ownPicture(ctx context.Context, key string, pic *string) error {
	if *pic == "" {
		return nil
	}
	own, err := wire.OwnPicture(ctx, c.Pictures, c.URLPrefix, key, *pic, dispatch.ValueError)
	if err == nil {
		*pic = own
	}
	return err
}

// isLink reports whether text is a URL that a page may open.
func isLink(text string) bool {
	link, err := url.Parse(text)
	return err == nil && (link.Scheme == "http" || link.Scheme == "https") && link.Host != "" && link.User == nil && !strings.ContainsAny(text, " \t\r\n\"'<>\\")
}

// set writes what is given into a course.
func (t *texts) set(c *storage.CourseDetail) {
	for to, from := range map[*string]*string{
		&c.Name: t.ProductName, &c.PicURL: t.PicURL, &c.Brief: t.Brief, &c.Slogan: t.Slogan, &c.StudyAllTime: t.StudyAllTime,
		&c.WhyStudy: t.WhyStudy, &c.WhatToStudy: t.WhatToStudy, &c.Career: t.Career, &c.Prerequisite: t.Prerequisite, &c.VideoBriefLink: t.VideoBriefLink,
	} {
		if from != nil {
			*to = *from
		}
	}
	for to, from := range map[*int64]*int64{&c.Status: t.ProductStatus, &c.Level: t.Level, &c.Hours: t.Hours} {
		if from != nil {
			*to = *from
		}
	}
	if t.CategoryID != nil {
		if c.CategoryID = t.CategoryID; *t.CategoryID == 0 {
			c.CategoryID = nil
		}
	}
}

// set writes what is given into a course.
func (l *lists) set(c *storage.CourseDetail) error {
	if l.Teachers != nil {
		text, err := json.Marshal(l.Teachers)
		if err != nil {
			return err
		}
		c.Teachers = string(text)
	}
	if l.Questions != nil {
		text, err := json.Marshal(l.Questions)
		if err != nil {
			return err
		}
		c.Questions = string(text)
	}
	if l.Recommend != nil {
		c.Recommended = l.Recommend
	}
	return nil
}
