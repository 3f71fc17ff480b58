-- +goose Up
-- What was refunded on a day.
CREATE INDEX IF NOT EXISTS order_refunds_decided ON order_refunds (decide_time, amount) WHERE state = 'refunded';
