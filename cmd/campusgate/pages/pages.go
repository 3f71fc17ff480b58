// Package pages is what the console and the desk share: the design, and the modules that call
// the server and make what is shown. docs/design.md says how they look.
package pages

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"campusgate/dispatch"
)

// shared are files as a browser runs them; uplot.js and uplot.css are uPlot 1.6.32 as it is
// published, under its own licence.
//
//go:embed *.css *.js *.svg uplot.LICENSE
var shared embed.FS

// subtype is what all of the pages are counted under: get/page.
const subtype = "page"

// contentTypes are those of the files by their extension: the tables of the machine
// may have others.
var contentTypes = map[string]string{
	".html":    "text/html; charset=utf-8",
	".css":     "text/css; charset=utf-8",
	".js":      "text/javascript; charset=utf-8",
	".svg":     "image/svg+xml",
	".LICENSE": "text/plain; charset=utf-8",
}

// Files are the page at a path below the base path, which is its index.html, and below it its
// other files and the shared ones. The page names the modules that it needs, so that a browser
// asks for all of them at once and not for each behind the one that imports it.
func Files(at string, own fs.FS) []dispatch.Endpoint {
	bodies := map[string][]byte{}
	for _, files := range []fs.FS{shared, own} {
		entries, _ := fs.ReadDir(files, ".") // what is embedded can be read
		for _, entry := range entries {
			bodies[entry.Name()], _ = fs.ReadFile(files, entry.Name())
		}
	}
	bodies["index.html"] = preloading(bodies, path.Base(at))
	pages := make([]dispatch.Endpoint, 0, len(bodies))
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		below := "/" + name
		if name == "index.html" {
			below = ""
		}
		pages = append(pages, dispatch.Page(at+below, subtype, contentTypes[path.Ext(name)], bodies[name]))
	}
	return pages
}

// imports are the static ones of a module.
var imports = regexp.MustCompile(`(?m)^import [^"]*"\./(\w+\.js)";`)

// preloading is index.html with links to all modules that main.js comes to import, in a folder
// beside the page.
func preloading(bodies map[string][]byte, folder string) []byte {
	needed := map[string]bool{}
	var follow func(module string)
	follow = func(module string) {
		for _, imported := range imports.FindAllSubmatch(bodies[module], -1) {
			if name := string(imported[1]); !needed[name] {
				needed[name] = true
				follow(name)
			}
		}
	}
	follow("main.js")
	var links strings.Builder
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		fmt.Fprintf(&links, "<link rel=\"modulepreload\" href=\"%s/%s\">\n", folder, name)
	}
	return bytes.Replace(bodies["index.html"], []byte("</head>"), append([]byte(links.String()), "</head>"...), 1)
}

// Live is a document that a page at a path asks for while it is open: JSON, made anew each time.
func Live(at string, body func(context.Context, dispatch.PlainRequest) ([]byte, error)) dispatch.Endpoint {
	return dispatch.LivePage(at, subtype, "application/json", body)
}
