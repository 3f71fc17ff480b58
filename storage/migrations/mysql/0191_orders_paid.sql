-- +goose Up
-- What was paid on a day. Done again it fails, because the index is there: the engine knows
-- that.
ALTER TABLE orders ADD KEY orders_paid (pay_time, pay_price);
