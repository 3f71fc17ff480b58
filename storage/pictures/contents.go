package pictures

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Contents are what lies in the folder of a [Disk].
type Contents struct {
	// Files are the keys of the pictures, as files have them: see [Key.File].
	Files map[Key]bool
	// Unfinished counts what is being written, and what a crash left so.
	Unfinished int
}

// File is a key as its file is named: long names are shortened.
func (k Key) File() Key { return Key{fileName(k.From), fileName(k.Name)} }

// ReadContents looks through a folder of pictures and changes nothing. A folder that
// is absent is empty.
func ReadContents(folder string) (Contents, error) {
	contents := Contents{Files: map[Key]bool{}}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		from, file := path.Split(name)
		switch {
		case err != nil || entry.IsDir():
			return err
		case strings.HasPrefix(name, unfinished+"/"):
			contents.Unfinished++
		case from != "":
			contents.Files[Key{path.Clean(from), file}] = true
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Contents{}, fmt.Errorf("look through pictures: %w", err)
	}
	return contents, nil
}
