-- +goose Up
-- The newest version of a product of which an older one is in sight, while it waits for its
-- review and after it was refused. Columns are as in products.
CREATE TABLE IF NOT EXISTS product_edits (
    product_id      BIGINT NOT NULL PRIMARY KEY,
    product_name    TEXT   NOT NULL,
    product_content TEXT   NOT NULL,
    product_price   BIGINT NOT NULL,
    original_price  BIGINT NULL,
    sell_method     BIGINT NOT NULL,
    ship_price      BIGINT NOT NULL,
    category_id     BIGINT NULL,
    pics            TEXT   NOT NULL,
    review_state    BIGINT NOT NULL,
    review_note     TEXT   NOT NULL
);
CREATE INDEX IF NOT EXISTS product_edits_category ON product_edits (category_id);
