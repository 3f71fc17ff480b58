-- +goose Up
-- What was refunded on a day. Done again it fails, because the index is there: the engine
-- knows that.
ALTER TABLE order_refunds ADD KEY order_refunds_decided (state, decide_time, amount);
