-- +goose Up
-- What admins have to decide: few of all orders, in the order of their list.
CREATE INDEX IF NOT EXISTS orders_appealed ON orders (state, order_id) WHERE state = 'appealed';
