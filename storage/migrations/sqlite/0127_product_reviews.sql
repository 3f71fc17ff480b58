-- +goose Up
-- The products that an admin may decide: those that wait for a review, and those that were
-- reported. since is when that began; reason is the last report's.
CREATE TABLE IF NOT EXISTS product_reviews (
    product_id BIGINT NOT NULL PRIMARY KEY,
    since      BIGINT NOT NULL,
    reports    BIGINT NOT NULL,
    reason     TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS product_reviews_since ON product_reviews (since, product_id);
