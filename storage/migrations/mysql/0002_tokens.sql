-- +goose Up
-- user_id is text so that "012" is not taken for user 12.
CREATE TABLE IF NOT EXISTS tokens (
    token   VARBINARY(255) NOT NULL PRIMARY KEY,
    user_id VARBINARY(255),
    UNIQUE KEY tokens_user (user_id, token)
);
