package storage_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// notice has another value in every field.
func notice() storage.Property {
	return storage.Property{
		Type: 1, State: 2, Lab: "lab", Title: "title", Content: "content", OccurrenceTime: 3,
		UserID: "012", UserName: "user_name", UserPhone: "user_phone", UserQQ: "user_qq",
		User2ID: "user2_id", User2Name: "user2_name", User2Phone: "user2_phone", User2QQ: "user2_qq",
		PublishTime: 4, UpdateTime: 5, PicNum: 6, PicURL1: "pic_url1", PicURL2: "pic_url2", PicURL3: "pic_url3",
	}
}

func insertProperty(t *testing.T, db *storage.DB, p storage.Property) storage.Property {
	t.Helper()
	id, err := db.InsertProperty(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.ID = id
	return p
}

func properties(t *testing.T, db *storage.DB, f storage.PropertyFilter) []storage.Property {
	t.Helper()
	list, err := db.Properties(t.Context(), f, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestPropertyKeepsEveryField(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		want := []storage.Property{insertProperty(t, db, notice())}
		if diff := cmp.Diff(want, properties(t, db, storage.PropertyFilter{Type: 1})); diff != "" {
			t.Errorf("Properties (-want +got):\n%s", diff)
		}
	})
}

func TestPropertyIDs(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		var mu sync.Mutex
		seen := map[int64]bool{}
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				id, err := db.InsertProperty(t.Context(), notice())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if id < 1 || id > 1<<31-1 || seen[id] {
					t.Errorf("id %d is out of range or given twice", id)
				}
				seen[id] = true
			})
		}
		group.Wait()

		last := insertProperty(t, db, notice())
		if err := db.DeleteProperty(t.Context(), last.ID, last.UserID); err != nil {
			t.Fatal(err)
		}
		if next := insertProperty(t, db, notice()); next.ID == last.ID {
			t.Errorf("the deleted id %d was given again", last.ID)
		}
	})
}

func TestUpdateProperty(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := insertProperty(t, db, notice())

		for range 2 { // the second changes nothing, and is no ErrNotFound
			want.UpdateTime = 100
			if err := db.UpdateProperty(ctx, want.ID, want.UserID, storage.PropertyChange{UpdateTime: 100}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]storage.Property{want}, properties(t, db, storage.PropertyFilter{Type: 1})); diff != "" {
				t.Errorf("after an update of update_time (-want +got):\n%s", diff)
			}
		}

		want.Type, want.State, want.Lab, want.Title, want.Content = 2, 0, "", "T", "C"
		want.OccurrenceTime, want.UpdateTime = 0, 200
		want.UserName, want.UserPhone, want.UserQQ = "N", "", "007"
		want.User2ID, want.User2Name, want.User2Phone, want.User2QQ = "2", "N2", "P2", "Q2"
		err := db.UpdateProperty(ctx, want.ID, want.UserID, storage.PropertyChange{
			Type: new(int64(2)), State: new(int64(0)), Lab: new(""), Title: new("T"), Content: new("C"),
			OccurrenceTime: new(int64(0)), UserName: new("N"), UserPhone: new(""), UserQQ: new("007"),
			User2ID: new("2"), User2Name: new("N2"), User2Phone: new("P2"), User2QQ: new("Q2"), UpdateTime: 200,
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]storage.Property{want}, properties(t, db, storage.PropertyFilter{Type: 2})); diff != "" {
			t.Errorf("after an update of all (-want +got):\n%s", diff)
		}
	})
}

