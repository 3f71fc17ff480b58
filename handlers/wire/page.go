package wire

import "campusgate/storage"

// defaultCount is the rows of a page where only page was given.
const defaultCount = 20

// Page makes a page of the optional keys page (from 1) and count: with neither,
// all rows; with one, the other is page 1 or count 20.
func Page(page, count *int64) storage.Page {
	if page == nil && count == nil {
		return storage.Page{}
	}
	number, size := int64(1), int64(defaultCount)
	if page != nil {
		number = *page
	}
	if count != nil {
		size = *count
	}
	return storage.Page{Limit: size, Offset: (number - 1) * size}
}
