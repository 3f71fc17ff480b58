package media

import (
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of pictures that hold something of a user: which names are the
// user's. Those that are named by their MD5 are nobody's.
func Exported(d Deps) []wire.ExportedTable {
	return []wire.ExportedTable{wire.Exported("pictures", d.DB, (*storage.Queries).PicturesAfter, namedPicture)}
}

type ownPicture struct {
	From string `json:"from"`
	Name string `json:"name"`
}

func namedPicture(p storage.PictureName) ownPicture { return ownPicture{p.Source, p.Name} }
