package storage

import (
	"context"

	"campusgate/storage/engine"
)

// secretColumn is that of what the server has made up.
var secretColumn = sealedColumn{
	name:    "secrets.sealed",
	keys:    `SELECT DISTINCT key_id FROM secrets`,
	ofKey:   `SELECT name, sealed FROM secrets WHERE key_id = ? ORDER BY name LIMIT ?`,
	replace: `UPDATE secrets SET sealed = ?, key_id = ? WHERE name = ?`,
}

// SecretPlace is where the secret of a name belongs.
func SecretPlace(name string) SealedPlace { return secretColumn.place(name) }

// AddSecret stores a secret that the server has made up. [ErrConflict]: there is one of
// that name, maybe by another replica.
func (q *Queries) AddSecret(ctx context.Context, name string, sealed Sealed) error {
	return q.sql.Exec(ctx, "add secret", engine.SQL(
		`INSERT INTO secrets (name, sealed, key_id) VALUES (?, ?, ?)`, name, []byte(sealed), sealed.KeyID()))
}

// Secret returns the secret of a name. [ErrNotFound]: there is none.
func (q *Queries) Secret(ctx context.Context, name string) (sealed Sealed, err error) {
	err = q.sql.Get(ctx, "secret", engine.SQL(`SELECT sealed FROM secrets WHERE name = ?`, name), (*[]byte)(&sealed))
	return sealed, err
}
