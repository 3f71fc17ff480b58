-- +goose Up
-- The phones, as keyed hashes, whose accounts were given the market's welcome: each is once.
CREATE TABLE IF NOT EXISTS welcomes (
    phone_hash VARBINARY(32) NOT NULL PRIMARY KEY
);
