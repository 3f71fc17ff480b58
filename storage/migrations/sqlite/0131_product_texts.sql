-- +goose Up
-- The texts of products in which the market's search looks for words, folded, and the marks
-- by which it filters: see package search. text_id is a product's seq.
CREATE TABLE IF NOT EXISTS product_texts (
    text_id INTEGER PRIMARY KEY,
    marks   BLOB NOT NULL,
    title   BLOB NOT NULL,
    body    BLOB NOT NULL
);
