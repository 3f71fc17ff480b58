-- +goose Up
-- Where a user has goods sent. One of a user's is the default: is_default is 1.
CREATE TABLE IF NOT EXISTS addresses (
    address_id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    phone      TEXT   NOT NULL,
    address    TEXT   NOT NULL,
    is_default BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS addresses_user ON addresses (user_id, address_id);
