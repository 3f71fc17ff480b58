package desk

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers"
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
)

// source is the text of a file of the page.
func source(t *testing.T, name string) string {
	t.Helper()
	body, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// keysOf are the keys of a table of texts, of all its depths.
func keysOf(table string) []string {
	texts := regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"\\s*(:?)|`[^`]*`").ReplaceAllStringFunc(table, func(literal string) string {
		if strings.HasSuffix(literal, ":") {
			return literal // a key
		}
		return ""
	})
	var keys []string
	for _, match := range regexp.MustCompile(`[{,]\s*(\w+|"[^"]*")\s*:`).FindAllStringSubmatch(strings.ReplaceAll(texts, ",", ",,"), -1) {
		keys = append(keys, match[1])
	}
	return keys
}

// Every text is there in English and in Chinese, and every text that the page asks for.
func TestTexts(t *testing.T) {
	t.Parallel()
	texts := source(t, "text.js")
	before, chinese, found := strings.Cut(texts, "const chinese = ")
	if !found {
		t.Fatal("there is no Chinese table")
	}
	_, english, _ := strings.Cut(before, "const english = ")
	want, got := keysOf(english), keysOf(chinese)
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 100 {
		t.Errorf("English has %d texts, Chinese %d (-english +chinese):\n%s", len(want), len(got), diff)
	}
	used := regexp.MustCompile(`\btext\.(\w+)`)
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		for _, match := range used.FindAllStringSubmatch(source(t, entry.Name()), -1) {
			if entry.Name() != "text.js" && match[1] != "js" && !slices.Contains(want, match[1]) {
				t.Errorf("%s asks for text.%s", entry.Name(), match[1])
			}
		}
	}
}

// The calls of the page are calls of the server, at their paths.
func TestCalls(t *testing.T) {
	t.Parallel()
	known, err := os.ReadFile("../../../handlers/testdata/calls.txt")
	if err != nil {
		t.Fatal(err)
	}
	path := regexp.MustCompile(`(?m)^  "(/\w+)": \[(.*)\],$`)
	lines := path.FindAllStringSubmatch(source(t, "calls.js"), -1)
	if len(lines) < 10 {
		t.Errorf("only %d paths were found", len(lines))
	}
	for _, line := range lines {
		for name := range strings.SplitSeq(line[2], ", ") {
			if want := strings.Trim(name, `"`) + " " + line[1] + " "; !strings.Contains("\n"+string(known), "\n"+want) {
				t.Errorf("there is no call %s", want)
			}
		}
	}
	all := source(t, "calls.js")
	asked := regexp.MustCompile(`(?:ask|rows|pages|lately|source)\("(\w+/\w+)"`)
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		for _, match := range asked.FindAllStringSubmatch(source(t, entry.Name()), -1) {
			if !strings.Contains(all, `"`+match[1]+`"`) {
				t.Errorf("%s asks for %s, which is not in calls.js", entry.Name(), match[1])
			}
		}
	}
}

// The page says in words what any job was to do: those that recur are never dead.
func TestJobs(t *testing.T) {
	t.Parallel()
	kinds := handlers.Jobs(handlers.Deps{Mail: &mail.Sender{}, Channels: channel.Set{channel.Sandbox: sandbox.New(nil, time.Now)}})
	named := 0
	for _, kind := range kinds {
		if kind.Every > 0 {
			continue
		}
		named++
		if got := strings.Count(source(t, "text.js"), fmt.Sprintf("%q: ", kind.Name)); got < 2 {
			t.Errorf("there are no words for the jobs of kind %s", kind.Name)
		}
	}
	if named < 15 {
		t.Errorf("only %d kinds of jobs were found", named)
	}
}

// What is loaded for the first view is small: it is opened on phones as well.
func TestFirstView(t *testing.T) {
	t.Parallel()
	imported := regexp.MustCompile(`(?m)^import .*from "\./(\w+\.js)";$`)
	sizes := map[string]int{}
	var load func(name string)
	load = func(name string) {
		if _, loaded := sizes[name]; loaded {
			return
		}
		body, err := files.ReadFile(name)
		if err != nil {
			body, err = os.ReadFile("../pages/" + name)
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes[name] = len(body)
		for _, match := range imported.FindAllStringSubmatch(string(body), -1) {
			load(match[1])
		}
	}
	for _, name := range []string{"index.html", "desk.css", "design.css", "main.js"} {
		load(name)
	}
	sum := 0
	for _, size := range sizes {
		sum += size
	}
	if sum > 150_000 || len(sizes) < 15 {
		t.Errorf("%d bytes: %v", sum, sizes)
	}
	if _, loaded := sizes["plot.js"]; loaded {
		t.Error("plots are loaded before they are looked at")
	}
	t.Logf("%d bytes in %d files", sum, len(sizes))
}
