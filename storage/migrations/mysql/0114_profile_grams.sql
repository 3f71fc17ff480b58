-- +goose Up
CREATE TABLE IF NOT EXISTS profile_grams (
    gram        VARBINARY(64) NOT NULL,
    profile_seq BIGINT NOT NULL,
    PRIMARY KEY (gram, profile_seq)
);
