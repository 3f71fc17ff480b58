-- +goose Up
-- A product's category; NULL is none.
ALTER TABLE products ADD COLUMN category_id BIGINT NULL;

CREATE INDEX IF NOT EXISTS products_category ON products (category_id);
