-- +goose Up
-- What admins have to decide, in the order of their list. Done again it fails, because the
-- index is there: the engine knows that.
ALTER TABLE orders ADD KEY orders_appealed (state, order_id);
