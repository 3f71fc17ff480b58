package olddatabase

import "context"

// Write tries to change the database.
func Write(ctx context.Context, db *DB, statement string) error {
	_, err := db.tx.ExecContext(ctx, statement)
	return err
}
