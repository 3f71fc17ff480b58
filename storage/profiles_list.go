package storage

import (
	"context"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// profileIndex finds profiles by parts of their names and phones and by whole ids, the
// newest first.
var profileIndex = search.NewIndex(search.List{
	Table: "profiles", Columns: profileColumns, Grams: "profile_grams",
	Order:      []search.Column{{Rows: "seq", Grams: "profile_seq"}},
	Descending: true,
})

func (p Profile) entry() search.Entry {
	return search.Entry{Key: []any{p.Seq}, Words: []string{p.Name, p.Phone}, IDs: []string{p.UserID}}
}

// A ProfileFilter says which profiles to list: all of its conditions must hold, nil and
// empty ones are none. Deleted accounts are in no list.
type ProfileFilter struct {
	Key                string // a part of a name or of a phone, or a whole id
	State, VerifyState *int64
}

// Profiles lists profiles, the newest first; total counts all of them, to maxCounted.
func (q *Queries) Profiles(ctx context.Context, f ProfileFilter, page Page) (list []Profile, total int64, err error) {
	ask := search.Question{Filter: q.profileFilter(f), Page: page, Few: q.few}
	if f.Key != "" {
		ask.Words, ask.OrID = []string{f.Key}, f.Key
	}
	statement, err := profileIndex.Ask(ctx, q.sql, ask)
	if err != nil {
		return nil, 0, err
	}
	if list, err = engine.Collect(ctx, q.sql, "profiles", statement, (*Profile).fields); err != nil {
		return nil, 0, err
	}
	total, err = q.CountProfiles(ctx, f)
	return list, total, err
}

// CountProfiles counts those that [Queries.Profiles] lists, to maxCounted.
func (q *Queries) CountProfiles(ctx context.Context, f ProfileFilter) (total int64, err error) {
	if f.Key != "" {
		return profileIndex.Count(ctx, q.sql, search.Question{Filter: q.profileFilter(f), Few: q.few, Words: []string{f.Key}, OrID: f.Key}, maxCounted)
	}
	filter := q.profileFilter(f)
	if f == (ProfileFilter{}) { // by the index of states alone
		filter = q.sql.Filter()
		filter.And("state < ?", ProfileDeleted)
	}
	err = q.sql.Get(ctx, "count profiles", engine.SQL("SELECT COUNT(*) FROM (SELECT 1 FROM profiles").
		Where(filter).Then(" LIMIT ?) counted", maxCounted), &total)
	return total, err
}

// maxCounted bounds the rows that a search counts, as the market's lists are read to row
// 10,000 at most.
const maxCounted = 10_000

func (q *Queries) profileFilter(p ProfileFilter) *engine.Filter {
	f := q.sql.Filter()
	state, verifyState := "state", "verify_state"
	if p.State != nil && p.VerifyState != nil { // SQLite knows not which of the two few have
		if *p.VerifyState >= IdentityWaiting {
			state = "+state"
		} else {
			verifyState = "+verify_state"
		}
	}
	f.Equal(state, p.State)
	f.And("+state < ?", ProfileDeleted) // the index of states is for one state
	f.Equal(verifyState, p.VerifyState)
	if p.Key != "" {
		key := q.sql.Filter()
		key.And("user_id = ?", p.Key)
		key.Part("name", &p.Key)
		key.Part("phone", &p.Key)
		f.Any(key)
	}
	return f
}

// profilesMade counts the profiles that were made from a time to before another.
func (q *Queries) profilesMade(ctx context.Context, from, before int64) (count int64, err error) {
	err = q.sql.Get(ctx, "profiles made", engine.SQL(
		`SELECT COUNT(*) FROM profiles WHERE creat_time >= ? AND creat_time < ?`, from, before), &count)
	return count, err
}

// nextProfile is when the first profile was made from a time on, 0 where none was.
func (q *Queries) nextProfile(ctx context.Context, from int64) (unix int64, err error) {
	err = q.sql.Get(ctx, "next profile", engine.SQL(`SELECT COALESCE(MIN(creat_time), 0) FROM profiles WHERE creat_time >= ?`, from), &unix)
	return unix, err
}
