-- +goose Up
-- Finds the orders of a product that are not closed.
CREATE INDEX IF NOT EXISTS purchases_product ON purchases (product_id) WHERE purchase_state = 'paying';
