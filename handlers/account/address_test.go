package account_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

const (
	addressNotExist = `{"id":1,"status":100,"message":"Address not exist","data":{},"detail":"address_id: no such address, or another user's"}`
	addressesCapped = `{"id":1,"status":102,"message":"The number of addresses has been capped","data":{}}`
	frozen          = `{"id":1,"status":-301,"message":"Account is frozen","data":{}}`
)

// addAddress adds an address of the name, more being further members of data.
func addAddress(g *handlerstest.Gateway, token, name, more string) string {
	g.T.Helper()
	return g.OK("address/creat", token, `{"name":"`+name+`","phone":"13700000000","address":"x"`+more+`}`).Field("address_id")
}

// wantAddresses compares the names of alice's addresses, the default one with a star.
func wantAddresses(g *handlerstest.Gateway, want string) {
	g.T.Helper()
	t, _ := g.T.(*testing.T)
	a := g.OK("address/list", aliceToken, `{}`)
	names, defaults := strings.Fields(a.Rows(t, "name")), strings.Fields(a.Rows(t, "is_default"))
	for i := range names {
		names[i] += map[string]string{"1": "*"}[defaults[i]]
	}
	if got := strings.Join(names, " "); got != want || a.Field("num") != strconv.Itoa(len(names)) {
		t.Errorf("got %s of %s, want %s", got, a.Field("num"), want)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Call("address/list", aliceToken, `{}`).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"num":0,"list":[]}}`)
	g.Call("address/creat", aliceToken, `{"name":"王凌超","phone":"+86 571-85070000","address":"浙江科技学院"}`).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"address_id":1}}`)
	g.Post("/address", aliceToken, handlerstest.Envelope("address/create", `{"name":"码三秃","phone":"13700000000","address":"东和公寓"}`)).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"address_id":2}}`)
	g.Call("address/list", aliceToken, `{}`).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"num":2,"list":[`+
		`{"address_id":2,"name":"码三秃","phone":"13700000000","address":"东和公寓","is_default":0},`+
		`{"address_id":1,"name":"王凌超","phone":"+86 571-85070000","address":"浙江科技学院","is_default":1}]}}`)
	g.Call("address/update", aliceToken, `{"address_id":"2","phone":"12345","name":"秃","address":"3号楼"}`).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{}}`)
	g.OK("address/update", aliceToken, `{"address_id":2}`)
	g.Call("address/list", aliceToken, `{"count":1}`).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"num":2,"list":[`+
		`{"address_id":2,"name":"秃","phone":"12345","address":"3号楼","is_default":0}]}}`)
	g.Call("address/list", aliceToken, `{"page":3,"count":1}`).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"num":2,"list":[]}}`)
	g.Call("address/list", bobToken, `{}`).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"num":0,"list":[]}}`)
}

