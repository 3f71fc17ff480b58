-- +goose Up
CREATE TABLE IF NOT EXISTS profile_grams (
    gram        BLOB   NOT NULL,
    profile_seq BIGINT NOT NULL,
    PRIMARY KEY (gram, profile_seq)
) WITHOUT ROWID;
