-- +goose Up
-- What users want to buy. A user has a product once, or a course once for each price policy;
-- price_policy_id is 0 for what is no course. Money is fen: added_price is what a piece cost
-- when it was added, first_price what of it is to be paid at once, NULL being all.
CREATE TABLE IF NOT EXISTS cart_lines (
    cart_id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         TEXT   NOT NULL,
    product_id      BIGINT NOT NULL,
    price_policy_id BIGINT NOT NULL,
    product_num     BIGINT NOT NULL,
    first_price     BIGINT NULL,
    added_price     BIGINT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS cart_lines_product ON cart_lines (user_id, product_id, price_policy_id);
CREATE INDEX IF NOT EXISTS cart_lines_user ON cart_lines (user_id, cart_id);
