-- +goose Up
-- What opens one WebSocket in place of a token, known by its SHA-256, and the token by which
-- a session is known.
CREATE TABLE IF NOT EXISTS live_tickets (
    ticket_hash BINARY(32)      NOT NULL PRIMARY KEY,
    user_id     VARBINARY(255)  NOT NULL,
    token       VARBINARY(1024) NOT NULL,
    expire_time BIGINT          NOT NULL,
    KEY live_tickets_expire (expire_time)
);
