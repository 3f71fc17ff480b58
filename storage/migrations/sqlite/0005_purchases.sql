-- +goose Up
-- Prices are fen. seq decides between orders of one second.
CREATE TABLE purchases (
    seq                INTEGER PRIMARY KEY AUTOINCREMENT,
    purchase_id        TEXT   NOT NULL DEFAULT '',
    purchase_state     TEXT   NOT NULL DEFAULT '',
    user_id            TEXT   NOT NULL DEFAULT '',
    purchase_type      BIGINT NOT NULL DEFAULT 0,
    purchase_price     BIGINT NOT NULL DEFAULT 0,
    creat_time         BIGINT NOT NULL DEFAULT 0,
    pay_method         TEXT   NOT NULL DEFAULT '',
    product_id         BIGINT NOT NULL DEFAULT 0,
    product_num        BIGINT NOT NULL DEFAULT 0,
    product_unitprice  BIGINT NOT NULL DEFAULT 0,
    product_totalprice BIGINT NOT NULL DEFAULT 0,
    UNIQUE (purchase_id)
);

CREATE INDEX purchases_user_creat ON purchases (user_id, creat_time);
