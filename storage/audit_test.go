package storage_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// The audit is listed by who, by what and by when, the newest first and of a second the
// latest, and counted whatever the page.
func TestAuditList(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		rows := []storage.Audit{
			{Time: 10, UserID: "1", Call: "user/freeze", Target: "user 3", Before: "0", After: "1"},
			{Time: 10, UserID: "2", Call: "user/freeze", Target: "user 4"},
			{Time: 20, UserID: "1", Call: "order/ship", Target: "order 5"},
			{Time: 5, UserID: "", Call: "role", Target: "user 1"}, // a clock was put back
			{Time: 30, UserID: "1", Call: "user/freeze", Target: "user 3", Before: "1", After: "0"},
		}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			for _, row := range rows {
				if err := tx.AddAudit(ctx, row); err != nil {
					return err
				}
			}
			return nil
		}))
		for name, c := range map[string]struct {
			filter storage.AuditFilter
			page   storage.Page
			want   []int
			total  int64
		}{
			"all":              {storage.AuditFilter{Before: 99}, storage.Page{Limit: 9}, []int{4, 2, 1, 0, 3}, 5},
			"a page":           {storage.AuditFilter{Before: 99}, storage.Page{Limit: 2, Offset: 1}, []int{2, 1}, 5},
			"past the end":     {storage.AuditFilter{Before: 99}, storage.Page{Limit: 2, Offset: 8}, nil, 5},
			"a user":           {storage.AuditFilter{UserID: "1", Before: 99}, storage.Page{Limit: 9}, []int{4, 2, 0}, 3},
			"a call":           {storage.AuditFilter{Call: "user/freeze", Before: 99}, storage.Page{Limit: 9}, []int{4, 1, 0}, 3},
			"a user's call":    {storage.AuditFilter{UserID: "1", Call: "user/freeze", Before: 99}, storage.Page{Limit: 1}, []int{4}, 2},
			"a time":           {storage.AuditFilter{From: 10, Before: 20}, storage.Page{Limit: 9}, []int{1, 0}, 2},
			"a user's time":    {storage.AuditFilter{UserID: "1", From: 11, Before: 30}, storage.Page{Limit: 9}, []int{2}, 1},
			"of nobody":        {storage.AuditFilter{UserID: "7", Before: 99}, storage.Page{Limit: 9}, nil, 0},
			"a part of a call": {storage.AuditFilter{Call: "user", Before: 99}, storage.Page{Limit: 9}, nil, 0},
		} {
			want := []storage.Audit{}
			for _, i := range c.want {
				want = append(want, rows[i])
			}
			got, total, err := db.AuditList(ctx, c.filter, c.page)
			if diff := cmp.Diff(want, got); diff != "" || total != c.total || err != nil {
				t.Errorf("%s: %d of %d, %v (-want +got):\n%s", name, total, c.total, err, diff)
			}
		}
	})
}
