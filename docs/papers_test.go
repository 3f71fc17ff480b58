// Package docs_test checks that the papers of the repository are still true of it.
package docs_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"campusgate/config"
)

// papers are the Markdown files that people write, by their paths from the
// repository's root, and the reference that they link to.
func papers(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "handlers/*.md"} {
		names, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			texts[strings.TrimPrefix(filepath.ToSlash(name), "../")] = read(t, name)
		}
	}
	return texts
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every relative link leads to a file, and to a heading of it where it names one.
func TestLinksLeadSomewhere(t *testing.T) {
	texts := papers(t)
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "handlers/API.md", "docs/security.md"} {
		if texts[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join("..", filepath.FromSlash(name)))
		return err == nil
	}
	linked := map[string]bool{"README.md": true}
	for name, text := range texts {
		for _, link := range links(text) {
			if problem := broken(name, link, texts, exists); problem != "" {
				t.Errorf("%s links %s: %s", name, link, problem)
			}
			file, _, _ := strings.Cut(link, "#")
			linked[path.Join(path.Dir(name), file)] = true
		}
	}
	for name := range texts {
		if !linked[name] {
			t.Errorf("no paper links %s", name)
		}
	}
}

// broken says what is wrong with a link in the paper name, "" where nothing is.
func broken(name, link string, texts map[string]string, exists func(string) bool) string {
	file, fragment, hasFragment := strings.Cut(link, "#")
	target := name
	if file != "" {
		target = path.Join(path.Dir(name), file)
	}
	switch {
	case !exists(target):
		return "no such file"
	case hasFragment && !slices.Contains(anchors(texts[target]), fragment):
		return "no such heading"
	default:
		return ""
	}
}

func TestBrokenLinksAreFound(t *testing.T) {
	texts := map[string]string{"README.md": "# The house\n## 中文\n", "docs/a.md": "# A `b`, c\n## x\n## x\n```sh\n# no heading\n```\n"}
	exists := func(name string) bool { return texts[name] != "" }
	for _, c := range []struct{ name, link, want string }{
		{"README.md", "docs/a.md", ""},
		{"README.md", "docs/a.md#a-b-c", ""},
		{"README.md", "docs/a.md#x-1", ""},
		{"README.md", "#中文", ""},
		{"docs/a.md", "../README.md#the-house", ""},
		{"README.md", "docs/b.md", "no such file"},
		{"docs/a.md", "README.md", "no such file"},
		{"README.md", "docs/a.md#x-2", "no such heading"},
		{"README.md", "docs/a.md#no-heading", "no such heading"},
		{"README.md", "#house", "no such heading"},
	} {
		if got := broken(c.name, c.link, texts, exists); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.link, c.name, got, c.want)
		}
	}
	text := "[a](b.md) ![c](d.png) `[e](f.md)` [g](https://example.org)\n```\n[h](i.md)\n```\n"
	if got := links(text); !slices.Equal(got, []string{"b.md", "d.png"}) {
		t.Errorf("links %q", got)
	}
}

var (
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
	inline  = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// links are the relative links of a paper.
func links(text string) (relative []string) {
	text = inline.ReplaceAllString(fenced.ReplaceAllString(text, ""), "")
	for _, groups := range link.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(groups[1], "://") {
			relative = append(relative, groups[1])
		}
	}
	return relative
}

// anchors are the fragments that Markdown viewers give the headings of a paper.
func anchors(text string) (all []string) {
	times := map[string]int{}
	for _, groups := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			default:
				return -1
			}
		}, groups[1])
		if again := times[anchor]; again > 0 {
			all = append(all, anchor+"-"+string(rune('0'+again)))
		} else {
			all = append(all, anchor)
		}
		times[anchor]++
	}
	return all
}

