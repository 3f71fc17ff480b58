-- +goose Up
-- What goes back to a channel. refund_no is the same on every try. order_id and number
-- name the refund of an order that it belongs to: '' and 0 for what came late.
CREATE TABLE IF NOT EXISTS channel_refunds (
    refund_no  TEXT   NOT NULL PRIMARY KEY,
    attempt_id TEXT   NOT NULL,
    order_id   TEXT   NOT NULL DEFAULT '',
    number     BIGINT NOT NULL DEFAULT 0,
    amount     BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    creat_time BIGINT NOT NULL,
    end_time   BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS channel_refunds_attempt ON channel_refunds (attempt_id, refund_no);
CREATE INDEX IF NOT EXISTS channel_refunds_order ON channel_refunds (order_id, number, refund_no);
