// Package course is what is studied: courses of shops and of admins, with chapters of videos
// and texts. Orders sell them by their price policies (package trade); who has one, and until
// when, is in storage, where both meet.
package course

import (
	"context"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// Deps is what the calls stand on.
type Deps struct {
	DB       *storage.DB
	Pictures wire.Pictures
	Words    *words.Checker
	Bucket   Bucket // nil where pictures are in a folder: every link is as it is
	Clock    wire.Clock

	URLPrefix string // before the paths of pictures
}

// A Bucket holds videos that only its signed links show.
type Bucket interface {
	// Object returns the one form of a link into the bucket; ok is false for any other.
	Object(link string) (object string, ok bool)
	// Sign returns a link to an object that works for a time.
	Sign(ctx context.Context, object string, valid time.Duration) (string, error)
}

// signedFor is how long a signed link works.
const signedFor = 2 * time.Hour

type calls struct{ Deps }

// Calls are all calls of courses.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		c          = calls{d}
		path       = dispatch.Path{Pattern: "/course"}
		browsePath = dispatch.Path{Pattern: "/browse"}

		guest  = dispatch.Need{Token: dispatch.TokenOptional}
		active = dispatch.Need{Token: dispatch.TokenNeeded, Active: true}
		once   = dispatch.Need{Token: dispatch.TokenNeeded, Active: true, Once: 24 * time.Hour}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(path, once, "course", "creat", "Make a course", c.create, dispatch.Alias("create")),
		dispatch.Handle(path, active, "course", "update", "Change a course of yours", c.update),
		dispatch.Handle(path, active, "course", "chapters", "Set all chapters of a course of yours", c.chapters),
		dispatch.Handle(path, active, "course", "policies", "Set all prices of a course of yours", c.policies),
		dispatch.Handle(browsePath, guest, "course", "list", "List courses", c.list),
		dispatch.Handle(browsePath, guest, "course", "info", "Show all of a course", c.info),
		dispatch.Handle(path, dispatch.WithToken, "course", "mine", "List the courses that you have", c.mine),
		dispatch.Handle(path, dispatch.WithToken, "course", "study", "Open a section of a course", c.study),
		dispatch.Handle(path, active, "course", "progress", "Say how far you are in a section", c.progress),
		dispatch.Handle(path, active, "course", "enrol", "Get a course that costs nothing", c.enrol),
	}
}

// The statuses that only these calls have.
var (
	courseNotExist   = dispatch.Status{Number: 100, Text: "Course not exist"}
	notBought        = dispatch.Status{Number: 101, Text: "Not bought or run out"}
	policyError      = dispatch.Status{Number: 102, Text: "Price policy error"}
	sectionNotExist  = dispatch.Status{Number: 103, Text: "Section not exist"}
	categoryNotExist = dispatch.Status{Number: 104, Text: "Category not exist"}
)

func noCourse(key string) error { return dispatch.Fail(courseNotExist, key+": no such course") }

// owns reports whether the caller sells a course or is an admin.
func owns(ctx context.Context, c *storage.CourseRow) bool {
	caller := dispatch.CallerFrom(ctx)
	return caller.User != "" && caller.User == c.UserID || caller.Role == storage.RoleAdmin
}
