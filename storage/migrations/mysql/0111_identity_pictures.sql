-- +goose Up
-- The two sides of users' identity cards: 0 is up, 1 down.
CREATE TABLE IF NOT EXISTS identity_pictures (
    user_id VARBINARY(255) NOT NULL,
    side    BIGINT   NOT NULL,
    key_id  BIGINT   NOT NULL,
    sealed  LONGBLOB NOT NULL,
    PRIMARY KEY (user_id, side),
    KEY identity_pictures_key (side, key_id, user_id)
);
