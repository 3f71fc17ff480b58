package dispatch

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type (
	paging struct {
		Page int64 `json:"page" rule:"range=1..9"`
	}
	place struct {
		Street string `json:"street" rule:"required max=5"`
		Number *int64 `json:"number"`
	}
	line struct {
		ID    int64    `json:"product_id" rule:"required range=any"`
		Count int64    `json:"product_num" rule:"range=1..3"`
		Notes []string `json:"notes" rule:"items=0..2 max=3"`
	}
	basket struct {
		paging
		Lines []line   `json:"items" rule:"required items=1..3"`
		Shops []int64  `json:"shop_records" rule:"items=0..2"`
		Pics  []string `json:"pics" rule:"filled items=2..3 oneof=a|b"`
		Times []string `json:"times" rule:"items=0..2 datetime"`
		Fees  []Fen    `json:"fees" rule:"items=0..2 range=0.01..1"`
		Place *place   `json:"place"`
		Home  place    `json:"home" rule:"present"`
	}
)

// decodeBasket is what becomes of data: the request, or the class and the detail.
func decodeBasket(data string) (basket, string) {
	var request basket
	schema := compileSchema(reflect.TypeFor[basket]())
	if err := schema.decode([]byte(data), reflect.ValueOf(&request).Elem(), &testClasses); err != nil {
		return basket{}, err.Status.Text + " " + err.Detail
	}
	return request, ""
}

func TestListsAndObjects(t *testing.T) {
	number := int64(7)
	got, failure := decodeBasket(`{"page":2, "items" : [ {"product_id":"8","notes":[ ] },{"product_num":3,"product_id":9,"notes":["x","\u5931"],"unknown":[[]]} ],
		"shop_records":["1",2],"pics":["a","b"],"times":["2026-11-26 08:00:00"],"fees":[0.5,"1"],"place":{"street":"a]}\"","number":7},"home":{"street":"b"}}`)
	want := basket{
		paging: paging{2},
		Lines:  []line{{ID: 8, Notes: []string{}}, {ID: 9, Count: 3, Notes: []string{"x", "失"}}},
		Shops:  []int64{1, 2}, Pics: []string{"a", "b"}, Times: []string{"2026-11-26 08:00:00"}, Fees: []Fen{50, 100},
		Place: &place{"a]}\"", &number}, Home: place{Street: "b"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(basket{})); diff != "" || failure != "" {
		t.Error(failure, diff)
	}
	// Absent, null and "" are one where a list or an object may be absent.
	for _, absent := range []string{``, `,"shop_records":null,"place":null`, `,"shop_records":"","place":""`} {
		got, failure := decodeBasket(`{"items":[{"product_id":1}],"home":{"street":"b"}` + absent + `}`)
		if failure != "" || got.Shops != nil || got.Place != nil {
			t.Errorf("%s: %s %+v", absent, failure, got)
		}
	}
}

// TestListFailures: the path leads to what is wrong, and of several failures the
// protocol's first is answered, wherever it lies.
func TestListFailures(t *testing.T) {
	const home = `"home":{"street":"b"}`
	for _, test := range []struct{ data, want string }{
		{`{}`, "missing items: missing"},
		{`{"items":null}`, "missing items: missing"},
		{`{"items":"",` + home + `}`, "empty items: must not be empty"},
		{`{"items":[],` + home + `}`, "empty items: must not be empty"},
		{`{"items":{},` + home + `}`, "type items: must be a list"},
		{`{"items":7,` + home + `}`, "type items: must be a list"},
		{`{"items":"[]",` + home + `}`, "type items: must be a list"},
		{`{"items":[{"product_id":1},{"product_id":1},{"product_id":1},{}],` + home + `}`, "value items: must be 1 to 3 items"},
		{`{"items":[{"product_id":1},{}],` + home + `}`, "missing items[1].product_id: missing"},
		{`{"items":[{"product_id":1},null],` + home + `}`, "missing items[1]: missing"},
		{`{"items":[{"product_id":1},""],` + home + `}`, "empty items[1]: must not be empty"},
		{`{"items":[{"product_id":1},7],` + home + `}`, "type items[1]: must be an object"},
		{`{"items":[{"product_id":1,"product_num":4},{"product_id":""}],` + home + `}`, "empty items[1].product_id: must not be empty"},
		{`{"items":[{"product_id":1,"product_num":4},{"product_id":true}],` + home + `}`, "type items[1].product_id: must be an integer"},
		{`{"items":[{"product_id":1,"product_num":4},{"product_id":1,"product_num":5}],` + home + `}`, "value items[0].product_num: must be 1 to 3"},
		{`{"items":[{"product_id":1,"notes":["abc","abcd"]}],` + home + `}`, "value items[0].notes[1]: must be at most 3 characters"},
		{`{"items":[{"product_id":1,"notes":["a",null]}],` + home + `}`, "missing items[0].notes[1]: missing"},
		{`{"items":[{"product_id":1,"notes":["a","b","c"]}],` + home + `}`, "value items[0].notes: must be 0 to 2 items"},
		{`{"items":[{"product_id":1}],"shop_records":[1,"x"],` + home + `}`, "type shop_records[1]: must be an integer"},
		{`{"items":[{"product_id":1}],"pics":[],` + home + `}`, "empty pics: must not be empty"},
		{`{"items":[{"product_id":1}],"pics":["a"],` + home + `}`, "value pics: must be 2 to 3 items"},
		{`{"items":[{"product_id":1}],"pics":["a","c"],` + home + `}`, "value pics[1]: must be one of a, b"},
		{`{"items":[{"product_id":1}],"times":["x"],` + home + `}`, "time times[0]: must be YYYY-MM-DD HH:MM:SS"},
		{`{"items":[{"product_id":1}],"fees":[0.001],` + home + `}`, "value fees[0]: must be 0.01 to 1 with at most two decimals"},
		{`{"items":[{"product_id":1}],"place":{},` + home + `}`, "missing place.street: missing"},
		{`{"items":[{"product_id":1}],"place":{"street":"toolong"},` + home + `}`, "value place.street: must be at most 5 characters"},
		{`{"items":[{"product_id":1}],"place":[],` + home + `}`, "type place: must be an object"},
		{`{"items":[{"product_id":1}]}`, "missing home: missing"},
		{`{"items":[{"product_id":1}],"page":10,` + home + `}`, "value page: must be 1 to 9"},
	} {
		if _, got := decodeBasket(test.data); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.data, got, test.want)
		}
	}
}

