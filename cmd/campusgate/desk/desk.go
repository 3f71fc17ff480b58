// Package desk is the page on which admins work: what waits for them, orders, accounts, the
// market's figures. It is made from the calls that everybody may send, so that the server
// checks what it asks for.
package desk

import (
	"embed"

	"campusgate/cmd/campusgate/pages"
	"campusgate/dispatch"
)

// files are what a browser runs as they are.
//
//go:embed *.html *.css *.js
var files embed.FS

// Path is where the page is, below the base path. What it loads is below it.
const Path = "/desk"

// Pages are its files.
func Pages() []dispatch.Endpoint { return pages.Files(Path, files) }
