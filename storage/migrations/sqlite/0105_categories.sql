-- +goose Up
-- What products are sorted into. kind is 0 for goods, 1 for second-hand, 2 for courses.
CREATE TABLE IF NOT EXISTS categories (
    category_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    category_name TEXT   NOT NULL,
    kind          BIGINT NOT NULL,
    sort          BIGINT NOT NULL,
    UNIQUE (kind, category_name)
);

CREATE INDEX IF NOT EXISTS categories_sort ON categories (kind, sort, category_id);
