-- +goose Up
-- What was paid on a day. Orders that are not paid are not in it.
CREATE INDEX IF NOT EXISTS orders_paid ON orders (pay_time, pay_price) WHERE pay_time > 0;
