-- +goose Up
-- The tokens of accounts of our own, as their SHA-256.
CREATE TABLE IF NOT EXISTS sessions (
    token_hash VARBINARY(32)  NOT NULL PRIMARY KEY,
    user_id    VARBINARY(255) NOT NULL,
    creat_time BIGINT NOT NULL,
    used_time  BIGINT NOT NULL,
    KEY sessions_user (user_id, creat_time),
    KEY sessions_used (used_time)
);
