package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The table of the page stands between these.
const (
	pageBegin = "<!-- bench: begin -->"
	pageEnd   = "<!-- bench: end -->"
)

// benchFolder is where the benchmark writes: BENCH, which is docs, or a folder that is
// forgotten. Its page can be written.
func benchFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("BENCH")
	if folder == "" {
		folder = t.TempDir()
		must(t, os.WriteFile(pageIn(folder), []byte(pageBegin+"\n"+pageEnd+"\n"), 0o600))
	}
	page, err := os.ReadFile(pageIn(folder))
	must(t, err)
	if _, err := replaceMarked(string(page), ""); err != nil { // said before the benchmark takes its time
		t.Fatalf("%s: %v", pageIn(folder), err)
	}
	return folder
}

func pageIn(folder string) string { return filepath.Join(folder, "performance.md") }

// writePage replaces the table of the folder's page.
func writePage(t *testing.T, folder, table string) {
	t.Helper()
	writeBetween(t, folder, pageBegin, pageEnd, table)
}

// writeBetween replaces what stands between two marks of the folder's page.
func writeBetween(t testing.TB, folder, begin, end, text string) {
	t.Helper()
	page, err := os.ReadFile(pageIn(folder))
	must(t, err)
	written, err := replaceBetween(string(page), begin, end, text)
	must(t, err)
	must(t, os.WriteFile(pageIn(folder), []byte(written), 0o600))
}

// replaceMarked returns the page with another text between its marks.
func replaceMarked(page, text string) (string, error) {
	return replaceBetween(page, pageBegin, pageEnd, text)
}

func replaceBetween(page, begin, end, text string) (string, error) {
	for _, mark := range []string{begin, end} {
		if count := strings.Count(page, mark); count != 1 {
			return "", fmt.Errorf("%q is there %d times, want once", mark, count)
		}
	}
	before, rest, _ := strings.Cut(page, begin)
	_, after, ordered := strings.Cut(rest, end)
	if !ordered {
		return "", errors.New(end + " comes before " + begin)
	}
	return before + begin + "\n\n" + strings.TrimSpace(text) + "\n\n" + end + after, nil
}

// summary is the table of the page: what was judged of each work, on the embedded and
// on the shared campus.
func summary(e effort, embedded, shared []line) string {
	others := map[string]line{}
	for _, l := range shared {
		others[l.work] = l
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Ratios at %s connections, on %s (✗: not reached).\n\n",
		strings.Join(strings.Fields(strings.Trim(fmt.Sprint(e.connections), "[]")), " / "), machine())
	text.WriteString("| work | to reach | SQLite | MariaDB and Redis |\n|---|---|---|---|\n")
	for _, l := range embedded {
		if !l.heading {
			fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", l.work, l.target, l.judgement(), others[l.work].judgement())
		}
	}
	return text.String()
}

// judgement is what was measured, with a mark where it is not enough; "" where the
// work was not measured.
func (l line) judgement() string {
	if l.work == "" || l.reached {
		return l.judged
	}
	return l.judged + " ✗"
}

var processor = regexp.MustCompile(`(?m)^model name\s*:\s*(.*)$`)

// machine is what the figures are of.
func machine() string {
	name := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := processor.FindSubmatch(text); found != nil {
			name = string(found[1])
		}
	}
	return fmt.Sprintf("%d cores of %s, by %s", runtime.NumCPU(), name, runtime.Version())
}

func TestReplaceMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, page, want, problem string }{
		{
			"an older table",
			"# Page\n\n" + pageBegin + "\n| old |\n" + pageEnd + "\n\nEnd.\n",
			"# Page\n\n" + pageBegin + "\n\n| new |\n\n" + pageEnd + "\n\nEnd.\n", "",
		},
		{"nothing between", pageBegin + pageEnd, pageBegin + "\n\n| new |\n\n" + pageEnd, ""},
		{"no mark", "# Page\n", "", `"<!-- bench: begin -->" is there 0 times`},
		{"no end", pageBegin + "\n", "", `"<!-- bench: end -->" is there 0 times`},
		{"two tables", pageBegin + pageEnd + pageBegin + pageEnd, "", `"<!-- bench: begin -->" is there 2 times`},
		{"turned round", pageEnd + pageBegin, "", "comes before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := replaceMarked(c.page, "| new |\n")
			if c.problem != "" {
				if err == nil || !strings.Contains(err.Error(), c.problem) {
					t.Errorf("got %q, %v, want an error with %q", got, err, c.problem)
				}
				return
			}
			must(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if again, err := replaceMarked(got, "| new |"); err != nil || again != got {
				t.Errorf("a second time: %q, %v", again, err)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	got := summary(effort{connections: []int{16, 64}},
		[]line{
			heading("SQLite, one process"),
			{work: "img/validate", target: "≥ 0.95", judged: "0.68 / 0.66"},
			{work: "shop/list", target: "≥ 0.90", judged: "0.96 / 1.02", reached: true},
			{work: "binary", target: "≤ 30 MB", judged: "27.8 MB", reached: true},
		},
		[]line{
			heading("MariaDB and Redis, two replicas"),
			{work: "shop/list", target: "≥ 0.90", judged: "0.82 / 0.99"},
			{work: "img/validate", target: "≥ 0.95", judged: "0.98 / 1.00", reached: true},
		})
	want := `| work | to reach | SQLite | MariaDB and Redis |
|---|---|---|---|
| img/validate | ≥ 0.95 | 0.68 / 0.66 ✗ | 0.98 / 1.00 |
| shop/list | ≥ 0.90 | 0.96 / 1.02 | 0.82 / 0.99 ✗ |
| binary | ≤ 30 MB | 27.8 MB |  |
`
	first, table, _ := strings.Cut(got, "\n\n")
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(first, "Ratios at 16 / 64 connections, on ") {
		t.Errorf("it begins %q", first)
	}
}
