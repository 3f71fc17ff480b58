-- +goose Up
-- Whom a user does not want to hear from.
CREATE TABLE IF NOT EXISTS blocks (
    user_id    VARBINARY(255) NOT NULL,
    blocked_id VARBINARY(255) NOT NULL,
    creat_time BIGINT         NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
);
