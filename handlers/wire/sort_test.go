package wire

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/dispatch"
	"campusgate/storage"
)

func TestParseSort(t *testing.T) {
	fields := []string{"name", "price", "and"}
	asc := func(field string) storage.Order { return storage.Order{Field: field} }
	desc := func(field string) storage.Order { return storage.Order{Field: field, Descending: true} }
	for text, want := range map[string][]storage.Order{
		"":                            nil,
		"name":                        {asc("name")},
		"NAME Asc":                    {asc("name")},
		"name desc":                   {desc("name")},
		" name  desc ":                {desc("name")},
		"name,price desc":             {asc("name"), desc("price")},
		"name desc AND price":         {desc("name"), asc("price")},
		"name OR price DESC":          {asc("name"), desc("price")},
		"(name)desc":                  {desc("name")},
		"((name))desc,((price desc))": {desc("name"), desc("price")},
		"(name,(price)desc)":          {asc("name"), desc("price")},
		"and AND name":                {asc("and"), asc("name")}, // a field of that name

		strings.Repeat("(", 498) + "name" + strings.Repeat(")", 498): {asc("name")},
	} {
		got, err := ParseSort(text, fields)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	}
	for _, text := range []string{
		" ", ",", "(", ")", "()", "desc", "name price", "name,", ",name", "name and", "name name", "name,name desc", "seq",
		"name asc desc", "(name asc) desc", "((name) desc) asc", "(name,price) desc", "(name", "name)", "name()", "name;", "na me",
		strings.Repeat("(", 499) + "name" + strings.Repeat(")", 499), // over the limit
		strings.Repeat("(", 500), strings.Repeat(" ", 1001) + "name",
	} {
		got, err := ParseSort(text, fields)
		var refused *dispatch.Error
		if !errors.As(err, &refused) || refused.Status != dispatch.ValueError || got != nil {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

// What is accepted is a list of known fields, each once; it says nothing else and
// means the same however often it is written down and read again.
func FuzzSort(f *testing.F) {
	for _, text := range []string{
		"", "creat_time DESC", "shop_id desc, shop_name", "(shop_id) AND (shop_name ASC) OR user_id", "((pic_url)) desc",
		"shop_id;", "1=1", "shop_id--", "(((", "shop_id\x00", "\u212a",
	} {
		f.Add(text)
	}
	fields := storage.ShopFields()
	f.Fuzz(func(t *testing.T, text string) {
		sort, err := ParseSort(text, fields)
		if err != nil {
			if sort != nil {
				t.Fatalf("refused, but yields %v", sort)
			}
			return
		}
		var written []string
		for i, by := range sort {
			if !slices.Contains(fields, by.Field) {
				t.Fatalf("yields the unknown field %q", by.Field)
			}
			for _, earlier := range sort[:i] {
				if earlier.Field == by.Field {
					t.Fatalf("yields %q twice", by.Field)
				}
			}
			direction := " ASC"
			if by.Descending {
				direction = " DESC"
			}
			written = append(written, "("+by.Field+")"+direction)
		}
		again, err := ParseSort(strings.Join(written, " AND "), fields)
		if diff := cmp.Diff(sort, again); err != nil || diff != "" {
			t.Fatalf("read again: %v %s", err, diff)
		}
	})
}