func TestOnlyTheOwnerChangesAProperty(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		p := insertProperty(t, db, notice())
		for _, test := range []struct {
			name   string
			id     int64
			userID string
		}{
			{"no such id", p.ID + 1, p.UserID},
			{"another user", p.ID, "13"},
			{"a numerically equal user", p.ID, "12"},
			{"a user with a trailing blank", p.ID, p.UserID + " "},
		} {
			if err := db.UpdateProperty(ctx, test.id, test.userID, storage.PropertyChange{}); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("UpdateProperty, %s: %v, want ErrNotFound", test.name, err)
			}
			if err := db.DeleteProperty(ctx, test.id, test.userID); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("DeleteProperty, %s: %v, want ErrNotFound", test.name, err)
			}
		}
		if err := db.DeleteProperty(ctx, p.ID, p.UserID); err != nil {
			t.Error(err)
		}
		if left := properties(t, db, storage.PropertyFilter{Type: 1}); len(left) != 0 {
			t.Errorf("left after the deletion: %v", left)
		}
	})
}

func TestPropertyOrderAndPages(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for _, updated := range []int64{10, 30, 20, 30} { // ids 1 to 4
			p := notice()
			p.UpdateTime = updated
			insertProperty(t, db, p)
		}
		for _, test := range []struct {
			page storage.Page
			want []int64
		}{
			{storage.Page{}, []int64{4, 2, 3, 1}},
			{storage.Page{Limit: 3}, []int64{4, 2, 3}},
			{storage.Page{Limit: 3, Offset: 3}, []int64{1}},
			{storage.Page{Limit: 3, Offset: 4}, []int64{}},
		} {
			list, err := db.Properties(t.Context(), storage.PropertyFilter{Type: 1}, test.page)
			if err != nil {
				t.Fatal(err)
			}
			ids := []int64{}
			for _, p := range list {
				ids = append(ids, p.ID)
			}
			if diff := cmp.Diff(test.want, ids); diff != "" {
				t.Errorf("page %+v (-want +got):\n%s", test.page, diff)
			}
		}
	})
}

