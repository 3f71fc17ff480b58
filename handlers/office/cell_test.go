package office

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode"
)

func TestCell(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    "",
		"头秃生发水":               "头秃生发水",
		"a=1":                 "a=1",
		"12.50":               "12.50",
		"=1+1":                "'=1+1",
		`=HYPERLINK("x","y")`: `'=HYPERLINK("x","y")`,
		"+1":                  "'+1",
		"-1":                  "'-1",
		"@SUM(A1)":            "'@SUM(A1)",
		"\t=1":                "' =1",
		"\tplain":             "' plain",
		"\r":                  "' ",
		"\n=1":                "' =1",
		"\u0020=1":            "' =1",
		"\u3000=1":            "'\u3000=1",
		"\ufeff=1":            "'\ufeff=1",
		"\x00=1":              "' =1",
		"＝1":                  "'＝1",
		"＋1":                  "'＋1",
		"－1":                  "'－1",
		"＠a":                  "'＠a",
		"a\nb\r\nc":           "a b  c",
		"a\u2028b":            "a b",
		"'=1":                 "'=1",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// FuzzCell: whatever a user has written, no cell of the row that is read again begins as a
// formula does, nothing is lost but signs that nobody sees, and a row is a line.
func FuzzCell(f *testing.F) {
	for _, text := range []string{"=1", " \t=cmd|' /C calc'!A0", "a,\"b\"\n", "＝1", "\r\n-", "'", "\"", "\u2028@", "\xff=", "\u200b=1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		var written strings.Builder
		w := csv.NewWriter(&written)
		if err := w.Write([]string{"a", cell(text), "b"}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		if strings.Count(written.String(), "\n") != 1 {
			t.Fatalf("no line: %q", written.String())
		}
		rows, err := csv.NewReader(strings.NewReader(written.String())).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 {
			t.Fatalf("%q reads as %q, %v", written.String(), rows, err)
		}
		got := rows[0][1]
		if begins(got) || begins(strings.TrimLeftFunc(got, skipped)) {
			t.Errorf("%q would be run: %q", text, got)
		}
		visible := func(text string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsControl(r) || unicode.IsSpace(r) {
					return -1
				}
				return r
			}, text)
		}
		if shown := visible(text); visible(got) != shown && visible(got) != "'"+shown {
			t.Errorf("%q is shown as %q", text, got)
		}
	})
}
