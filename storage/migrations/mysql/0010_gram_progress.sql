-- +goose Up
-- The last row whose grams were made, for the rows that are older than these
-- tables. While this table is there, Migrate makes them before it goes on.
CREATE TABLE IF NOT EXISTS gram_progress (
    list     VARBINARY(64) NOT NULL PRIMARY KEY,
    last_row BIGINT NOT NULL
);