// TestEmbedded: a field of an embedded struct is a field of the request, whatever it is
// called in Go beside one of another.
func TestEmbedded(t *testing.T) {
	type sheet struct {
		Page int64 `json:"sheet"`
	}
	type request struct {
		Page string `json:"title"`
		paging
		sheet
	}
	var got request
	data := []byte(`{"title":"a","page":2,"sheet":3}`)
	if err := compileSchema(reflect.TypeFor[request]()).decode(data, reflect.ValueOf(&got).Elem(), &testClasses); err != nil {
		t.Fatal(err)
	}
	if want := (request{"a", paging{2}, sheet{3}}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestListMemory: a list that is too long is refused before anything is made of it.
func TestListMemory(t *testing.T) {
	data := []byte(`{"items":[` + strings.Repeat(`{"product_id":1},`, 100_000) + `{}],"home":{"street":"b"}}`)
	schema := compileSchema(reflect.TypeFor[basket]())
	got := testing.AllocsPerRun(10, func() {
		var request basket
		if err := schema.decode(data, reflect.ValueOf(&request).Elem(), &testClasses); err == nil {
			t.Fatal("taken")
		}
	})
	if got > 10 {
		t.Errorf("%v allocations", got)
	}
}

// FuzzList: whatever is sent as a list, its elements are those that a general decoder
// finds, and nothing panics.
func FuzzList(f *testing.F) {
	for _, seed := range []string{`[]`, `[ 1 , "a" ,null]`, `[[],{"a":[1]}]`, `["]",",\""]`, `{`, `[1,]`, `[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		data := append(append([]byte(`{"v":`), list...), '}')
		walk, ok := openObject(data, false)
		if !ok {
			return
		}
		_, raw, err := walk.next()
		if err != nil || len(raw) == 0 || raw[0] != '[' {
			return
		}
		compareElements(t, raw)
	})
}

// compareElements holds a walk over a list against encoding/json.
func compareElements(t *testing.T, raw []byte) {
	t.Helper()
	var want []json.RawMessage
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	walk := openList(raw)
	for i, element := range want {
		if got := walk.next(); string(got) != string(element) {
			t.Fatalf("%q: element %d is %q, want %q", raw, i, got, element)
		}
	}
	if got := walk.next(); got != nil {
		t.Fatalf("%q: one more is %q", raw, got)
	}
}
