package pages

import (
	"slices"
	"testing"
	"testing/fstest"
)

// A page is served with its own files and the shared ones.
func TestFiles(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, e := range Files("/desk", fstest.MapFS{"index.html": {Data: []byte("<head></head>")}, "main.js": {}}) {
		paths = append(paths, e.Path.Pattern)
	}
	for _, path := range []string{"/desk", "/desk/main.js", "/desk/dom.js", "/desk/design.css", "/desk/uplot.LICENSE"} {
		if !slices.Contains(paths, path) {
			t.Errorf("%s is not served", path)
		}
	}
}

// A page names the modules that it comes to import, each once, and none that it may load later.
func TestPreloading(t *testing.T) {
	t.Parallel()
	bodies := map[string][]byte{}
	for name, text := range map[string]string{
		"index.html": "<head>\n</head>",
		"main.js":    "import { a } from \"./a.js\";\nimport { element } from \"./dom.js\";\nconst later = import(\"./later.js\");\n",
		"a.js":       "import {\n  b,\n} from \"./b.js\";\n// import { no } from \"./no.js\";\n",
		"b.js":       "import { a } from \"./a.js\";\nimport { element } from \"./dom.js\";\n",
	} {
		bodies[name] = []byte(text)
	}
	want := "<head>\n<link rel=\"modulepreload\" href=\"desk/a.js\">\n<link rel=\"modulepreload\" href=\"desk/b.js\">\n" +
		"<link rel=\"modulepreload\" href=\"desk/dom.js\">\n</head>"
	if got := string(preloading(bodies, "desk")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
