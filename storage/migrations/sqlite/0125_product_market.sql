-- +goose Up
-- What the market knows of a product beside the document. Prices are fen. product_stock: what
-- is free, NULL is unlimited. first_price: NULL is none. user_id: the seller of what no shop sells.
-- pics: one URL a line, NULL is none. open_orders: those that are not closed.
ALTER TABLE products ADD COLUMN product_type   BIGINT NOT NULL DEFAULT 0;
ALTER TABLE products ADD COLUMN product_stock  BIGINT NULL;
ALTER TABLE products ADD COLUMN original_price BIGINT NULL;
ALTER TABLE products ADD COLUMN ship_price     BIGINT NOT NULL DEFAULT 0;
ALTER TABLE products ADD COLUMN sell_method    BIGINT NOT NULL DEFAULT 0;
ALTER TABLE products ADD COLUMN first_price    BIGINT NULL;
ALTER TABLE products ADD COLUMN review_state   BIGINT NOT NULL DEFAULT 0;
ALTER TABLE products ADD COLUMN review_note    TEXT   NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN user_id        TEXT   NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN pics           TEXT   NULL;
ALTER TABLE products ADD COLUMN open_orders    BIGINT NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS products_type_status ON products (product_type, product_status);
CREATE INDEX IF NOT EXISTS products_user ON products (user_id);
