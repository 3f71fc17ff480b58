-- +goose Up
-- The two sides of users' identity cards: 0 is up, 1 down.
CREATE TABLE IF NOT EXISTS identity_pictures (
    user_id TEXT   NOT NULL,
    side    BIGINT NOT NULL,
    key_id  BIGINT NOT NULL,
    sealed  BLOB   NOT NULL,
    PRIMARY KEY (user_id, side)
);

CREATE INDEX IF NOT EXISTS identity_pictures_key ON identity_pictures (side, key_id, user_id);
