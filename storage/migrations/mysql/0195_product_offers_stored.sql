-- +goose Up
-- MariaDB loses rows where it reads a virtual column's index and sorts what it found, while any
-- transaction that wrote is open (10.11.19: SELECT .. WHERE offer_price >= 5 ORDER BY offer_cheap + 0
-- with the index of offer_price). On MariaDB the columns of 0130 are therefore stored ones. To MySQL
-- and TiDB, which cannot add such, the list of changes is a comment. Done again it does the same again.
ALTER TABLE products /*M!
    DROP KEY products_on_offer, DROP KEY products_offer_price, DROP KEY products_offer_cheap, DROP KEY products_offer_sold,
    DROP COLUMN on_offer, DROP COLUMN offer_price, DROP COLUMN offer_cheap, DROP COLUMN offer_sold,
    ADD COLUMN on_offer      BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN 1 END) STORED,
    ADD COLUMN offer_price   BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN COALESCE(product_disprice, product_price) END) STORED,
    ADD COLUMN offer_cheap   BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN -COALESCE(product_disprice, product_price) END) STORED,
    ADD COLUMN offer_sold    BIGINT GENERATED ALWAYS AS (CASE WHEN product_status = 1 AND review_state IN (0, 2) AND seller_frozen = 0 AND (product_stock IS NULL OR product_stock > 0)
        THEN product_sold END) STORED,
    ADD KEY products_on_offer (on_offer),
    ADD KEY products_offer_price (offer_price),
    ADD KEY products_offer_cheap (offer_cheap),
    ADD KEY products_offer_sold (offer_sold) */;
