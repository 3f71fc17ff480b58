package storage

import (
	"context"
	"strconv"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// A Property is a notice of something lost or found, its fields in the wire's
// order. Times are Unix seconds, unset texts "".
type Property struct {
	ID             int64 // 1 to 2^31-1, never given twice
	Type           int64 // 1: lost, 2: found
	State          int64
	Lab            string
	Title          string
	Content        string
	OccurrenceTime int64
	UserID         string // the owner
	UserName       string
	UserPhone      string
	UserQQ         string
	User2ID        string // who answered
	User2Name      string
	User2Phone     string
	User2QQ        string
	PublishTime    int64
	UpdateTime     int64
	PicNum         int64
	PicURL1        string
	PicURL2        string
	PicURL3        string
}

const propertyColumns = "id, type, state, lab, title, content, occurrence_time, " +
	"user_id, user_name, user_phone, user_qq, user2_id, user2_name, user2_phone, user2_qq, " +
	"publish_time, update_time, pic_num, pic_url1, pic_url2, pic_url3"

// fields are propertyColumns.
func (p *Property) fields() []any {
	return []any{
		&p.ID, &p.Type, &p.State, &p.Lab, &p.Title, &p.Content, &p.OccurrenceTime,
		&p.UserID, &p.UserName, &p.UserPhone, &p.UserQQ, &p.User2ID, &p.User2Name, &p.User2Phone, &p.User2QQ,
		&p.PublishTime, &p.UpdateTime, &p.PicNum, &p.PicURL1, &p.PicURL2, &p.PicURL3,
	}
}

// propertyIndex finds notices of a type by their words and ids, the newest first.
var propertyIndex = search.NewIndex(search.List{
	Table: "properties", Columns: propertyColumns,
	Grams: "property_grams", Within: []string{"property_type"},
	Order: []search.Column{
		{Rows: "update_time", Grams: "property_update_time"}, {Rows: "id", Grams: "property_id"},
	},
	Descending: true,
})

func (p Property) entry() search.Entry {
	return search.Entry{
		Key:   []any{p.Type, p.UpdateTime, p.ID},
		Words: []string{p.Lab, p.Title, p.Content},
		IDs:   []string{strconv.FormatInt(p.ID, 10)}, IDParts: []string{p.UserID},
	}
}

// A PropertyChange says what UpdateProperty sets: nil fields stay as they are,
// UpdateTime is always set.
type PropertyChange struct {
	Type, State                             *int64
	Lab, Title, Content                     *string
	OccurrenceTime                          *int64
	UserName, UserPhone, UserQQ             *string
	User2ID, User2Name, User2Phone, User2QQ *string
	UpdateTime                              int64
}

// A PropertyFilter says which notices of a Type to list; all of its conditions
// must hold, nil ones are none. Numbers and times are exact, texts are parts,
// and the empty text matches every row.
type PropertyFilter struct {
	Type int64
	// Key is a part of lab, title or content, or a whole id or user_id.
	Key *string

	ID, State, PicNum                       *int64
	OccurrenceTime, PublishTime, UpdateTime *int64
	Lab, Title, Content                     *string
	UserID, UserName, UserPhone, UserQQ     *string
	User2ID, User2Name, User2Phone, User2QQ *string
	PicURL1, PicURL2, PicURL3               *string
}

// UpdateProperty changes the user's notice. [ErrNotFound]: there is none with
// that id, or it is another user's.
func (q *Queries) UpdateProperty(ctx context.Context, id int64, userID string, c PropertyChange) error {
	return q.inTx(ctx, func(tx *Tx) error {
		before, err := tx.lockProperty(ctx, id, userID)
		if err != nil {
			return err
		}
		if err := tx.updateProperty(ctx, id, userID, c); err != nil {
			return err
		}
		if err := propertyIndex.Remove(ctx, tx.sql, before.entry()); err != nil {
			return err
		}
		return propertyIndex.Add(ctx, tx.sql, c.words(before).entry())
	})
}

// words are those of p after the change, and what places it in the list.
func (c PropertyChange) words(p Property) Property {
	for _, text := range []struct{ to, from *string }{{&p.Lab, c.Lab}, {&p.Title, c.Title}, {&p.Content, c.Content}} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if c.Type != nil {
		p.Type = *c.Type
	}
	p.UpdateTime = c.UpdateTime
	return p
}

func (tx *Tx) updateProperty(ctx context.Context, id int64, userID string, c PropertyChange) error {
	return tx.sql.Change(ctx, "update property", engine.SQL(`
		UPDATE properties SET
			type = COALESCE(?, type),
			state = COALESCE(?, state),
			lab = COALESCE(?, lab),
			title = COALESCE(?, title),
			content = COALESCE(?, content),
			occurrence_time = COALESCE(?, occurrence_time),
			user_name = COALESCE(?, user_name),
			user_phone = COALESCE(?, user_phone),
			user_qq = COALESCE(?, user_qq),
			user2_id = COALESCE(?, user2_id),
			user2_name = COALESCE(?, user2_name),
			user2_phone = COALESCE(?, user2_phone),
			user2_qq = COALESCE(?, user2_qq),
			update_time = ?
		WHERE id = ? AND user_id = ?`,
		c.Type, c.State, c.Lab, c.Title, c.Content, c.OccurrenceTime,
		c.UserName, c.UserPhone, c.UserQQ, c.User2ID, c.User2Name, c.User2Phone, c.User2QQ,
		c.UpdateTime, id, userID))
}

// DeleteProperty removes the user's notice. [ErrNotFound]: there is none with
// that id, or it is another user's.
func (q *Queries) DeleteProperty(ctx context.Context, id int64, userID string) error {
	return q.inTx(ctx, func(tx *Tx) error {
		p, err := tx.lockProperty(ctx, id, userID)
		if err != nil {
			return err
		}
		return tx.deleteProperty(ctx, p)
	})
}

// RemoveProperty removes a notice, whoever owns it. [ErrNotFound]: there is none with
// that id.
func (q *Queries) RemoveProperty(ctx context.Context, id int64) error {
	return q.inTx(ctx, func(tx *Tx) error {
		var p Property
		err := tx.sql.Get(ctx, "remove property", engine.SQL("SELECT "+propertyColumns+
			" FROM properties WHERE id = ?"+tx.sql.ForUpdate(), id), p.fields()...)
		if err != nil {
			return err
		}
		return tx.deleteProperty(ctx, p)
	})
}

// deleteProperty removes a locked notice with its words.
func (tx *Tx) deleteProperty(ctx context.Context, p Property) error {
	if err := tx.sql.Change(ctx, "delete property", engine.SQL(`DELETE FROM properties WHERE id = ?`, p.ID)); err != nil {
		return err
	}
	return propertyIndex.Remove(ctx, tx.sql, p.entry())
}

// lockProperty reads the user's notice; it stays so until the transaction's end.
func (tx *Tx) lockProperty(ctx context.Context, id int64, userID string) (Property, error) {
	var p Property
	err := tx.sql.Get(ctx, "lock property", engine.SQL("SELECT "+propertyColumns+
		" FROM properties WHERE id = ? AND user_id = ?"+tx.sql.ForUpdate(), id, userID), p.fields()...)
	return p, err
}

// Properties lists notices, the newest update_time first, then the greater id.
func (q *Queries) Properties(ctx context.Context, f PropertyFilter, page Page) ([]Property, error) {
	list, err := propertyIndex.Ask(ctx, q.sql, q.askProperties(f, page))
	if err != nil {
		return nil, err
	}
	if f == (PropertyFilter{Type: f.Type}) {
		list = list.Indexed()
	}
	return engine.Collect(ctx, q.sql, "properties", list, (*Property).fields)
}

func (q *Queries) askProperties(f PropertyFilter, page Page) search.Question {
	ask := search.Question{Filter: q.propertyFilter(f), Page: page, Within: []any{f.Type}, Few: q.few}
	if f.ID != nil { // which finds it at once
		return ask
	}
	for _, word := range []*string{f.Key, f.Lab, f.Title, f.Content} {
		if word != nil {
			ask.Words = append(ask.Words, *word)
		}
	}
	if f.Key != nil {
		ask.OrID = *f.Key
	}
	if f.UserID != nil {
		ask.IDPart = *f.UserID
	}
	return ask
}

func (q *Queries) propertyFilter(p PropertyFilter) *engine.Filter {
	f := q.sql.Filter()
	f.Equal("type", &p.Type)
	if p.Key != nil && *p.Key != "" {
		f.Any(q.propertyKey(p.Key))
	}
	f.Equal("id", p.ID)
	f.Equal("state", p.State)
	f.Equal("pic_num", p.PicNum)
	f.Equal("occurrence_time", p.OccurrenceTime)
	f.Equal("publish_time", p.PublishTime)
	f.Equal("update_time", p.UpdateTime)
	f.Part("lab", p.Lab)
	f.Part("title", p.Title)
	f.Part("content", p.Content)
	f.Part("user_id", p.UserID)
	f.Part("user_name", p.UserName)
	f.Part("user_phone", p.UserPhone)
	f.Part("user_qq", p.UserQQ)
	f.Part("user2_id", p.User2ID)
	f.Part("user2_name", p.User2Name)
	f.Part("user2_phone", p.User2Phone)
	f.Part("user2_qq", p.User2QQ)
	f.Part("pic_url1", p.PicURL1)
	f.Part("pic_url2", p.PicURL2)
	f.Part("pic_url3", p.PicURL3)
	return f
}

// propertyKey has the conditions any of which PropertyFilter.Key asks for.
func (q *Queries) propertyKey(key *string) *engine.Filter {
	f := q.sql.Filter()
	f.And("user_id = ?", *key)
	// An id is matched as the text that is shown: "07" and "+7" are not 7.
	if id, err := strconv.ParseInt(*key, 10, 64); err == nil && strconv.FormatInt(id, 10) == *key {
		f.And("id = ?", id)
	}
	f.Part("lab", key)
	f.Part("title", key)
	f.Part("content", key)
	return f
}
