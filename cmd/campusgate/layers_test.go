package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	for _, name := range slices.Concat(
		[]string{module + "/cmd/campusgate", module + "/cmd/campusgate/console", module + "/cmd/campusgate/desk", module + "/cmd/campusgate/importing", module + "/cmd/campusgate/pages", module + "/config", module + "/dispatch", module + "/dispatch/server", module + "/dispatch/reference", module + "/handlers", module + "/storage"},
		slices.Collect(maps.Keys(belowStorage)),
	) {
		if !seen[name] {
			t.Errorf("go list does not show %s", name)
		}
	}
}

// forbids is the rule that an import breaks, "" where it may be.
func forbids(importer, imported string) string {
	if within(imported, "github.com/valyala/fasthttp") && importer != module+"/dispatch/server" {
		return "*fasthttp.RequestCtx stays in dispatch/server"
	}
	if imported == "html/template" || imported == "text/template" {
		return "a template may call any method by name, so that the linker keeps all: 14 MB"
	}
	if !within(imported, module) {
		return ""
	}
	switch {
	case strings.HasSuffix(imported, "test") && !strings.HasSuffix(importer, "test"):
		return "only tests import it"
	case importer == module+"/cmd/campusgate/console" && imported != module+"/storage" && imported != module+"/cmd/campusgate/pages" && !within(imported, module+"/dispatch"):
		return "what the console needs is given to it"
	case importer == module+"/cmd/campusgate/desk" && imported != module+"/cmd/campusgate/pages" && imported != module+"/dispatch":
		return "the desk is made from the calls"
	case importer == module+"/cmd/campusgate/pages" && imported != module+"/dispatch":
		return "pages are files"
	case importer == module+"/cmd/campusgate/importing" && imported != module+"/storage" && imported != module+"/storage/olddatabase":
		return "of ours an import knows the two databases alone"
	case within(importer, module+"/cmd"):
		return ""
	case within(imported, module+"/cmd"):
		return "nothing imports a command"
	case within(imported, module+"/config"):
		return "only cmd imports config: others get values"
	case within(importer, module+"/handlers/trade/price"):
		return "a price is computed from values alone"
	case importer == module+"/handlers/trade/channel":
		return "a channel is described by values alone"
	case within(importer, module+"/handlers/trade/page") && imported != module+"/dispatch":
		return "a page knows what it shows by what it is told"
	case within(importer, module+"/handlers/trade/cashier") && imported != module+"/dispatch" &&
		imported != module+"/handlers/trade/channel" && imported != module+"/handlers/trade/page":
		return "a page knows what it shows by what it is told"
	case importer == module+"/handlers/trade/channel/sandbox" && imported != module+"/handlers/trade/channel" &&
		imported != module+"/handlers/trade/page" &&
		imported != module+"/dispatch" && imported != module+"/storage" && imported != module+"/storage/jobs":
		return "a channel knows payments by what it is told"
	case within(importer, module+"/handlers/trade/channel") && importer != module+"/handlers/trade/channel/sandbox" &&
		!within(imported, module+"/handlers/trade/channel"):
		return "a channel knows the gateway by what it is told"
	case within(importer, module+"/handlers"):
		return forbidsInHandlers(importer, imported)
	case within(importer, module+"/dispatch") && importer != module+"/dispatch" && imported == module+"/dispatch":
		return ""
	case !within(importer, module+"/storage"):
		return "it imports nothing of ours"
	}
	if allowed, below := belowStorage[importer]; below && !slices.Contains(allowed, imported) {
		return fmt.Sprintf("of ours it imports nothing but %q", allowed)
	}
	if !within(imported, module+"/storage") {
		return "it imports nothing of ours"
	}
	return ""
}

// belowStorage are the packages below storage, and what of ours they import.
var belowStorage = map[string][]string{
	module + "/storage/captchas":    {module + "/storage/expiring", module + "/storage/redis"},
	module + "/storage/engine":      nil,
	module + "/storage/expiring":    nil,
	module + "/storage/jobs":        {module + "/storage"},
	module + "/storage/limits":      {module + "/storage/expiring", module + "/storage/redis"},
	module + "/storage/olddatabase": nil,
	module + "/storage/pictures":    {module + "/storage/expiring"},
	module + "/storage/redis":       nil,
	module + "/storage/search":      {module + "/storage/engine"},
}

