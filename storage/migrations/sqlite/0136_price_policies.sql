-- +goose Up
-- For what courses are sold: product_price, in fen, for valid_period days. Of those of a
-- course at most one is what buyers are shown first: is_default is 1.
CREATE TABLE IF NOT EXISTS price_policies (
    price_policy_id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id      BIGINT NOT NULL,
    valid_period    BIGINT NOT NULL,
    product_price   BIGINT NOT NULL,
    is_default      BIGINT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS price_policies_period ON price_policies (product_id, valid_period);
