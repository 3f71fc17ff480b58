-- +goose Up
-- The products that an admin may decide: those that wait for a review, and those that were
-- reported. since is when that began; reason is the last report's.
CREATE TABLE IF NOT EXISTS product_reviews (
    product_id BIGINT          NOT NULL PRIMARY KEY,
    since      BIGINT          NOT NULL,
    reports    BIGINT          NOT NULL,
    reason     VARBINARY(1020) NOT NULL,
    KEY product_reviews_since (since, product_id)
);
