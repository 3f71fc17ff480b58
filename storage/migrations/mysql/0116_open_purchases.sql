-- +goose Up
-- Finds the orders of a product that are not closed. Done again it fails, because the key
-- is there: the engine knows that.
ALTER TABLE purchases ADD KEY purchases_product (product_id, purchase_state);
