-- +goose Up
-- The tokens of accounts of our own, as their SHA-256.
CREATE TABLE IF NOT EXISTS sessions (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL,
    creat_time BIGINT NOT NULL,
    used_time  BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS sessions_user ON sessions (user_id, creat_time);
CREATE INDEX IF NOT EXISTS sessions_used ON sessions (used_time);
