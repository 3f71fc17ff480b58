-- +goose Up
-- The grams of the texts that are searched, in the order of the list: see package search.
CREATE TABLE IF NOT EXISTS property_grams (
    gram                 VARBINARY(64) NOT NULL,
    property_type        SMALLINT NOT NULL,
    property_update_time BIGINT NOT NULL,
    property_id          INT    NOT NULL,
    PRIMARY KEY (gram, property_type, property_update_time, property_id)
);
