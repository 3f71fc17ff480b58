-- +goose Up
-- A product's category; NULL is none. Done again it fails, because the column is there:
-- the engine knows that.
ALTER TABLE products ADD COLUMN category_id BIGINT NULL, ADD KEY products_category (category_id);
