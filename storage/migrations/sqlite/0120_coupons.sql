-- +goose Up
-- What lowers a price. One that neither a product nor a shop has is the market's. Without
-- payer_id the market pays. Money is fen, times are Unix seconds, 0 is none; without
-- valid_days a record is valid from valid_begin until before valid_end. A coupon with a
-- code is taken by who types it.
CREATE TABLE IF NOT EXISTS coupons (
    coupon_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    coupon_name     TEXT   NOT NULL,
    coupon_type     BIGINT NOT NULL,
    coupon_value    BIGINT NOT NULL,
    off_percent     BIGINT NOT NULL,
    max_off         BIGINT NOT NULL,
    minimum_consume BIGINT NOT NULL,
    product_id      BIGINT NOT NULL,
    shop_id         BIGINT NOT NULL,
    payer_id        TEXT   NOT NULL,
    quantity        BIGINT NOT NULL,
    per_user        BIGINT NOT NULL,
    open_time       BIGINT NOT NULL,
    close_time      BIGINT NOT NULL,
    valid_begin     BIGINT NOT NULL,
    valid_end       BIGINT NOT NULL,
    valid_days      BIGINT NOT NULL,
    code            TEXT,
    coupon_status   BIGINT NOT NULL,
    taken           BIGINT NOT NULL DEFAULT 0,
    used            BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX IF NOT EXISTS coupons_code ON coupons (code);
CREATE INDEX IF NOT EXISTS coupons_payer ON coupons (payer_id, coupon_id);
CREATE INDEX IF NOT EXISTS coupons_close ON coupons (close_time);
CREATE INDEX IF NOT EXISTS coupons_product ON coupons (product_id, close_time);
CREATE INDEX IF NOT EXISTS coupons_shop ON coupons (shop_id, close_time);
