-- +goose Up
-- What was bought, as it was then: line counts from 0. Money is fen; line_price is the sum of
-- the columns behind it up to pay_price. stock_held: the pieces were taken out of a stock.
-- returned: the pieces of it that were refunded or sent back.
CREATE TABLE IF NOT EXISTS order_lines (
    order_id        VARBINARY(32) NOT NULL,
    line            BIGINT NOT NULL,
    user_id         VARBINARY(255) NOT NULL,
    product_id      BIGINT NOT NULL,
    price_policy_id BIGINT NOT NULL,
    valid_period    BIGINT NOT NULL,
    product_name    VARBINARY(400) NOT NULL,
    pic_url         VARBINARY(4096) NOT NULL,
    price           BIGINT NOT NULL,
    product_num     BIGINT NOT NULL,
    line_price      BIGINT NOT NULL,
    coupon_off      BIGINT NOT NULL,
    shop_off        BIGINT NOT NULL,
    market_off      BIGINT NOT NULL,
    beli_off        BIGINT NOT NULL,
    credit_price    BIGINT NOT NULL,
    pay_price       BIGINT NOT NULL,
    record_id       BIGINT NOT NULL,
    stock_held      BOOLEAN NOT NULL,
    returned        BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, line),
    KEY order_lines_product (product_id, user_id)
);