// While there is an address, exactly one is the default.
func TestDefaultAddress(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	first := addAddress(g, aliceToken, "a", `,"is_default":0`)
	wantAddresses(g, "a*") // the first one is it
	second := addAddress(g, aliceToken, "b", ``)
	wantAddresses(g, "b a*")
	third := addAddress(g, aliceToken, "c", `,"is_default":1`)
	wantAddresses(g, "c* b a")
	for _, step := range []struct{ call, data, want string }{
		{"address/default", `{"address_id":` + second + `}`, "c b* a"},
		{"address/default", `{"address_id":` + second + `}`, "c b* a"},
		{"address/update", `{"address_id":` + first + `,"is_default":1}`, "c b a*"},
		{"address/update", `{"address_id":` + first + `,"is_default":0}`, "c b a*"}, // until another takes its place
		{"address/update", `{"address_id":` + third + `,"name":"C","is_default":0}`, "C b a*"},
		{"address/delete", `{"address_id":` + first + `}`, "C* b"}, // the newest takes over
		{"address/default", `{"address_id":` + second + `}`, "C b*"},
		{"address/delete", `{"address_id":` + third + `}`, "b*"},
		{"address/delete", `{"address_id":` + second + `}`, ""},
	} {
		g.Call(step.call, aliceToken, step.data).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{}}`)
		wantAddresses(g, step.want)
	}
	addAddress(g, aliceToken, "d", ``)
	wantAddresses(g, "d*")
}

// One that is not there and one that is another's look the same, and stay as they are.
func TestAddressNotExist(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	hers := addAddress(g, aliceToken, "a", ``)
	gone := addAddress(g, bobToken, "b", ``)
	g.OK("address/delete", bobToken, `{"address_id":`+gone+`}`)
	before := g.Stored()
	for _, id := range []string{hers, gone, "0", "-1", "99999999999999999999"} {
		for _, call := range []string{"address/update", "address/delete", "address/default"} {
			g.Call(call, bobToken, `{"address_id":`+id+`}`).WantRaw(t, addressNotExist)
			g.Call(call, bobToken, `{"address_id":`+id+`,"name":"bob's"}`).WantRaw(t, addressNotExist)
			g.Call(call, bobToken, `{"address_id":`+id+`,"is_default":1}`).WantRaw(t, addressNotExist)
		}
	}
	if diff := cmp.Diff(before, g.Stored()); diff != "" {
		t.Error(diff)
	}
}

func TestAddressFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	id := addAddress(g, aliceToken, "a", ``)
	phones := []string{`"12345"`, `"+86 137-0000-0000"`, `"12345678901234567890"`, `"-----"`}
	noPhones := []string{`"1234"`, `"123456789012345678901"`, `"1370000000a"`, `"１３７００００００００"`, `"(0571)85070000"`, `"137.0000.0000"`, `"137\n00000"`}
	rows := func(absent int) []handlerstest.FieldRow {
		return []handlerstest.FieldRow{
			{Key: "name", Absent: absent, Empty: -201, Kind: handlerstest.Text, Limit: 32},
			{Key: "address", Absent: absent, Empty: -201, Kind: handlerstest.Text, Limit: 255},
			{Key: "is_default", Kind: handlerstest.Integer, Good: []string{"0", "1", `"1"`}, Bad: []string{"2", "-1"}},
		}
	}
	for call, data := range map[string]handlerstest.Fields{
		"address/creat":  handlerstest.NewAddress(),
		"address/update": {"address_id": id},
	} {
		absent := map[string]int{"address/creat": -3}[call]
		g.EachCase(rows(absent), func(g *handlerstest.Gateway, row handlerstest.FieldRow, c handlerstest.FieldCase) {
			data := data.With(row.Key, c.Value)
			if c.Status != 0 {
				g.RefusesValue(call, aliceToken, data, row.Key, c.Status)
			} else if made := g.OK(call, aliceToken, data.String()).Field("address_id"); made != "" {
				g.OK("address/delete", aliceToken, `{"address_id":`+made+`}`) // of which there may be few
			}
		})
		for _, phone := range phones {
			if made := g.OK(call, aliceToken, data.With("phone", phone).String()).Field("address_id"); made != "" {
				g.OK("address/delete", aliceToken, `{"address_id":`+made+`}`)
			}
		}
		for _, phone := range noPhones {
			g.RefusesValue(call, aliceToken, data.With("phone", phone), "phone", -204)
		}
		for phone, status := range map[string]int{`""`: -201, "13700000000": -203, "true": -203, "[]": -203} {
			g.RefusesValue(call, aliceToken, data.With("phone", phone), "phone", status)
		}
	}
	g.RefusesValue("address/creat", aliceToken, handlerstest.NewAddress().With("phone", ""), "phone", -3)
	for _, call := range []string{"address/update", "address/delete", "address/default"} {
		for value, status := range map[string]int{"": -3, "null": -3, `""`: -201, "true": -203, "1.5": -203, `"a"`: -203, `["1"]`: -203} {
			g.RefusesValue(call, aliceToken, handlerstest.Fields{}.With("address_id", value), "address_id", status)
		}
	}
	for key, values := range map[string]map[string]int{
		"page":  {"0": -204, "-1": -204, "10001": -204, "501": -204, `"a"`: -203, "true": -203},
		"count": {"0": -204, "101": -204, "1.0": -203},
	} {
		for value, status := range values {
			g.RefusesValue("address/list", aliceToken, handlerstest.Fields{key: value}, key, status)
		}
	}
	for _, data := range []string{`{"page":500}`, `{"page":"1","count":"100"}`, `{"page":"","count":""}`, `{"page":null}`} {
		g.OK("address/list", aliceToken, data)
	}
}

// Sellers see names and addresses: neither has a refused word.
func TestAddressWords(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	id := addAddress(g, aliceToken, "a", ``)
	spelled := strings.Join(strings.Split(handlerstest.RefusedWord, ""), " *")
	for call, data := range map[string]handlerstest.Fields{"address/creat": handlerstest.NewAddress(), "address/update": {"address_id": id}} {
		for _, key := range []string{"name", "address"} {
			for _, text := range []string{handlerstest.RefusedWord, "x" + spelled + "x"} {
				a := g.Refuses(call, aliceToken, data.With(key, handlerstest.Quoted(text)).String(), -305, "Content refused")
				a.WantRaw(t, `{"id":1,"status":-305,"message":"Content refused","data":{},"detail":"`+key+`: has a refused word"}`)
			}
		}
	}
}

func TestAddressesAreCapped(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	const data = `{"name":"a","phone":"13700000000","address":"x","is_default":1}`
	answers := handlerstest.Together(25, func(int) handlerstest.Answer { return g.Call("address/creat", aliceToken, data) })
	want := map[string]int{"0 successful": 20, "102 The number of addresses has been capped": 5}
	if got := handlerstest.Count(answers); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	g.Call("address/creat", aliceToken, data).WantRaw(t, addressesCapped)
	list := g.OK("address/list", aliceToken, `{"count":100}`)
	if got := list.Rows(t, "is_default"); got != "1"+strings.Repeat(" 0", 19) && strings.Count(got, "1") != 1 || list.Field("num") != "20" {
		t.Errorf("%s addresses, defaults %s", list.Field("num"), got)
	}
	addAddress(g, bobToken, "b", ``) // the cap is each user's
	newest, _, _ := strings.Cut(list.Rows(t, "address_id"), " ")
	g.OK("address/delete", aliceToken, `{"address_id":`+newest+`}`)
	addAddress(g, aliceToken, "again", ``)
}

// A frozen account reads its addresses and changes none.
func TestAddressesOfFrozen(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	id := addAddress(g, aliceToken, "a", ``)
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(t.Context(), handlerstest.Alice, 1)
		if err != nil {
			return err
		}
		profile.State = storage.ProfileFrozen
		return tx.UpdateProfile(t.Context(), profile)
	}))
	for call, data := range map[string]string{
		"address/creat": handlerstest.NewAddress().String(), "address/update": `{"address_id":` + id + `,"name":"b"}`,
		"address/delete": `{"address_id":` + id + `}`, "address/default": `{"address_id":` + id + `}`,
	} {
		g.Call(call, aliceToken, data).WantRaw(t, frozen)
	}
	wantAddresses(g, "a*")
}

func TestAddressTokens(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, call := range []string{"address/creat", "address/update", "address/delete", "address/list", "address/default"} {
		g.Call(call, "", `{}`).Want(t, -100, "Missing necessary args")
		g.Call(call, "nobody's", `{}`).Want(t, -101, "Error token")
		g.Call(call, handlerstest.LostToken, `{}`).Want(t, -102, "Get userid failed for the token")
	}
}
