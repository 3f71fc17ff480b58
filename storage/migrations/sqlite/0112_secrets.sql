-- +goose Up
-- What the server has made up and must keep, such as the key of look-ups, encrypted.
CREATE TABLE IF NOT EXISTS secrets (
    name   TEXT   NOT NULL PRIMARY KEY,
    sealed BLOB   NOT NULL,
    key_id BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS secrets_key ON secrets (key_id, name);