// forbidsInHandlers reports the rule of the domains that an import breaks, "" where
// it may be. The root of handlers joins the domains, and handlerstest tests them
// together; they may import all of them.
func forbidsInHandlers(importer, imported string) string {
	from, to := domainOf(importer), domainOf(imported)
	switch {
	case within(imported, module+"/dispatch/server"), within(imported, module+"/dispatch/reference"):
		if from != "handlerstest" {
			return "handlers know no HTTP"
		}
		return ""
	case importer == module+"/handlers", from == "handlerstest", from == to, !within(imported, module+"/handlers"):
		return ""
	case from == "wire":
		return "what domains share knows none of them"
	case to != "wire":
		return "domains do not import each other"
	default:
		return ""
	}
}

// domainOf is the folder below handlers in which a package is.
func domainOf(path string) string {
	domain, _, _ := strings.Cut(strings.TrimPrefix(path, module+"/handlers/"), "/")
	return domain
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
		{"campusgate/handlers/trade", "html", false},
		{"campusgate/handlers/trade", "html/template", true},
		{"campusgate/cmd/campusgate", "text/template", true},

		{"campusgate/cmd/campusgate/console", "campusgate/dispatch", false},
		{"campusgate/cmd/campusgate/console", "campusgate/storage", false},
		{"campusgate/cmd/campusgate/console", "campusgate/storage/pictures", true},
		{"campusgate/cmd/campusgate/console", "campusgate/handlers", true},
		{"campusgate/cmd/campusgate/console", "campusgate/cmd/campusgate/pages", false},
		{"campusgate/cmd/campusgate/desk", "campusgate/cmd/campusgate/pages", false},
		{"campusgate/cmd/campusgate/desk", "campusgate/storage", true},
		{"campusgate/cmd/campusgate/pages", "campusgate/dispatch", false},
		{"campusgate/cmd/campusgate/pages", "campusgate/storage", true},
		{"campusgate/cmd/campusgate/console", "campusgate/config", true},

		{"campusgate/cmd/campusgate", "campusgate/cmd/campusgate/importing", false},
		{"campusgate/cmd/campusgate/importing", "campusgate/storage", false},
		{"campusgate/cmd/campusgate/importing", "campusgate/storage/olddatabase", false},
		{"campusgate/cmd/campusgate/importing", "campusgate/storage/engine", true},
		{"campusgate/cmd/campusgate/importing", "campusgate/handlers/market", true},
		{"campusgate/cmd/campusgate/importing", "campusgate/config", true},
		{"campusgate/storage/olddatabase", "campusgate/storage", true},
		{"campusgate/storage/olddatabase/olddatabasetest", "campusgate/storage/olddatabase", false},
		{"campusgate/storage/olddatabase/olddatabasetest", "campusgate/storage/storagetest", false},

		{"campusgate/handlers", "campusgate/dispatch", false},
		{"campusgate/handlers", "campusgate/storage", false},
		{"campusgate/handlers", "campusgate/storage/captchas", false},
		{"campusgate/handlers", "campusgate/handlers/market", false},
		{"campusgate/handlers", "campusgate/handlers/captcha/sms", false},
		{"campusgate/handlers", "campusgate/handlers/handlerstest", true},
		{"campusgate/handlers/market", "campusgate/dispatch", false},
		{"campusgate/handlers/market", "campusgate/storage", false},
		{"campusgate/handlers/market", "campusgate/storage/jobs", false},
		{"campusgate/handlers/market", "campusgate/storage/storagetest", true},
		{"campusgate/handlers/market", "campusgate/handlers/wire", false},
		{"campusgate/handlers/market", "campusgate/handlers/handlerstest", true},
		{"campusgate/handlers/market", "campusgate/handlers/trade", true},
		{"campusgate/handlers/market", "campusgate/handlers/media/placeholders", true},
		{"campusgate/handlers/market", "campusgate/handlers", true},
		{"campusgate/handlers/account", "campusgate/handlers/account/password", false},
		{"campusgate/handlers/account/keyring", "campusgate/storage", false},
		{"campusgate/handlers/market", "campusgate/handlers/account/keyring", true},
		{"campusgate/handlers/account/keyring", "campusgate/config", true},
		{"campusgate/handlers/captcha", "campusgate/handlers/captcha/sms", false},
		{"campusgate/handlers/captcha/drawing", "campusgate/handlers/captcha/sms", false},
		{"campusgate/handlers/captcha/sms", "campusgate/handlers/media", true},
		{"campusgate/handlers/captcha/sms/smstest", "campusgate/handlers/captcha/sms", false},
		{"campusgate/handlers/contact", "campusgate/handlers/contact/mail", false},
		{"campusgate/handlers/contact", "campusgate/storage/jobs", false},
		{"campusgate/handlers/contact/mail", "campusgate/handlers/wire", false},
		{"campusgate/handlers/contact/mail/mailtest", "campusgate/handlers/contact/mail", false},
		{"campusgate/handlers/account", "campusgate/handlers/contact/mail", true},
		{"campusgate/handlers/trade", "campusgate/handlers/trade/price", false},
		{"campusgate/handlers/market", "campusgate/handlers/trade/price", true},
		{"campusgate/handlers/trade/price", "campusgate/storage", true},
		{"campusgate/handlers/trade/price", "campusgate/dispatch", true},
		{"campusgate/handlers/trade/price", "campusgate/handlers/wire", true},
		{"campusgate/handlers/trade", "campusgate/handlers/trade/channel", false},
		{"campusgate/handlers/trade", "campusgate/handlers/trade/channel/sandbox", false},
		{"campusgate/handlers/market", "campusgate/handlers/trade/channel", true},
		{"campusgate/handlers/trade/channel", "campusgate/storage", true},
		{"campusgate/handlers/trade/channel", "campusgate/dispatch", true},
		{"campusgate/handlers/trade/channel/sandbox", "campusgate/handlers/trade/channel", false},
		{"campusgate/handlers/trade/channel/sandbox", "campusgate/storage/jobs", false},
		{"campusgate/handlers/trade/channel/sandbox", "campusgate/handlers/trade", true},
		{"campusgate/handlers/trade/channel/sandbox", "campusgate/handlers/wire", true},
		{"campusgate/handlers/trade/channel/sandbox", "campusgate/handlers/trade/page", false},
		{"campusgate/handlers/trade/page", "campusgate/dispatch", false},
		{"campusgate/handlers/trade/page", "campusgate/handlers/trade/channel", true},
		{"campusgate/handlers/trade/cashier", "campusgate/handlers/trade/page", false},
		{"campusgate/handlers/trade/cashier", "campusgate/storage", true},
		{"campusgate/handlers/trade/channel/channeltest", "campusgate/handlers/trade/channel", false},
		{"campusgate/handlers/trade/channel/client", "campusgate/handlers/trade/channel", false},
		{"campusgate/handlers/trade/channel/client", "campusgate/dispatch", true},
		{"campusgate/handlers/trade/channel/alipay", "campusgate/handlers/trade/channel/signing", false},
		{"campusgate/handlers/trade/channel/alipay", "campusgate/storage", true},
		{"campusgate/handlers/wire", "campusgate/dispatch", false},
		{"campusgate/handlers/wire", "campusgate/storage", false},
		{"campusgate/handlers/wire", "campusgate/handlers", true},
		{"campusgate/handlers/wire", "campusgate/handlers/captcha", true},
		{"campusgate/handlers/handlerstest", "campusgate/handlers", false},
		{"campusgate/handlers/handlerstest", "campusgate/handlers/captcha/sms", false},
		{"campusgate/handlers/handlerstest", "campusgate/storage/storagetest", false},
		{"campusgate/cmd/campusgate", "campusgate/handlers/handlerstest", true},
		{"campusgate/handlers/captcha/sms", "campusgate/dispatch", false},
		{"campusgate/handlers", "campusgate/config", true},
		{"campusgate/handlers/captcha/sms", "campusgate/config", true},
		{"campusgate/handlers", "campusgate/cmd/campusgate", true},
		{"campusgate/handlers", fasthttp, true},
		{"campusgate/handlers", fasthttp + "/fasthttpadaptor", true},
		{"campusgate/handlers/market", "campusgate/dispatch/server", true},
		{"campusgate/handlers/wire", "campusgate/dispatch/reference", true},
		{"campusgate/handlers/handlerstest", "campusgate/dispatch/server", false},

		{"campusgate/dispatch", fasthttp, true},
		{"campusgate/dispatch/server", fasthttp, false},
		{"campusgate/dispatch/server", "campusgate/dispatch", false},
		{"campusgate/dispatch/server", "campusgate/dispatch/reference", true},
		{"campusgate/dispatch/reference", "campusgate/dispatch", false},
		{"campusgate/dispatch/reference", "campusgate/dispatch/server", true},
		{"campusgate/dispatch/reference", "campusgate/handlers", true},
		{"campusgate/dispatch", "campusgate/dispatch/server", true},
		{"campusgate/dispatch", "context", false},
		{"campusgate/dispatch", "campusgate/handlers", true},
		{"campusgate/dispatch", "campusgate/handlers/captcha/sms", true},
		{"campusgate/dispatch", "campusgate/storage", true},
		{"campusgate/dispatch", "campusgate/storage/captchas", true},
		{"campusgate/dispatch", "campusgate/config", true},
		{"campusgate/dispatch", "campusgate/cmd/campusgate", true},

		{"campusgate/storage/storagetest", "campusgate/storage", false},
		{"campusgate/storage", "campusgate/storage/pictures", false},
		{"campusgate/storage", "campusgate/dispatch", true},
		{"campusgate/storage", "campusgate/handlers", true},
		{"campusgate/storage", "campusgate/config", true},
		{"campusgate/storage", "campusgate/storage/engine", false},
		{"campusgate/storage/engine", "campusgate/storage", true},
		{"campusgate/storage/engine", "campusgate/storage/search", true},
		{"campusgate/storage/search", "campusgate/storage/engine", false},
		{"campusgate/storage/search", "campusgate/storage", true},
		{"campusgate/storage/search", "campusgate/storage/pictures", true},
		{"campusgate/storage/captchas", "campusgate/storage/expiring", false},
		{"campusgate/storage/captchas", "campusgate/storage/limits", true},
		{"campusgate/storage/jobs", "campusgate/storage", false},
		{"campusgate/storage/jobs", "campusgate/storage/engine", true},
		{"campusgate/storage/limits", "campusgate/storage/redis", false},
		{"campusgate/storage/limits", "campusgate/storage/captchas", true},
		{"campusgate/storage/expiring", "campusgate/storage", true},
		{"campusgate/storage/redis", "campusgate/storage/captchas", true},
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

// TestEngineAndSearchNameNoTable: what a table is called stands in its own file.
func TestEngineAndSearchNameNoTable(t *testing.T) {
	tables := tablesOfMigrations(t)
	for _, folder := range []string{"../../storage/engine", "../../storage/search"} {
		files, err := filepath.Glob(folder + "/*.go")
		must(t, err)
		if len(files) == 0 {
			t.Errorf("%s has no files", folder)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, text := range textsOf(t, file) {
				if name := tables.FindString(text); name != "" {
					t.Errorf("%s names the table %s: %s", file, name, text)
				}
			}
		}
	}
}

// tablesOfMigrations finds the names of all tables.
func tablesOfMigrations(t *testing.T) *regexp.Regexp {
	t.Helper()
	files, err := filepath.Glob("../../storage/migrations/*/*.sql")
	must(t, err)
	created := regexp.MustCompile(`CREATE TABLE (?:IF NOT EXISTS )?(\w+)`)
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, found := range created.FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1])
		}
	}
	if !slices.Contains(names, "users") || !slices.Contains(names, "property_grams") {
		t.Fatalf("the migrations make the tables %q", names)
	}
	return regexp.MustCompile(`\b(?:` + strings.Join(names, "|") + `)\b`)
}

// textsOf are the texts that a Go file has between quotes.
func textsOf(t *testing.T, file string) (texts []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	must(t, err)
	ast.Inspect(parsed, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			texts = append(texts, literal.Value)
		}
		return true
	})
	return texts
}
