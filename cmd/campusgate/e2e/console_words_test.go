package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ofTheWire are words that a developer says and a newcomer does not.
var ofTheWire = regexp.MustCompile(`(?i)[a-z]_[a-z]|\b(true|false|null|absent|html|url|json|md5|hash|base64)\b|缺省|哈希`)

// The forms of the journeys say what people have to know, in both languages alike, and nothing of
// the reference, which is for developers.
func TestConsoleJourneysSpeakToPeople(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	var keys [2][]string
	for i, b := range []*browser{english, chinese} {
		p := b.open(t, screens[0], r.URL("/console"))
		p.until(`document.querySelector(".card") !== null`)
		shown := evaluate[map[string]string](p, `(async () => {
			const at = (name) => import("/api/external/console/" + name + ".js");
			const [{ callForm }, { journeys }, { readCalls }] = await Promise.all([at("form"), at("steps"), at("reference")]);
			const calls = readCalls(await (await fetch("/api/external/openapi.json")).json());
			const steps = journeys().flatMap(({ steps }) => steps).flatMap((step) => [step, ...Object.values(step.otherwise ?? {})]);
			const hints = {};
			for (const { call: name, shown = [] } of steps) {
				const call = calls.find((one) => one.name === name);
				const { element } = callForm(call, { shown, find() {}, onInput() {} });
				element.querySelectorAll(":scope > .field > p.hint").forEach((hint, i) => { hints[name + " " + shown[i]] = hint.textContent; });
			}
			return hints;
		})()`)
		known := evaluate[map[string]string](p, `import("/api/external/console/text.js").then(({ text }) => text.hints)`)
		for _, place := range slices.Sorted(maps.Keys(shown)) {
			if shown[place] != known[place] {
				t.Errorf("%s: %s says %q", b.language, place, shown[place])
			}
			if found := ofTheWire.FindString(shown[place]); found != "" {
				t.Errorf("%s: %s says %q, with %q", b.language, place, shown[place], found)
			}
		}
		for place := range known {
			if _, isShown := shown[place]; !isShown {
				t.Errorf("%s: no journey asks for %s", b.language, place)
			}
		}
		keys[i] = slices.Sorted(maps.Keys(known))
	}
	if diff := cmp.Diff(keys[0], keys[1]); diff != "" {
		t.Errorf("the languages have other hints (-en +zh):\n%s", diff)
	}
}

// Details as the server's source has them: where they are answered with, and where they are kept
// until then.
var (
	details     = regexp.MustCompile(`Fail\([A-Za-z.]+, (?:fmt\.Sprintf\(|[a-zA-Z.]+ ?\+ ?|shortened\(name\) ?\+ ?|at ?\+ ?|element\([^+]*\+ ?)?"([^"]*)"`)
	keptDetails = regexp.MustCompile(`(?:return [a-zA-Z]+, |return |detail: |why: |detail = |why = )"([a-z_]+: [a-z][^"%]*)"`)
)

// What the server's source says of refusals is said in Chinese on Chinese pages, whatever the rule
// of a field is; what is not known is left to the status.
func TestConsoleSaysEveryDetail(t *testing.T) {
	t.Parallel()
	written := map[string]bool{ // what dispatch puts together of a field's rules
		"a: must be an integer": true, "a: must be text": true, "a: must be a boolean": true, "a: must be a number": true, "a: must be base64 text": true,
		"a: must be an object": true, "a: must be a list": true, "a: must be text or integer": true, "a: must be text or number": true,
		"a: must be valid UTF-8 without NUL": true, "a: must be within the range of a 64-bit number": true, "a: must be standard base64": true,
		"a: must be 2 to 20 characters": true, "a: must be at most 20 characters": true, "a: must be at least 2 characters": true, "a: must be -1 to 9": true,
		"a: must be 0.01 to 999999.99 with at most two decimals": true, "a: must be limited to two decimals": true, "a: must be 1 to 9 items": true,
		"a: must be one of 0, 1": true, "a: must be YYYY-MM-DD HH:MM:SS": true, "a: must be 2 to 9 characters; one of red, blue": true,
	}
	for _, folder := range []string{"../../../handlers", "../../../dispatch"} {
		must(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, found := range append(details.FindAllStringSubmatch(string(source), -1), keptDetails.FindAllStringSubmatch(string(source), -1)...) {
				detail := strings.ReplaceAll(found[1], "%d", "1")
				if strings.HasPrefix(detail, ": ") {
					detail = "a" + detail
				}
				if detail != "" && !strings.HasSuffix(detail, " ") { // else the rest is put together
					written[detail] = true
				}
			}
			return err
		}))
	}
	if len(written) < 150 {
		t.Fatalf("only %d details were found", len(written))
	}
	p := chinese.open(t, screens[0], consoleServer(t).URL("/console"))
	p.until(`document.querySelector(".card") !== null`)
	list, err := json.Marshal(slices.Sorted(maps.Keys(written)))
	must(t, err)
	for _, detail := range evaluate[[]string](p, fmt.Sprintf(`import("/api/external/console/refusal.js").then(({ sayDetail }) => Promise.all(%s.map(async (one) => await sayDetail(one) ? "" : one))).then((all) => all.filter(Boolean))`, list)) {
		t.Errorf("there is no Chinese for %q", detail)
	}
	for detail, want := range map[string]string{
		"cart_items[0]: product_id: your own product":            "购物车条目第 1 项的商品编号：是您自己的商品",
		"items[1].product_num: must be 1 to 999":                 "商品第 2 项的件数：必须是 1 到 999",
		"phone, user_name: both missing":                         "手机号、用户名：至少要填一项",
		"address_id: no such address, or another user's":         "地址编号：没有这个地址，或不是您的",
		"recommend[0]: no such course, this one, or there twice": "推荐第 1 项：没有这个课程，或就是它自己，或出现了两次",
	} {
		if got := evaluate[string](p, fmt.Sprintf(`import("/api/external/console/refusal.js").then(({ sayDetail }) => sayDetail(%q))`, detail)); got != want {
			t.Errorf("%q is said as %q, want %q", detail, got, want)
		}
	}
}