func TestPropertyFilter(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		p := insertProperty(t, db, notice())
		other := notice()
		other.Type = 2
		insertProperty(t, db, other)

		tests := []struct {
			name   string
			filter storage.PropertyFilter
			want   bool
		}{
			{"id", storage.PropertyFilter{ID: &p.ID}, true},
			{"other id", storage.PropertyFilter{ID: new(p.ID + 1)}, false},
			{"state", storage.PropertyFilter{State: new(int64(2))}, true},
			{"other state", storage.PropertyFilter{State: new(int64(0))}, false},
			{"occurrence_time", storage.PropertyFilter{OccurrenceTime: new(int64(3))}, true},
			{"other occurrence_time", storage.PropertyFilter{OccurrenceTime: new(int64(4))}, false},
			{"publish_time", storage.PropertyFilter{PublishTime: new(int64(4))}, true},
			{"other publish_time", storage.PropertyFilter{PublishTime: new(int64(5))}, false},
			{"update_time", storage.PropertyFilter{UpdateTime: new(int64(5))}, true},
			{"other update_time", storage.PropertyFilter{UpdateTime: new(int64(6))}, false},
			{"pic_num", storage.PropertyFilter{PicNum: new(int64(6))}, true},
			{"other pic_num", storage.PropertyFilter{PicNum: new(int64(3))}, false},
			{"part of lab", storage.PropertyFilter{Lab: new("LAB")}, true},
			{"part of title", storage.PropertyFilter{Title: new("itl")}, true},
			{"part of content", storage.PropertyFilter{Content: new("TENT")}, true},
			{"part of user_id", storage.PropertyFilter{UserID: new("12")}, true},
			{"no part of user_id", storage.PropertyFilter{UserID: new("0012")}, false},
			{"part of user_name", storage.PropertyFilter{UserName: new("User_N")}, true},
			{"part of user_phone", storage.PropertyFilter{UserPhone: new("_phone")}, true},
			{"part of user_qq", storage.PropertyFilter{UserQQ: new("qq")}, true},
			{"part of user2_id", storage.PropertyFilter{User2ID: new("user2_i")}, true},
			{"part of user2_name", storage.PropertyFilter{User2Name: new("user2_n")}, true},
			{"part of user2_phone", storage.PropertyFilter{User2Phone: new("user2_p")}, true},
			{"part of user2_qq", storage.PropertyFilter{User2QQ: new("user2_q")}, true},
			{"part of pic_url1", storage.PropertyFilter{PicURL1: new("url1")}, true},
			{"part of pic_url2", storage.PropertyFilter{PicURL2: new("url2")}, true},
			{"part of pic_url3", storage.PropertyFilter{PicURL3: new("url3")}, true},
			{"no part of pic_url3", storage.PropertyFilter{PicURL3: new("url2")}, false},
			{"all must hold", storage.PropertyFilter{Lab: new("lab"), Title: new("lab")}, false},
			{"empty texts", storage.PropertyFilter{Lab: new(""), Title: new(""), UserID: new("")}, true},
			{"key in lab", storage.PropertyFilter{Key: new("AB")}, true},
			{"key in title", storage.PropertyFilter{Key: new("title")}, true},
			{"key in content", storage.PropertyFilter{Key: new("onten")}, true},
			{"key elsewhere", storage.PropertyFilter{Key: new("user_name")}, false},
			{"key is the user_id", storage.PropertyFilter{Key: new("012")}, true},
			{"key is a part of the user_id", storage.PropertyFilter{Key: new("12")}, false},
			{"key is the id", storage.PropertyFilter{Key: new("1")}, true},
			{"key is the id in another form", storage.PropertyFilter{Key: new("01")}, false},
			{"key is zero", storage.PropertyFilter{Key: new("0")}, false},
			{"key is empty", storage.PropertyFilter{Key: new("")}, true},
			{"key of 100 KB", storage.PropertyFilter{Key: new(strings.Repeat("k", 100_000))}, false},
			{"text of 49999 bytes", storage.PropertyFilter{Title: new(strings.Repeat("k", 49_999))}, false},
			{"text of 25000 wildcards", storage.PropertyFilter{Title: new(strings.Repeat("%", 25_000))}, false},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				test.filter.Type = 1
				want := []storage.Property{}
				if test.want {
					want = append(want, p)
				}
				if diff := cmp.Diff(want, properties(t, db, test.filter)); diff != "" {
					t.Errorf("Properties (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestPartMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, needle string
		want               bool
	}{
		{"inside", "lost card", "ost c", true},
		{"case of A-Z is ignored", "Lost Card", "lOST cARD", true},
		{"case beyond A-Z is not", "É", "é", false},
		{"Chinese", "我丢了一张一卡通", "一卡", true},
		{"order of characters", "一卡通", "卡一", false},
		{"trailing blank", "card", "card ", false},
		{"blank inside", "a b", " ", true},
		{"percent", "100%", "0%", true},
		{"percent is no wildcard", "100 ", "1%0", false},
		{"underscore", "a_b", "a_b", true},
		{"underscore is no wildcard", "axb", "a_b", false},
		{"escape", "wow!", "w!", true},
		{"escape before a wildcard", "a!%b", "!%", true},
		{"escape matches no other", "a%b", "!%", false},
		{"backslash", `a\b`, `\b`, true},
		{"backslash is no escape", `a%b`, `\%`, false},
		{"quote", "it's", "'s", true},
		{"bracket", "[a]", "[a]", true},
		{"longer than the text", "ab", "abc", false},
	}
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				p := notice()
				p.Type, p.Title = int64(i), test.text
				insertProperty(t, db, p)
				found := properties(t, db, storage.PropertyFilter{Type: p.Type, Title: &test.needle})
				if got := len(found) == 1; got != test.want {
					t.Errorf("%q in %q: %v, want %v", test.needle, test.text, got, test.want)
				}
			})
		}
	})
}

// What a removed notice leaves behind is nothing: its words go with it.
func TestRemoveProperty(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		id, err := db.InsertProperty(t.Context(), storage.Property{Type: 1, Title: "失物", UserID: "12"})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.RemoveProperty(t.Context(), id); err != nil {
			t.Error(err)
		}
		if err := db.RemoveProperty(t.Context(), id); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("removed twice: %v", err)
		}
	})
}
