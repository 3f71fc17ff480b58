-- +goose Up
-- How often what a search of the market finds has changed: the sum of all rows. There are
-- several, that writers need not wait for each other.
CREATE TABLE IF NOT EXISTS offer_changes (
    slot    BIGINT NOT NULL PRIMARY KEY,
    changes BIGINT NOT NULL
);
