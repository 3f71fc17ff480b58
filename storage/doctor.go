package storage

import (
	"context"

	"campusgate/storage/engine"
)

// Words are the rows of a list whose words a search does not find.
type Words struct {
	List    string // the table
	Missing int
}

// MissingWords counts the rows that lack a word in the tables of grams, list by list,
// and mends them with fix. It goes through every row, in short transactions.
func (db *DB) MissingWords(ctx context.Context, fix bool) (all []Words, err error) {
	for _, list := range worded {
		words := Words{List: list.name}
		for after, done := int64(0), false; !done && err == nil; {
			var missing, last int64
			err = db.InTx(ctx, func(tx *Tx) (err error) {
				missing, last, err = tx.missingWords(ctx, list, after, fix)
				return err
			})
			words.Missing += int(missing)
			after, done = last, last == 0
		}
		all = append(all, words)
	}
	return all, err
}

// missingWords counts the rows of a batch that lack a word, and mends them with fix. The
// last row is 0 behind the last batch.
func (tx *Tx) missingWords(ctx context.Context, list older, after int64, fix bool) (missing, last int64, err error) {
	batch, last, err := list.checked(ctx, tx, after)
	if err != nil {
		return 0, 0, err
	}
	lacking, err := batch.missing(ctx, tx)
	if err != nil {
		return 0, 0, err
	}
	if fix && lacking.rows() > 0 {
		err = lacking.mend(ctx, tx)
	}
	return int64(lacking.rows()), last, err
}

// A Count is how many rows there are of something.
type Count struct {
	Of   string
	Rows int64
	// Emptied says that there is no row, but was one, as a file of SQLite remembers.
	// Other databases do not say.
	Emptied bool
	// Kept says that no call and no command removes such rows.
	Kept bool
}

// Counts are the rows of each table.
func (q *Queries) Counts(ctx context.Context) (counts []Count, err error) {
	remembers, err := q.sql.TableExists(ctx, "sqlite_sequence")
	if err != nil {
		return nil, err
	}
	for _, count := range []Count{
		{Of: "users"},
		{Of: "tokens"},
		{Of: "properties"},
		{Of: "shops", Kept: true},
		{Of: "products", Kept: true},
		{Of: "purchases", Kept: true},
		{Of: "orders", Kept: true},
		{Of: "ledger", Kept: true},
		{Of: "pictures"},
	} {
		err := q.sql.Get(ctx, "count "+count.Of, engine.SQL("SELECT COUNT(*) FROM "+count.Of), &count.Rows)
		if err == nil && remembers && count.Rows == 0 {
			err = q.sql.Get(ctx, "last number of "+count.Of, engine.SQL(
				`SELECT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ? AND seq > 0)`, count.Of), &count.Emptied)
		}
		if err != nil {
			return nil, err
		}
		counts = append(counts, count)
	}
	return counts, nil
}

// OrdersWithoutProduct counts the orders of products that are gone.
func (q *Queries) OrdersWithoutProduct(ctx context.Context) (orders int64, err error) {
	err = q.sql.Get(ctx, "orders without product", engine.SQL(`
		SELECT COUNT(*) FROM purchases o LEFT JOIN products p ON p.product_id = o.product_id
		WHERE p.product_id IS NULL`), &orders)
	return orders, err
}

// TokensWithoutUser counts the tokens whose user does not exist: [ErrNoUser].
func (q *Queries) TokensWithoutUser(ctx context.Context) (tokens int64, err error) {
	const operation = "tokens without user"
	var user string
	var rows int64
	held := map[string]int64{}
	err = q.sql.Each(ctx, operation, engine.SQL(
		`SELECT COALESCE(user_id, ''), COUNT(*) FROM tokens GROUP BY user_id`), []any{&user, &rows}, func() { held[user] += rows })
	for user, rows := range held {
		exists := false
		if err == nil && user != "" {
			exists, err = q.userExists(ctx, operation, user)
		}
		if !exists {
			tokens += rows
		}
	}
	return tokens, err
}

// OwnedPictures are the pictures that have an owner.
func (q *Queries) OwnedPictures(ctx context.Context) (owned []PictureName, err error) {
	var picture PictureName
	err = q.sql.Each(ctx, "owned pictures", engine.SQL(`SELECT source, name FROM pictures`),
		[]any{&picture.Source, &picture.Name}, func() { owned = append(owned, picture) })
	return owned, err
}
