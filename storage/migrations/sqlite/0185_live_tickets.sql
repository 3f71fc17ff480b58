-- +goose Up
-- What opens one WebSocket in place of a token, known by its SHA-256, and the token by which
-- a session is known.
CREATE TABLE IF NOT EXISTS live_tickets (
    ticket_hash BLOB   NOT NULL PRIMARY KEY,
    user_id     TEXT   NOT NULL,
    token       TEXT   NOT NULL,
    expire_time BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS live_tickets_expire ON live_tickets (expire_time);
