-- +goose Up
-- The grams of the texts that are searched, in the order of each list. A gram
-- is the bytes of a text: see package search.
CREATE TABLE property_grams (
    gram                 BLOB   NOT NULL,
    property_type        BIGINT NOT NULL,
    property_update_time BIGINT NOT NULL,
    property_id          BIGINT NOT NULL,
    PRIMARY KEY (gram, property_type, property_update_time, property_id)
) WITHOUT ROWID;

CREATE TABLE product_grams (
    gram        BLOB   NOT NULL,
    product_seq BIGINT NOT NULL,
    PRIMARY KEY (gram, product_seq)
) WITHOUT ROWID;

-- The last row whose grams were made, for the rows that are older than these
-- tables. While this table is there, Migrate makes them before it goes on.
CREATE TABLE gram_progress (
    list     TEXT   NOT NULL PRIMARY KEY,
    last_row BIGINT NOT NULL
);
