-- +goose Up
-- What lowers a price. One that neither a product nor a shop has is the market's. Without
-- payer_id the market pays. Money is fen, times are Unix seconds, 0 is none; without
-- valid_days a record is valid from valid_begin until before valid_end. A coupon with a
-- code is taken by who types it.
CREATE TABLE IF NOT EXISTS coupons (
    coupon_id       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    coupon_name     VARBINARY(200) NOT NULL,
    coupon_type     BIGINT NOT NULL,
    coupon_value    BIGINT NOT NULL,
    off_percent     BIGINT NOT NULL,
    max_off         BIGINT NOT NULL,
    minimum_consume BIGINT NOT NULL,
    product_id      BIGINT NOT NULL,
    shop_id         BIGINT NOT NULL,
    payer_id        VARBINARY(255) NOT NULL,
    quantity        BIGINT NOT NULL,
    per_user        BIGINT NOT NULL,
    open_time       BIGINT NOT NULL,
    close_time      BIGINT NOT NULL,
    valid_begin     BIGINT NOT NULL,
    valid_end       BIGINT NOT NULL,
    valid_days      BIGINT NOT NULL,
    code            VARBINARY(32),
    coupon_status   BIGINT NOT NULL,
    taken           BIGINT NOT NULL DEFAULT 0,
    used            BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY coupons_code (code),
    KEY coupons_payer (payer_id, coupon_id),
    KEY coupons_close (close_time),
    KEY coupons_product (product_id, close_time),
    KEY coupons_shop (shop_id, close_time)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
