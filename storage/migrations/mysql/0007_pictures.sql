-- +goose Up
-- Who owns a named picture, and how often the owner has claimed it.
CREATE TABLE IF NOT EXISTS pictures (
    source   VARBINARY(64)  NOT NULL DEFAULT '',
    name     VARBINARY(256) NOT NULL DEFAULT '',
    user_id  VARBINARY(255) NOT NULL DEFAULT '',
    by_owner BOOLEAN NOT NULL DEFAULT FALSE,
    claims   BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (source, name)
);
