package storage

import (
	"context"
	"strconv"
	"strings"
)

// A Property is a notice of something lost or found, its fields in the wire's
// order. Times are Unix seconds, unset texts "".
type Property struct {
	ID             int64 // 1 to 2^31-1, never given twice
	Type           int64 // 1 lost, 2 found
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

// InsertProperty adds a notice and returns its new id; p.ID is ignored.
func (q *Queries) InsertProperty(ctx context.Context, p Property) (id int64, err error) {
	err = q.inTx(ctx, func(tx *Tx) (err error) {
		if p.ID, err = tx.insertProperty(ctx, p); err != nil {
			return err
		}
		return propertyGrams().add(ctx, tx, gramRows(p.grams(), p.gramKey()))
	})
	return p.ID, err
}

func (tx *Tx) insertProperty(ctx context.Context, p Property) (id int64, err error) {
	const operation = "insert property"
	result, err := tx.exec(ctx, operation, `
		INSERT INTO properties (type, state, lab, title, content, occurrence_time,
			user_id, user_name, user_phone, user_qq, user2_id, user2_name, user2_phone, user2_qq,
			publish_time, update_time, pic_num, pic_url1, pic_url2, pic_url3)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.Type, p.State, p.Lab, p.Title, p.Content, p.OccurrenceTime,
		p.UserID, p.UserName, p.UserPhone, p.UserQQ, p.User2ID, p.User2Name, p.User2Phone, p.User2QQ,
		p.PublishTime, p.UpdateTime, p.PicNum, p.PicURL1, p.PicURL2, p.PicURL3)
	if err != nil {
		return 0, err
	}
	id, err = result.LastInsertId()
	return id, tx.wrap(operation, err)
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
		if err := propertyGrams().remove(ctx, tx, before.grams(), before.gramKey()); err != nil {
			return err
		}
		after := c.words(before)
		return propertyGrams().add(ctx, tx, gramRows(after.grams(), after.gramKey()))
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
	return tx.change(ctx, "update property", `
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
		c.UpdateTime, id, userID)
}

// DeleteProperty removes the user's notice. [ErrNotFound]: there is none with
// that id, or it is another user's.
func (q *Queries) DeleteProperty(ctx context.Context, id int64, userID string) error {
	return q.inTx(ctx, func(tx *Tx) error {
		p, err := tx.lockProperty(ctx, id, userID)
		if err != nil {
			return err
		}
		if err := tx.change(ctx, "delete property", `DELETE FROM properties WHERE id = ?`, id); err != nil {
			return err
		}
		return propertyGrams().remove(ctx, tx, p.grams(), p.gramKey())
	})
}

// lockProperty reads the user's notice; it stays so until the transaction's end.
func (tx *Tx) lockProperty(ctx context.Context, id int64, userID string) (Property, error) {
	var p Property
	err := tx.one(ctx, "lock property", "SELECT "+propertyColumns+
		" FROM properties WHERE id = ? AND user_id = ?"+tx.dialect.forUpdate, []any{id, userID}, p.fields())
	return p, err
}

// Properties lists notices, the newest update_time first, then the greater id.
func (q *Queries) Properties(ctx context.Context, f PropertyFilter, page Page) ([]Property, error) {
	conditions := q.propertyFilter(f)
	if conditions.nothing {
		return []Property{}, nil
	}
	asked, err := q.propertySearch(ctx, f, conditions, page)
	if err != nil {
		return nil, err
	}
	return collect[Property](ctx, q, "properties", asked.query(), asked.args)
}

func (q *Queries) propertyFilter(p PropertyFilter) *filter {
	f := q.filter()
	f.equal("type", &p.Type)
	f.key(p.Key)
	f.equal("id", p.ID)
	f.equal("state", p.State)
	f.equal("pic_num", p.PicNum)
	f.equal("occurrence_time", p.OccurrenceTime)
	f.equal("publish_time", p.PublishTime)
	f.equal("update_time", p.UpdateTime)
	f.part("lab", p.Lab)
	f.part("title", p.Title)
	f.part("content", p.Content)
	f.part("user_id", p.UserID)
	f.part("user_name", p.UserName)
	f.part("user_phone", p.UserPhone)
	f.part("user_qq", p.UserQQ)
	f.part("user2_id", p.User2ID)
	f.part("user2_name", p.User2Name)
	f.part("user2_phone", p.User2Phone)
	f.part("user2_qq", p.User2QQ)
	f.part("pic_url1", p.PicURL1)
	f.part("pic_url2", p.PicURL2)
	f.part("pic_url3", p.PicURL3)
	return f
}

// key asks for PropertyFilter.Key.
func (f *filter) key(key *string) {
	if key == nil || *key == "" {
		return
	}
	// An id is matched as the text that is shown: "07" and "+7" are not 7.
	id, err := strconv.ParseInt(*key, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != *key {
		id = 0 // which no row has
	}
	conditions := []string{"user_id = ?", "id = ?"}
	args := []any{*key, id}
	pattern := f.pattern(*key)
	for _, column := range []string{"lab", "title", "content"} {
		condition, parameter := f.contains(column, pattern)
		conditions, args = append(conditions, condition), append(args, parameter)
	}
	f.and("("+strings.Join(conditions, " OR ")+")", args...)
}
