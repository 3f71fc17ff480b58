package wire

import (
	"testing"

	"campusgate/dispatch"
	"campusgate/storage"
)

func TestListPage(t *testing.T) {
	for _, c := range []struct {
		page    ListPage
		want    storage.Page
		refused bool
	}{
		{ListPage{}, storage.Page{Limit: 20}, false},
		{ListPage{Page: 1}, storage.Page{Limit: 20}, false},
		{ListPage{Page: 3}, storage.Page{Limit: 20, Offset: 40}, false},
		{ListPage{Count: 7}, storage.Page{Limit: 7}, false},
		{ListPage{Page: 2, Count: 100}, storage.Page{Limit: 100, Offset: 100}, false},
		{ListPage{Page: 100, Count: 100}, storage.Page{Limit: 100, Offset: 9900}, false},
		{ListPage{Page: 101, Count: 100}, storage.Page{}, true},
		{ListPage{Page: 102, Count: 99}, storage.Page{Limit: 1, Offset: 9999}, false}, // to row 10,000
		{ListPage{Page: 103, Count: 99}, storage.Page{}, true},
		{ListPage{Page: 10_000, Count: 1}, storage.Page{Limit: 1, Offset: 9999}, false},
		{ListPage{Page: 500}, storage.Page{Limit: 20, Offset: 9980}, false},
		{ListPage{Page: 501}, storage.Page{}, true},
	} {
		got, err := c.page.Rows()
		if want := map[bool]dispatch.Status{true: dispatch.ValueError}[c.refused]; got != c.want || c.refused && statusOf(err) != want || !c.refused && err != nil {
			t.Errorf("%+v: got %+v, %v; want %+v, refused %t", c.page, got, err, c.want, c.refused)
		}
	}
}
