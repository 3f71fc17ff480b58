-- +goose Up
-- What the market's search sorts by. product_sold: pieces in paid orders. seller_frozen: the
-- seller is frozen or deleted. The others are those of products that can be bought now, NULL
-- for all others: 1, what a piece costs in fen, that below zero (the cheapest is the greatest,
-- and of equal ones the newest is first in every sort), and product_sold. Done again it fails,
-- because the first column is there: the engine knows that.
ALTER TABLE products
    ADD COLUMN product_sold  BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN seller_frozen BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN on_offer      BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN 1 END) VIRTUAL,
    ADD COLUMN offer_price   BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN COALESCE(product_disprice, product_price) END) VIRTUAL,
    ADD COLUMN offer_cheap   BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN -COALESCE(product_disprice, product_price) END) VIRTUAL,
    ADD COLUMN offer_sold    BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN product_sold END) VIRTUAL,
    ADD KEY products_on_offer (on_offer),
    ADD KEY products_offer_price (offer_price),
    ADD KEY products_offer_cheap (offer_cheap),
    ADD KEY products_offer_sold (offer_sold);
