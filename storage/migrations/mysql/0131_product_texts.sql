-- +goose Up
-- The texts of products in which the market's search looks for words, folded, and the marks
-- by which it filters: see package search. text_id is a product's seq.
CREATE TABLE IF NOT EXISTS product_texts (
    text_id BIGINT NOT NULL PRIMARY KEY,
    marks   VARBINARY(400) NOT NULL,
    title   VARBINARY(400) NOT NULL,
    body    BLOB NOT NULL
);
