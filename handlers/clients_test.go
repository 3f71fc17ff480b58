package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// conversation is what a client and the server say to each other, as a file in
// testdata tells it.
type conversation struct {
	*handlerstest.Gateway
	values map[string]string // what $name stands for
	answer string            // the last
}

// The clients' requests and what they read of the answers, behind a proxy that
// keeps the prefix of all paths and behind the old one, which strips it.
func TestClients(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/clients.txt")
	handlerstest.Must(t, err)
	_, conversations, _ := strings.Cut(string(text), "\n== ") // after the explanation
	for proxy, basePath := range map[string]string{"prefix kept": "/api/external", "prefix stripped": ""} {
		for section := range strings.SplitSeq(conversations, "\n== ") {
			name, script, _ := strings.Cut(section, "\n")
			t.Run(proxy+"/"+name, func(t *testing.T) {
				t.Parallel()
				converse(t, script, basePath)
			})
		}
	}
}

// converse runs a script on a fresh gateway.
func converse(t *testing.T, script, basePath string) {
	photo := handlerstest.PNG(t, 1)
	c := conversation{
		Gateway: handlerstest.Start(t, func(o *handlerstest.Options) { o.Server.BasePath = basePath }),
		values: map[string]string{
			"token": aliceToken, "other_token": bobToken,
			"photo":        "data:image/png;base64," + handlerstest.Base64(photo),
			"photo_of_2MB": "data:image/png;base64," + handlerstest.Base64(handlerstest.Padded(photo, 2<<20)),
		},
	}
	for line := range strings.Lines(strings.ReplaceAll(script, "\n    ", "")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			c.step(line)
		}
	}
}

// step does what a line says.
func (c *conversation) step(line string) {
	c.T.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch {
	case verb == "-->":
		c.send(c.known(rest))
	case verb == "<--":
		c.take("^%s$", c.known(rest), c.answer)
	case verb == "log":
		c.take("%s", c.known(rest), c.Log.String())
	case verb == "wait":
		pause, err := time.ParseDuration(rest)
		handlerstest.Must(c.T, err)
		c.Clock.Advance(pause)
	case assignment.MatchString(line):
		parts := assignment.FindStringSubmatch(line)
		c.values[parts[1]] = c.md5(parts[2])
	default:
		c.T.Fatalf("no line of a conversation: %s", line)
	}
}

var (
	variable   = regexp.MustCompile(`\$(\w+)`)
	assignment = regexp.MustCompile(`^\$(\w+) = md5\((.+)\)$`)
)

// send asks what a line says and keeps the answer.
func (c *conversation) send(line string) {
	c.T.Helper()
	method, rest, _ := strings.Cut(line, " ")
	target, rest, _ := strings.Cut(rest, " ")
	page, shown := strings.CutPrefix(rest, "from ")
	if !shown {
		a := c.Do(method, target, rest)
		c.answer = a.Raw
		if a.HTTP != http.StatusOK {
			c.answer = fmt.Sprintf("%d %s", a.HTTP, a.Raw)
		}
		return
	}
	picture, err := url.Parse(target)
	handlerstest.Must(c.T, err)
	a := c.Do(method, strings.TrimPrefix(picture.Path, "/api/external"), "", "Host", picture.Host, "Referer", page)
	c.answer = fmt.Sprintf("%d %s %s", a.HTTP, a.Header.Get("Content-Type"), a.Header.Get("X-Picture"))
}

// known puts the values of the variables that have one into a text.
func (c *conversation) known(text string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		if value, known := c.values[name[1:]]; known {
			return value
		}
		return name
	})
}

// take finds what is wanted, in which * is anything, and keeps what the variables
// in it took.
func (c *conversation) take(format, wanted, text string) {
	c.T.Helper()
	pattern := strings.NewReplacer(`\*`, `.*`, `\$`, `$`).Replace(regexp.QuoteMeta(wanted))
	pattern = variable.ReplaceAllString(pattern, `(?P<$1>[^"{},\s]+)`)
	compiled := regexp.MustCompile(fmt.Sprintf(format, pattern))
	taken := compiled.FindStringSubmatch(text)
	if taken == nil {
		c.T.Fatalf("got  %s\nwant %s", text, wanted)
	}
	for i, name := range compiled.SubexpNames() {
		if name != "" {
			c.values[name] = taken[i]
		}
	}
}

// md5 computes the hash of joined terms: $name or lower($name).
func (c *conversation) md5(terms string) string {
	var joined strings.Builder
	for term := range strings.SplitSeq(terms, " + ") {
		name, lowered := strings.CutPrefix(strings.TrimSuffix(term, ")"), "lower(")
		value := c.known(name)
		if lowered {
			value = strings.ToLower(value)
		}
		joined.WriteString(value)
	}
	return handlerstest.MD5(joined.String())
}

// The oldest pages parse the answer's text themselves and break where jQuery has
// done it: what is labelled as HTML it leaves alone.
func TestOldestPagesGetText(t *testing.T) {
	t.Parallel()
	for legacy, contentType := range map[bool]string{
		false: "application/json; charset=utf-8",
		true:  "text/html; charset=utf-8",
	} {
		g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Server.LegacyContentType = legacy })
		for _, a := range []handlerstest.Answer{
			g.OK("img/generate", "", `{}`),
			g.Call("shop/list", "no token", `{}`),
			g.Do(http.MethodGet, "/get/property?token="+aliceToken+"&type=1", ""),
		} {
			if got := a.Header.Get("Content-Type"); got != contentType {
				t.Errorf("legacy_content_type %t: %s for %s", legacy, got, a.Raw)
			}
		}
	}
}
