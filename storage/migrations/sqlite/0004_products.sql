-- +goose Up
-- Prices are fen; a product_disprice of NULL is none.
CREATE TABLE products (
    seq                INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id         BIGINT NOT NULL DEFAULT 0,
    product_name       TEXT   NOT NULL DEFAULT '',
    product_content    TEXT   NOT NULL DEFAULT '',
    product_key        TEXT   NOT NULL DEFAULT '',
    product_price      BIGINT NOT NULL DEFAULT 0,
    product_disprice   BIGINT NULL,
    product_sale       BIGINT NOT NULL DEFAULT 0,
    product_click      BIGINT NOT NULL DEFAULT 0,
    product_collection BIGINT NOT NULL DEFAULT 0,
    shop_id            BIGINT NOT NULL DEFAULT 0,
    creat_time         BIGINT NOT NULL DEFAULT 0,
    update_time        BIGINT NOT NULL DEFAULT 0,
    pic_url            TEXT   NOT NULL DEFAULT '',
    product_status     BIGINT NOT NULL DEFAULT 0,
    UNIQUE (product_id)
);

CREATE INDEX products_shop_status ON products (shop_id, product_status);
CREATE INDEX products_status ON products (product_status);
