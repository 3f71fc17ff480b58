package storage

import (
	"context"
	"encoding/binary"
	"fmt"

	"campusgate/storage/engine"
)

// A Sealed value is encrypted. It begins with the id of its key, which its row has in a
// column as well: a change of the key finds by that what it has to rewrite.
type Sealed []byte

// KeyIDSize is the length of the id of a key, in bytes.
const KeyIDSize = 8

// KeyID is the id of the value's key; 0 is that of an erased value.
func (s Sealed) KeyID() int64 {
	if len(s) < KeyIDSize {
		return 0
	}
	return int64(binary.BigEndian.Uint64(s))
}

// A SealedPlace is where a sealed value belongs. It is sealed for that place: no value
// can be moved to another row or column.
type SealedPlace struct {
	Column string // the name of one of sealedColumns
	Row    string // the row's key
}

// A SealedValue is a sealed value in its place.
type SealedValue struct {
	Place  SealedPlace
	Sealed Sealed
}

// sealedColumns are all that hold sealed values. A further one has its line here, and
// its queries in the file of its table.
var sealedColumns = []sealedColumn{secretColumn, identityColumn, pictureUpColumn, pictureDownColumn}

// A sealedColumn is a column of sealed values, whose row has one text as its key.
type sealedColumn struct {
	name    string
	keys    string // selects the ids of the keys of all values that are not erased
	ofKey   string // selects row and value of at most ? rows of the key ?
	replace string // sets the value ?, its key ? in the row ?
}

func (c sealedColumn) place(row string) SealedPlace { return SealedPlace{c.name, row} }

// values are at most limit values of a column that are sealed by a key.
func (q *Queries) values(ctx context.Context, c sealedColumn, keyID int64, limit int, lock string) (values []SealedValue, err error) {
	value := SealedValue{Place: SealedPlace{Column: c.name}}
	err = q.sql.Each(ctx, "sealed values of "+c.name, engine.SQL(c.ofKey+lock, keyID, limit),
		[]any{&value.Place.Row, (*[]byte)(&value.Sealed)}, func() { values = append(values, value) })
	return values, err
}

// SealedSamples are one sealed value of each column and key that has any: whoever opens
// them opens all. It reads an index of each table, for a command.
func (q *Queries) SealedSamples(ctx context.Context) (samples []SealedValue, err error) {
	for _, column := range sealedColumns {
		var id int64
		var ids []int64
		err := q.sql.Each(ctx, "keys of "+column.name, engine.SQL(column.keys), []any{&id}, func() { ids = append(ids, id) })
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			values, err := q.values(ctx, column, id, 1, "")
			if err != nil {
				return nil, err
			}
			samples = append(samples, values...)
		}
	}
	return samples, nil
}

// resealedTogether bounds the rows that a transaction rewrites: a picture may have 1 MiB.
const resealedTogether = 8

// Reseal replaces all values that are sealed by a key with what seal makes of them, by
// another key, in short transactions, and returns how many there were. What is saved meanwhile by
// another key stays. It may be begun again where it has failed.
func (db *DB) Reseal(ctx context.Context, keyID int64, seal func(SealedValue) (Sealed, error)) (rows int, err error) {
	for _, column := range sealedColumns {
		for done := -1; done != 0; rows += done {
			err := db.InTx(ctx, func(tx *Tx) (err error) {
				done, err = tx.reseal(ctx, column, keyID, seal)
				return err
			})
			if err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

func (tx *Tx) reseal(ctx context.Context, c sealedColumn, keyID int64, seal func(SealedValue) (Sealed, error)) (rows int, err error) {
	values, err := tx.values(ctx, c, keyID, resealedTogether, tx.sql.ForUpdate())
	if err != nil {
		return 0, err
	}
	for _, value := range values {
		sealed, err := seal(value)
		if err != nil {
			return 0, fmt.Errorf("reseal %s of %s: %w", c.name, value.Place.Row, err)
		}
		err = tx.sql.Change(ctx, "reseal "+c.name, engine.SQL(c.replace, []byte(sealed), sealed.KeyID(), value.Place.Row))
		if err != nil {
			return 0, err
		}
	}
	return len(values), nil
}