// configuration.md has a row for every key, with its default.
func TestConfigurationHasEveryKey(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\| ([a-z]+\\.[a-z0-9_]+) \\| `([^`]*)`")
	shown := map[string]string{}
	for _, groups := range row.FindAllStringSubmatch(read(t, "configuration.md"), -1) {
		if _, twice := shown[groups[1]]; twice {
			t.Errorf("%s stands there twice", groups[1])
		}
		shown[groups[1]] = strings.Trim(groups[2], `"`)
	}
	defaults := map[string]string{}
	for section := range reflect.TypeFor[config.Config]().Fields() {
		if !section.IsExported() {
			continue
		}
		for member := range section.Type.Fields() {
			defaults[section.Tag.Get("toml")+"."+member.Tag.Get("toml")] = member.Tag.Get("default")
		}
	}
	for key, want := range defaults {
		if got, found := shown[key]; !found || got != want {
			t.Errorf("%s: shown %t with %q, the default is %q", key, found, got, want)
		}
		delete(shown, key)
	}
	for key := range shown {
		t.Errorf("%s: no such key", key)
	}
}

// sources are the Go files below a folder of the repository.
func sources(t *testing.T, folder string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(filepath.Join("..", folder), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".go") {
			texts[name] = read(t, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// watching.md lists the metrics that the program registers, and no others.
func TestWatchingListsEveryMetric(t *testing.T) {
	registered, listed := map[string]bool{}, map[string]bool{}
	for name, text := range sources(t, "cmd") {
		if !strings.HasSuffix(name, "_test.go") {
			for _, groups := range regexp.MustCompile(`"(campusgate_[a-z0-9_]+)"`).FindAllStringSubmatch(text, -1) {
				registered[groups[1]] = true
			}
		}
	}
	for _, groups := range regexp.MustCompile(`(?m)^\| (campusgate_[a-z0-9_]+) \|`).FindAllStringSubmatch(read(t, "watching.md"), -1) {
		listed[groups[1]] = true
	}
	if got, want := slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(registered)); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("watching.md lists %q, the program registers %q", got, want)
	}
}

// A test that a paper names is there.
func TestNamedTestsExist(t *testing.T) {
	files, functions := map[string]bool{}, map[string]bool{}
	for _, folder := range []string{"cmd", "config", "deploy", "dispatch", "docs", "handlers", "storage"} {
		for name, text := range sources(t, folder) {
			files[filepath.Base(name)] = true
			for _, groups := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`).FindAllStringSubmatch(text, -1) {
				functions[groups[1]] = true
			}
		}
	}
	named := 0
	for paper, text := range papers(t) {
		for _, groups := range regexp.MustCompile("`(\\w+_test\\.go|(?:Test|Fuzz|Benchmark)[A-Z]\\w*)`").FindAllStringSubmatch(text, -1) {
			named++
			if !files[groups[1]] && !functions[groups[1]] {
				t.Errorf("%s names %s, which does not exist", paper, groups[1])
			}
		}
	}
	if named == 0 {
		t.Error("no paper names a test")
	}
}

// The console, the desk and the cashier have the same colours.
func TestColours(t *testing.T) {
	colours := regexp.MustCompile(`--([a-z-]+): (light-dark\(.+\));`)
	of := func(name string) map[string]string {
		found := map[string]string{}
		for _, colour := range colours.FindAllStringSubmatch(read(t, name), -1) {
			found[colour[1]] = colour[2]
		}
		return found
	}
	design, cashier := of("../cmd/campusgate/pages/design.css"), of("../handlers/trade/page/style.css")
	if len(cashier) == 0 {
		t.Error("the cashier has no colours")
	}
	for name, value := range cashier {
		if design[name] != value {
			t.Errorf("--%s is %s at the cashier, %q in the design", name, value, design[name])
		}
	}
	text := read(t, "design.md")
	for name := range design {
		if !strings.Contains(text, "`--"+name+"`") {
			t.Errorf("design.md does not say what --%s is for", name)
		}
	}
}
