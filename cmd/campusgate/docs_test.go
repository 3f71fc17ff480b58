package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/cmd/campusgate/console"
	"campusgate/config"
	"campusgate/handlers"
)

// The reference that is checked in is what the program prints, so the API cannot
// change unseen.
func TestAPIReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ call, file string }{
		{"docs", "API.md"}, {"docs --format markdown --lang en", "API.md"}, {"docs --lang zh", "API.zh.md"},
	} {
		checkedIn, err := os.ReadFile("../../handlers/" + c.file)
		must(t, err)
		got := runCommand(t, nil, strings.Fields(c.call)...).Want(t, exitOK)
		if diff := cmp.Diff(string(checkedIn), got.Stdout); diff != "" {
			t.Fatalf("handlers/%s is not what campusgate %s prints: run make docs. (- the file, + printed)\n%s", c.file, c.call, diff)
		}
	}
}

// What a running gateway says of itself is what the program prints.
func TestServedDocumentIsThePrintedOne(t *testing.T) {
	t.Parallel()
	r := serve(t, campusgatetest.Embedded(t.TempDir()))
	for _, c := range []struct{ path, language, summary string }{
		{"/openapi.json", "en", "Open a shop"},
		{"/openapi.json?lang=en", "en", "Open a shop"},
		{"/openapi.json?lang=fr", "en", "Open a shop"},
		{"/openapi.json?lang=zh", "zh", "创建店铺"},
	} {
		printed := runCommand(t, nil, "docs", "--format", "openapi", "--lang", c.language).Want(t, exitOK).Stdout
		served := campusgatetest.Get(t, r.URL(c.path))
		var spaced bytes.Buffer
		must(t, json.Indent(&spaced, []byte(served.Raw), "", "  "))
		if diff := cmp.Diff(printed, spaced.String()+"\n"); diff != "" {
			t.Errorf("%s: - printed, + served\n%s", c.path, diff)
		}
		if again := campusgatetest.Get(t, r.URL(c.path), "If-None-Match", served.Header.Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s: the same tag: HTTP %d", c.path, again.Code)
		}
		for _, want := range []string{`"version": "` + version + `"`, `"summary": "` + c.summary + `"`, `"title": "100 Order not exist"`} {
			if !strings.Contains(printed, want) {
				t.Errorf("the document in %s has no %s", c.language, want)
			}
		}
	}
}

// Every text of the reference is in Chinese too, and every message that is in Chinese in
// English, also those of the call that only demos have; no translation is left over.
func TestReferenceIsTranslated(t *testing.T) {
	t.Parallel()
	c, err := config.Load("", nil)
	must(t, err)
	deps := withSettings(c, slog.New(slog.DiscardHandler), handlers.Deps{})
	deps.Authenticator = newAuthenticator(c, deps)
	registry, err := newRegistry(c, deps, new(console.Clock).Call(nil, time.UTC))
	must(t, err)
	wrong, err := newCatalogue().Check(registry)
	must(t, err)
	for _, one := range wrong {
		t.Error(one)
	}
}

// withoutChinese is what the Chinese document may say without a Chinese word: the calls of
// a path, and what is no prose.
var withoutChinese = regexp.MustCompile(`^([a-z]+/[a-z]+(, |$))+$|^base64$|^[a-z_]+( [-+] [a-z_]+)+$`)

// The Chinese document says everything in Chinese: no text is left out where it is written.
func TestChineseDocumentIsChinese(t *testing.T) {
	t.Parallel()
	printed := runCommand(t, nil, "docs", "--format", "openapi", "--lang", "zh").Want(t, exitOK).Stdout
	var document any
	must(t, json.Unmarshal([]byte(printed), &document))
	chinese := regexp.MustCompile(`\p{Han}`)
	count := 0
	var walk func(place string, value any)
	walk = func(place string, value any) {
		switch value := value.(type) {
		case []any:
			for _, inner := range value {
				walk(place, inner)
			}
		case map[string]any:
			for key, inner := range value {
				text, ok := inner.(string)
				if !ok || key != "description" && key != "summary" {
					walk(place+"/"+key, inner)
					continue
				}
				count++
				if text != "" && !chinese.MatchString(text) && !withoutChinese.MatchString(text) {
					t.Errorf("%s: the %s is %q", place, key, text)
				}
			}
		}
	}
	walk("", document)
	if count < 1000 {
		t.Errorf("the document has %d descriptions", count)
	}
}
