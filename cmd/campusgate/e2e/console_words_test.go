package e2e

import (
	"maps"
	"regexp"
	"slices"
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
