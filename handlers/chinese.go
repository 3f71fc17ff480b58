package handlers

import (
	"embed"
	"io/fs"
	"path"
)

//go:embed */zh.txt
var chinese embed.FS

// Chinese has the texts of the references in Chinese: of each domain the file zh.txt, by its
// name.
func Chinese() map[string]string {
	files := map[string]string{}
	names, _ := fs.Glob(chinese, "*/zh.txt") // the pattern is one
	for _, name := range names {
		content, _ := chinese.ReadFile(name) // it has been listed
		files[path.Join("handlers", name)] = string(content)
	}
	return files
}
