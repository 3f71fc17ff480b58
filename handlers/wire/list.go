package wire

import (
	"campusgate/dispatch"
	"campusgate/storage"
)

// maxRow is the last row of a market list that can be read: who wants more narrows the
// list.
const maxRow = 10_000

// A ListPage is the keys of data by which the lists of the market are read, but not those
// of the old document, which have [Page].
type ListPage struct {
	Page  int64 `json:"page" rule:"range=1..10000" doc:"1 if absent; no page begins after row 10,000"`
	Count int64 `json:"count" rule:"range=1..100" doc:"rows of a page; 20 if absent"`
}

// Rows are the rows of the page, as far as they can be read.
func (p ListPage) Rows() (storage.Page, error) {
	page, count := max(p.Page, 1), p.Count
	if count == 0 {
		count = defaultCount
	}
	offset := (page - 1) * count
	if offset >= maxRow {
		return storage.Page{}, dispatch.Fail(dispatch.ValueError, "page: must not begin after row 10,000")
	}
	return storage.Page{Limit: min(count, maxRow-offset), Offset: offset}, nil
}

// A List is the answer of a list of the market.
type List[Row any] struct {
	Num  int64 `json:"num" doc:"of all rows, on whatever page"`
	List []Row `json:"list"`
}

// ListOf makes a list of what is stored: of all rows there are total.
func ListOf[Stored, Row any](stored []Stored, total int64, row func(Stored) Row) List[Row] {
	list := List[Row]{Num: total, List: make([]Row, len(stored))}
	for i, one := range stored {
		list.List[i] = row(one)
	}
	return list
}
