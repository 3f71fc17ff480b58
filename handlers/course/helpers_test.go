package course_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

const (
	alice, bob             = handlerstest.Alice, handlerstest.Bob
	aliceToken, bobToken   = handlerstest.AliceToken, handlerstest.BobToken
	adminToken             = handlerstest.AdminToken
	noSuchCourse, notOwned = "Course not exist", "Not bought or run out"
	badPolicy, noSection   = "Price policy error", "Section not exist"
	noCategory, badValue   = "Category not exist", "Arg's value error"
	day                    = 24 * time.Hour
)

// start is a gateway with alice's course 5000001 and the free one 5000002.
func start(t *testing.T, change ...func(*handlerstest.Options)) *handlerstest.Gateway {
	t.Helper()
	g := handlerstest.Start(t, change...)
	g.Document()
	g.Courses()
	return g
}

// of is data about a course.
func of(course int, more string) string { return fmt.Sprintf(`{"product_id":%d%s}`, course, more) }

// want is a call that is refused.
func want(g *handlerstest.Gateway, call, token, data string, status int, text, detail string) {
	g.T.Helper()
	a := g.Call(call, token, data).Want(g.T, status, text)
	if a.Detail != detail {
		g.T.Errorf("%s %s: detail %q, want %q", call, data, a.Detail, detail)
	}
}

// bucket is one whose links begin with its address.
type bucket struct{ down bool }

const inBucket = "https://bucket.example/"

func (bucket) Object(link string) (string, bool) {
	object, _, _ := strings.Cut(link, "?")
	return object, strings.HasPrefix(link, inBucket)
}

func (b bucket) Sign(_ context.Context, object string, valid time.Duration) (string, error) {
	if b.down {
		return "", errors.New("no key")
	}
	return fmt.Sprintf("%s?sign=%v", object, valid), nil
}
