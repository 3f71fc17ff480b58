-- +goose Up
-- Who owns a named picture, and how often the owner has claimed it.
CREATE TABLE pictures (
    source   TEXT    NOT NULL DEFAULT '',
    name     TEXT    NOT NULL DEFAULT '',
    user_id  TEXT    NOT NULL DEFAULT '',
    by_owner BOOLEAN NOT NULL DEFAULT FALSE,
    claims   BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (source, name)
);
