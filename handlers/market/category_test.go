package market_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

const adminToken = handlerstest.AdminToken

const nothing = `{"id":1,"status":0,"message":"successful","data":{}}`

func TestCategoryList(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	names := strings.Fields("手机 数码 租房 服装 居家 美妆 运动 家电 玩具乐器")
	var rows []string
	for i, name := range names {
		id := string(rune('1' + i))
		rows = append(rows, handlerstest.Object([]string{"category_id", id, "category_name", handlerstest.Quoted(name), "kind", "1", "sort", id}, nil))
	}
	want := `{"id":1,"status":0,"message":"successful","data":{"num":9,"list":[` + strings.Join(rows, ",") + `]}}`
	for _, token := range []string{"", aliceToken, adminToken} { // guests may see them
		g.Call("category/list", token, `{}`).WantRaw(t, want)
		g.Call("category/list", token, `{"kind":1}`).WantRaw(t, want)
		g.Call("category/list", token, `{"kind":0}`).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"num":0,"list":[]}}`)
	}
	g.Call("category/list", "nobody's", `{}`).Want(t, -101, "Error token")
	g.Call("category/list", "", `{"page":5,"count":2}`).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"num":9,"list":[`+rows[8]+`]}}`)
	g.OK("category/creat", adminToken, `{"category_name":"Z","kind":"2","sort":1}`)
	g.OK("category/creat", adminToken, `{"category_name":"Y","kind":2}`)
	g.OK("category/creat", adminToken, `{"category_name":"X","kind":2,"sort":"1"}`)
	g.OK("category/creat", adminToken, `{"category_name":"W","kind":0,"sort":999999}`)
	for data, want := range map[string]string{`{}`: "W " + strings.Join(names, " ") + " Y Z X", `{"kind":2}`: "Y Z X", `{"kind":"0"}`: "W"} {
		if got := g.OK("category/list", "", data).Rows(t, "category_name"); got != want {
			t.Errorf("%s: got %s, want %s", data, got, want)
		}
	}
	for key, values := range map[string]map[string]int{
		"kind": {"3": -204, "-1": -204, `"a"`: -203, "true": -203}, "page": {"0": -204, "501": -204}, "count": {"101": -204},
	} {
		for value, status := range values {
			g.RefusesValue("category/list", "", handlerstest.Fields{key: value}, key, status)
		}
	}
}

// Each change is an admin's, and leaves a row of the audit.
func TestCategoryChanges(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Call("category/creat", adminToken, `{"category_name":"教材","kind":0,"sort":3}`).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"category_id":10}}`)
	g.Post("/category", adminToken, handlerstest.Envelope("category/create", `{"category_name":"教材","kind":2}`)).
		WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{"category_id":11}}`)
	g.Call("category/update", adminToken, `{"category_id":10,"category_name":"书"}`).WantRaw(t, nothing)
	g.Call("category/update", adminToken, `{"category_id":10,"sort":0,"kind":2}`).WantRaw(t, nothing) // the kind stays
	g.Call("category/update", adminToken, `{"category_id":10,"category_name":"书"}`).WantRaw(t, nothing)
	g.Call("category/delete", adminToken, `{"category_id":11}`).WantRaw(t, nothing)
	if got := g.OK("category/list", "", `{"kind":0}`); string(got.Data) != `{"num":1,"list":[{"category_id":10,"category_name":"书","kind":0,"sort":0}]}` {
		t.Errorf("got %s", got.Raw)
	}
	const made, named, sorted = `{"category_id":10,"category_name":"教材","kind":0,"sort":3}`, `{"category_id":10,"category_name":"书","kind":0,"sort":3}`, `{"category_id":10,"category_name":"书","kind":0,"sort":0}`
	const course = `{"category_id":11,"category_name":"教材","kind":2,"sort":0}`
	row := func(call, target, before, after string) storage.Audit {
		return storage.Audit{Time: g.Clock.Now().Unix(), UserID: handlerstest.Admin, Call: call, Target: target, Before: before, After: after}
	}
	want := []storage.Audit{
		row("category/creat", "category 10", "", made), row("category/creat", "category 11", "", course),
		row("category/update", "category 10", made, named), row("category/update", "category 10", named, sorted),
		row("category/update", "category 10", sorted, sorted), row("category/delete", "category 11", course, ""),
	}
	if diff := cmp.Diff(want, audits(g)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

// audits are the rows of the audit that the gateway's start has not written.
func audits(g *handlerstest.Gateway) []storage.Audit {
	g.T.Helper()
	all, err := g.DB.Audits(g.T.Context(), storage.Page{})
	handlerstest.Must(g.T, err)
	return all
}

func TestCategoryRefusals(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	const (
		notExist = `{"id":1,"status":100,"message":"Category not exist","data":{},"detail":"category_id: no such category"}`
		nameUsed = `{"id":1,"status":102,"message":"The category name was used","data":{},"detail":"category_name: already taken"}`
		refused  = `{"id":1,"status":-305,"message":"Content refused","data":{},"detail":"category_name: has a refused word"}`
		denied   = `{"id":1,"status":-103,"message":"No permission to operate","data":{},"detail":"token: its user lacks the role admin"}`
	)
	for _, c := range []struct{ call, token, data, want string }{
		{"category/creat", adminToken, `{"category_name":"手机","kind":1}`, nameUsed},
		{"category/update", adminToken, `{"category_id":9,"category_name":"手机"}`, nameUsed},
		{"category/update", adminToken, `{"category_id":10,"category_name":"手机"}`, notExist},
		{"category/update", adminToken, `{"category_id":-1}`, notExist},
		{"category/delete", adminToken, `{"category_id":99999999999999999999}`, notExist},
		{"category/creat", adminToken, `{"category_name":"` + handlerstest.RefusedWord + `","kind":1}`, refused},
		{"category/update", adminToken, `{"category_id":9,"category_name":"` + handlerstest.RefusedWord + `"}`, refused},
		{"category/creat", aliceToken, `{"category_name":"a","kind":1}`, denied},
		{"category/update", aliceToken, `{"category_id":9}`, denied},
		{"category/delete", aliceToken, `{"category_id":9}`, denied},
	} {
		before, audited := g.Stored(), len(audits(g))
		g.Call(c.call, c.token, c.data).WantRaw(t, c.want)
		if diff := cmp.Diff(before, g.Stored()); diff != "" || len(audits(g)) != audited {
			t.Errorf("%s %s changed something: %s", c.call, c.data, diff)
		}
	}
	for _, call := range []string{"category/creat", "category/update", "category/delete"} {
		g.Call(call, "", `{}`).Want(t, -100, "Missing necessary args")
	}
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(t.Context(), handlerstest.Admin, 1)
		if err != nil {
			return err
		}
		profile.State = storage.ProfileFrozen
		return tx.UpdateProfile(t.Context(), profile)
	}))
	g.Call("category/delete", adminToken, `{"category_id":9}`).Want(t, -301, "Account is frozen")
}

