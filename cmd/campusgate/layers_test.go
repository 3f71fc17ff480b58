package main

import (
	"os/exec"
	"strings"
	"testing"
)

// module is the path of ours.
const module = "campusgate"

// TestImportsRunOneWay holds the rule of the house over every package:
// cmd → handlers → dispatch, storage.
func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = "../.."
	printed, err := list.Output()
	must(t, err)
	seen := map[string]bool{}
	for line := range strings.Lines(string(printed)) {
		words := strings.Fields(line)
		seen[words[0]] = true
		for _, imported := range words[1:] {
			if rule := forbids(words[0], imported); rule != "" {
				t.Errorf("%s imports %s: %s", words[0], imported, rule)
			}
		}
	}
	for _, name := range []string{"cmd/campusgate", "cmd/campusgate/console", "config", "dispatch", "handlers", "storage", "storage/captchas", "storage/pictures"} {
		if !seen[module+"/"+name] {
			t.Errorf("go list does not show %s", name)
		}
	}
}

// forbids tells the rule that an import breaks, "" where it may be.
func forbids(importer, imported string) string {
	if within(imported, "github.com/valyala/fasthttp") && importer != module+"/dispatch" {
		return "*fasthttp.RequestCtx stays in dispatch"
	}
	if !within(imported, module) {
		return ""
	}
	switch {
	case imported == module+"/cmd/campusgate/campusgatetest":
		return "only tests import it"
	case within(importer, module+"/cmd/campusgate/console") && imported != module+"/storage" && !within(imported, module+"/dispatch"):
		return "what the console needs is given to it"
	case within(importer, module+"/cmd"):
		return ""
	case within(imported, module+"/cmd"):
		return "nothing imports a command"
	case within(imported, module+"/config"):
		return "only cmd imports config: others get values"
	case within(importer, module+"/handlers"):
		return ""
	case importer == module+"/storage/captchas", importer == module+"/storage/pictures":
		return "it imports nothing of ours"
	case within(importer, module+"/storage") && within(imported, module+"/storage"):
		return ""
	default:
		return "it imports nothing of ours"
	}
}

// within reports whether a package is the given one or below it.
func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

func TestForbiddenImportsAreFound(t *testing.T) {
	const fasthttp = "github.com/valyala/fasthttp"
	for _, c := range []struct {
		importer, imported string
		forbidden          bool
	}{
		{"campusgate/cmd/campusgate", "campusgate/config", false},
		{"campusgate/cmd/campusgate", "campusgate/handlers", false},
		{"campusgate/cmd/campusgate", "campusgate/dispatch", false},
		{"campusgate/cmd/campusgate", "campusgate/storage/pictures", false},
		{"campusgate/cmd/campusgate", "campusgate/cmd/campusgate/console", false},
		{"campusgate/cmd/campusgate", "campusgate/cmd/campusgate/campusgatetest", true},
		{"campusgate/cmd/campusgate/campusgatetest", "campusgate/storage/storagetest", false},
		{"campusgate/cmd/campusgate", fasthttp, true},

		{"campusgate/cmd/campusgate/console", "campusgate/dispatch", false},
		{"campusgate/cmd/campusgate/console", "campusgate/storage", false},
		{"campusgate/cmd/campusgate/console", "campusgate/storage/pictures", true},
		{"campusgate/cmd/campusgate/console", "campusgate/handlers", true},
		{"campusgate/cmd/campusgate/console", "campusgate/config", true},

		{"campusgate/handlers", "campusgate/dispatch", false},
		{"campusgate/handlers", "campusgate/storage", false},
		{"campusgate/handlers", "campusgate/storage/captchas", false},
		{"campusgate/handlers", "campusgate/handlers/sms", false},
		{"campusgate/handlers/sms", "campusgate/dispatch", false},
		{"campusgate/handlers", "campusgate/config", true},
		{"campusgate/handlers/sms", "campusgate/config", true},
		{"campusgate/handlers", "campusgate/cmd/campusgate", true},
		{"campusgate/handlers", fasthttp, true},
		{"campusgate/handlers", fasthttp + "/fasthttpadaptor", true},

		{"campusgate/dispatch", fasthttp, false},
		{"campusgate/dispatch", "context", false},
		{"campusgate/dispatch", "campusgate/handlers", true},
		{"campusgate/dispatch", "campusgate/handlers/sms", true},
		{"campusgate/dispatch", "campusgate/storage", true},
		{"campusgate/dispatch", "campusgate/storage/captchas", true},
		{"campusgate/dispatch", "campusgate/config", true},
		{"campusgate/dispatch", "campusgate/cmd/campusgate", true},

		{"campusgate/storage/storagetest", "campusgate/storage", false},
		{"campusgate/storage", "campusgate/storage/pictures", false},
		{"campusgate/storage", "campusgate/dispatch", true},
		{"campusgate/storage", "campusgate/handlers", true},
		{"campusgate/storage", "campusgate/config", true},
		{"campusgate/storage/captchas", "campusgate/storage", true},
		{"campusgate/storage/captchas", "campusgate/storage/pictures", true},
		{"campusgate/storage/pictures", "campusgate/storage", true},
		{"campusgate/storage/pictures", "campusgate/dispatch", true},
		{"campusgate/storage/pictures", fasthttp, true},

		{"campusgate/config", "github.com/BurntSushi/toml", false},
		{"campusgate/config", "campusgate/dispatch", true},
		{"campusgate/config", "campusgate/storage", true},
		{"campusgate/config", fasthttp, true},

		{"campusgate/tools", "campusgate/storage", true}, // a folder that nobody thought of
	} {
		if rule := forbids(c.importer, c.imported); (rule != "") != c.forbidden {
			t.Errorf("%s imports %s: forbidden by %q, want forbidden %t", c.importer, c.imported, rule, c.forbidden)
		}
	}
}
