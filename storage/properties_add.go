package storage

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// InsertProperty adds a notice and returns its new id; p.ID is ignored.
func (q *Queries) InsertProperty(ctx context.Context, p Property) (id int64, err error) {
	err = q.inTx(ctx, func(tx *Tx) (err error) {
		if p.ID, err = tx.insertProperty(ctx, p); err != nil {
			return err
		}
		return propertyIndex.Add(ctx, tx.sql, p.entry())
	})
	return p.ID, err
}

func (tx *Tx) insertProperty(ctx context.Context, p Property) (id int64, err error) {
	id, err = tx.sql.Insert(ctx, "insert property", engine.SQL(`
		INSERT INTO properties (type, state, lab, title, content, occurrence_time,
			user_id, user_name, user_phone, user_qq, user2_id, user2_name, user2_phone, user2_qq,
			publish_time, update_time, pic_num, pic_url1, pic_url2, pic_url3)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.Type, p.State, p.Lab, p.Title, p.Content, p.OccurrenceTime,
		p.UserID, p.UserName, p.UserPhone, p.UserQQ, p.User2ID, p.User2Name, p.User2Phone, p.User2QQ,
		p.PublishTime, p.UpdateTime, p.PicNum, p.PicURL1, p.PicURL2, p.PicURL3))
	if err == nil || tx.sql.Transient(err) {
		return id, err
	}
	return tx.insertBelowLastID(ctx, p, err)
}

// lastPropertyID is the greatest id of a notice.
const lastPropertyID = math.MaxInt32

// insertBelowLastID adds a notice where insertProperty has failed because one that came
// from another database has the last id: our database counts on from the greatest, and has
// none left. A random id does as well: all but a few are free.
func (tx *Tx) insertBelowLastID(ctx context.Context, p Property, failure error) (id int64, err error) {
	var last int64
	err = tx.sql.Get(ctx, "last property", engine.SQL("SELECT COALESCE(MAX(id), 0) FROM properties"), &last)
	if err != nil || last < lastPropertyID {
		return 0, failure
	}
	err = ErrConflict
	for tries := 0; tries < 20 && errors.Is(err, ErrConflict); tries++ {
		p.ID = 1 + rand.Int64N(lastPropertyID)
		err = tx.addProperties(ctx, p)
	}
	return p.ID, err
}

func (tx *Tx) addProperties(ctx context.Context, notices ...Property) error {
	return engine.InsertRows(ctx, tx.sql, "add properties", "properties ("+propertyColumns+")", notices, (*Property).fields)
}

// AddProperties adds notices with the ids that they have, all or none. [ErrConflict]: an
// id is taken.
func (q *Queries) AddProperties(ctx context.Context, notices []Property) error {
	return q.inTx(ctx, func(tx *Tx) error {
		if err := tx.addProperties(ctx, notices...); err != nil {
			return err
		}
		entries := make([]search.Entry, len(notices))
		for i, notice := range notices {
			entries[i] = notice.entry()
		}
		return propertyIndex.Add(ctx, tx.sql, entries...)
	})
}

// PropertyOrigins returns the origins of all notices by their ids.
func (q *Queries) PropertyOrigins(ctx context.Context) (map[string]Origin, error) {
	return q.origins(ctx, "origins of properties", "SELECT id, user_id, publish_time, '' AS name FROM properties")
}
