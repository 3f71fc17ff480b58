-- +goose Up
-- What goes back to a channel. refund_no is the same on every try. order_id and number
-- name the refund of an order that it belongs to: '' and 0 for what came late.
CREATE TABLE IF NOT EXISTS channel_refunds (
    refund_no  VARBINARY(64) NOT NULL PRIMARY KEY,
    attempt_id VARBINARY(64) NOT NULL,
    order_id   VARBINARY(64) NOT NULL DEFAULT '',
    number     BIGINT NOT NULL DEFAULT 0,
    amount     BIGINT NOT NULL,
    state      VARBINARY(16) NOT NULL,
    creat_time BIGINT NOT NULL,
    end_time   BIGINT NOT NULL DEFAULT 0,
    KEY channel_refunds_attempt (attempt_id, refund_no),
    KEY channel_refunds_order (order_id, number, refund_no)
);