// A category in which a product is, of whatever status, is not deleted.
func TestCategoryUsed(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	const used = `{"id":1,"status":101,"message":"Category is used","data":{},"detail":"category_id: products are in it"}`
	g.SQL(`UPDATE products SET category_id = 9`)
	g.Call("category/delete", adminToken, `{"category_id":9}`).WantRaw(t, used)
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2}`)
	g.Call("category/delete", adminToken, `{"category_id":9}`).WantRaw(t, used)
	g.Call("category/delete", adminToken, `{"category_id":8}`).WantRaw(t, nothing)
	g.SQL(`UPDATE products SET category_id = NULL`)
	g.Call("category/delete", adminToken, `{"category_id":9}`).WantRaw(t, nothing)
	if got := g.OK("category/list", "", `{}`).Field("num"); got != "7" {
		t.Errorf("%s categories are left", got)
	}
}

func TestCategoryFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	sort := handlerstest.FieldRow{Key: "sort", Kind: handlerstest.Integer, Good: []string{"0", `"999999"`}, Bad: []string{"-1", "1000000"}}
	made := 0
	g.EachCase([]handlerstest.FieldRow{
		{Key: "category_name", Absent: -3, Empty: -201, Kind: handlerstest.Text, Limit: 20},
		{Key: "kind", Absent: -3, Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", "1", `"2"`}, Bad: []string{"3", "-1"}},
		sort,
	}, func(g *handlerstest.Gateway, row handlerstest.FieldRow, c handlerstest.FieldCase) {
		made++
		data := handlerstest.Fields{"category_name": handlerstest.Quoted("n" + strings.Repeat("x", made%15) + string(rune('a'+made/15))), "kind": "1"}.With(row.Key, c.Value)
		if c.Status != 0 {
			g.RefusesValue("category/creat", adminToken, data, row.Key, c.Status)
			return
		}
		g.OK("category/creat", adminToken, data.String())
	})
	g = handlerstest.Start(t) // where the names are free again
	g.FieldTable("category/update", adminToken, handlerstest.Fields{"category_id": "9"}, []handlerstest.FieldRow{
		{Key: "category_id", Absent: -3, Empty: -201, Kind: handlerstest.ID, Good: []string{"9", `"9"`}},
		{Key: "category_name", Empty: -201, Kind: handlerstest.Text, Good: []string{`"new"`}},
		sort,
	})
	for value, status := range map[string]int{"": -3, "null": -3, `""`: -201, "true": -203, "1.5": -203, `"a"`: -203} {
		g.RefusesValue("category/delete", adminToken, handlerstest.Fields{}.With("category_id", value), "category_id", status)
	}
}
