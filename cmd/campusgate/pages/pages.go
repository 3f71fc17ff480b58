// Package pages is what the console and the desk share: the design, and the modules that call
// the server and make what is shown. docs/design.md says how they look.
package pages

import (
	"context"
	"embed"
	"io/fs"
	"path"

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
// other files and the shared ones.
func Files(at string, own fs.FS) []dispatch.Endpoint {
	var pages []dispatch.Endpoint
	for _, files := range []fs.FS{shared, own} {
		entries, _ := fs.ReadDir(files, ".") // what is embedded can be read
		for _, entry := range entries {
			body, _ := fs.ReadFile(files, entry.Name())
			below := "/" + entry.Name()
			if entry.Name() == "index.html" {
				below = ""
			}
			pages = append(pages, dispatch.Page(at+below, subtype, contentTypes[path.Ext(entry.Name())], body))
		}
	}
	return pages
}

// Live is a document that a page at a path asks for while it is open: JSON, made anew each time.
func Live(at string, body func(context.Context, dispatch.PlainRequest) ([]byte, error)) dispatch.Endpoint {
	return dispatch.LivePage(at, subtype, "application/json", body)
}
