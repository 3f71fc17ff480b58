-- +goose Up
-- Who users are, to be verified by an admin. sealed is encrypted by the key key_id.
CREATE TABLE IF NOT EXISTS identities (
    user_id      TEXT   NOT NULL PRIMARY KEY,
    state        BIGINT NOT NULL,
    sealed       BLOB   NOT NULL,
    key_id       BIGINT NOT NULL,
    id_hash      BLOB   NOT NULL,
    note         TEXT   NOT NULL,
    creat_time   BIGINT NOT NULL,
    decided_time BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS identities_hash ON identities (id_hash);
CREATE INDEX IF NOT EXISTS identities_key ON identities (key_id, user_id);
